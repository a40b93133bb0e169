/* Numbers of rows, and their tags. See arbor-key-ids.h; how the values of one key are numbered is
 * in arbor-key-number.c. Tags are kept where numbers mean what they meant in the batch before, else
 * all are cleared.
 */

#include "query/series/arbor-key-ids-private.h"

/* So many batches whose values are mostly different, and lanes are asked no more. */
#define MAX_POOR 4u
/* So few new ones are looked up one by one. */
#define FEW_NEW 16u
/* Of a dictionary whose batch goes away. */
#define MAX_OWN 65536u
/* Of fewer than one in so many, keys are made for these alone. */
#define FEW_OF 4u

struct _ArborKeyIds
{
  gsize n_keys;
  ArborSeriesReader **readers;
  ArborKeyMeaning *meanings; /* of each key, in the batch before */
  gboolean is_known; /* they and the tags are */
  guint n_poor;
  guint32 *tags;
  guint32 n_tags;
};

static const guint16 all_equal[ARBOR_BATCH_MAX_TREES];

ArborKeyIds *
arbor_key_ids_new (ArborNode *const *keys, gsize n)
{
  ArborKeyIds *self = g_new0 (ArborKeyIds, 1);

  self->n_keys = n;
  self->readers = g_new (ArborSeriesReader *, n + 1);
  self->meanings = g_new0 (ArborKeyMeaning, n + 1);
  for (gsize i = 0; i < n; i++)
    self->readers[i] = arbor_series_reader_new (keys[i]);
  return self;
}

static void
meaning_clear (ArborKeyMeaning *self)
{
  for (guint i = 0; i < self->n; i++)
    g_free (self->ranges[i].own);
  *self = (ArborKeyMeaning){ 0 };
}

void
arbor_key_ids_free (ArborKeyIds *self)
{
  if (self == NULL)
    return;
  for (gsize i = 0; i < self->n_keys; i++)
    {
      arbor_series_reader_free (self->readers[i]);
      meaning_clear (&self->meanings[i]);
    }
  g_free (self->readers);
  g_free (self->meanings);
  g_free (self->tags);
  g_free (self);
}

void
arbor_key_ids_forget (ArborKeyIds *self)
{
  self->is_known = FALSE;
  self->n_poor = 0;
  for (gsize i = 0; i < self->n_keys; i++)
    arbor_series_reader_forget (self->readers[i]);
}

/* Copies what a dictionary says. FALSE: it is large. */
static gboolean
own_range (ArborKeyRange *self)
{
  const ArborLaneRecord *record = self->lane.record;
  guint8 *bytes;

  if (self->numbering != ARBOR_KEY_NUMBERING_CODES || self->kind != ARBOR_KIND_STRING ||
      self->own != NULL)
    return TRUE;
  if ((guint64) record->size_b + record->size_c > MAX_OWN)
    return FALSE;
  self->own = g_malloc (sizeof *record + record->size_b + record->size_c);
  *self->own = *record;
  bytes = (guint8 *) (self->own + 1);
  memcpy (bytes, self->lane.b, record->size_b);
  memcpy (bytes + record->size_b, self->lane.c, record->size_c);
  self->lane.record = self->own;
  self->lane.b = bytes;
  self->lane.c = bytes + record->size_b;
  return TRUE;
}

void
arbor_key_ids_leave_batches (ArborKeyIds *self)
{
  for (gsize i = 0; i < self->n_keys; i++)
    {
      arbor_series_reader_forget (self->readers[i]);
      for (guint j = 0; self->is_known && j < self->meanings[i].n; j++)
        self->is_known = own_range (&self->meanings[i].ranges[j]);
    }
}

/* What numbers mean */

static gboolean
dictionaries_equal (const ArborLane *a, const ArborLane *b)
{
  const ArborLaneRecord *x = a->record, *y = b->record;

  return x->n_distinct == y->n_distinct && x->span_width == y->span_width &&
         x->size_b == y->size_b && x->size_c == y->size_c && memcmp (a->b, b->b, x->size_b) == 0 &&
         memcmp (a->c, b->c, x->size_c) == 0;
}

static gboolean
meanings_equal (const ArborKeyMeaning *a, const ArborKeyMeaning *b)
{
  if (a->n != b->n || a->n_ids != b->n_ids)
    return FALSE;
  for (guint i = 0; i < a->n; i++)
    {
      const ArborKeyRange *x = &a->ranges[i], *y = &b->ranges[i];

      if (x->numbering != y->numbering || x->numbering == ARBOR_KEY_NUMBERING_MET ||
          x->kind != y->kind || x->first != y->first || x->n != y->n || x->base != y->base)
        return FALSE;
      if (x->numbering == ARBOR_KEY_NUMBERING_CODES && x->kind == ARBOR_KIND_STRING &&
          !dictionaries_equal (&x->lane, &y->lane))
        return FALSE;
    }
  return TRUE;
}

/* Numbers that are met but a few times only cost time. */
static gboolean
is_poor_number (guint32 n_met, guint32 n)
{
  return n_met > n / 8;
}

static void
clear_tags (ArborKeyIds *self, guint32 n_ids)
{
  if (n_ids > self->n_tags)
    {
      g_free (self->tags);
      self->tags = g_new (guint32, n_ids);
      self->n_tags = n_ids;
    }
  memset (self->tags, 0xFF, (gsize)n_ids * sizeof (guint32));
}

/* Another digit: ids of several keys so far, and of the next. FALSE in *@means: numbers in which
 * pairs are met. Returns whether it is worth it. */
static gboolean
combine (ArborIds *ids, const guint16 *more, guint32 n_more, guint32 n, gboolean *means,
         ArborScope *scope)
{
  gboolean is_good = TRUE;
  guint16 *both;
  ArborKeyMet met;

  if ((guint64)ids->n_ids * n_more <= ARBOR_KEY_MAX_IDS)
    {
      both = arbor_scope_alloc (scope, (gsize)n * sizeof *both);
      for (guint32 i = 0; i < n; i++)
        both[i] = (guint16)((guint32)ids->ids[i] * n_more + more[i]);
      ids->n_ids *= n_more;
    }
  else
    {
      guint64 *pairs = arbor_scope_alloc (scope, (gsize)n * sizeof *pairs);

      for (guint32 i = 0; i < n; i++)
        pairs[i] = (guint64)ids->ids[i] << 32 | more[i];
      arbor_key_met_init (&met, n, scope);
      arbor_key_met_add_numbers (&met, pairs, n);
      both = met.ids;
      ids->n_ids = met.n;
      *means = FALSE;
      is_good = !is_poor_number (met.n, n);
    }
  ids->ids = both;
  return is_good;
}

static gboolean
is_poor (const ArborKeyMeaning *meaning, guint32 n)
{
  for (guint i = 0; i < meaning->n; i++)
    if (meaning->ranges[i].numbering == ARBOR_KEY_NUMBERING_MET &&
        is_poor_number (meaning->ranges[i].n, n))
      return TRUE;
  return FALSE;
}

gboolean
arbor_key_ids_find (ArborKeyIds *self, const ArborRows *rows, ArborScope *scope, ArborIds *ids)
{
  gboolean was_known = self->is_known;
  gboolean means = was_known;

  if (self->n_poor >= MAX_POOR)
    return FALSE;
  *ids = (ArborIds){ .ids = all_equal, .n_ids = 1 };
  self->is_known = FALSE;
  for (gsize i = 0; i < self->n_keys; i++)
    {
      ArborKeyMeaning *before = was_known ? &self->meanings[i] : NULL;
      ArborPathRows values;
      const guint16 *of_key;
      ArborKeyMeaning meaning;

      if (!arbor_series_reader_get_parts (self->readers[i], rows, scope, &values) ||
          !arbor_key_meaning_find (&values, before, &meaning, &of_key, scope))
        return FALSE;
      if (is_poor (&meaning, rows->n))
        {
          self->n_poor++;
          return FALSE;
        }
      if (before == NULL || !meanings_equal (before, &meaning))
        {
          means = FALSE;
          meaning_clear (&self->meanings[i]);
          self->meanings[i] = meaning;
        }
      if (i == 0)
        *ids = (ArborIds){ .ids = of_key, .n_ids = meaning.n_ids };
      else if (!combine (ids, of_key, meaning.n_ids, rows->n, &means, scope))
        {
          self->n_poor++;
          return FALSE;
        }
    }
  if (!means)
    clear_tags (self, ids->n_ids);
  self->is_known = TRUE;
  ids->tags = self->tags;
  return TRUE;
}

ArborGroupKey *
arbor_key_ids_get_keys (ArborKeyIds *self, const ArborRows *rows, ArborScope *scope)
{
  ArborGroupKey *keys = arbor_scope_alloc (scope, rows->n * self->n_keys * sizeof *keys);

  for (gsize i = 0; i < self->n_keys; i++)
    {
      ArborPathRows of_key;

      if (!arbor_series_reader_get_parts (self->readers[i], rows, scope, &of_key) ||
          !arbor_path_rows_get_keys (&of_key, scope, keys + i, self->n_keys))
        return NULL;
    }
  return keys;
}

/* The first row of each id that has no tag. */
static guint32
list_new_rows (const ArborRows *rows, const ArborIds *ids, guint32 *new_rows, ArborScope *scope)
{
  gsize size = arbor_bits_n_words (ids->n_ids) * 8;
  guint64 *seen = arbor_scope_alloc (scope, size);
  guint32 n = 0;

  memset (seen, 0, size);
  for (guint32 i = 0; i < rows->n; i++)
    if (ids->tags[ids->ids[i]] == ARBOR_NO_TAG && !arbor_bits_test (seen, ids->ids[i]))
      {
        arbor_bits_set (seen, ids->ids[i]);
        new_rows[n++] = i;
      }
  return n;
}

ArborGroupKey *
arbor_key_ids_get_new_keys (ArborKeyIds *self, const ArborRows *rows, const ArborIds *ids,
                            ArborScope *scope, const guint32 **new_rows, guint32 *n)
{
  guint32 *list = arbor_scope_alloc (scope, rows->n * sizeof *list);
  ArborGroupKey *keys = NULL;

  *n = list_new_rows (rows, ids, list, scope);
  *new_rows = list;
  if (*n > FEW_NEW && *n < rows->n / FEW_OF && rows->batch != NULL)
    {
      guint32 *some = arbor_scope_alloc (scope, *n * sizeof *some);
      ArborRows asked = *rows;

      for (guint32 i = 0; i < *n; i++)
        some[i] = arbor_rows_get (rows, list[i]);
      asked.rows = some;
      asked.n = *n;
      return arbor_key_ids_get_keys (self, &asked, scope);
    }
  if (*n > FEW_NEW)
    keys = arbor_key_ids_get_keys (self, rows, scope);
  for (guint32 i = 0; keys != NULL && i < *n; i++)
    memmove (keys + i * self->n_keys, keys + list[i] * self->n_keys, self->n_keys * sizeof *keys);
  return keys;
}

/* Counting. Rows with one id often follow each other, and adding to what was just written waits for
 * it: four tables in turn, where they are small. */

const guint32 *
arbor_ids_count (const ArborIds *self, guint32 n, ArborScope *scope)
{
  guint32 n_ids = self->n_ids;
  guint32 n_tables = n_ids <= n / 16 ? 4 : 1;
  guint32 *counts = arbor_scope_alloc (scope, (gsize)n_ids * n_tables * sizeof *counts);
  const guint16 *ids = self->ids;
  guint32 i = 0;

  memset (counts, 0, (gsize)n_ids * n_tables * sizeof *counts);
  if (n_ids == 1)
    {
      counts[0] = n;
      return counts;
    }
  for (; n_tables == 4 && i + 4 <= n; i += 4)
    {
      counts[ids[i]]++;
      counts[n_ids + ids[i + 1]]++;
      counts[2 * n_ids + ids[i + 2]]++;
      counts[3 * n_ids + ids[i + 3]]++;
    }
  for (; i < n; i++)
    counts[ids[i]]++;
  for (i = 0; n_tables == 4 && i < n_ids; i++)
    counts[i] += counts[n_ids + i] + counts[2 * n_ids + i] + counts[3 * n_ids + i];
  return counts;
}
