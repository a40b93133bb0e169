/* See arbor-packing.h. What differs from one format to the other is four functions and their names.
 */

#include "base/arbor-packing.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#ifdef ARBOR_HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef ARBOR_HAVE_ZSTD
#include <zstd.h>
#endif

#include "base/arbor-error.h"

/* A text of so many bytes is let through whatever it was made of. */
#define MANY_BYTES (G_GUINT64_CONSTANT (1) << 30)
#define MOST_TIMES 2000u

typedef enum
{
  MORE, /* there is room, or bytes, left to go on with */
  MEMBER_ENDS,
  DAMAGED,
} Progress;

/* Bytes in and out, of which a call takes and makes some. */
typedef struct
{
  const guint8 *in;
  gsize n_in;
  guint8 *out;
  gsize room;
} Span;

struct _ArborPacking
{
  const char *name;
  const char *mark; /* its first bytes */
  gsize n_mark;
  const char *ending;

  gpointer (*new_reader) (void);
  Progress (*read) (gpointer reader, Span *span);
  void (*free_reader) (gpointer reader);

  gpointer (*new_writer) (void);
  Progress (*write) (gpointer writer, Span *span, gboolean is_end);
  void (*free_writer) (gpointer writer);
};

/* zlib and zstd take what they are given from the span, and write back what is left of it. */

#ifdef ARBOR_HAVE_ZLIB

#define GZIP_WINDOW (15 + 16) /* the largest, and gzip's frame */

static gpointer
gzip_new_reader (void)
{
  z_stream *stream = g_new0 (z_stream, 1);

  if (inflateInit2 (stream, GZIP_WINDOW) != Z_OK)
    g_error ("zlib: %s", stream->msg != NULL ? stream->msg : "out of memory");
  return stream;
}

static void
gzip_lend (z_stream *stream, const Span *span)
{
  stream->next_in = (Bytef *)span->in;
  stream->avail_in = (uInt)MIN (span->n_in, G_MAXINT32);
  stream->next_out = span->out;
  stream->avail_out = (uInt)MIN (span->room, G_MAXINT32);
}

static void
gzip_take_back (z_stream *stream, Span *span)
{
  span->n_in -= (gsize)(stream->next_in - span->in);
  span->in = stream->next_in;
  span->room -= (gsize)(stream->next_out - span->out);
  span->out = stream->next_out;
}

static Progress
gzip_read (gpointer reader, Span *span)
{
  z_stream *stream = reader;
  int status;

  gzip_lend (stream, span);
  status = inflate (stream, Z_NO_FLUSH);
  gzip_take_back (stream, span);
  if (status == Z_STREAM_END)
    return inflateReset (stream) == Z_OK ? MEMBER_ENDS : DAMAGED;
  return status == Z_OK || status == Z_BUF_ERROR ? MORE : DAMAGED;
}

static void
gzip_free_reader (gpointer reader)
{
  inflateEnd (reader);
  g_free (reader);
}

static gpointer
gzip_new_writer (void)
{
  z_stream *stream = g_new0 (z_stream, 1);

  if (deflateInit2 (stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8,
                    Z_DEFAULT_STRATEGY) != Z_OK)
    g_error ("zlib: %s", stream->msg != NULL ? stream->msg : "out of memory");
  return stream;
}

static Progress
gzip_write (gpointer writer, Span *span, gboolean is_end)
{
  z_stream *stream = writer;
  int status;

  gzip_lend (stream, span);
  status = deflate (stream, is_end ? Z_FINISH : Z_NO_FLUSH);
  gzip_take_back (stream, span);
  if (status == Z_STREAM_END)
    return MEMBER_ENDS;
  return status == Z_OK || status == Z_BUF_ERROR ? MORE : DAMAGED;
}

static void
gzip_free_writer (gpointer writer)
{
  deflateEnd (writer);
  g_free (writer);
}

#endif

#ifdef ARBOR_HAVE_ZSTD

static gpointer
zstd_new_reader (void)
{
  ZSTD_DCtx *context = ZSTD_createDCtx ();

  if (context == NULL)
    g_error ("zstd: out of memory");
  return context;
}

static Progress
zstd_read (gpointer reader, Span *span)
{
  ZSTD_inBuffer in = { span->in, span->n_in, 0 };
  ZSTD_outBuffer out = { span->out, span->room, 0 };
  gsize status = ZSTD_decompressStream (reader, &out, &in);

  span->in += in.pos;
  span->n_in -= in.pos;
  span->out += out.pos;
  span->room -= out.pos;
  if (ZSTD_isError (status))
    return DAMAGED;
  return status == 0 ? MEMBER_ENDS : MORE;
}

static void
zstd_free_reader (gpointer reader)
{
  ZSTD_freeDCtx (reader);
}

static gpointer
zstd_new_writer (void)
{
  ZSTD_CCtx *context = ZSTD_createCCtx ();

  if (context == NULL)
    g_error ("zstd: out of memory");
  ZSTD_CCtx_setParameter (context, ZSTD_c_checksumFlag, 1);
  return context;
}

static Progress
zstd_write (gpointer writer, Span *span, gboolean is_end)
{
  ZSTD_inBuffer in = { span->in, span->n_in, 0 };
  ZSTD_outBuffer out = { span->out, span->room, 0 };
  gsize status = ZSTD_compressStream2 (writer, &out, &in, is_end ? ZSTD_e_end : ZSTD_e_continue);

  span->in += in.pos;
  span->n_in -= in.pos;
  span->out += out.pos;
  span->room -= out.pos;
  if (ZSTD_isError (status))
    return DAMAGED;
  return is_end && status == 0 ? MEMBER_ENDS : MORE;
}

static void
zstd_free_writer (gpointer writer)
{
  ZSTD_freeCCtx (writer);
}

#endif

static const ArborPacking packings[] = {
#ifdef ARBOR_HAVE_ZLIB
  { "gzip", "\x1f\x8b\x08", 3, ".gz", gzip_new_reader, gzip_read, gzip_free_reader, gzip_new_writer,
    gzip_write, gzip_free_writer },
#endif
#ifdef ARBOR_HAVE_ZSTD
  { "zstd", "\x28\xb5\x2f\xfd", 4, ".zst", zstd_new_reader, zstd_read, zstd_free_reader,
    zstd_new_writer, zstd_write, zstd_free_writer },
#endif
  { NULL },
};

const ArborPacking *
arbor_packing_find (const char *bytes, gsize n)
{
  for (const ArborPacking *self = packings; self->name != NULL; self++)
    if (n >= self->n_mark && memcmp (bytes, self->mark, self->n_mark) == 0)
      return self;
  return NULL;
}

const ArborPacking *
arbor_packing_of_name (const char *path)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);

  for (const ArborPacking *self = packings; self->name != NULL; self++)
    if (g_str_has_suffix (lower, self->ending))
      return self;
  return NULL;
}

char *
arbor_packing_strip_name (const char *path)
{
  const ArborPacking *self = arbor_packing_of_name (path);

  return g_strndup (path, strlen (path) - (self != NULL ? strlen (self->ending) : 0));
}

/* Reading */

struct _ArborUnpacker
{
  const ArborPacking *packing;
  gpointer reader;
  guint64 n_in, n_out;
  gboolean is_inside; /* a member has begun */
  gboolean is_padded; /* after the last member came zeros, as tapes have them */
};

ArborUnpacker *
arbor_unpacker_new (const ArborPacking *packing)
{
  ArborUnpacker *self = g_new0 (ArborUnpacker, 1);

  self->packing = packing;
  self->reader = packing->new_reader ();
  return self;
}

void
arbor_unpacker_free (ArborUnpacker *self)
{
  self->packing->free_reader (self->reader);
  g_free (self);
}

static gboolean
fail (const ArborUnpacker *self, ArborError code, const char *reason, GError **error)
{
  g_set_error (error, ARBOR_ERROR, code,
               _ ("data compressed by %s: %s after byte %" PRIu64 " (%" PRIu64 " bytes of text)"),
               self->packing->name, reason, self->n_in, self->n_out);
  return FALSE;
}

static void
skip_padding (ArborUnpacker *self, Span *span)
{
  while (span->n_in > 0 && *span->in == 0)
    {
      self->is_padded = TRUE;
      span->in++;
      span->n_in--;
    }
}

gboolean
arbor_unpacker_run (ArborUnpacker *self, const guint8 **in, gsize *n_in, gboolean is_end,
                    guint8 *out, gsize room, gsize *n_out, GError **error)
{
  Span span = { *in, *n_in, out, room };
  Progress progress = MORE;

  while (progress != DAMAGED && span.n_in > 0 && span.room > 0)
    {
      if (!self->is_inside && self->n_in + (*n_in - span.n_in) > 0)
        skip_padding (self, &span);
      if (span.n_in == 0)
        break;
      progress = self->is_padded ? DAMAGED : self->packing->read (self->reader, &span);
      self->is_inside = progress != MEMBER_ENDS;
    }
  /* What is in the works comes out without more bytes, too. */
  if (progress == MORE && self->is_inside && span.n_in == 0 && span.room > 0)
    {
      progress = self->packing->read (self->reader, &span);
      self->is_inside = progress != MEMBER_ENDS;
    }

  *n_out = room - span.room;
  self->n_in += *n_in - span.n_in;
  self->n_out += *n_out;
  *in = span.in;
  *n_in = span.n_in;
  if (progress == DAMAGED)
    return fail (self, ARBOR_ERROR_PARSE, _ ("damaged"), error);
  if (self->n_out > MANY_BYTES && self->n_out / MOST_TIMES > self->n_in)
    return fail (
        self, ARBOR_ERROR_LIMIT,
        _ ("more than 2,000 times as long when expanded (expand them first, if they are to be "
           "trusted)"),
        error);
  if (is_end && *n_out == 0 && *n_in == 0 && self->is_inside)
    return fail (self, ARBOR_ERROR_PARSE, _ ("cut off"), error);
  return TRUE;
}

/* Writing */

#define ARBOR_TYPE_PACKER (arbor_packer_get_type ())
G_DECLARE_FINAL_TYPE (ArborPacker, arbor_packer, ARBOR, PACKER, GObject)

struct _ArborPacker
{
  GObject parent_instance;

  const ArborPacking *packing;
  gpointer writer;
};

static GConverterResult
arbor_packer_convert (GConverter *converter, const void *in, gsize n_in, void *out, gsize room,
                      GConverterFlags flags, gsize *n_read, gsize *n_written, GError **error)
{
  ArborPacker *self = ARBOR_PACKER (converter);
  gboolean is_end = (flags & G_CONVERTER_INPUT_AT_END) != 0;
  Span span = { in, n_in, out, room };
  Progress progress = self->packing->write (self->writer, &span, is_end);

  *n_read = n_in - span.n_in;
  *n_written = room - span.room;
  if (progress == MEMBER_ENDS)
    return G_CONVERTER_FINISHED;
  if (progress == MORE && (*n_read > 0 || *n_written > 0))
    return G_CONVERTER_CONVERTED;
  g_set_error_literal (error, G_IO_ERROR,
                       progress == DAMAGED ? G_IO_ERROR_FAILED : G_IO_ERROR_NO_SPACE,
                       g_strerror (progress == DAMAGED ? EIO : ENOSPC));
  return G_CONVERTER_ERROR;
}

static void
arbor_packer_reset (GConverter *converter)
{
  ArborPacker *self = ARBOR_PACKER (converter);

  self->packing->free_writer (self->writer);
  self->writer = self->packing->new_writer ();
}

static void
arbor_packer_iface_init (GConverterIface *iface)
{
  iface->convert = arbor_packer_convert;
  iface->reset = arbor_packer_reset;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (ArborPacker, arbor_packer, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_CONVERTER, arbor_packer_iface_init))

static void
arbor_packer_finalize (GObject *object)
{
  ArborPacker *self = ARBOR_PACKER (object);

  self->packing->free_writer (self->writer);
  G_OBJECT_CLASS (arbor_packer_parent_class)->finalize (object);
}

static void
arbor_packer_class_init (ArborPackerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = arbor_packer_finalize;
}

static void
arbor_packer_init (ArborPacker *self)
{
}

GOutputStream *
arbor_packing_new_stream (const ArborPacking *packing, GOutputStream *base)
{
  g_autoptr (ArborPacker) packer = g_object_new (ARBOR_TYPE_PACKER, NULL);
  GOutputStream *stream;

  packer->packing = packing;
  packer->writer = packing->new_writer ();
  stream = g_converter_output_stream_new (base, G_CONVERTER (packer));
  g_filter_output_stream_set_close_base_stream (G_FILTER_OUTPUT_STREAM (stream), FALSE);
  return stream;
}
