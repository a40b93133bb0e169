/* ArborCursor: making one, and moving over the trees. What must hold: arbor-cursor-private.h. */

#include "arbor-cursor-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "arbor-tree-private.h"
#include "query/make/arbor-view-notes.h"
#include "base/arbor-error.h"
#include "query/view/arbor-pick.h"

#define FIRST_RUN   8u
#define LARGEST_RUN 4096u

/**
 * ArborCursor:
 *
 * Moves over the trees of an arbor and reads the values at a few paths, which are bound once. It
 * makes no object for a tree: for loops over very many of them, in which an [class@Arbor.Iter]
 * would spend its time making trees. Where whole columns are wanted, [class@Arbor.Column] is
 * quicker still.
 *
 * A cursor begins before the first tree: [method@Arbor.Cursor.next] goes to the next one,
 * [method@Arbor.Cursor.seek] to any. Getters take the number of a path, as it was given to
 * [ctor@Arbor.Cursor.new], and are otherwise those of [class@Arbor.Tree]: the same values, the
 * same errors.
 *
 * ```c
 * static const char *const paths[] = { "height", "name.last", NULL };
 * g_autoptr (ArborCursor) cursor = arbor_cursor_new (people, paths, &error);
 *
 * while (arbor_cursor_next (cursor, &has_tree, &error) && has_tree)
 *   sum += arbor_cursor_get_int64 (cursor, 0, &error);
 * if (error != NULL)
 *   return FALSE;
 * ```
 *
 * A cursor keeps reading the state of the store that it was made on: never torn, never stale. When
 * the store is closed, each call fails with %ARBOR_ERROR_CLOSED. A cursor may move between threads,
 * but only one may use it at a time.
 *
 * Since: 1.0
 */
G_DEFINE_FINAL_TYPE (ArborCursor, arbor_cursor, G_TYPE_OBJECT)

static void
arbor_cursor_finalize (GObject *object)
{
  ArborCursor *self = ARBOR_CURSOR (object);

  for (guint i = 0; i < self->n_paths; i++)
    arbor_row_reader_free (self->readers[i]);
  g_free (self->readers);
  g_strfreev (self->paths);
  g_free (self->run);
  g_clear_pointer (&self->at_hand, arbor_source_unref);
  g_clear_pointer (&self->scope, arbor_scope_free);
  g_clear_pointer (&self->pin, arbor_pin_unref);
  g_clear_pointer (&self->selection, arbor_selection_unref);
  g_clear_pointer (&self->source, arbor_source_unref);
  g_clear_object (&self->token);

  G_OBJECT_CLASS (arbor_cursor_parent_class)->finalize (object);
}

static void
arbor_cursor_class_init (ArborCursorClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = arbor_cursor_finalize;
}

static void
arbor_cursor_init (ArborCursor *self)
{
  self->run_size = FIRST_RUN;
  self->at = -1;
}

static gboolean
bind_paths (ArborCursor *self, const char *const *paths, GError **error)
{
  self->paths = g_strdupv ((char **) paths);
  self->readers = g_new0 (ArborRowReader *, g_strv_length (self->paths));
  for (guint i = 0; paths[i] != NULL; i++)
    {
      ArborPath *path = arbor_tree_parse_path (paths[i], error);
      g_autoptr (ArborNode) node = path != NULL ? arbor_node_new_path_take (path) : NULL;

      if (node == NULL)
        return FALSE;
      self->readers[i] = arbor_row_reader_new (node);
      self->n_paths = i + 1;
    }
  return TRUE;
}

/**
 * arbor_cursor_new:
 * @arbor: an arbor
 * @paths: (array zero-terminated=1): paths, such as `name.last` or `tags[0]`; the empty one is the
 *   tree itself
 * @error: where to put an error
 *
 * A cursor before the first tree of an arbor. Path number i of its getters is the i-th of @paths,
 * from 0.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION for a malformed path, %ARBOR_ERROR_CARDINALITY for one with
 * `[*]`, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE. Any thread may call this.
 *
 * Returns: (transfer full): a cursor
 *
 * Since: 1.0
 */
ArborCursor *
arbor_cursor_new (ArborArbor *arbor, const char *const *paths, GError **error)
{
  g_autoptr (ArborCursor) self = NULL;
  ArborAccess access;
  gboolean is_bound;

  g_return_val_if_fail (ARBOR_IS_ARBOR (arbor), NULL);
  g_return_val_if_fail (paths != NULL, NULL);

  if (!arbor_arbor_enter (arbor, &access, error))
    return NULL;
  self = g_object_new (ARBOR_TYPE_CURSOR, NULL);
  is_bound = bind_paths (self, paths, error);
  for (guint i = 0; is_bound && paths[i] != NULL; i++)
    is_bound = arbor_view_check_path (arbor->view, &access, paths[i], error);
  if (is_bound)
    {
      self->source = arbor_source_ref (arbor->view->source);
      self->selection = arbor_selection_ref (arbor->view->selection);
      self->session = arbor_source_get_session (arbor->view->source);
      self->pin = arbor_access_dup_pin (&access);
      g_set_object (&self->token, arbor->token);
      self->scope = arbor_scope_new ();
    }
  arbor_access_leave (&access, error);
  return is_bound ? g_steal_pointer (&self) : NULL;
}

gboolean
arbor_cursor_enter_slowly (ArborCursor *self, ArborStay *stay, GError **error)
{
  if (self->source == NULL)
    {
      arbor_view_set_not_opened_error (error);
      return FALSE;
    }
  if (self->session == NULL)
    return arbor_access_begin_gate (&stay->access, self->source, error);
  arbor_gate_set_closed_error (error);
  return FALSE;
}

gboolean
arbor_cursor_leave_closed (ArborCursor *self, ArborStay *stay, GError **error)
{
  g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED, _("ArborCursor has been closed"));
  arbor_cursor_leave (self, stay, error);
  return FALSE;
}

/* Moving */

/* Binds the paths to the batch of the tree @index of the source at hand. */
static gboolean
bind_batch (ArborCursor *self, ArborAccess *access, guint64 index, GError **error)
{
  ArborAccess at_hand;
  ArborPlace place;

  arbor_access_borrow (&at_hand, access, self->at_hand);
  if (!arbor_access_find_tree (&at_hand, index, &place, error))
    return FALSE;
  for (guint i = 0; i < self->n_paths; i++)
    arbor_row_reader_set_batch (self->readers[i], place.batch, arbor_place_get_base (&place));
  self->place = place;
  return TRUE;
}

/* Makes the tree @at of the run, whose batch is bound, the one at hand. */
static inline void
stand_on (ArborCursor *self, gint64 at)
{
  self->at = at;
  self->row = arbor_place_get_row (&self->place, self->run[at]);
  self->has_tree = TRUE;
}

/* Whether it lies in the batch that is bound. */
static inline gboolean
is_bound (const ArborCursor *self, gint64 at)
{
  return arbor_place_has (&self->place, self->run[at]);
}

/* The same for one that need not be bound; after an error the cursor stands where it stood. */
static gboolean
go_to (ArborCursor *self, ArborAccess *access, gint64 at, GError **error)
{
  if (!is_bound (self, at) && !bind_batch (self, access, self->run[at], error))
    return FALSE;
  stand_on (self, at);
  return TRUE;
}

/* The run of up to @max trees at @position, where there are any, in place of the one at hand. */
static gboolean
take_run (ArborCursor *self, ArborAccess *access, guint64 position, guint32 max, guint32 *n_read,
          GError **error)
{
  g_autofree guint32 *found = g_new (guint32, LARGEST_RUN);
  g_auto (ArborPicked) picked = { .source = NULL };

  if (!arbor_selection_read (self->selection, access, position, max, found, n_read, NULL, error) ||
      !arbor_picked_init (&picked, access, found, *n_read, NULL, error))
    return FALSE;
  if (*n_read == 0)
    return TRUE;
  if (self->at_hand != picked.access.source)
    {
      g_clear_pointer (&self->at_hand, arbor_source_unref);
      self->at_hand = arbor_source_ref (picked.access.source);
      self->place = (ArborPlace){ .batch = NULL };
    }
  g_free (self->run);
  self->run = g_steal_pointer (&found);
  self->run_position = position;
  self->n_run = *n_read;
  self->at = -1;
  return TRUE;
}

/* Replaces a run that is used up by the next one, which is empty at the end. */
static gboolean
read_run (ArborCursor *self, ArborAccess *access, GError **error)
{
  guint64 position = self->run_position + (guint64) self->n_run;
  guint32 n_read;

  if (!take_run (self, access, position, self->run_size, &n_read, error))
    return FALSE;
  if (n_read == 0)
    {
      self->at = self->n_run;
      self->has_tree = FALSE;
      return TRUE;
    }
  self->run_size = MIN (self->run_size * 4, LARGEST_RUN);
  return TRUE;
}

static gboolean
next_slowly (ArborCursor *self, gboolean *has_tree, GError **error)
{
  ArborAccess access;
  gboolean is_good;

  if (!arbor_access_begin (&access, self->source, self->pin, error))
    return FALSE;
  is_good = self->at + 1 < self->n_run || read_run (self, &access, error);
  if (is_good && self->at + 1 < self->n_run)
    is_good = *has_tree = go_to (self, &access, self->at + 1, error);
  return arbor_access_end (&access, error) && is_good;
}

/**
 * arbor_cursor_next:
 * @self: a cursor
 * @has_tree: (out): whether there is a next tree; %FALSE at the end, and after an error
 * @error: where to put an error
 *
 * Goes to the next tree. After an error the cursor stands where it stood.
 *
 * Languages with exceptions return @has_tree alone.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_LIMIT, %ARBOR_ERROR_CORRUPT.
 *
 * Returns: (skip): %FALSE with @error set where it failed, else %TRUE, at the end, too
 *
 * Since: 1.0
 */
gboolean
arbor_cursor_next (ArborCursor *self, gboolean *has_tree, GError **error)
{
  gboolean is_good = TRUE;
  ArborStay stay;

  g_return_val_if_fail (ARBOR_IS_CURSOR (self), FALSE);
  g_return_val_if_fail (has_tree != NULL, FALSE);

  *has_tree = FALSE;
  if (!arbor_cursor_enter (self, &stay, error))
    return FALSE;
  if (G_LIKELY (self->at + 1 < self->n_run && is_bound (self, self->at + 1)))
    {
      stand_on (self, self->at + 1);
      *has_tree = TRUE;
    }
  else
    {
      is_good = next_slowly (self, has_tree, error);
    }
  arbor_cursor_leave (self, &stay, error);
  return is_good;
}

/* Reads a short run from @position on, in which the cursor stands before the first tree. */
static gboolean
read_run_at (ArborCursor *self, ArborAccess *access, guint64 position, GError **error)
{
  guint32 n_found;
  guint64 count;

  if (!take_run (self, access, position, FIRST_RUN, &n_found, error))
    return FALSE;
  if (n_found == 0)
    {
      if (arbor_selection_tell_count (self->selection, access, NULL, &count, error))
        g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE,
                     _("Index %" PRIu64 " is out of range: the arbor has %" PRIu64 " trees"),
                     position, count);
      return FALSE;
    }
  self->run_size = FIRST_RUN;
  self->has_tree = FALSE;
  return TRUE;
}

/**
 * arbor_cursor_seek:
 * @self: a cursor
 * @index: the position of a tree in the arbor, from 0
 * @error: where to put an error
 *
 * Goes to a tree. When there is none, the cursor stands where it stood; when it is damaged, before
 * it and on no tree.
 *
 * Errors: %ARBOR_ERROR_OUT_OF_RANGE, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_LIMIT,
 * %ARBOR_ERROR_CORRUPT.
 *
 * Returns: %TRUE; %FALSE with @error set on failure
 *
 * Since: 1.0
 */
gboolean
arbor_cursor_seek (ArborCursor *self, guint64 index, GError **error)
{
  gboolean is_there;
  ArborAccess access;
  ArborStay stay;

  g_return_val_if_fail (ARBOR_IS_CURSOR (self), FALSE);

  if (!arbor_cursor_enter (self, &stay, error))
    return FALSE;
  is_there = arbor_access_begin (&access, self->source, self->pin, error);
  if (is_there)
    {
      guint64 at = index - self->run_position;

      if (at < (guint64) self->n_run)
        is_there = go_to (self, &access, (gint64) at, error);
      else
        is_there = read_run_at (self, &access, index, error) && go_to (self, &access, 0, error);
      is_there = arbor_access_end (&access, error) && is_there;
    }
  arbor_cursor_leave (self, &stay, error);
  return is_there;
}

/**
 * arbor_cursor_rewind:
 * @self: a cursor
 * @error: where to put an error
 *
 * Goes back before the first tree.
 *
 * Errors: %ARBOR_ERROR_CLOSED.
 *
 * Returns: %TRUE; %FALSE with @error set on failure
 *
 * Since: 1.0
 */
gboolean
arbor_cursor_rewind (ArborCursor *self, GError **error)
{
  ArborStay stay;

  g_return_val_if_fail (ARBOR_IS_CURSOR (self), FALSE);

  if (!arbor_cursor_enter (self, &stay, error))
    return FALSE;
  self->run_position = 0;
  self->run_size = FIRST_RUN;
  self->n_run = 0;
  self->at = -1;
  self->has_tree = FALSE;
  arbor_cursor_leave (self, &stay, error);
  return TRUE;
}

/**
 * arbor_cursor_get_position:
 * @self: a cursor
 * @error: where to put an error
 *
 * Where the cursor stands: the position of the tree at hand in the arbor, -1 before the first tree,
 * the number of trees after the last one.
 *
 * Errors: %ARBOR_ERROR_CLOSED.
 *
 * Returns: the position; -1 with @error set on failure
 *
 * Since: 1.0
 */
gint64
arbor_cursor_get_position (ArborCursor *self, GError **error)
{
  gint64 position;
  ArborStay stay;

  g_return_val_if_fail (ARBOR_IS_CURSOR (self), -1);

  if (!arbor_cursor_enter (self, &stay, error))
    return -1;
  position = (gint64) self->run_position + self->at;
  arbor_cursor_leave (self, &stay, error);
  return position;
}

/* What always works */

/**
 * arbor_cursor_get_n_paths:
 * @self: a cursor
 *
 * Counts the paths that are bound.
 *
 * Returns: how many there are
 *
 * Since: 1.0
 */
guint
arbor_cursor_get_n_paths (ArborCursor *self)
{
  g_return_val_if_fail (ARBOR_IS_CURSOR (self), 0);

  return self->n_paths;
}

/**
 * arbor_cursor_dup_path:
 * @self: a cursor
 * @path: the number of a path, from 0
 *
 * A path, as it was given.
 *
 * Returns: (transfer full) (nullable): the path; %NULL when there is none of that number
 *
 * Since: 1.0
 */
char *
arbor_cursor_dup_path (ArborCursor *self, guint path)
{
  g_return_val_if_fail (ARBOR_IS_CURSOR (self), NULL);

  return path < self->n_paths ? g_strdup (self->paths[path]) : NULL;
}

/**
 * arbor_cursor_close:
 * @self: a cursor
 *
 * Lets go of the state of the store that the cursor held. Each later call fails with
 * %ARBOR_ERROR_CLOSED. Closing again does nothing.
 *
 * Since: 1.0
 */
void
arbor_cursor_close (ArborCursor *self)
{
  g_return_if_fail (ARBOR_IS_CURSOR (self));

  g_atomic_int_set (&self->is_closed, TRUE);
  g_clear_pointer (&self->pin, arbor_pin_unref);
}

/**
 * arbor_cursor_get_n_ready:
 * @self: a cursor
 *
 * How many trees the next steps stand on without computing which ones they are; see
 * [method@Arbor.Iter.get_n_ready].
 *
 * Returns: how many trees are at hand, maybe 0
 *
 * Since: 1.0
 */
guint64
arbor_cursor_get_n_ready (ArborCursor *self)
{
  g_return_val_if_fail (ARBOR_IS_CURSOR (self), 0);

  return self->at + 1 < self->n_run ? (guint64) (self->n_run - (self->at + 1)) : 0;
}

/**
 * arbor_cursor_is_closed:
 * @self: a cursor
 *
 * Whether the cursor, or the store that it reads, has been closed.
 *
 * Returns: whether it is closed
 *
 * Since: 1.0
 */
gboolean
arbor_cursor_is_closed (ArborCursor *self)
{
  g_return_val_if_fail (ARBOR_IS_CURSOR (self), TRUE);

  if (self->source == NULL || g_atomic_int_get (&self->is_closed))
    return TRUE;
  return self->token != NULL && arbor_close_token_is_closed (self->token);
}

/**
 * arbor_cursor_dup_close_token:
 * @self: a cursor
 *
 * The close token of the store that the cursor reads.
 *
 * Returns: (transfer full) (nullable): the token; %NULL for an arbor in memory
 *
 * Since: 1.0
 */
ArborCloseToken *
arbor_cursor_dup_close_token (ArborCursor *self)
{
  g_return_val_if_fail (ARBOR_IS_CURSOR (self), NULL);

  return self->token != NULL ? g_object_ref (self->token) : NULL;
}
