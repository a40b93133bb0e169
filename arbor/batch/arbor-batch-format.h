/* The bytes of a batch: header, column records, lane records, as they lie. docs/dev/format.md
 * describes every field; both the encoder and the reader use these structs and nothing else.
 *
 *   header | column records | lane records | keys | shapes | buffers
 *
 * All numbers are little-endian, all offsets count from the first byte of the batch, every buffer
 * begins at an address that is a multiple of 64 when the batch lies at ARBOR_BATCH_PHASE, and
 * every byte that belongs to no field is zero, so equal content gives equal bytes.
 */

#pragma once

#include "batch/arbor-batch.h"

G_BEGIN_DECLS

#if G_BYTE_ORDER != G_LITTLE_ENDIAN
#error "Batches are read where they lie and are little-endian: big-endian hosts are not supported."
#endif

#define ARBOR_BATCH_MAGIC "ArborBat"
#define ARBOR_BATCH_VERSION 1u
/* Flags of the header. */
#define ARBOR_BATCH_HAS_DIGESTS 1u /* each column has a digest, and that of the header is of the directory */
#define ARBOR_BATCH_IS_LARGE 2u    /* it has more than ARBOR_BATCH_CUT_TREES trees */
#define ARBOR_BATCH_FLAGS (ARBOR_BATCH_HAS_DIGESTS | ARBOR_BATCH_IS_LARGE) /* those that this library knows */
#define ARBOR_BATCH_MAX_COLUMNS 4096u
#define ARBOR_BATCH_MAX_OBJECT_FIELDS 1024u /* larger objects are maps: overflow */
#define ARBOR_BATCH_MAX_DEPTH 64u           /* levels of columns */

/* Lane kinds: those of ArborKind, and the overflow lane. */
#define ARBOR_LANE_OVERFLOW 10u
#define ARBOR_N_LANE_KINDS 11u

typedef struct
{
  char magic[8];
  guint32 version;
  guint32 flags; /* features that a reader must know */
  guint32 n_trees;
  guint32 n_columns;
  guint32 n_lanes;
  guint32 n_keys;
  guint32 n_shapes;
  guint32 keys_offset;   /* u32 offsets[n_keys + 1] into the bytes that follow them */
  guint32 shapes_offset; /* u32 offsets[n_shapes + 1] into the u32 columns that follow them */
  guint32 data_offset;   /* first buffer */
  guint64 n_bytes;
  guint64 digest; /* XXH3-64 of bytes 64 to the first buffer (without the flag: to the end), seeded
                     with the XXH3-64 of bytes 0..55 */
} ArborBatchHeader;

G_STATIC_ASSERT (sizeof (ArborBatchHeader) == 64);

static inline void
arbor_batch_header_set_n_trees (ArborBatchHeader *self, guint32 n_trees)
{
  self->n_trees = n_trees;
  if (n_trees > ARBOR_BATCH_CUT_TREES)
    self->flags |= ARBOR_BATCH_IS_LARGE;
}

#define ARBOR_BATCH_DIGEST_OFFSET 56u

typedef enum
{
  ARBOR_PRESENCE_ALL = 0,
  ARBOR_PRESENCE_BITMAP = 1, /* bitmap of n_rows with ranks */
  ARBOR_PRESENCE_ROWS = 2,   /* u32 rows[n_values], ascending */
} ArborPresence;

typedef struct
{
  guint32 parent;      /* ARBOR_NO_COLUMN for the root, which is column 0 */
  guint32 key;         /* into keys; ARBOR_NO_COLUMN for the root and for elements */
  guint32 first_child; /* fields, sorted by key bytes, then the elements' column */
  guint32 n_fields;
  guint32 first_lane;
  guint16 n_lanes;
  guint16 has_elements; /* 0 or 1 */
  guint32 n_rows;       /* of the parent: trees, objects or elements */
  guint32 n_values;     /* rows that have the column: null included */
  guint32 n_nulls;
  guint32 presence; /* ArborPresence */
  guint32 presence_offset;
  guint32 first_shape; /* shapes of the objects of this column */
  guint32 n_shapes;
  guint32 zero;
  guint64 digest; /* with the flag: XXH3-64 of the column's buffers, seeded with its number */
} ArborColumnRecord;

G_STATIC_ASSERT (sizeof (ArborColumnRecord) == 64);

typedef enum
{
  ARBOR_ENCODING_BITS = 0,       /* BOOL: a = 64-bit words */
  ARBOR_ENCODING_FRAME = 1,      /* INT64, UINT64: a = count unsigned of width 0, 1, 2, 4, 8 above min */
  ARBOR_ENCODING_RAW = 2,        /* DOUBLE: a = IEEE 754 binary64 */
  ARBOR_ENCODING_SPANS = 3,      /* STRING, NUMBER, overflow: a = bytes, b = spans */
  ARBOR_ENCODING_DICTIONARY = 4, /* STRING: a = codes of width 0, 1, 2, 4, b = spans, c = bytes, both of the
                                    n_distinct strings in ascending order */
  ARBOR_ENCODING_RUNS = 5,       /* ARRAY: b = spans over the rows of the elements' column, size_a = rows */
  ARBOR_ENCODING_SHAPES = 6,     /* OBJECT: a = shape ids of width 0, 1, 2, 4, from first_shape */
} ArborEncoding;

#define ARBOR_LANE_SORTED 1u /* values ascend, equal ones allowed */

typedef struct
{
  guint8 kind;
  guint8 encoding;
  guint8 width;
  guint8 span_width; /* 1, 2: lengths and anchors; 4: offsets */
  guint32 flags;
  guint32 count;
  guint32 slots_offset; /* bitmap of the column's values with ranks; 0: all values are in this lane */
  guint32 n_distinct;   /* 0: not known */
  guint32 offset_a, size_a;
  guint32 offset_b, size_b;
  guint32 offset_c, size_c;
  guint32 zero;
  guint64 min, max; /* INT64, UINT64, DOUBLE: the bits; BOOL: 0, 1; STRING: index of the smallest
                       and largest string, in the lane or in the dictionary */
} ArborLaneRecord;

G_STATIC_ASSERT (sizeof (ArborLaneRecord) == 64);

/* Spans: where the i-th of count runs lies. Width 4: u32 offsets[count + 1]. Width 1 or 2: the
 * lengths, then from the next multiple of 4 a u32 anchor for every 16th run: its start.
 */
#define ARBOR_SPANS_STRIDE 16u

static inline gsize
arbor_spans_anchors (gsize count, guint width)
{
  return (count * width + 3) / 4 * 4;
}

static inline gsize
arbor_spans_size (gsize count, guint width)
{
  return width == 4 ? (count + 1) * 4
                    : arbor_spans_anchors (count, width) +
                          (count + ARBOR_SPANS_STRIDE - 1) / ARBOR_SPANS_STRIDE * 4;
}

static inline guint32
arbor_load_u32 (const guint8 *at)
{
  guint32 value;

  memcpy (&value, at, 4);
  return value;
}

static inline guint64
arbor_load_unsigned (const guint8 *base, guint width, guint32 index)
{
  guint16 two;
  guint64 eight;

  switch (width)
    {
    case 0:
      return 0;
    case 1:
      return base[index];
    case 2:
      memcpy (&two, base + (gsize) index * 2, 2);
      return two;
    case 4:
      return arbor_load_u32 (base + (gsize) index * 4);
    default:
      memcpy (&eight, base + (gsize) index * 8, 8);
      return eight;
    }
}

/* The sum of the first @n lengths of a stride, n < ARBOR_SPANS_STRIDE, of a byte each. Reads the
 * whole stride, which is in the batch even where the lengths end before: see format.md on blocks
 * of 64 bytes. */
static inline guint64
arbor_spans_sum_bytes (const guint8 *stride, guint n)
{
  const guint64 even = G_GUINT64_CONSTANT (0x00FF00FF00FF00FF);
  guint64 mask = (G_GUINT64_CONSTANT (1) << (8 * (n % 8))) - 1;
  guint64 is_past_low = 0 - (guint64) (n / 8); /* all bits or none, instead of branches */
  guint64 low, high;

  G_STATIC_ASSERT (ARBOR_SPANS_STRIDE == 16);
  memcpy (&low, stride, 8);
  memcpy (&high, stride + 8, 8);
  low &= mask | is_past_low;
  high &= mask & is_past_low;
  low = (low & even) + ((low >> 8) & even) + (high & even) + ((high >> 8) & even);
  return (low * G_GUINT64_CONSTANT (0x0001000100010001)) >> 48;
}

/* The same of two bytes each. */
static inline guint64
arbor_spans_sum_pairs (const guint8 *stride, guint n)
{
  const guint64 even = G_GUINT64_CONSTANT (0x0000FFFF0000FFFF);
  guint64 sum = 0;

  for (guint i = 0; i < ARBOR_SPANS_STRIDE; i += 4)
    {
      guint n_here = MIN (n - MIN (n, i), 4);
      guint64 word;

      memcpy (&word, stride + (gsize) i * 2, 8);
      word &= ~(G_MAXUINT64 << (n_here * 8) << (n_here * 8));
      sum += (word & even) + ((word >> 16) & even);
    }
  return (sum & G_MAXUINT32) + (sum >> 32);
}

/* Sets [*start, *end); the result may lie outside of the data of a damaged batch. */
static inline void
arbor_spans_get (const guint8 *spans, gsize count, guint width, guint32 index, guint64 *start,
                 guint64 *end)
{
  guint32 first = index & ~(ARBOR_SPANS_STRIDE - 1);
  guint64 at;

  if (width == 4)
    {
      *start = arbor_load_u32 (spans + (gsize) index * 4);
      *end = arbor_load_u32 (spans + (gsize) index * 4 + 4);
      return;
    }
  at = arbor_load_u32 (spans + arbor_spans_anchors (count, width) +
                       (gsize) (index / ARBOR_SPANS_STRIDE) * 4);
  if (width == 1)
    at += arbor_spans_sum_bytes (spans + first, index - first);
  else
    at += arbor_spans_sum_pairs (spans + (gsize) first * 2, index - first);
  *start = at;
  *end = at + arbor_load_unsigned (spans, width, index);
}

struct _ArborBatch
{
  const guint8 *data; /* as given, or own_copy where that was not aligned */
  gsize size;
  const ArborBatchHeader *header;
  const ArborColumnRecord *columns;
  const ArborLaneRecord *lanes;
  const guint8 *key_offsets; /* u32 */
  const guint8 *key_bytes;
  const guint8 *shape_offsets; /* u32 */
  const guint8 *shape_columns; /* u32 */
  guint8 *own_copy;
  gboolean is_mapped; /* data is part of a file, of which pages may not be there yet */
  ArborBatchChecks *checks; /* of bytes that may be damaged, whose columns are compared with their digests;
                               NULL of those that were made in this process */
  guint8 *column_states; /* atomic: ArborColumnState, settled at a column's first uses; behind them one
                            for the batch, which arbor-gather-check.c settles. Those of checks, or own */
};

struct _ArborBatchChecks
{
  gatomicrefcount ref_count;
  guint64 id;
  ArborBatchTell tell;
  gpointer data;
  gsize n_states;
  guint8 states[];
};

/* What is known of a column, in bits. Digest: where bytes are not those that were written, anything
 * may be wrong. Presence, slots and runs: where they are not what they should
 * be, several rows could share one array, and reading would multiply at each level; such a column
 * reads as MISSING. Shapes: where they name more members than there are values, reading objects
 * would take far longer than the bytes explain; such objects read as empty. */
typedef enum
{
  ARBOR_COLUMN_GOOD = 1,
  ARBOR_COLUMN_BAD = 2,
  ARBOR_COLUMN_SHAPES_GOOD = 4,
  ARBOR_COLUMN_SHAPES_BAD = 8,
} ArborColumnState;

/* The lane of @kind of a column, NULL when it has none. */
const ArborLaneRecord *arbor_batch_find_lane (const ArborBatch *self,
                                              const ArborColumnRecord *column, guint8 kind);

/* What is known of a column, checked at its first use: where FALSE, all its values are MISSING. */
gboolean arbor_batch_column_is_good (const ArborBatch *self, guint32 column);
/* The same of its shapes: where FALSE, all its objects are empty. */
gboolean arbor_batch_shapes_are_good (const ArborBatch *self, guint32 column);

/* See ArborColumnState. */
gboolean arbor_batch_check_column (const ArborBatch *self, const ArborColumnRecord *column);
gboolean arbor_batch_check_shapes (const ArborBatch *self, const ArborColumnRecord *column);

/* What the header of a good batch has for its digest. Header and directory are good. */
guint64 arbor_batch_compute_digest (const ArborBatch *self);
/* arbor_batch_open without the last of its checks, that of the digest. */
ArborBatch *arbor_batch_open_unsealed (const guint8 *data, gsize length, GError **error);
/* A finished batch gets its digests. Header and directory are good. */
void arbor_batch_seal (guint8 *data, gsize size);
/* Where the buffers of a column lie, up to those of the next; FALSE when it has none. */
gboolean arbor_batch_get_extent (const ArborBatch *self, guint32 column, guint32 *start, guint32 *end);
/* Buffers lie one after the other, so that each byte belongs to one digest. */
gboolean arbor_batch_check_order (const ArborBatch *self);
gboolean arbor_batch_column_has_digest (const ArborBatch *self, guint32 column);
/* The path of a column, for messages. */
char *arbor_batch_dup_path (const ArborBatch *self, guint32 column);
/* Tells who opened the file, if anybody did. */
void arbor_batch_tell (const ArborBatch *self, guint32 column);

G_END_DECLS
