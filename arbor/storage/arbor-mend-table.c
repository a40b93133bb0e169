/* Mends and patches in the table catalog, beside the names, which they belong to by the bases that these
 * list: so renaming writes none of them, and an edit of one tree writes one short value.
 *
 *   catalog / 0 'm' base (u64 BE) position (u64 BE)
 *                      what becomes of the base from the position on, which is a row times 65,536 and a
 *                      number among what lies before one row: 0 digest u64, 8 position of the next
 *                      value u64 (all bits: this is the last), 16 operations u16, 18 patches u16, then the ids of
 *                      these, ascending, each as the difference from the one before, then the
 *                      operations. The first value has position 0.
 *   operation          rows of the base since those of the one before, or since the row of the position; 4 * dead rows
 *                      + what comes instead (0 nothing, 1 a row, 2 rows); then of a row or of rows: the number
 *                      of the patch among those of the value, the first row, and of rows how many
 *   catalog / 0 'p' patch id (u64 BE)
 *                      0 digest u64, 8 digest of the batch u64, 16 bytes u32, 20 rows u32
 *
 * Numbers of operations and ids have seven bits a byte, the lowest first, the highest bit set but in the last.
 * A value that grows past 384 bytes becomes two. A reader of version 1 finds that the catalogue has impossible
 * names.
 */

#include "storage/arbor-record-private.h"

#define MEND_HEADER 20u
#define MEND_KEY    18u
#define PATCH_KEY   10u
#define PATCH_SIZE  24u
#define SPLIT_SIZE  384u
#define VALUE_MAX   1024u /* one operation past SPLIT_SIZE is the most */
#define NO_POSITION G_MAXUINT64

/* The position of what comes before a row. */
#define POSITION(row, number) ((guint64) (row) << 16 | (number))

typedef struct
{
  guint64 position;
  guint32 n_dead;
  ArborMendPart part; /* no rows: nothing comes instead */
} Op;

/* The operations of one value. */
typedef struct
{
  guint64 position;
  guint32 first;
  guint32 n;
} Slice;

/* Numbers */

static guint8 *
put_number (guint8 *at, guint64 value)
{
  for (; value >= 0x80; value >>= 7)
    *at++ = (guint8) (value | 0x80);
  *at++ = (guint8) value;
  return at;
}

static gboolean
get_number (const guint8 **at, const guint8 *end, guint64 *value)
{
  guint shift = 0;

  *value = 0;
  for (; *at < end && shift < 64; shift += 7)
    {
      guint8 byte = *(*at)++;

      *value |= (guint64) (byte & 0x7f) << shift;
      if (byte < 0x80)
        return TRUE;
    }
  return FALSE;
}

static gboolean
get_small (const guint8 **at, const guint8 *end, guint32 *value)
{
  guint64 number;

  if (!get_number (at, end, &number) || number > G_MAXINT32)
    return FALSE;
  *value = (guint32) number;
  return TRUE;
}

/* Keys */

static MDB_val
put_mend_key (guint8 *key, guint64 base, guint64 position)
{
  key[0] = 0;
  key[1] = 'm';
  arbor_catalog_put_id_key (key + 2, base);
  arbor_catalog_put_id_key (key + 10, position);
  return arbor_catalog_value_of (key, MEND_KEY);
}

static MDB_val
put_patch_key (guint8 *key, guint64 id)
{
  key[0] = 0;
  key[1] = 'p';
  arbor_catalog_put_id_key (key + 2, id);
  return arbor_catalog_value_of (key, PATCH_KEY);
}

/* The value at a position; FALSE when there is none, or it is damaged. */
static gboolean
find_value (ArborTxn txn, guint64 base, guint64 position, MDB_val *value, guint64 *next)
{
  guint8 bytes[MEND_KEY];
  MDB_val key = put_mend_key (bytes, base, position);

  if (!arbor_catalog_look (txn, &key, MEND_HEADER, value))
    return FALSE;
  *next = arbor_bytes_get_u64 ((const guint8 *) value->mv_data + 8);
  return *next > position;
}

/* Reading */

typedef struct
{
  GArray *parts;
  GArray *patches;
  guint32 n_rows;
  guint32 at;  /* rows of the base that are decided */
  guint32 row; /* that the next operation counts from */
} Reading;

static void
add_part (Reading *self, guint32 batch, guint32 first_row, guint32 n)
{
  const ArborMendPart part = { batch, first_row, n };

  if (n > 0)
    g_array_append_val (self->parts, part);
}

/* The number of a patch among all of the mend. */
static guint32
number_patch (GArray *patches, guint64 id)
{
  for (guint i = 0; i < patches->len; i++)
    if (g_array_index (patches, guint64, i) == id)
      return i + 1;
  g_array_append_val (patches, id);
  return patches->len;
}

static gboolean
read_op (Reading *self, const guint8 **at, const guint8 *end, const guint32 *numbers, guint32 n_patches)
{
  guint32 n_kept, what, n_dead, patch, row, n = 1;

  if (!get_small (at, end, &n_kept) || !get_small (at, end, &what) ||
      n_kept > self->n_rows - self->row || self->row + n_kept < self->at)
    return FALSE;
  self->row += n_kept;
  add_part (self, 0, self->at, self->row - self->at);
  n_dead = what >> 2;
  if (n_dead > self->n_rows - self->row)
    return FALSE;
  self->at = self->row = self->row + n_dead;
  if ((what & 3) == 0)
    return TRUE;
  if (!get_small (at, end, &patch) || !get_small (at, end, &row) || patch >= n_patches ||
      ((what & 3) == 2 && !get_small (at, end, &n)) || (what & 3) == 3 || n == 0)
    return FALSE;
  add_part (self, numbers[patch], row, n);
  return TRUE;
}

static gboolean
read_value (Reading *self, guint64 position, const MDB_val *value)
{
  const guint8 *bytes = value->mv_data;
  const guint8 *at = bytes + MEND_HEADER;
  const guint8 *end = bytes + value->mv_size;
  guint32 counts = arbor_bytes_get_u32 (bytes + 16);
  guint32 n_ops = counts & 0xffff, n_patches = counts >> 16;
  g_autofree guint32 *numbers = NULL;
  guint64 id = 0;

  if (n_patches > value->mv_size || n_ops > value->mv_size || position >> 16 > self->n_rows)
    return FALSE;
  self->row = (guint32) (position >> 16);
  numbers = g_new (guint32, n_patches + 1);
  for (guint32 i = 0; i < n_patches; i++)
    {
      guint64 step;

      if (!get_number (&at, end, &step) || step == 0)
        return FALSE;
      id += step;
      numbers[i] = number_patch (self->patches, id);
    }
  for (guint32 i = 0; i < n_ops; i++)
    if (!read_op (self, &at, end, numbers, n_patches))
      return FALSE;
  return at == end;
}

gboolean
arbor_mend_table_parse (const guint8 *bytes, gsize size, guint64 position, guint32 n_rows,
                        GArray *parts, GArray *patches)
{
  Reading reading = { .parts = parts, .patches = patches, .n_rows = n_rows };
  const MDB_val value = arbor_catalog_value_of (bytes, size);

  if (size < MEND_HEADER || !read_value (&reading, position, &value))
    return FALSE;
  add_part (&reading, 0, reading.at, n_rows - reading.at);
  return TRUE;
}

gboolean
arbor_mend_table_read (ArborTxn txn, guint64 base, guint32 n_rows, GArray *parts, GArray *patches)
{
  Reading reading = { .parts = parts, .patches = patches, .n_rows = n_rows };
  guint64 position = 0, next;
  MDB_val value;

  g_array_set_size (parts, 0);
  g_array_set_size (patches, 0);
  for (; position != NO_POSITION; position = next)
    if (!find_value (txn, base, position, &value, &next) || !read_value (&reading, position, &value))
      return FALSE;
  add_part (&reading, 0, reading.at, n_rows - reading.at);
  return TRUE;
}

/* The next position from which on a value was found; NO_POSITION: none. */
static guint64
find_next_position (ArborTxn txn, guint64 base, guint64 position)
{
  guint64 next = NO_POSITION;
  GHashTableIter iter;
  gpointer data;

  g_hash_table_iter_init (&iter, txn.found->values);
  while (g_hash_table_iter_next (&iter, &data, NULL))
    {
      gsize size;
      const guint8 *key = g_bytes_get_data (data, &size);
      guint64 found, behind;
      MDB_val value;

      if (size != MEND_KEY || key[0] != 0 || key[1] != 'm' || arbor_catalog_get_id_key (key + 2) != base)
        continue;
      found = arbor_catalog_get_id_key (key + 10);
      if (found > position && found < next && find_value (txn, base, found, &value, &behind))
        next = found;
    }
  return next;
}

/* Rows of the base before @from are what those before said, rows from there to @to are lost. */
static guint32
skip_rows (Reading *self, guint32 from, guint32 to)
{
  from = CLAMP (from, self->at, self->n_rows);
  to = CLAMP (to, from, self->n_rows);
  add_part (self, 0, self->at, from - self->at);
  self->at = self->row = to;
  return to - from;
}

/* Whether there is a value at a position, if only a damaged one. */
static gboolean
has_value (ArborTxn txn, guint64 base, guint64 position)
{
  guint8 bytes[MEND_KEY];
  MDB_val key = put_mend_key (bytes, base, position);
  g_autoptr (GBytes) wanted = g_bytes_new_static (key.mv_data, key.mv_size);

  return g_hash_table_contains (txn.found->values, wanted);
}

gboolean
arbor_mend_table_salvage (ArborTxn txn, guint64 base, guint32 n_rows, GArray *parts, GArray *patches,
                          guint32 *n_lost)
{
  Reading reading = { .parts = parts, .patches = patches, .n_rows = n_rows };
  guint64 position = 0, next;

  g_array_set_size (parts, 0);
  g_array_set_size (patches, 0);
  for (*n_lost = 0; position != NO_POSITION; position = next)
    {
      const Reading before = reading;
      guint n_parts = parts->len;
      MDB_val value;

      if (find_value (txn, base, position, &value, &next))
        {
          if (!read_value (&reading, position, &value))
            return FALSE;
          continue;
        }
      if (!has_value (txn, base, position))
        return FALSE;
      reading = before;
      g_array_set_size (parts, n_parts);
      next = find_next_position (txn, base, position);
      *n_lost += skip_rows (&reading, (guint32) MIN (position >> 16, n_rows),
                            (guint32) MIN (next >> 16, n_rows));
    }
  add_part (&reading, 0, reading.at, n_rows - reading.at);
  return TRUE;
}

gboolean
arbor_mend_table_read_patch (ArborTxn txn, guint64 id, ArborBatchEntry *patch)
{
  guint8 key_bytes[PATCH_KEY];
  MDB_val key = put_patch_key (key_bytes, id);
  MDB_val value;
  const guint8 *bytes;

  if (!arbor_catalog_look (txn, &key, PATCH_SIZE, &value))
    return FALSE;
  bytes = value.mv_data;
  *patch = (ArborBatchEntry){ .id = id,
                              .digest = arbor_bytes_get_u64 (bytes + 8),
                              .n_bytes = arbor_bytes_get_u32 (bytes + 16) };
  patch->n_trees = patch->n_rows = arbor_bytes_get_u32 (bytes + 20);
  return id != 0 && patch->n_rows > 0 && patch->n_rows <= ARBOR_BATCH_MAX_TREES &&
         patch->n_bytes <= ARBOR_BATCH_MAX_BYTES;
}

/* Writing */

gboolean
arbor_mend_table_write_patch (ArborTxn txn, const ArborBatchEntry *patch, GError **error)
{
  guint8 key_bytes[PATCH_KEY];
  guint8 bytes[PATCH_SIZE] = { 0 };
  MDB_val key = put_patch_key (key_bytes, patch->id);
  int code;

  arbor_bytes_put_u64 (bytes + 8, patch->digest);
  arbor_bytes_put_u32 (bytes + 16, (guint32) patch->n_bytes);
  arbor_bytes_put_u32 (bytes + 20, patch->n_rows);
  code = arbor_catalog_put (txn, &key, bytes, sizeof bytes);
  return code == 0 || arbor_environment_fail (txn.env, code, error);
}

gboolean
arbor_mend_table_delete_patch (ArborTxn txn, guint64 id, GError **error)
{
  guint8 key_bytes[PATCH_KEY];
  MDB_val key = put_patch_key (key_bytes, id);
  int code = arbor_catalog_del (txn, &key);

  return code == 0 || code == MDB_NOTFOUND || arbor_environment_fail (txn.env, code, error);
}

/* What lies between two stretches of the base that are kept: @n_dead rows from @row on, and instead of them
 * the parts. A row dies with a part that comes instead of it, as long as there are both. */
static void
add_gap (GArray *ops, guint32 row, guint32 n_dead, const ArborMendPart *parts, guint32 n_parts)
{
  guint32 number = 0;

  for (guint32 i = 0; i < n_parts; i++)
    {
      const Op op = { POSITION (row, number), n_dead > 0 ? 1 : 0, parts[i] };

      g_array_append_val (ops, op);
      if (n_dead > 0)
        row++, n_dead--;
      else
        number++;
    }
  if (n_dead > 0)
    {
      const Op op = { .position = POSITION (row, 0), .n_dead = n_dead };

      g_array_append_val (ops, op);
    }
}

static GArray *
list_ops (const ArborMend *mend, guint32 n_rows)
{
  GArray *ops = g_array_sized_new (FALSE, FALSE, sizeof (Op), mend->n_parts + 1);
  guint32 first = 0, row = 0;

  for (guint32 i = 0; i <= mend->n_parts; i++)
    {
      const ArborMendPart *part = i < mend->n_parts ? &mend->parts[i] : NULL;

      if (part != NULL && part->batch != 0)
        continue;
      add_gap (ops, row, (part != NULL ? part->first_row : n_rows) - row, mend->parts + first,
               i - first);
      if (part != NULL)
        row = part->first_row + part->n_rows;
      first = i + 1;
    }
  return ops;
}

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  guint32 left = *(const guint32 *) a, right = *(const guint32 *) b;

  return (left > right) - (left < right);
}

/* The patches of some operations: numbers in the mend, ascending as their ids do. */
static guint32
list_patches (const Op *ops, guint32 n, guint32 *numbers)
{
  guint32 n_listed = 0;

  for (guint32 i = 0; i < n; i++)
    {
      guint32 known = 0;

      while (known < n_listed && numbers[known] != ops[i].part.batch)
        known++;
      if (ops[i].part.n_rows > 0 && known == n_listed)
        numbers[n_listed++] = ops[i].part.batch;
    }
  if (n_listed > 1)
    qsort (numbers, n_listed, sizeof *numbers, compare_numbers);
  return n_listed;
}

/* The most that a value of one more operation than fit can be is far below VALUE_MAX; of more only the size
 * is told. */
static gsize
encode_slice (const ArborMend *mend, const GArray *all, const Slice *slice, guint64 next, guint8 *bytes)
{
  const Op *ops = &g_array_index (all, Op, slice->first);
  g_autofree guint32 *numbers = g_new (guint32, slice->n + 1);
  guint32 n_patches = list_patches (ops, slice->n, numbers);
  guint32 row = (guint32) (slice->position >> 16);
  guint8 *at = bytes + MEND_HEADER;
  guint64 id = 0;

  arbor_bytes_put_u64 (bytes + 8, next);
  arbor_bytes_put_u32 (bytes + 16, slice->n | n_patches << 16);
  for (guint32 i = 0; i < n_patches && at - bytes <= SPLIT_SIZE; i++)
    {
      at = put_number (at, mend->patches[numbers[i] - 1] - id);
      id = mend->patches[numbers[i] - 1];
    }
  for (guint32 i = 0; i < slice->n && at - bytes <= SPLIT_SIZE; i++)
    {
      const Op *op = &ops[i];
      guint32 what = op->part.n_rows == 0 ? 0 : op->part.n_rows == 1 ? 1 : 2;
      const guint32 *found = bsearch (&op->part.batch, numbers, n_patches, sizeof *numbers,
                                      compare_numbers);

      at = put_number (at, (op->position >> 16) - row);
      at = put_number (at, op->n_dead << 2 | what);
      if (what != 0)
        {
          at = put_number (at, (guint64) (found - numbers));
          at = put_number (at, op->part.first_row);
        }
      if (what == 2)
        at = put_number (at, op->part.n_rows);
      row = (guint32) (op->position >> 16) + op->n_dead;
    }
  return (gsize) (at - bytes);
}

/* The operations as values have them: as they were cut before, and where one has become too large, in two. */
static GArray *
cut_slices (ArborTxn txn, guint64 base, const ArborMend *mend, const GArray *ops)
{
  GArray *slices = g_array_new (FALSE, FALSE, sizeof (Slice));
  guint8 bytes[VALUE_MAX];
  guint64 position = 0, next = NO_POSITION;
  guint32 first = 0;
  MDB_val value;

  for (; position != NO_POSITION; position = next)
    {
      Slice slice = { position, first, 0 };

      if (!find_value (txn, base, position, &value, &next))
        next = NO_POSITION;
      while (first < ops->len && g_array_index (ops, Op, first).position < next)
        first++;
      slice.n = first - slice.first;
      if (slice.n > 0 || position == 0)
        g_array_append_val (slices, slice);
    }
  for (guint i = 0; i < slices->len;)
    {
      Slice *slice = &g_array_index (slices, Slice, i);
      Slice behind = { .n = slice->n - slice->n / 2 };

      if (slice->n < 2 || encode_slice (mend, ops, slice, 0, bytes) <= SPLIT_SIZE)
        {
          i++;
          continue;
        }
      slice->n /= 2;
      behind.first = slice->first + slice->n;
      behind.position = g_array_index (ops, Op, behind.first).position;
      g_array_insert_val (slices, i + 1, behind);
    }
  return slices;
}

static gboolean
has_slice (const GArray *slices, guint64 position)
{
  for (guint i = 0; slices != NULL && i < slices->len; i++)
    if (g_array_index (slices, Slice, i).position == position)
      return TRUE;
  return FALSE;
}

/* Deletes the values of @base but those of @slices (NULL: all). */
static int
delete_values (ArborTxn txn, guint64 base, const GArray *slices)
{
  guint64 position = 0, next;
  MDB_val value;
  int code = 0;

  for (; position != NO_POSITION && code == 0; position = next)
    {
      guint8 bytes[MEND_KEY];
      MDB_val key = put_mend_key (bytes, base, position);

      if (!find_value (txn, base, position, &value, &next))
        break;
      if (!has_slice (slices, position))
        code = arbor_catalog_del (txn, &key);
    }
  return code;
}

static int
write_slices (ArborTxn txn, guint64 base, const ArborMend *mend, const GArray *ops,
              const GArray *slices)
{
  int code = 0;

  for (guint i = 0; i < slices->len && code == 0; i++)
    {
      const Slice *slice = &g_array_index (slices, Slice, i);
      guint64 next = i + 1 < slices->len ? g_array_index (slices, Slice, i + 1).position
                                         : NO_POSITION;
      guint8 key_bytes[MEND_KEY];
      guint8 bytes[VALUE_MAX] = { 0 };
      MDB_val key = put_mend_key (key_bytes, base, slice->position);
      gsize size = encode_slice (mend, ops, slice, next, bytes);

      code = arbor_catalog_put (txn, &key, bytes, size);
    }
  return code;
}

gboolean
arbor_mend_table_write (ArborTxn txn, guint64 base, guint32 n_rows, const ArborMend *mend,
                        GError **error)
{
  g_autoptr (GArray) ops = list_ops (mend, n_rows);
  g_autoptr (GArray) slices = cut_slices (txn, base, mend, ops);
  int code = delete_values (txn, base, slices);

  if (code == 0)
    code = write_slices (txn, base, mend, ops, slices);
  return code == 0 || arbor_environment_fail (txn.env, code, error);
}

gboolean
arbor_mend_table_delete (ArborTxn txn, guint64 base, GError **error)
{
  int code = delete_values (txn, base, NULL);

  return code == 0 || arbor_environment_fail (txn.env, code, error);
}
