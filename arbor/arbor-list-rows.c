/* See arbor-list-rows-private.h. References that are taken while the lock is held are dropped when it is not: the
 * last one may run foreign code.
 */

#include "arbor-list-rows-private.h"

#include "arbor-close-token.h"

#define PRUNE_FROM 256u

static void
free_weak (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static GHashTable *
new_table (void)
{
  return g_hash_table_new_full (NULL, NULL, NULL, free_weak);
}

ArborListRows *
arbor_list_rows_new (ArborRowColumns *columns)
{
  ArborListRows *self = g_new0 (ArborListRows, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->columns = columns;
  self->lock = arbor_row_lock_new ();
  self->rows = new_table ();
  self->prune_at = PRUNE_FROM;
  return self;
}

ArborListRows *
arbor_list_rows_ref (ArborListRows *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
arbor_list_rows_unref (ArborListRows *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_hash_table_unref (self->rows);
  g_clear_pointer (&self->gone, g_hash_table_unref);
  arbor_row_lock_unref (self->lock);
  arbor_row_columns_unref (self->columns);
  g_clear_pointer (&self->listing, arbor_listing_unref);
  g_clear_object (&self->token);
  g_clear_object (&self->token_before);
  g_free (self);
}

static void
add (GHashTable *table, guint32 tree, ArborRow *row)
{
  GWeakRef *weak = g_new (GWeakRef, 1);

  g_weak_ref_init (weak, row);
  g_hash_table_insert (table, GUINT_TO_POINTER (tree), weak);
}

/* Forgets rows that nobody has any more, when they may be half of all. */
static void
prune (ArborListRows *self, GPtrArray *seen)
{
  GHashTableIter iter;
  gpointer weak;

  if (g_hash_table_size (self->rows) < self->prune_at)
    return;
  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, NULL, &weak))
    {
      gpointer row = g_weak_ref_get (weak);

      if (row == NULL)
        g_hash_table_iter_remove (&iter);
      else
        g_ptr_array_add (seen, row);
    }
  self->prune_at = MAX (PRUNE_FROM, 2 * g_hash_table_size (self->rows));
}

/* Under the lock: the one that is there, or @fresh, which is then. */
static ArborRow *
find_or_add (ArborListRows *self, GHashTable *table, guint32 tree, ArborRow *fresh, GPtrArray *seen)
{
  GWeakRef *weak;
  ArborRow *row;

  prune (self, seen);
  weak = g_hash_table_lookup (table, GUINT_TO_POINTER (tree));
  row = weak != NULL ? g_weak_ref_get (weak) : NULL;
  if (row != NULL)
    return row;
  add (table, tree, fresh);
  return g_object_ref (fresh);
}

ArborRow *
arbor_list_rows_get (ArborListRows *self, ArborListing *listing, guint32 tree, gboolean is_gone)
{
  g_autoptr (GPtrArray) seen = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (ArborCloseToken) token = NULL;
  g_autoptr (ArborRow) fresh = NULL;
  GHashTable *table;
  ArborRow *row;

  pthread_mutex_lock (&self->lock->mutex);
  g_set_object (&token, (is_gone ? self->token_before : self->token));
  pthread_mutex_unlock (&self->lock->mutex);
  fresh = arbor_row_new (self->columns, self->lock, token, listing, tree);

  pthread_mutex_lock (&self->lock->mutex);
  table = is_gone ? self->gone : listing == self->listing ? self->rows : NULL;
  row = table != NULL ? find_or_add (self, table, tree, fresh, seen) : g_object_ref (fresh);
  pthread_mutex_unlock (&self->lock->mutex);
  return row;
}

void
arbor_list_rows_begin (ArborListRows *self, const ArborTreeMap *map, ArborListing *listing,
                       ArborCloseToken *token)
{
  g_autoptr (GPtrArray) seen = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (ArborCloseToken) old_token = NULL;
  g_autoptr (ArborListing) old_listing = NULL;
  g_autoptr (GHashTable) before = NULL;
  GHashTableIter iter;
  gpointer key, weak;

  pthread_mutex_lock (&self->lock->mutex);
  old_token = g_steal_pointer (&self->token_before);
  self->token_before = g_steal_pointer (&self->token);
  self->token = token != NULL ? g_object_ref (token) : NULL;
  old_listing = g_steal_pointer (&self->listing);
  self->listing = arbor_listing_ref (listing);
  before = g_steal_pointer (&self->rows);
  self->rows = new_table ();
  self->gone = new_table ();
  g_hash_table_iter_init (&iter, before);
  while (g_hash_table_iter_next (&iter, &key, &weak))
    {
      ArborRow *row = g_weak_ref_get (weak);
      guint32 tree;

      if (row == NULL)
        continue;
      g_ptr_array_add (seen, row);
      tree = arbor_tree_map_get (map, GPOINTER_TO_UINT (key));
      if (tree == ARBOR_NO_TREE)
        {
          add (self->gone, GPOINTER_TO_UINT (key), row);
          continue;
        }
      arbor_row_move (row, listing, tree);
      add (self->rows, tree, row);
    }
  pthread_mutex_unlock (&self->lock->mutex);
}

void
arbor_list_rows_end (ArborListRows *self)
{
  g_autoptr (GPtrArray) left = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) gone = NULL;
  GHashTableIter iter;
  gpointer weak;

  pthread_mutex_lock (&self->lock->mutex);
  gone = g_steal_pointer (&self->gone);
  g_hash_table_iter_init (&iter, gone);
  while (g_hash_table_iter_next (&iter, NULL, &weak))
    {
      gpointer row = g_weak_ref_get (weak);

      if (row != NULL)
        g_ptr_array_add (left, row);
    }
  pthread_mutex_unlock (&self->lock->mutex);
  for (guint i = 0; i < left->len; i++)
    arbor_row_detach (left->pdata[i]);
}
