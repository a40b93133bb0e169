/* ArborArbor as a GListModel. The interface cannot report errors and its numbers may not change
 * without a signal, so the first call pins what the model shows: the snapshots that it reads, the
 * number of items, and the main context in which it will announce the end.
 *
 * When the store is closed the model keeps its number and hands out closed trees, until its own
 * context has been told that it is empty: list widgets never see a NULL item in range.
 */

#include "arbor-arbor-private.h"

#include "arbor-close-token.h"
#include "arbor-tree-private.h"

/* Runs in the model's own context, after the store was closed. */
static gboolean
announce_end (gpointer data)
{
  ArborArbor *self = data;
  guint n_items;

  pthread_mutex_lock (&self->model_mutex);
  n_items = self->model.n_items;
  self->model.n_items = 0;
  self->model.is_emptied = TRUE;
  pthread_mutex_unlock (&self->model_mutex);

  if (n_items > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, n_items, 0);
  return G_SOURCE_REMOVE;
}

static void
on_closed (ArborCloseToken *token, gpointer data)
{
  g_autoptr (ArborArbor) self = g_weak_ref_get (data);
  g_autoptr (GSource) idle = NULL;
  g_autoptr (GMainContext) context = NULL;

  if (self == NULL)
    return;
  pthread_mutex_lock (&self->model_mutex);
  if (self->model.context != NULL)
    context = g_main_context_ref (self->model.context);
  pthread_mutex_unlock (&self->model_mutex);

  idle = g_idle_source_new ();
  g_source_set_static_name (idle, "[arbor] the end of a model");
  g_source_set_callback (idle, announce_end, g_object_ref (self), g_object_unref);
  g_source_attach (idle, context);
}

static void
free_weak_ref (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

/* Counts the items through the pinned snapshots; an error makes an empty model. */
static guint
count_items (ArborArbor *self, ArborModel *model)
{
  ArborAccess access;
  guint64 count = 0;

  if (self->view == NULL || !arbor_access_begin (&access, self->view->source, NULL, NULL))
    return 0;
  model->pin = arbor_access_dup_pin (&access);
  if (!arbor_selection_tell_count (self->view->selection, &access, NULL, &count, NULL))
    count = 0;
  if (!arbor_access_end (&access, NULL))
    count = 0;
  return (guint) MIN (count, G_MAXUINT);
}

/* The first call of GListModel. */
static void
start_model (ArborArbor *self)
{
  ArborModel model = { .is_started = TRUE };
  gboolean is_first;
  GWeakRef *weak;
  guint id;

  pthread_mutex_lock (&self->model_mutex);
  is_first = !self->model.is_started;
  pthread_mutex_unlock (&self->model_mutex);
  if (!is_first)
    return;

  model.n_items = count_items (self, &model);
  model.context = g_main_context_ref_thread_default ();
  pthread_mutex_lock (&self->model_mutex);
  is_first = !self->model.is_started;
  if (is_first)
    self->model = model;
  pthread_mutex_unlock (&self->model_mutex);
  if (!is_first)
    {
      g_clear_pointer (&model.pin, arbor_pin_unref);
      g_main_context_unref (model.context);
      return;
    }
  if (self->token == NULL)
    return;

  weak = g_new0 (GWeakRef, 1);
  g_weak_ref_init (weak, self);
  id = arbor_close_token_add_closed_func (self->token, on_closed, weak, free_weak_ref);
  pthread_mutex_lock (&self->model_mutex);
  self->model.closed_id = id;
  pthread_mutex_unlock (&self->model_mutex);
}

void
arbor_arbor_model_clear (ArborArbor *self)
{
  if (self->model.closed_id != 0)
    arbor_close_token_remove_closed_func (self->token, self->model.closed_id);
  g_clear_pointer (&self->model.pin, arbor_pin_unref);
  g_clear_pointer (&self->model.context, g_main_context_unref);
}

static GType
arbor_arbor_get_item_type (GListModel *model)
{
  return ARBOR_TYPE_TREE;
}

static guint
arbor_arbor_get_n_items (GListModel *model)
{
  ArborArbor *self = ARBOR_ARBOR (model);
  guint n_items;

  start_model (self);
  pthread_mutex_lock (&self->model_mutex);
  n_items = self->model.n_items;
  pthread_mutex_unlock (&self->model_mutex);
  return n_items;
}

/* The tree at @position through the pinned snapshots; NULL when it cannot be read. */
static ArborTree *
read_item (ArborArbor *self, ArborPin *pin, guint position)
{
  ArborTree *tree = NULL;
  ArborAccess access;
  guint32 index, n_read;

  if (!arbor_access_begin (&access, self->view->source, pin, NULL))
    return NULL;
  if (arbor_selection_read (self->view->selection, &access, position, 1, &index, &n_read, NULL, NULL) &&
      n_read == 1)
    tree = arbor_arbor_make_pinned_tree (self, &access, pin, index, NULL);
  if (!arbor_access_end (&access, NULL))
    g_clear_object (&tree);
  return tree;
}

static gpointer
arbor_arbor_get_item (GListModel *model, guint position)
{
  ArborArbor *self = ARBOR_ARBOR (model);
  g_autoptr (ArborPin) pin = NULL;
  ArborTree *tree;

  if (position >= arbor_arbor_get_n_items (model))
    return NULL;
  pthread_mutex_lock (&self->model_mutex);
  if (self->model.pin != NULL)
    pin = arbor_pin_ref (self->model.pin);
  pthread_mutex_unlock (&self->model_mutex);

  tree = read_item (self, pin, position);
  return tree != NULL ? tree : arbor_tree_new_closed (self->view->source, self->token);
}

void
arbor_arbor_model_init (GListModelInterface *iface)
{
  iface->get_item_type = arbor_arbor_get_item_type;
  iface->get_n_items = arbor_arbor_get_n_items;
  iface->get_item = arbor_arbor_get_item;
}
