/* ArborArbor: finding by key, and which keys are declared. */

#include "arbor-arbor-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arbor-tree-private.h"
#include "base/arbor-error.h"
#include "batch/arbor-value-access.h"
#include "query/view/arbor-keyed.h"

/* Indices of a view that are looked at together. */
#define FIRST_INDICES 64u
#define MOST_INDICES  16384u

static const ArborKeys *
get_keys (ArborArbor *self)
{
  const ArborRecord *record =
      self->view != NULL ? arbor_source_get_record (self->view->source) : NULL;

  return record != NULL ? record->keys : NULL;
}

/**
 * arbor_arbor_dup_keys: (get-property keys)
 * @self: an arbor
 *
 * The paths that were declared to lead to the key of a tree of the stored arbor that this is or is a view
 * of: [method@Arbor.Store.set_keys]. Any thread may call this, at any time.
 *
 * Returns: (transfer full) (array zero-terminated=1): the paths; none where no keys are declared
 *
 * Since: 1.0
 */
char **
arbor_arbor_dup_keys (ArborArbor *self)
{
  const ArborKeys *keys;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  keys = get_keys (self);
  return keys != NULL ? g_strdupv (keys->texts) : g_new0 (char *, 1);
}

/**
 * arbor_arbor_get_keys_unique: (get-property keys-unique)
 * @self: an arbor
 *
 * Whether keys are declared, and no two trees may have the same one: %ARBOR_KEY_UNIQUE. Any thread may call
 * this, at any time.
 *
 * Returns: whether they are unique
 *
 * Since: 1.0
 */
gboolean
arbor_arbor_get_keys_unique (ArborArbor *self)
{
  const ArborKeys *keys;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), FALSE);

  keys = get_keys (self);
  return keys != NULL && keys->is_unique;
}

static int
compare_places (gconstpointer key, gconstpointer place)
{
  const guint32 tree = *(const guint32 *) key, other = ((const ArborKeyPlace *) place)->tree;

  return (tree > other) - (tree < other);
}

/* Where the view picks trees by their positions, or leaves out what comes twice: its indices are gone through, of
 * which it computes no more than it takes to find one of the places. */
static gboolean
find_by_index (ArborArbor *self, ArborAccess *access, const GArray *places, gboolean *is_found,
               guint32 *tree, GError **error)
{
  g_autofree guint32 *indices = g_new (guint32, MOST_INDICES);
  guint32 max = FIRST_INDICES, n;
  guint64 position = 0;

  do
    {
      if (!arbor_access_check (access, NULL, error) ||
          !arbor_selection_read (self->view->selection, access, position, max, indices, &n, NULL, error))
        return FALSE;
      for (guint32 i = 0; i < n && !*is_found; i++)
        if (bsearch (&indices[i], places->data, places->len, sizeof (ArborKeyPlace), compare_places) != NULL)
          {
            *is_found = TRUE;
            *tree = indices[i];
          }
      position += n;
      if (n < max)
        return TRUE;
      max = MIN (max * 4, MOST_INDICES);
    }
  while (!*is_found);
  return TRUE;
}

/* The first tree of the view that is at one of the places of its source, which are all with that key. */
static gboolean
find_in_view (ArborArbor *self, ArborAccess *access, const GArray *places, gboolean *is_found,
              guint32 *tree, GError **error)
{
  g_autoptr (ArborSelection) among = NULL;
  guint32 *indices;
  guint32 n = 0;

  if (!arbor_selection_goes_among (self->view->selection))
    return find_by_index (self, access, places, is_found, tree, error);
  indices = g_new (guint32, places->len);
  for (guint i = 0; i < places->len; i++)
    indices[i] = g_array_index (places, ArborKeyPlace, i).tree;
  among = arbor_selection_new_among (self->view->selection, indices, places->len);
  if (!arbor_selection_read (among, access, 0, 1, tree, &n, NULL, error))
    return FALSE;
  *is_found = n > 0;
  return TRUE;
}

/* Whether @n values, of which @key has as many as paths lead to, can be one. */
static gboolean
check_key (const ArborKeys *keys, const ArborValue *key, guint64 n, GError **error)
{
  g_autofree char *paths = NULL;

  for (guint i = 0; n == keys->n_paths && i < keys->n_paths; i++)
    if (!arbor_value_is_key (&key[i]))
      {
        paths = arbor_keys_describe (keys);
        g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE,
                     _("Expected a string, number or truth value for each value of a key (%s), found %s"),
                     paths, arbor_kind_to_string (key[i].kind));
        return FALSE;
      }
  if (n == keys->n_paths)
    return TRUE;
  paths = arbor_keys_describe (keys);
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE,
               _("Keys here are of %u values (%s), and %" PRIu64 " were given"), keys->n_paths, paths, n);
  return FALSE;
}

/* Inside. */
static ArborTree *
find_values (ArborArbor *self, ArborAccess *access, const ArborValue *key, guint64 n, ArborScope *scope,
             GError **error)
{
  const ArborKeys *keys = get_keys (self);
  g_autoptr (GArray) places = NULL;
  gboolean is_found = FALSE;
  guint32 tree = 0;

  if (keys == NULL)
    {
      g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                           _("No keys are declared for this arbor: declare them with set_keys of its "
                             "store, or use find_one"));
      return NULL;
    }
  if (!check_key (keys, key, n, error))
    return NULL;
  places = g_array_new (FALSE, FALSE, sizeof (ArborKeyPlace));
  if (!arbor_keyed_find (access, arbor_source_get_record (self->view->source), key, scope, places, error))
    return NULL;
  if (places->len > 0 && arbor_selection_is_all (self->view->selection))
    {
      is_found = TRUE;
      tree = g_array_index (places, ArborKeyPlace, 0).tree;
    }
  else if (places->len > 0 && !find_in_view (self, access, places, &is_found, &tree, error))
    return NULL;
  return is_found ? arbor_arbor_make_tree (self, access, tree, error) : NULL;
}

/* The values that a tree gives as a key. */
static ArborTree *
find_parts (ArborArbor *self, ArborAccess *access, const ArborValue *key, ArborScope *scope,
            GError **error)
{
  const ArborKeys *keys = get_keys (self);
  ArborValue parts[ARBOR_KEYS_MAX_PATHS];
  guint64 n;

  if (keys == NULL || keys->n_paths == 1)
    return find_values (self, access, key, 1, scope, error);
  if (key->kind != ARBOR_KIND_ARRAY)
    return find_values (self, access, key, 1, scope, error);
  n = arbor_value_get_length (key, scope);
  for (guint i = 0; i < MIN (n, ARBOR_KEYS_MAX_PATHS); i++)
    arbor_value_get_element (key, i, scope, &parts[i]);
  return find_values (self, access, parts, n, scope, error);
}

static ArborTree *
find_scalar (ArborArbor *self, const ArborValue *key, GError **error)
{
  g_autoptr (ArborScope) scope = NULL;
  ArborTree *tree;
  ArborAccess access;

  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  scope = arbor_scope_new ();
  tree = find_values (self, &access, key, 1, scope, error);
  if (!arbor_access_end (&access, error))
    g_clear_object (&tree);
  return tree;
}

/**
 * arbor_arbor_find:
 * @self: an arbor whose keys are declared, or a view of one
 * @key: the key, or an array of its values where it has several
 * @error: where to put an error
 *
 * The tree with a key; where several have it the first one. Keys are declared with
 * [method@Arbor.Store.set_keys]. This is a look-up in the stored arbor. In a view of one
 * what was found is asked whether it is in the view: its conditions are, or, where it picks trees by position
 * or leaves some out, the indices of its trees are gone through.
 *
 * Errors: %ARBOR_ERROR_INVALID_ARGUMENT when no keys are declared, %ARBOR_ERROR_TYPE for what can be no key:
 * null, an object, an array of another number of values; %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE,
 * %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: (transfer full) (nullable): the tree; %NULL without error when there is none
 *
 * Since: 1.0
 */
ArborTree *
arbor_arbor_find (ArborArbor *self, ArborTree *key, GError **error)
{
  ArborTree *tree = NULL;
  ArborAccess access;
  ArborLook look;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_TREE (key), NULL);

  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  if (arbor_tree_look_begin (key, NULL, &look, error))
    {
      tree = find_parts (self, &access, &look.value, look.scope, error);
      if (!arbor_tree_look_end (&look, error == NULL || *error == NULL, error))
        g_clear_object (&tree);
    }
  if (!arbor_access_end (&access, error))
    g_clear_object (&tree);
  return tree;
}

/**
 * arbor_arbor_find_string:
 * @self: an arbor whose keys are declared, or a view of one
 * @key: the key, UTF-8
 * @error: where to put an error
 *
 * The tree with a key that is a string, as [method@Arbor.Arbor.find].
 *
 * Errors: those of [method@Arbor.Arbor.find]. Any thread may call this.
 *
 * Returns: (transfer full) (nullable): the tree; %NULL without error when there is none
 *
 * Since: 1.0
 */
ArborTree *
arbor_arbor_find_string (ArborArbor *self, const char *key, GError **error)
{
  ArborValue value;
  gsize length;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  length = strlen (key);
  g_return_val_if_fail (length <= G_MAXUINT32, NULL);
  value = ARBOR_VALUE_STRING (key, (guint32) length);
  return find_scalar (self, &value, error);
}

/**
 * arbor_arbor_find_int64:
 * @self: an arbor whose keys are declared, or a view of one
 * @key: the key
 * @error: where to put an error
 *
 * The tree with a key that is a number, as [method@Arbor.Arbor.find].
 *
 * Errors: those of [method@Arbor.Arbor.find]. Any thread may call this.
 *
 * Returns: (transfer full) (nullable): the tree; %NULL without error when there is none
 *
 * Since: 1.0
 */
ArborTree *
arbor_arbor_find_int64 (ArborArbor *self, gint64 key, GError **error)
{
  const ArborValue value = ARBOR_VALUE_INT64 (key);

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  return find_scalar (self, &value, error);
}
