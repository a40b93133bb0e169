/* See arbor-asked.h. */

#include "query/group/arbor-asked.h"

#include <inttypes.h>
#include <stdlib.h>

#include "query/expr/arbor-evaluator.h"
#include "query/view/arbor-keyed.h"
#include "query/view/arbor-narrow.h"

/* Asking a table for a key takes as long as reading so many right trees does. */
#define TREES_FOR_A_LOOK 1u
/* Of so many right trees that may match, one, all are sooner read as they lie. */
#define LEAST_PART 8u

struct _ArborAsked
{
  ArborSource *left;
  ArborSelection *left_selection;
  ArborSource *right;
  ArborSelection *right_selection;
  guint n;
  ArborNode *left_keys[ARBOR_KEYS_MAX_PATHS]; /* what each path of the key has to be */
};

/* Reading the left keys. */
typedef struct
{
  guint n;
  ArborEvaluator *evaluators[ARBOR_KEYS_MAX_PATHS];
  ArborScope *scope; /* of a row */
  GArray *hashes;
} Visit;

static const ArborNode *
find_left_key (const ArborJoinSide *left, const ArborJoinSide *right, const ArborPath *path)
{
  for (gsize i = 0; i < right->n_keys; i++)
    if (right->keys[i]->kind == ARBOR_NODE_PATH && arbor_path_equal (right->keys[i]->path, path))
      return left->keys[i];
  return NULL;
}

ArborAsked *
arbor_asked_new (const ArborJoinSide *left, const ArborJoinSide *right)
{
  const ArborRecord *record = arbor_source_get_record (right->source);
  ArborAsked *self;

  if (record == NULL || record->keys == NULL || !arbor_selection_goes_among (right->selection))
    return NULL;
  for (guint i = 0; i < record->keys->n_paths; i++)
    if (find_left_key (left, right, record->keys->paths[i]) == NULL)
      return NULL;
  self = g_new0 (ArborAsked, 1);
  self->left = arbor_source_ref (left->source);
  self->left_selection = arbor_selection_ref (left->selection);
  self->right = arbor_source_ref (right->source);
  self->right_selection = arbor_selection_ref (right->selection);
  for (; self->n < record->keys->n_paths; self->n++)
    self->left_keys[self->n] =
        arbor_node_ref ((ArborNode *) find_left_key (left, right, record->keys->paths[self->n]));
  return self;
}

void
arbor_asked_free (ArborAsked *self)
{
  for (guint i = 0; i < self->n; i++)
    arbor_node_unref (self->left_keys[i]);
  arbor_selection_unref (self->left_selection);
  arbor_source_unref (self->left);
  arbor_selection_unref (self->right_selection);
  arbor_source_unref (self->right);
  g_free (self);
}

/* Left trees for which it is worth it. */
static guint64
get_limit (const ArborAsked *self)
{
  const ArborRecord *record = arbor_source_get_record (self->right);
  guint64 n_tables = (guint64) record->n_batches + record->n_patches;

  return record->n_trees / (TREES_FOR_A_LOOK * MAX (n_tables, 1));
}

static gboolean
note_rows (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  Visit *self = data;

  for (guint k = 0; k < self->n; k++)
    arbor_evaluator_set_batch (self->evaluators[k], rows->batch, rows->first);
  for (guint32 i = 0; i < rows->n; i++)
    {
      ArborValue key[ARBOR_KEYS_MAX_PATHS];
      guint64 hash;

      for (guint k = 0; k < self->n; k++)
        arbor_evaluator_get_value (self->evaluators[k], arbor_rows_get (rows, i), self->scope, &key[k]);
      if (!arbor_scope_check (self->scope, error))
        return FALSE;
      if (arbor_key_hash (key, self->n, &hash))
        g_array_append_val (self->hashes, hash);
      arbor_scope_reset (self->scope);
    }
  return TRUE;
}

static int
compare_hashes (gconstpointer a, gconstpointer b)
{
  const guint64 *left = a, *right = b;

  return (*left > *right) - (*left < *right);
}

/* Each once. */
static void
sort_hashes (GArray *hashes)
{
  guint64 *list = (guint64 *) (gpointer) hashes->data;
  guint n = 0;

  if (hashes->len > 1)
    qsort (list, hashes->len, sizeof *list, compare_hashes);
  for (guint i = 0; i < hashes->len; i++)
    if (n == 0 || list[n - 1] != list[i])
      list[n++] = list[i];
  g_array_set_size (hashes, n);
}

static GArray *
list_hashes (ArborAsked *self, ArborAccess *left, GCancellable *cancellable)
{
  Visit visit = { .n = self->n, .scope = arbor_scope_new () };
  gboolean is_good;
  ArborAccess narrow;

  for (guint k = 0; k < self->n; k++)
    visit.evaluators[k] = arbor_evaluator_new (self->left_keys[k]);
  visit.hashes = g_array_new (FALSE, FALSE, sizeof (guint64));
  arbor_access_narrow (&narrow, left, self->left_keys, self->n, NULL);
  is_good = arbor_trees_read_batches (self->left_selection, &narrow, note_rows, &visit, cancellable,
                                      NULL);
  for (guint k = 0; k < self->n; k++)
    arbor_evaluator_free (visit.evaluators[k]);
  arbor_scope_free (visit.scope);
  sort_hashes (visit.hashes);
  if (is_good)
    return visit.hashes;
  g_array_unref (visit.hashes);
  return NULL;
}

ArborSelection *
arbor_asked_find (ArborAsked *self, ArborAccess *access, GCancellable *cancellable)
{
  ArborRecord *record = arbor_source_get_record (self->right);
  guint64 limit = get_limit (self), n_left, n;
  g_autoptr (GArray) hashes = NULL;
  ArborAccess left, right;
  guint32 *indices;

  arbor_access_borrow (&left, access, self->left);
  if (!arbor_selection_tell_up_to (self->left_selection, &left, limit + 1, cancellable, &n_left, NULL) ||
      n_left > limit)
    return NULL;
  hashes = list_hashes (self, &left, cancellable);
  if (hashes == NULL)
    return NULL;
  arbor_access_borrow (&right, access, self->right);
  indices = arbor_keyed_find_hashes (&right, record, (const guint64 *) (gconstpointer) hashes->data,
                                     hashes->len, record->n_trees / LEAST_PART, &n, NULL);
  return indices != NULL ? arbor_selection_new_among (self->right_selection, indices, n) : NULL;
}

void
arbor_asked_describe (const ArborAsked *self, gboolean was_asked, GString *text)
{
  const ArborRecord *record = arbor_source_get_record (self->right);
  g_autofree char *keys = arbor_keys_describe (record->keys);
  guint32 n_tables = record->n_batches + record->n_patches;

  if (was_asked)
    g_string_append_printf (text, " | key index: %s, batches asked: %u", keys, n_tables);
  else
    g_string_append_printf (text, " | key index: %s, batches to ask: %u, for up to %" PRIu64 " trees",
                            keys, n_tables, get_limit (self));
}
