/* Hashes of keys (arbor-key-table.h): one value at a time, and for all rows of a batch lane by lane. They lie
 * in files, so docs/dev/format.md says what they are, and they stay that.
 */

#include "batch/arbor-key-table.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <xxhash.h>

#include "base/arbor-error.h"
#include "base/arbor-number.h"
#include "batch/arbor-lanes.h"
#include "batch/arbor-value-access.h"

#define SEED_OF_BOOLEANS 1u

static guint64
hash_boolean (gboolean value)
{
  guint8 byte = value ? 1 : 0;

  return XXH3_64bits_withSeed (&byte, 1, SEED_OF_BOOLEANS);
}

/* FALSE where the value is no part of a key. */
static gboolean
hash_value (const ArborValue *value, guint64 *hash)
{
  switch ((ArborKind) value->kind)
    {
    case ARBOR_KIND_BOOL:
      *hash = hash_boolean (value->boolean);
      return TRUE;
    case ARBOR_KIND_STRING:
      *hash = XXH3_64bits (value->text, value->length);
      return TRUE;
    case ARBOR_KIND_INT64:
    case ARBOR_KIND_UINT64:
    case ARBOR_KIND_DOUBLE:
    case ARBOR_KIND_NUMBER:
      *hash = arbor_number_hash (value);
      return TRUE;
    default:
      return FALSE;
    }
}

/* Of a key of several values: the hash of the next one, with that of those before it as seed. */
static guint64
combine (guint64 before, guint64 next)
{
  return XXH3_64bits_withSeed (&next, sizeof next, before);
}

gboolean
arbor_key_hash (const ArborValue *values, guint n, guint64 *hash)
{
  for (guint i = 0; i < n; i++)
    {
      guint64 next;

      if (!hash_value (&values[i], &next))
        return FALSE;
      *hash = i == 0 ? next : combine (*hash, next);
    }
  return n > 0;
}

/* One path */

typedef struct
{
  const ArborBatch *batch;
  const ArborPath *path;
  ArborScope *scope;
  guint64 *hashes;
  guint8 *has_value;
} Rows;

static void
set_row (Rows *self, guint32 row, guint64 hash)
{
  self->hashes[row] = hash;
  self->has_value[row] = ARBOR_ROW_KEY;
}

static void
read_path (const ArborBatch *batch, guint32 row, const ArborPath *path, ArborScope *scope,
           ArborValue *value)
{
  ArborValue child;

  arbor_batch_get_tree (batch, row, value);
  for (guint i = 0; i < path->n_steps; i++)
    {
      const ArborStep *step = &path->steps[i];

      if (step->kind == ARBOR_STEP_KEY)
        arbor_value_get_member (value, step->key, step->length, scope, &child);
      else
        arbor_value_get_element (value, step->index, scope, &child);
      *value = child;
    }
}

void
arbor_key_read_row (const ArborBatch *batch, guint32 row, ArborPath *const *paths, guint n_paths,
                    ArborScope *scope, ArborValue *values)
{
  for (guint i = 0; i < n_paths; i++)
    read_path (batch, row, paths[i], scope, &values[i]);
}

gboolean
arbor_key_row_equals (const ArborBatch *batch, guint32 row, ArborPath *const *paths, guint n_paths,
                      const ArborValue *key, ArborScope *scope)
{
  for (guint i = 0; i < n_paths; i++)
    {
      ArborValue value;

      read_path (batch, row, paths[i], scope, &value);
      if (!arbor_value_equal (&value, &key[i], scope))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_container (const ArborValue *value)
{
  return value->kind == ARBOR_KIND_ARRAY || value->kind == ARBOR_KIND_OBJECT;
}

static void
hash_row (Rows *self, guint32 row)
{
  ArborValue value;
  guint64 hash;

  read_path (self->batch, row, self->path, self->scope, &value);
  self->has_value[row] = is_container (&value) ? ARBOR_ROW_CONTAINER : ARBOR_ROW_NO_KEY;
  if (hash_value (&value, &hash))
    set_row (self, row, hash);
}

/* The hashes of the strings of a lane, each different one once. */
static guint64 *
hash_strings (Rows *self, const ArborLane *lane)
{
  guint32 n = arbor_lane_get_n_strings (lane);
  guint64 *hashes = arbor_scope_alloc (self->scope, ((gsize) n + 1) * sizeof *hashes);

  for (guint32 i = 0; i < n; i++)
    {
      guint32 length;
      const char *text = arbor_lane_get_string (lane, i, &length);

      hashes[i] = XXH3_64bits (text, length);
    }
  return hashes;
}

/* The hash of value @index of a lane of what may be in a key; FALSE: it reads as null. */
static gboolean
hash_in_lane (const ArborLane *lane, const guint64 *strings, guint32 index, guint64 *hash)
{
  const ArborLaneRecord *record = lane->record;
  ArborValue value = { .kind = lane->kind };

  switch (lane->kind)
    {
    case ARBOR_KIND_BOOL:
      *hash = hash_boolean ((lane->a[index / 8] >> (index % 8)) & 1);
      return TRUE;
    case ARBOR_KIND_STRING:
      if (record->encoding == ARBOR_ENCODING_DICTIONARY)
        index = (guint32) arbor_load_unsigned (lane->a, record->width, index);
      *hash = index < arbor_lane_get_n_strings (lane) ? strings[index] : XXH3_64bits ("", 0);
      return TRUE;
    case ARBOR_KIND_NUMBER:
      value.text = arbor_lane_get_string (lane, index, &value.length);
      break;
    case ARBOR_KIND_DOUBLE:
      value.uint64 = arbor_load_unsigned (lane->a, 8, index);
      if (!isfinite (value.real))
        return FALSE;
      break;
    default:
      value.uint64 = record->min + arbor_load_unsigned (lane->a, record->width, index);
      break;
    }
  *hash = arbor_number_hash (&value);
  return TRUE;
}

static void
hash_lane (Rows *self, const ArborLane *lane, guint32 n_rows)
{
  const guint64 *strings = lane->kind == ARBOR_KIND_STRING ? hash_strings (self, lane) : NULL;
  gboolean has_keys = lane->kind < ARBOR_KIND_ARRAY;
  guint32 index = 0;
  guint64 hash;

  for (guint32 row = 0; row < n_rows && index < lane->count; row++)
    if (lane->rows == NULL || arbor_bits_test (lane->rows, row))
      {
        if (!has_keys)
          self->has_value[row] = ARBOR_ROW_CONTAINER;
        else if (hash_in_lane (lane, strings, index, &hash))
          set_row (self, row, hash);
        index++;
      }
}

static gboolean
has_keys_only (const ArborPath *path)
{
  for (guint i = 0; i < path->n_steps; i++)
    if (path->steps[i].kind != ARBOR_STEP_KEY)
      return FALSE;
  return TRUE;
}

/* A damaged column reads as if it was not there. */
static gboolean
check_columns (const ArborBatch *batch, const ArborPath *path, GError **error)
{
  guint32 column = 0;

  for (guint i = 0; column != ARBOR_NO_COLUMN; i++)
    {
      if (!arbor_batch_column_is_good (batch, column))
        {
          g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT,
                               _("Damaged batch: a column of its keys cannot be read"));
          return FALSE;
        }
      if (i >= path->n_steps)
        break;
      column = path->steps[i].kind == ARBOR_STEP_KEY
                   ? arbor_batch_find_field (batch, column, path->steps[i].key, path->steps[i].length)
                   : arbor_batch_find_elements (batch, column);
    }
  return TRUE;
}

static gboolean
hash_path (Rows *self, guint32 n_rows, GError **error)
{
  ArborLanes lanes;

  if (!check_columns (self->batch, self->path, error))
    return FALSE;
  memset (self->has_value, 0, n_rows);
  if (!has_keys_only (self->path))
    {
      for (guint32 row = 0; row < n_rows; row++)
        {
          hash_row (self, row);
          if (!arbor_scope_check (self->scope, error))
            return FALSE;
          arbor_scope_reset (self->scope);
        }
      return TRUE;
    }
  arbor_lanes_init (&lanes, self->batch, 0, self->path->steps, self->path->n_steps, self->scope);
  for (guint i = 0; i < lanes.n_lanes; i++)
    hash_lane (self, &lanes.lanes[i], n_rows);
  for (guint32 row = 0; lanes.hidden != NULL && row < n_rows; row++)
    if (arbor_bits_test (lanes.hidden, row))
      hash_row (self, row);
  return arbor_scope_check (self->scope, error);
}

/* Of a key of several values. */
static guint8
join (guint8 before, guint8 next)
{
  if (before == ARBOR_ROW_CONTAINER || next == ARBOR_ROW_CONTAINER)
    return ARBOR_ROW_CONTAINER;
  return before == ARBOR_ROW_KEY && next == ARBOR_ROW_KEY ? ARBOR_ROW_KEY : ARBOR_ROW_NO_KEY;
}

gboolean
arbor_key_hash_rows (const ArborBatch *batch, ArborPath *const *paths, guint n_paths, guint64 *hashes,
                     guint8 *has_key, GError **error)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  guint32 n_rows = arbor_batch_get_n_trees (batch);
  g_autofree guint64 *next = g_new (guint64, n_rows);
  g_autofree guint8 *has_next = g_new (guint8, n_rows);

  for (guint i = 0; i < n_paths; i++)
    {
      Rows rows = { batch, paths[i], scope, i == 0 ? hashes : next, i == 0 ? has_key : has_next };

      if (!hash_path (&rows, n_rows, error))
        return FALSE;
      for (guint32 row = 0; row < n_rows && i > 0; row++)
        {
          has_key[row] = join (has_key[row], has_next[row]);
          if (has_key[row] == ARBOR_ROW_KEY)
            hashes[row] = combine (hashes[row], next[row]);
        }
      arbor_scope_reset (scope);
    }
  return TRUE;
}
