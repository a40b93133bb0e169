/* simdjson and <charconv> as plain C functions. See arbor-simdjson.h. */

#include "base/arbor-simdjson.h"

#include <charconv>
#include <cmath>
#include <new>
#include <simdjson.h>

static_assert (simdjson::SIMDJSON_PADDING <= 64, "callers give 64 bytes of padding");
static_assert (simdjson::SIMDJSON_MAXSIZE_BYTES >= ARBOR_SIMDJSON_MAX_LENGTH, "documents of 4 GiB");

struct _ArborSimdjson
{
  simdjson::dom::parser parser;
  size_t max_depth;
  size_t capacity;
};

/* simdjson grows to exactly what is asked for, so lines of slowly growing length would allocate
 * again and again: grow by half at least. */
static void
ensure_capacity (ArborSimdjson *self, size_t length)
{
  if (G_LIKELY (length <= self->capacity))
    return;

  size_t wanted = self->capacity + self->capacity / 2;
  if (wanted < length)
    wanted = length;
  if (wanted > ARBOR_SIMDJSON_MAX_LENGTH)
    wanted = ARBOR_SIMDJSON_MAX_LENGTH;

  if (self->parser.allocate (wanted, self->max_depth) != simdjson::SUCCESS ||
      self->parser.doc.allocate (wanted) != simdjson::SUCCESS)
    g_error ("out of memory: a JSON parser for %zu bytes", wanted);
  self->capacity = wanted;
}

ArborSimdjson *
arbor_simdjson_new (gsize max_depth)
{
  ArborSimdjson *self = new (std::nothrow) ArborSimdjson ();

  if (self == nullptr)
    g_error ("out of memory: a JSON parser");
  self->max_depth = max_depth;
  self->capacity = 0;
  ensure_capacity (self, 4096);
  return self;
}

void
arbor_simdjson_free (ArborSimdjson *self)
{
  delete self;
}

gboolean
arbor_simdjson_parse (ArborSimdjson *self, const char *text, gsize length, guint64 **words,
                      guint8 **strings)
{
  ensure_capacity (self, length);
  if (self->parser.parse (text, length, false).error () != simdjson::SUCCESS)
    return FALSE;

  static_assert (sizeof (guint64) == sizeof (uint64_t), "tape words");
  *words = reinterpret_cast<guint64 *> (self->parser.doc.tape.get ());
  *strings = self->parser.doc.string_buf.get ();
  return TRUE;
}

/* Within these bounds fixed notation has at most ARBOR_DOUBLE_DIGITS digits before the point, and few
 * zeros behind it. */
gsize
arbor_cxx_write_double (char *out, double number)
{
  double size = std::fabs (number);
  bool is_plain = size == 0 || (size >= 1e-7 && size < 1e17);

  return std::to_chars (out, out + ARBOR_NUMBER_TEXT_SIZE, number,
                        is_plain ? std::chars_format::fixed : std::chars_format::scientific).ptr
         - out;
}

gsize
arbor_cxx_write_int64 (char *out, gint64 number)
{
  return std::to_chars (out, out + ARBOR_NUMBER_TEXT_SIZE, number).ptr - out;
}

gsize
arbor_cxx_write_uint64 (char *out, guint64 number)
{
  return std::to_chars (out, out + ARBOR_NUMBER_TEXT_SIZE, number).ptr - out;
}

gboolean
arbor_cxx_read_double (const char *text, gsize length, double *number)
{
  return std::from_chars (text, text + length, *number).ec == std::errc ();
}

gboolean
arbor_cxx_validate_utf8 (const char *text, gsize length)
{
  return simdjson::validate_utf8 (text, length);
}
