/* ArborMatches: what a JSONPath query selected, in order. A match that columns found is a row of a site
 * (arbor-jsonpath-columns.h); its value and the text of its path are made when they are asked for. One
 * that was found tree by tree is a value, which lies in batches or, if it was parsed from overflow text,
 * in one of the scopes that are kept, and the bytes of its normalized path in one text. All is made
 * before anybody sees the object, and never changed.
 */

#include "arbor-matches-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "arbor-arbor-private.h"
#include "arbor-close-token.h"
#include "arbor-tree.h"
#include "base/arbor-error.h"
#include "batch/arbor-value-access.h"

/* A match without a site: row is its number among the single ones. */
#define NO_SITE G_MAXUINT32

typedef struct
{
  guint32 index; /* of the tree */
  guint32 site;
  guint32 row;
  guint32 number; /* as in ArborJsonpathMatch */
} Match;

typedef struct
{
  ArborValue value;
  gsize path; /* offset in paths */
  guint32 path_length;
  gboolean is_passing;
} Single;

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
  ArborBuffer singles; /* of Single */
  ArborBuffer paths;
  ArborJsonpathSite *sites;
  guint32 *numbers; /* of elements */
  GPtrArray *scopes;   /* where passing values lie */
  guint64 n_passing;
};

G_DEFINE_FINAL_TYPE (ArborMatches, arbor_matches, G_TYPE_OBJECT)

static void
arbor_matches_finalize (GObject *object)
{
  ArborMatches *self = ARBOR_MATCHES (object);

  arbor_buffer_free (&self->matches);
  arbor_buffer_free (&self->singles);
  arbor_buffer_free (&self->paths);
  g_free (self->sites);
  g_free (self->numbers);
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

static guint32
count_singles (ArborMatches *self)
{
  return (guint32) (self->singles.length / sizeof (Single));
}

static const Single *
get_single (ArborMatches *self, guint32 i)
{
  return (const Single *) (gconstpointer) self->singles.data + i;
}

/* Where many trees have their match at the same place, they share the text of its path. */
static void
share_path (ArborMatches *self, Single *single)
{
  const Single *last =
      count_singles (self) > 0 ? get_single (self, count_singles (self) - 1) : NULL;

  if (last != NULL && last->path_length == single->path_length &&
      memcmp (self->paths.data + last->path, self->paths.data + single->path,
              single->path_length) == 0)
    {
      self->paths.length = single->path;
      single->path = last->path;
    }
}

/* Whether there is room for @n more. @size: of what paths are made of beside the texts. */
static gboolean
check_room (ArborMatches *self, guint32 n, gsize size, GError **error)
{
  if (n <= ARBOR_MATCHES_MAX - count (self) &&
      self->paths.length + size <= ARBOR_MATCHES_MAX_PATH_BYTES)
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
               _("A query gives at most %u matches, and %" PRIu64 " bytes of paths"),
               ARBOR_MATCHES_MAX, (guint64) ARBOR_MATCHES_MAX_PATH_BYTES);
  return FALSE;
}

gboolean
arbor_matches_add (ArborMatches *self, ArborJsonpathRun *run, const ArborValue *value,
                   gboolean is_passing, guint32 index, GError **error)
{
  Match match = { .index = index, .site = NO_SITE, .row = count_singles (self) };
  Single single = { .value = *value, .path = self->paths.length, .is_passing = is_passing };

  if (!check_room (self, 1, 0, error))
    return FALSE;
  arbor_jsonpath_run_append_path (run, &self->paths);
  single.path_length = (guint32) (self->paths.length - single.path);
  share_path (self, &single);
  arbor_buffer_append (&self->singles, &single, sizeof single);
  arbor_buffer_append (&self->matches, &match, sizeof match);
  self->n_passing += is_passing;
  return TRUE;
}

gboolean
arbor_matches_add_found (ArborMatches *self, const ArborJsonpathFound *found, guint32 end,
                         guint32 index, guint32 *at, GError **error)
{
  guint32 n = *at;
  Match *matches;

  while (n < found->n_matches && found->matches[n].place < end)
    n++;
  n -= *at;
  if (!check_room (self, n, found->n_numbers * sizeof (guint32), error))
    return FALSE;
  matches = (Match *) (gpointer) arbor_buffer_reserve (&self->matches, n * sizeof *matches);
  for (guint32 i = 0; i < n; i++)
    {
      const ArborJsonpathMatch *from = &found->matches[*at + i];

      matches[i] = (Match){ index + from->place, from->site, from->row, from->number };
    }
  self->matches.length += n * sizeof *matches;
  *at += n;
  return TRUE;
}

void
arbor_matches_finish (ArborMatches *self, ArborJsonpathColumns *columns)
{
  arbor_jsonpath_columns_steal (columns, &self->sites, &self->numbers);
}

guint64
arbor_matches_count_single (ArborMatches *self)
{
  return count_singles (self);
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

static void
get_value (ArborMatches *self, const Match *match, ArborValue *value)
{
  const ArborJsonpathSite *site;

  if (match->site == NO_SITE)
    {
      *value = get_single (self, match->row)->value;
      return;
    }
  site = &self->sites[match->site];
  arbor_batch_get_value (site->batch, site->column, match->row, value);
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
  arbor_access_fail (access, error);
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
  arbor_access_leave (&access, error);
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
  ArborValue value;

  g_return_val_if_fail (ARBOR_IS_MATCHES (self), NULL);

  match = enter_match (self, index, &access, error);
  if (match == NULL)
    return NULL;
  get_value (self, match, &value);
  tree = arbor_tree_derive (self->origin, &value,
                            match->site == NO_SITE && get_single (self, match->row)->is_passing,
                            scope, error);
  if (tree != NULL && !arbor_scope_check (scope, error))
    g_clear_object (&tree);
  if (!arbor_access_end (&access, error))
    g_clear_object (&tree);
  return g_steal_pointer (&tree);
}

static char *
copy_path (ArborMatches *self, const Match *match)
{
  const ArborJsonpathSite *site;
  const Single *single;
  ArborBuffer path = { NULL };

  if (match->site == NO_SITE)
    {
      single = get_single (self, match->row);
      return g_strndup ((const char *) self->paths.data + single->path, single->path_length);
    }
  site = &self->sites[match->site];
  arbor_jsonpath_site_append_path (
      site,
      site->n_numbers > 1 ? self->numbers + match->number
                          : &match->number,
      &path);
  arbor_buffer_append_byte (&path, '\0');
  return (char *) path.data;
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
  if (!arbor_access_end (&access, error))
    g_clear_pointer (&path, g_free);
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
  arbor_access_leave (&access, error);
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
  if (!arbor_access_end (&access, error))
    g_clear_pointer (&paths, g_strfreev);
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
      ArborValue value;

      if (i > 0)
        arbor_buffer_append_byte (&text, ',');
      get_value (self, get (self, i), &value);
      arbor_value_write_json (&value, scope, &text);
      is_good = arbor_scope_check (scope, error) && arbor_access_check (&access, NULL, error);
      arbor_scope_reset (scope);
    }
  is_good = arbor_access_end (&access, error) && is_good;
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
