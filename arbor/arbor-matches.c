/* ArborMatches: what a JSONPath query selected, in order. A match is a value, where it lies in
 * batches or, if it was parsed from overflow text, in one of the scopes that are kept; the bytes of
 * its normalized path in one text; and the position of its tree. All is made before anybody sees
 * the object, and never changed.
 */

#include "arbor-matches-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "arbor-arbor-private.h"
#include "arbor-close-token.h"
#include "arbor-tree.h"
#include "base/arbor-error.h"
#include "batch/arbor-value-access.h"

typedef struct
{
  ArborValue value;
  gsize path; /* offset in paths */
  guint32 path_length;
  guint32 index;
  gboolean is_passing;
} Match;

/**
 * ArborMatches:
 *
 * The values that a JSONPath query (RFC 9535) selected, in the standard's order, each with its
 * normalized path and the position of the tree that it lies in.
 *
 * Matches of a stored arbor keep the state of the store that they were read from, as trees do; when
 * the store is closed, each call fails with %ARBOR_ERROR_CLOSED.
 *
 * Any thread may use them.
 *
 * Since: 1.0
 */
struct _ArborMatches
{
  GObject parent_instance;

  ArborTree *origin; /* belongs where the values do; NULL when never opened */
  ArborBuffer matches; /* of Match */
  ArborBuffer paths;
  GPtrArray *scopes;   /* where passing values lie */
  guint64 n_passing;
};

G_DEFINE_FINAL_TYPE (ArborMatches, arbor_matches, G_TYPE_OBJECT)

static void
arbor_matches_finalize (GObject *object)
{
  ArborMatches *self = ARBOR_MATCHES (object);

  arbor_buffer_free (&self->matches);
  arbor_buffer_free (&self->paths);
  g_ptr_array_unref (self->scopes);
  g_clear_object (&self->origin);

  G_OBJECT_CLASS (arbor_matches_parent_class)->finalize (object);
}

static void
arbor_matches_class_init (ArborMatchesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = arbor_matches_finalize;
}

static void
free_scope (gpointer scope)
{
  arbor_scope_free (scope);
}

static void
arbor_matches_init (ArborMatches *self)
{
  self->scopes = g_ptr_array_new_with_free_func (free_scope);
}

ArborMatches *
arbor_matches_new (ArborTree *origin)
{
  ArborMatches *self = g_object_new (ARBOR_TYPE_MATCHES, NULL);

  self->origin = g_object_ref (origin);
  return self;
}

static guint64
count (ArborMatches *self)
{
  return self->matches.length / sizeof (Match);
}

static const Match *
get (ArborMatches *self, guint64 index)
{
  return (const Match *) (gconstpointer) self->matches.data + index;
}

/* Where many trees have their match at the same place, they share the text of its path. */
static void
share_path (ArborMatches *self, Match *match)
{
  const Match *last = count (self) > 0 ? get (self, count (self) - 1) : NULL;

  if (last != NULL && last->path_length == match->path_length &&
      memcmp (self->paths.data + last->path, self->paths.data + match->path,
              match->path_length) == 0)
    {
      self->paths.length = match->path;
      match->path = last->path;
    }
}

gboolean
arbor_matches_add (ArborMatches *self, ArborJsonpathRun *run, const ArborValue *value,
                   gboolean is_passing, guint32 index, GError **error)
{
  Match match = { .value = *value, .index = index, .is_passing = is_passing };

  if (count (self) >= ARBOR_MATCHES_MAX || self->paths.length > ARBOR_MATCHES_MAX_PATH_BYTES)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                   _("A query gives at most %u matches, and %" PRIu64 " bytes of paths"),
                   ARBOR_MATCHES_MAX, (guint64) ARBOR_MATCHES_MAX_PATH_BYTES);
      return FALSE;
    }
  match.path = self->paths.length;
  arbor_jsonpath_run_append_path (run, &self->paths);
  match.path_length = (guint32) (self->paths.length - match.path);
  share_path (self, &match);
  arbor_buffer_append (&self->matches, &match, sizeof match);
  self->n_passing += is_passing;
  return TRUE;
}

guint64
arbor_matches_count_passing (ArborMatches *self)
{
  return self->n_passing;
}

void
arbor_matches_take_scope (ArborMatches *self, ArborScope *scope)
{
  g_ptr_array_add (self->scopes, scope);
}

static gboolean
enter (ArborMatches *self, ArborAccess *access, GError **error)
{
  ArborValue value;

  if (self->origin == NULL)
    {
      arbor_view_set_not_opened_error (error);
      return FALSE;
    }
  return arbor_tree_enter (self->origin, access, &value, error);
}

/* Enters and finds a match. */
static const Match *
enter_match (ArborMatches *self, guint64 index, ArborAccess *access, GError **error)
{
  if (!enter (self, access, error))
    return NULL;
  if (index < count (self))
    return get (self, index);
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE,
               _("Index %" PRIu64 " is out of range: there are %" PRIu64 " matches"), index,
               count (self));
  arbor_access_end (access, error);
  return NULL;
}

/**
 * arbor_matches_get_n_matches:
 * @self: matches
 * @error: where to put an error
 *
 * How many values were selected.
 *
 * Errors: %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: the number of matches; 0 with @error set on failure
 *
 * Since: 1.0
 */
guint64
arbor_matches_get_n_matches (ArborMatches *self, GError **error)
{
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_MATCHES (self), 0);

  if (!enter (self, &access, error))
    return 0;
  arbor_access_end (&access, error);
  return count (self);
}

/**
 * arbor_matches_get_match:
 * @self: matches
 * @index: which match, from 0
 * @error: where to put an error
 *
 * A value that was selected, as a tree of its own.
 *
 * Errors: %ARBOR_ERROR_OUT_OF_RANGE, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT. Any thread may call
 * this.
 *
 * Returns: (transfer full): the value
 *
 * Since: 1.0
 */
ArborTree *
arbor_matches_get_match (ArborMatches *self, guint64 index, GError **error)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (ArborTree) tree = NULL;
  ArborAccess access;
  const Match *match;

  g_return_val_if_fail (ARBOR_IS_MATCHES (self), NULL);

  match = enter_match (self, index, &access, error);
  if (match == NULL)
    return NULL;
  tree = arbor_tree_derive (self->origin, &match->value, match->is_passing, scope, error);
  if (tree != NULL && !arbor_scope_check (scope, error))
    g_clear_object (&tree);
  arbor_access_end (&access, error);
  return g_steal_pointer (&tree);
}

static char *
copy_path (ArborMatches *self, const Match *match)
{
  return g_strndup ((const char *) self->paths.data + match->path, match->path_length);
}

/**
 * arbor_matches_dup_path:
 * @self: matches
 * @index: which match, from 0
 * @error: where to put an error
 *
 * Where in its tree a match lies: the normalized path of RFC 9535, section 2.7, such as
 * `$['store']['book'][0]`.
 *
 * Errors: %ARBOR_ERROR_OUT_OF_RANGE, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: (transfer full): the path
 *
 * Since: 1.0
 */
char *
arbor_matches_dup_path (ArborMatches *self, guint64 index, GError **error)
{
  ArborAccess access;
  const Match *match;
  char *path;

  g_return_val_if_fail (ARBOR_IS_MATCHES (self), NULL);

  match = enter_match (self, index, &access, error);
  if (match == NULL)
    return NULL;
  path = copy_path (self, match);
  arbor_access_end (&access, error);
  return path;
}

/**
 * arbor_matches_get_index:
 * @self: matches
 * @index: which match, from 0
 * @error: where to put an error
 *
 * Which tree of the arbor a match lies in. 0 for the matches of a single tree.
 *
 * Errors: %ARBOR_ERROR_OUT_OF_RANGE, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: the position of the tree in the arbor; 0 with @error set on failure
 *
 * Since: 1.0
 */
guint64
arbor_matches_get_index (ArborMatches *self, guint64 index, GError **error)
{
  ArborAccess access;
  const Match *match;
  guint64 result;

  g_return_val_if_fail (ARBOR_IS_MATCHES (self), 0);

  match = enter_match (self, index, &access, error);
  if (match == NULL)
    return 0;
  result = match->index;
  arbor_access_end (&access, error);
  return result;
}

/**
 * arbor_matches_dup_paths:
 * @self: matches
 * @error: where to put an error
 *
 * The normalized paths of all matches, in order.
 *
 * Errors: %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: (transfer full): the paths
 *
 * Since: 1.0
 */
char **
arbor_matches_dup_paths (ArborMatches *self, GError **error)
{
  ArborAccess access;
  guint64 n_matches;
  char **paths;

  g_return_val_if_fail (ARBOR_IS_MATCHES (self), NULL);

  if (!enter (self, &access, error))
    return NULL;
  n_matches = count (self);
  paths = g_new0 (char *, n_matches + 1);
  for (guint64 i = 0; i < n_matches; i++)
    paths[i] = copy_path (self, get (self, i));
  arbor_access_end (&access, error);
  return paths;
}

/**
 * arbor_matches_to_json:
 * @self: matches
 * @error: where to put an error
 *
 * The values as JSON text: one array of all of them, in order.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
arbor_matches_to_json (ArborMatches *self, GError **error)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  ArborBuffer text = { NULL };
  gboolean is_good = TRUE;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_MATCHES (self), NULL);

  if (!enter (self, &access, error))
    return NULL;
  arbor_buffer_append_byte (&text, '[');
  for (guint64 i = 0; is_good && i < count (self); i++)
    {
      if (i > 0)
        arbor_buffer_append_byte (&text, ',');
      arbor_value_write_json (&get (self, i)->value, scope, &text);
      is_good = arbor_scope_check (scope, error) && arbor_access_check (&access, NULL, error);
      arbor_scope_reset (scope);
    }
  arbor_access_end (&access, error);
  arbor_buffer_append_byte (&text, ']');
  arbor_buffer_append_byte (&text, '\0');
  if (is_good)
    return (char *) text.data;
  arbor_buffer_free (&text);
  return NULL;
}

/**
 * arbor_matches_is_closed:
 * @self: matches
 *
 * Whether the store that the values were read from has been closed. Any thread may call this, at
 * any time.
 *
 * Returns: whether it is closed
 *
 * Since: 1.0
 */
gboolean
arbor_matches_is_closed (ArborMatches *self)
{
  g_return_val_if_fail (ARBOR_IS_MATCHES (self), TRUE);

  return self->origin == NULL || arbor_tree_is_closed (self->origin);
}

/**
 * arbor_matches_dup_close_token:
 * @self: matches
 *
 * The close token of the store that the values were read from. Any thread may call this, at any
 * time.
 *
 * Returns: (transfer full) (nullable): the token; %NULL for values in memory
 *
 * Since: 1.0
 */
ArborCloseToken *
arbor_matches_dup_close_token (ArborMatches *self)
{
  g_return_val_if_fail (ARBOR_IS_MATCHES (self), NULL);

  return self->origin != NULL ? arbor_tree_dup_close_token (self->origin) : NULL;
}
