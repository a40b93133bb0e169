/* See arbor-keyed.h. */

#include "query/view/arbor-keyed.h"

#include <string.h>

#include "query/expr/arbor-function.h"
#include "query/series/arbor-decider.h"
#include "query/view/arbor-source-private.h"

/* Asking a batch for a key takes as long as looking at so many rows. */
#define ROWS_FOR_A_LOOK 32u
#define LEAST_KEYS 16u
/* Look-ups between two questions whether to stop. */
#define CHECK_EVERY 256u

const ArborKeys *
arbor_access_get_keys (const ArborAccess *self)
{
  return self->source != NULL && self->source->record != NULL && self->about == NULL
             ? self->source->record->keys
             : NULL;
}

/* Tables */

static ArborKeyTable *
dup_table (ArborAccess *access, ArborRecord *record, guint32 place, GError **error)
{
  ArborPiece *piece = NULL;

  if (access->source != NULL && place < record->n_batches)
    piece = arbor_source_get_piece (access->source, place);
  else if (access->source != NULL)
    piece = arbor_source_get_patch_piece (access->source,
                                          record->patches[place - record->n_batches].id);
  return piece != NULL ? arbor_snapshot_dup_key_table_of (access->snapshot, record->keys, piece->id,
                                                          piece->batch, error)
                       : arbor_snapshot_dup_key_table (access->snapshot, record, place, error);
}

/* The record's own. */
static ArborKeySet *
get_set (ArborAccess *access, ArborRecord *record, GError **error)
{
  ArborKeySet *set = __atomic_load_n (&record->key_set, __ATOMIC_ACQUIRE);
  guint32 n = record->n_batches + record->n_patches;
  g_autofree ArborKeyTable **tables = NULL;

  if (set != NULL)
    return set;
  tables = g_new0 (ArborKeyTable *, n + 1);
  for (guint32 i = 0; i < n; i++)
    {
      tables[i] = arbor_access_check (access, NULL, error) ? dup_table (access, record, i, error)
                                                           : NULL;
      if (tables[i] == NULL)
        {
          arbor_key_set_unref (arbor_key_set_new (tables, i));
          return NULL;
        }
    }
  return arbor_record_set_key_set (record, arbor_key_set_new (tables, n));
}

const ArborBatch *
arbor_keyed_get_batch (ArborAccess *access, ArborRecord *record, const ArborKeyPlace *place,
                       GError **error)
{
  if (access->source != NULL)
    return place->patch != 0 ? arbor_access_get_patch (access, place->patch, error)
                             : arbor_access_get_base (access, place->entry, error);
  return place->patch != 0
             ? arbor_snapshot_get_patch (access->snapshot, record, place->patch, error)
             : arbor_snapshot_get_base (access->snapshot, record, place->entry, error);
}

gboolean
arbor_keyed_find (ArborAccess *access, ArborRecord *record, const ArborValue *key, ArborScope *scope,
                  GArray *places, GError **error)
{
  const ArborKeys *keys = record->keys;
  const ArborKeySet *set = get_set (access, record, error);
  guint n = places->len;
  guint64 hash;

  if (set == NULL)
    return FALSE;
  if (!arbor_key_hash (key, keys->n_paths, &hash))
    return TRUE;
  arbor_key_set_find (set, record, hash, places);
  for (guint i = n; i < places->len; i++)
    {
      const ArborKeyPlace place = g_array_index (places, ArborKeyPlace, i);
      const ArborBatch *batch = arbor_keyed_get_batch (access, record, &place, error);

      if (batch == NULL)
        return FALSE;
      if (arbor_key_row_equals (batch, place.row, keys->paths, keys->n_paths, key, scope))
        g_array_index (places, ArborKeyPlace, n++) = place;
      if (!arbor_scope_check (scope, error))
        return FALSE;
    }
  g_array_set_size (places, n);
  return TRUE;
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const ArborKeyPlace *left = a, *right = b;

  return (left->tree > right->tree) - (left->tree < right->tree);
}

/* Each once: 1 and 1.0 are one key. */
static void
sort_places (GArray *places)
{
  guint n = 0;

  g_array_sort (places, compare_places);
  for (guint i = 0; i < places->len; i++)
    {
      const ArborKeyPlace place = g_array_index (places, ArborKeyPlace, i);

      if (n == 0 || g_array_index (places, ArborKeyPlace, n - 1).tree != place.tree)
        g_array_index (places, ArborKeyPlace, n++) = place;
    }
  g_array_set_size (places, n);
}

guint32 *
arbor_keyed_find_hashes (ArborAccess *access, ArborRecord *record, const guint64 *hashes, gsize n,
                         guint64 limit, guint64 *n_found, GError **error)
{
  const ArborKeySet *set = get_set (access, record, error);
  g_autoptr (GArray) places = NULL;
  guint32 *indices;

  if (set == NULL)
    return NULL;
  places = g_array_new (FALSE, FALSE, sizeof (ArborKeyPlace));
  for (gsize i = 0; i < n; i++)
    {
      if (i % CHECK_EVERY == 0 && !arbor_access_check (access, NULL, error))
        return NULL;
      arbor_key_set_find (set, record, hashes[i], places);
      if (places->len > limit)
        return NULL;
    }
  sort_places (places);
  indices = g_new (guint32, (gsize) places->len + 1);
  for (guint i = 0; i < places->len; i++)
    indices[i] = g_array_index (places, ArborKeyPlace, i).tree;
  *n_found = places->len;
  return indices;
}

/* What conditions ask for */

/* The values that one path of a key may have: those of a comparison. */
typedef struct
{
  const ArborNode *node; /* NULL: any */
  guint first, n;        /* its literals among the arguments */
} Choice;

typedef struct
{
  const ArborKeys *keys;
  Choice choices[ARBOR_KEYS_MAX_PATHS];
  guint64 n_keys;    /* the product of all */
  gboolean is_exact; /* the conditions ask nothing else */
} Wish;

static gboolean
is_path (const Wish *self, const ArborNode *node, guint *path)
{
  if (node->kind != ARBOR_NODE_PATH)
    return FALSE;
  for (*path = 0; *path < self->keys->n_paths; (*path)++)
    if (arbor_path_equal (node->path, self->keys->paths[*path]))
      return TRUE;
  return FALSE;
}

static gboolean
is_literal (const ArborNode *node)
{
  return node->kind == ARBOR_NODE_LITERAL && arbor_value_is_key (&node->literal);
}

/* Whether the comparison is what one path of the key is chosen by. */
static gboolean
take_comparison (Wish *self, const ArborNode *node)
{
  gboolean is_equal = strcmp (node->function->name, "==") == 0;
  Choice choice = { node, 1, node->n_arguments - 1 };
  guint path;

  if (!is_equal && strcmp (node->function->name, "is_in") != 0)
    return FALSE;
  if (!is_path (self, node->arguments[0], &path))
    {
      if (!is_equal || !is_path (self, node->arguments[1], &path))
        return FALSE;
      choice.first = 0;
    }
  if (self->choices[path].node != NULL)
    return FALSE;
  for (guint i = 0; i < choice.n; i++)
    if (!is_literal (node->arguments[choice.first + i]))
      return FALSE;
  self->choices[path] = choice;
  return TRUE;
}

/* Whether all paths of the key are chosen. */
static gboolean
make_wish (Wish *self, const ArborKeys *keys, ArborNode *const *predicates, guint n)
{
  g_autoptr (GPtrArray) left = g_ptr_array_new ();

  *self = (Wish){ .keys = keys, .n_keys = 1, .is_exact = TRUE };
  for (guint i = n; i > 0; i--)
    g_ptr_array_add (left, predicates[i - 1]);
  while (left->len > 0)
    {
      const ArborNode *node = g_ptr_array_steal_index (left, left->len - 1);

      if (node->kind != ARBOR_NODE_CALL)
        self->is_exact = FALSE;
      else if (strcmp (node->function->name, "and") == 0)
        for (guint i = node->n_arguments; i > 0; i--)
          g_ptr_array_add (left, node->arguments[i - 1]);
      else
        self->is_exact &= take_comparison (self, node);
    }
  for (guint i = 0; i < keys->n_paths; i++)
    {
      if (self->choices[i].node == NULL ||
          !g_uint64_checked_mul (&self->n_keys, self->n_keys, self->choices[i].n))
        return FALSE;
    }
  return TRUE;
}

/* Whether looking the keys up is sooner done than looking at all trees. */
static gboolean
is_worth_it (const Wish *self, const ArborRecord *record)
{
  guint64 n_tables = (guint64) record->n_batches + record->n_patches;

  return self->n_keys <= MAX (LEAST_KEYS, record->n_trees / (ROWS_FOR_A_LOOK * MAX (n_tables, 1)));
}

gboolean
arbor_keyed_would_decide (const ArborRecord *record, ArborNode *const *predicates, guint n)
{
  Wish wish;

  return record->keys != NULL && make_wish (&wish, record->keys, predicates, n) &&
         is_worth_it (&wish, record);
}

/* The key of number @number below n_keys. */
static void
get_key (const Wish *self, guint64 number, ArborValue *key)
{
  for (guint i = 0; i < self->keys->n_paths; i++)
    {
      const Choice *choice = &self->choices[i];

      key[i] = choice->node->arguments[choice->first + number % choice->n]->literal;
      number /= choice->n;
    }
}

/* What else the conditions ask of the trees that were found. */
static gboolean
keep_true (ArborAccess *access, ArborRecord *record, ArborNode *const *predicates, guint n_predicates,
           GArray *places)
{
  g_autoptr (ArborDecider) decider = arbor_decider_new (predicates, n_predicates);
  guint n = 0;

  for (guint i = 0; i < places->len; i++)
    {
      const ArborKeyPlace place = g_array_index (places, ArborKeyPlace, i);
      const ArborBatch *batch = arbor_keyed_get_batch (access, record, &place, NULL);
      guint32 kept;

      if (batch == NULL)
        return FALSE;
      arbor_decider_set_batch (decider, NULL, 0);
      arbor_decider_set_batch (decider, batch, (guint64) place.tree - place.row);
      if (arbor_decider_decide_rows (decider, &place.row, 1, &kept) > 0)
        g_array_index (places, ArborKeyPlace, n++) = place;
      if (!arbor_decider_check (decider, NULL))
        return FALSE;
    }
  g_array_set_size (places, n);
  return TRUE;
}

gboolean
arbor_keyed_decide (ArborAccess *access, ArborRecord *record, ArborNode *const *predicates, guint n,
                    GArray *places)
{
  g_autoptr (ArborScope) scope = NULL;
  Wish wish;

  if (record->keys == NULL || !make_wish (&wish, record->keys, predicates, n) ||
      !is_worth_it (&wish, record))
    return FALSE;
  scope = arbor_scope_new ();
  g_array_set_size (places, 0);
  for (guint64 i = 0; i < wish.n_keys; i++)
    {
      ArborValue key[ARBOR_KEYS_MAX_PATHS];

      get_key (&wish, i, key);
      if (!arbor_keyed_find (access, record, key, scope, places, NULL))
        return FALSE;
      arbor_scope_reset (scope);
    }
  if (wish.n_keys > 1)
    sort_places (places);
  return wish.is_exact || places->len == 0 || keep_true (access, record, predicates, n, places);
}
