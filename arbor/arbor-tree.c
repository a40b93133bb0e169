/* ArborTree: one document, or a part of one. It is a value (where it lies in a batch), what keeps
 * the batch alive, and the close token of the store that it came from. Each getter enters the
 * gate, walks a path from the value, and copies what it finds.
 */

#include "arbor-tree-private.h"

#include "arbor-enum-types.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "arbor-arbor-private.h"
#include "arbor-close-token-private.h"
#include "arbor-tree-variant-private.h"
#include "base/arbor-path.h"
#include "batch/arbor-batch-builder.h"
#include "batch/arbor-value-access.h"
#include "query/view/arbor-concat.h"

/**
 * ArborTree:
 *
 * One JSON document of an arbor, or a part of one. Immutable.
 *
 * Getters take a path such as `name.last`, `tags[0]`, `tags[-1]` or `["any key"]`; %NULL or the
 * empty path is the tree itself. A tree from a store keeps the state of the store that it was read
 * from, so it is never stale; when the store is closed, each getter fails with
 * %ARBOR_ERROR_CLOSED.
 *
 * Any thread may use a tree.
 *
 * Since: 1.0
 */
struct _ArborTree
{
  GObject parent_instance;

  ArborSource *source; /* NULL when never opened */
  ArborPin *pin; /* NULL in memory */
  ArborSource *memory; /* where the value lies when it was computed, else NULL */
  ArborCloseToken *token;
  ArborValue value;
  char **notes; /* or NULL */
};

G_DEFINE_FINAL_TYPE (ArborTree, arbor_tree, G_TYPE_OBJECT)

static void
arbor_tree_finalize (GObject *object)
{
  ArborTree *self = ARBOR_TREE (object);

  g_clear_pointer (&self->pin, arbor_pin_unref);
  g_clear_pointer (&self->memory, arbor_source_unref);
  g_clear_pointer (&self->source, arbor_source_unref);
  g_clear_object (&self->token);
  g_strfreev (self->notes);

  G_OBJECT_CLASS (arbor_tree_parent_class)->finalize (object);
}

enum
{
  PROP_KIND = 1,
};

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_KIND)
    g_value_set_enum (value, arbor_tree_get_kind (ARBOR_TREE (object), NULL, NULL));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
arbor_tree_class_init (ArborTreeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = arbor_tree_finalize;
  object_class->get_property = get_property;

  /**
   * ArborTree:kind:
   *
   * The kind of the tree itself, as [method@Arbor.Tree.get_kind] tells it; missing where that cannot be
   * known, such as when its store is closed. It never changes.
   *
   * Since: 1.0
   */
  g_object_class_install_property (
      object_class, PROP_KIND,
      g_param_spec_enum ("kind", NULL, NULL, ARBOR_TYPE_KIND, ARBOR_KIND_MISSING,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
arbor_tree_init (ArborTree *self)
{
}

void
arbor_tree_take_notes (ArborTree *self, char **notes)
{
  g_strfreev (self->notes);
  self->notes = notes;
}

/**
 * arbor_tree_dup_notes:
 * @self: a tree
 *
 * What a person should know of how the tree was computed: of what [method@Arbor.Arbor.aggregate] gave, a
 * line such as `sum(v): 1 of 3 values were no numbers and were left out` for each aggregate that
 * left out values. Always answers. Any thread may call this.
 *
 * Returns: (transfer full) (array zero-terminated=1): the lines; none of other trees
 *
 * Since: 1.0
 */
char **
arbor_tree_dup_notes (ArborTree *self)
{
  static const char *const none[] = { NULL };

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);

  return g_strdupv (self->notes != NULL ? self->notes : (char **) none);
}

ArborTree *
arbor_tree_new (ArborSource *source, ArborPin *pin, ArborCloseToken *token,
                ArborSource *memory, const ArborValue *value)
{
  ArborTree *self = g_object_new (ARBOR_TYPE_TREE, NULL);

  self->source = arbor_source_ref (source);
  if (pin != NULL)
    self->pin = arbor_pin_ref (pin);
  if (memory != NULL)
    self->memory = arbor_source_ref (memory);
  if (token != NULL)
    self->token = g_object_ref (token);
  self->value = *value;
  return self;
}

ArborTree *
arbor_tree_new_take_batch (ArborSource *source, ArborPin *pin, ArborCloseToken *token,
                           GBytes *batch, GError **error)
{
  ArborValue tree;
  g_autoptr (ArborSource) memory = arbor_source_new_single (batch, &tree, error);

  if (memory == NULL)
    return NULL;
  return source != NULL ? arbor_tree_new (source, pin, token, memory, &tree)
                        : arbor_tree_new (memory, NULL, NULL, NULL, &tree);
}

ArborTree *
arbor_tree_new_closed (ArborSource *source, ArborCloseToken *token)
{
  return arbor_tree_new (source, NULL, token, NULL, &ARBOR_VALUE_MISSING);
}

gboolean
arbor_tree_enter (ArborTree *self, ArborAccess *access, ArborValue *value, GError **error)
{
  if (self->source == NULL)
    {
      arbor_view_set_not_opened_error (error);
      return FALSE;
    }
  if (self->pin == NULL ? !arbor_access_begin_gate (access, self->source, error)
                        : !arbor_access_begin (access, self->source, self->pin, error))
    return FALSE;
  *value = self->value;
  return TRUE;
}

static gboolean
set_not_found (const char *path, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND, _("The tree has nothing at '%s'"),
               path != NULL ? path : "");
  return FALSE;
}

gboolean
arbor_tree_set_wrong_kind (const char *path, const char *expected, const ArborValue *value, GError **error)
{
  if (value->kind == ARBOR_KIND_MISSING)
    return set_not_found (path, error);
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE, _("Expected %s at '%s', found %s"), expected,
               path != NULL ? path : "", arbor_kind_to_string (value->kind));
  return FALSE;
}

ArborTree *
arbor_tree_derive (ArborTree *self, const ArborValue *value, gboolean is_passing,
                   ArborScope *scope, GError **error)
{
  if (!is_passing)
    return arbor_tree_new (self->source, self->pin, self->token, self->memory, value);
  return arbor_tree_new_take_batch (self->source, self->pin, self->token,
                                    arbor_batch_new_of_value (value, scope, error), error);
}

ArborTree *
arbor_tree_join (ArborTree *self, ArborTree *other, GError **error)
{
  g_autoptr (ArborCloseToken) token = arbor_close_token_join (self->token, other->token);
  g_autoptr (ArborView) first = NULL;
  g_autoptr (ArborView) second = NULL;
  g_autoptr (ArborSource) source = NULL;

  if (token == self->token)
    return g_object_ref (self);
  if (token == other->token)
    return g_object_ref (other);
  /* Never read: it stands for the gates of both. */
  first = arbor_view_new_all (arbor_source_ref (self->source));
  second = arbor_view_new_all (arbor_source_ref (other->source));
  source = arbor_concat_new ((ArborView *[]){ first, second }, 2,
                             arbor_close_token_get_gate (token), error);
  return source != NULL ? arbor_tree_new (source, NULL, token, NULL, &ARBOR_VALUE_MISSING) : NULL;
}

/* The value as a tree of its own, inside. */
static ArborTree *
wrap (ArborTree *self, ArborLook *look, GError **error)
{
  return arbor_tree_derive (self, &look->value, look->is_passing, look->scope, error);
}

static ArborTree *
look_wrap (ArborTree *self, ArborLook *look, const char *what, GError **error)
{
  ArborTree *tree = NULL;

  if (look->value.kind == ARBOR_KIND_MISSING)
    set_not_found (what, error);
  else
    tree = wrap (self, look, error);
  arbor_tree_look_end (look, tree != NULL, error);
  return tree;
}

/**
 * arbor_tree_get:
 * @self: a tree
 * @path: a path
 * @error: where to put an error
 *
 * The part of the tree at a path, as a tree of its own.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND when there is nothing, %ARBOR_ERROR_EXPRESSION for a malformed
 * path, %ARBOR_ERROR_CARDINALITY for one with `[*]`, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: (transfer full): the part
 *
 * Since: 1.0
 */
ArborTree *
arbor_tree_get (ArborTree *self, const char *path, GError **error)
{
  ArborLook look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);

  return arbor_tree_look_begin (self, path, &look, error) ? look_wrap (self, &look, path, error) : NULL;
}

/**
 * arbor_tree_get_member:
 * @self: a tree that is an object
 * @key: a key, exactly as it stands in the JSON text; no path
 * @error: where to put an error
 *
 * The value of a key, as a tree of its own.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND when the object has no such key, %ARBOR_ERROR_TYPE when the tree
 * is no object, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: (transfer full): the value
 *
 * Since: 1.0
 */
ArborTree *
arbor_tree_get_member (ArborTree *self, const char *key, GError **error)
{
  ArborValue member;
  ArborLook look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  if (!arbor_tree_look_begin (self, NULL, &look, error))
    return NULL;
  if (look.value.kind != ARBOR_KIND_OBJECT)
    {
      arbor_tree_set_wrong_kind (key, _("an object"), &look.value, error);
      arbor_tree_look_end (&look, FALSE, error);
      return NULL;
    }
  arbor_tree_look_note_step (&look);
  arbor_value_get_member (&look.value, key, strlen (key), look.scope, &member);
  look.value = member;
  return look_wrap (self, &look, key, error);
}

/**
 * arbor_tree_get_element:
 * @self: a tree that is an array
 * @index: a position, from 0; negative ones count from the end
 * @error: where to put an error
 *
 * An element, as a tree of its own.
 *
 * Errors: %ARBOR_ERROR_OUT_OF_RANGE, %ARBOR_ERROR_TYPE when the tree is no array,
 * %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: (transfer full): the element
 *
 * Since: 1.0
 */
ArborTree *
arbor_tree_get_element (ArborTree *self, gint64 index, GError **error)
{
  ArborTree *tree = NULL;
  ArborValue element;
  ArborLook look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);

  if (!arbor_tree_look_begin (self, NULL, &look, error))
    return NULL;
  arbor_tree_look_note_step (&look);
  arbor_value_get_element (&look.value, index, look.scope, &element);
  if (look.value.kind != ARBOR_KIND_ARRAY)
    {
      arbor_tree_set_wrong_kind ("", _("an array"), &look.value, error);
    }
  else if (element.kind == ARBOR_KIND_MISSING)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE,
                   _("Index %" PRId64 " is out of range: the array has %u elements"), index,
                   arbor_value_get_length (&look.value, look.scope));
    }
  else
    {
      look.value = element;
      tree = wrap (self, &look, error);
    }
  arbor_tree_look_end (&look, tree != NULL, error);
  return tree;
}

/**
 * arbor_tree_contains:
 * @self: a tree
 * @path: a path
 * @error: where to put an error
 *
 * Whether there is something at a path. JSON null is something.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION for a malformed path, %ARBOR_ERROR_CARDINALITY for one with
 * `[*]`, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: whether there is a value; %FALSE with @error set on failure
 *
 * Since: 1.0
 */
gboolean
arbor_tree_contains (ArborTree *self, const char *path, GError **error)
{
  ArborLook look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  return arbor_tree_look_begin (self, path, &look, error) && arbor_tree_look_end (&look, TRUE, error) &&
         look.value.kind != ARBOR_KIND_MISSING;
}

/**
 * arbor_tree_get_kind:
 * @self: a tree
 * @path: (nullable): a path
 * @error: where to put an error
 *
 * The kind of the value at a path.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION for a malformed path, %ARBOR_ERROR_CARDINALITY for one with
 * `[*]`, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: the kind; %ARBOR_KIND_MISSING without error where there is nothing
 *
 * Since: 1.0
 */
ArborKind
arbor_tree_get_kind (ArborTree *self, const char *path, GError **error)
{
  ArborLook look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), ARBOR_KIND_MISSING);

  if (!arbor_tree_look_begin (self, path, &look, error) || !arbor_tree_look_end (&look, TRUE, error))
    return ARBOR_KIND_MISSING;
  return look.value.kind;
}

/**
 * arbor_tree_get_length:
 * @self: a tree
 * @path: (nullable): a path
 * @error: where to put an error
 *
 * How many elements the array, or how many keys the object, at a path has.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_TYPE when it is neither, %ARBOR_ERROR_EXPRESSION,
 * %ARBOR_ERROR_CARDINALITY, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: the length; 0 with @error set on failure
 *
 * Since: 1.0
 */
guint64
arbor_tree_get_length (ArborTree *self, const char *path, GError **error)
{
  gboolean is_good;
  guint64 length;
  ArborLook look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), 0);

  if (!arbor_tree_look_begin (self, path, &look, error))
    return 0;
  is_good = look.value.kind >= ARBOR_KIND_ARRAY ||
            arbor_tree_set_wrong_kind (path, _("an array or object"), &look.value, error);
  length = arbor_value_get_length (&look.value, look.scope);
  return arbor_tree_look_end (&look, is_good, error) ? length : 0;
}

static gboolean
set_nul_in_key (const char *path, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE,
               _("A key of the object at '%s' holds U+0000; get its JSON text instead"),
               path != NULL ? path : "");
  return FALSE;
}

/**
 * arbor_tree_dup_keys:
 * @self: a tree
 * @path: (nullable): a path
 * @error: where to put an error
 *
 * The keys of the object at a path, in their order.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_TYPE when it is no object, or has a key that holds
 * U+0000 and so needs [method@Arbor.Tree.to_json], %ARBOR_ERROR_EXPRESSION,
 * %ARBOR_ERROR_CARDINALITY, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: (transfer full): the keys
 *
 * Since: 1.0
 */
char **
arbor_tree_dup_keys (ArborTree *self, const char *path, GError **error)
{
  g_autoptr (GStrvBuilder) keys = g_strv_builder_new ();
  gboolean is_good;
  ArborLook look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);

  if (!arbor_tree_look_begin (self, path, &look, error))
    return NULL;
  is_good = look.value.kind == ARBOR_KIND_OBJECT ||
            arbor_tree_set_wrong_kind (path, _("an object"), &look.value, error);
  if (is_good)
    {
      ArborValueIter iter;
      ArborValue member;
      const char *key;
      guint32 length;

      arbor_value_iter_init (&iter, &look.value, look.scope);
      while (is_good && arbor_value_iter_next (&iter, &key, &length, &member))
        {
          g_autofree char *copy = g_strndup (key, length);

          is_good = memchr (key, 0, length) == NULL || set_nul_in_key (path, error);
          g_strv_builder_add (keys, copy);
        }
    }
  return arbor_tree_look_end (&look, is_good, error) ? g_strv_builder_end (keys) : NULL;
}

/**
 * arbor_tree_to_json:
 * @self: a tree
 * @error: where to put an error
 *
 * The tree as JSON text: compact, keys in their order.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
arbor_tree_to_json (ArborTree *self, GError **error)
{
  g_autofree char *text = NULL;
  ArborLook look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);

  if (!arbor_tree_look_begin (self, NULL, &look, error))
    return NULL;
  text = arbor_tree_look_to_json (&look);
  return arbor_tree_look_end (&look, TRUE, error) ? g_steal_pointer (&text) : NULL;
}

/**
 * arbor_tree_to_variant:
 * @self: a tree
 * @error: where to put an error
 *
 * The tree as a [struct@GLib.Variant]: objects are `a{sv}`, arrays `av`, integers `x` or `t`,
 * doubles `d`, strings `s`, null an empty `mv`, and numbers that none of these holds `s` with their
 * text.
 *
 * Errors: %ARBOR_ERROR_LIMIT past 40 levels of nesting, %ARBOR_ERROR_NOT_SUPPORTED for U+0000,
 * %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: (transfer full): the variant, not floating
 *
 * Since: 1.0
 */
GVariant *
arbor_tree_to_variant (ArborTree *self, GError **error)
{
  g_autoptr (GVariant) variant = NULL;
  ArborLook look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);

  if (!arbor_tree_look_begin (self, NULL, &look, error))
    return NULL;
  variant = arbor_variant_from_value (&look.value, look.scope, error);
  return arbor_tree_look_end (&look, variant != NULL, error) ? g_steal_pointer (&variant) : NULL;
}

/**
 * arbor_tree_is_closed:
 * @self: a tree
 *
 * Whether the store that the tree was read from has been closed. Any thread may call this, at any
 * time.
 *
 * Returns: whether it is closed
 *
 * Since: 1.0
 */
gboolean
arbor_tree_is_closed (ArborTree *self)
{
  g_return_val_if_fail (ARBOR_IS_TREE (self), TRUE);

  if (self->source == NULL)
    return TRUE;
  return self->token != NULL && arbor_close_token_is_closed (self->token);
}

/**
 * arbor_tree_dup_close_token:
 * @self: a tree
 *
 * The close token of the store that the tree was read from. Any thread may call this, at any time.
 *
 * Returns: (transfer full) (nullable): the token; %NULL for a tree in memory
 *
 * Since: 1.0
 */
ArborCloseToken *
arbor_tree_dup_close_token (ArborTree *self)
{
  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);

  return self->token != NULL ? g_object_ref (self->token) : NULL;
}
