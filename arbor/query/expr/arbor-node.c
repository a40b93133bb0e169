/* Making, sharing and comparing nodes. See arbor-node.h. */

#include "query/expr/arbor-node.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "base/arbor-error.h"
#include "base/arbor-number.h"
#include "query/expr/arbor-function.h"

static ArborNode *
node_new (ArborNodeKind kind)
{
  ArborNode *self = g_new0 (ArborNode, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->kind = kind;
  self->depth = 1;
  self->n_nodes = 1;
  return self;
}

ArborNode *
arbor_node_ref (ArborNode *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/* Nodes to free are queued: a call may be as deep as ARBOR_NODE_MAX_DEPTH. */
void
arbor_node_unref (ArborNode *self)
{
  g_autoptr (GPtrArray) dead = NULL;

  while (self != NULL)
    {
      if (g_atomic_ref_count_dec (&self->ref_count))
        {
          if (self->n_arguments > 0 && dead == NULL)
            dead = g_ptr_array_new ();
          for (guint i = 0; i < self->n_arguments; i++)
            g_ptr_array_add (dead, self->arguments[i]);

          if (self->prepared != NULL)
            self->function->free_prepared (self->prepared);
          g_free (self->arguments);
          g_clear_pointer (&self->path, arbor_path_free);
          g_clear_pointer (&self->json, g_bytes_unref);
          if (self->tape_owner != NULL)
            arbor_tape_writer_free (self->tape_owner);
          g_free (self);
        }

      self = dead != NULL && dead->len > 0 ? g_ptr_array_steal_index_fast (dead, dead->len - 1)
                                           : NULL;
    }
}

static guint32
mix (guint32 hash, guint32 more)
{
  hash = (hash ^ more) * 0x9E3779B1u;
  return hash ^ (hash >> 15);
}

ArborNode *
arbor_node_new_path (const char *path, GError **error)
{
  ArborPath *parsed = arbor_path_parse (path, error);

  return parsed != NULL ? arbor_node_new_path_take (parsed) : NULL;
}

ArborNode *
arbor_node_new_path_take (ArborPath *path)
{
  ArborNode *self = node_new (ARBOR_NODE_PATH);
  g_autofree char *text = arbor_path_to_string (path);

  self->path = path;
  self->is_vector = path->is_vector;
  self->hash = mix (ARBOR_NODE_PATH, g_str_hash (text));
  return self;
}

ArborNode *
arbor_node_new_element (const char *path, GError **error)
{
  ArborPath *parsed = arbor_path_parse (path, error);

  return parsed != NULL ? arbor_node_new_element_take (parsed) : NULL;
}

ArborNode *
arbor_node_new_element_take (ArborPath *path)
{
  ArborNode *self = arbor_node_new_path_take (path);

  self->kind = ARBOR_NODE_ELEMENT;
  self->has_element = TRUE;
  self->hash = mix (self->hash, ARBOR_NODE_ELEMENT);
  return self;
}

/* Finishes the tape in @writer and makes it the node's own. */
static ArborNode *
new_literal_take (ArborTapeWriter *writer)
{
  ArborNode *self = node_new (ARBOR_NODE_LITERAL);
  ArborBuffer text = { 0 };

  self->tape_owner = writer;
  arbor_tape_writer_finish (writer, &self->tape);
  arbor_tape_get_value (&self->tape, ARBOR_TAPE_ROOT, &self->literal);
  arbor_tape_write_json (&self->tape, ARBOR_TAPE_ROOT, &text);
  self->json = g_bytes_new_take (text.data, text.length);
  self->hash = mix (ARBOR_NODE_LITERAL, g_bytes_hash (self->json));
  return self;
}

ArborNode *
arbor_node_new_literal (const ArborValue *scalar)
{
  ArborTapeWriter *writer = arbor_tape_writer_new ();
  ArborValue value = *scalar;

  g_assert (value.kind != ARBOR_KIND_MISSING && value.kind < ARBOR_KIND_ARRAY);
  g_assert (value.kind != ARBOR_KIND_DOUBLE || isfinite (value.real));

  /* The kind that its text reads back as. */
  if (value.kind == ARBOR_KIND_UINT64 && value.uint64 <= G_MAXINT64)
    value = ARBOR_VALUE_INT64 ((gint64) value.uint64);
  else if (value.kind == ARBOR_KIND_NUMBER)
    arbor_number_parse (scalar->text, scalar->length, &value);

  arbor_tape_writer_scalar (writer, &value);
  return new_literal_take (writer);
}

ArborNode *
arbor_node_new_literal_part (const ArborNode *literal, guint32 index)
{
  ArborTapeWriter *writer = arbor_tape_writer_new ();

  arbor_tape_writer_copy (writer, &literal->tape, index);
  return new_literal_take (writer);
}

ArborNode *
arbor_node_new_literal_at (const char *json, gsize length, gsize *error_offset,
                           const char **reason)
{
  g_autoptr (ArborParser) parser = arbor_parser_new ();
  g_autofree char *padded = g_malloc0 (length + ARBOR_PARSER_PADDING);
  ArborTapeWriter *writer;
  ArborTape tape;

  memcpy (padded, json, length);
  if (!arbor_parser_parse (parser, padded, length, &tape, error_offset, reason))
    return NULL;

  writer = arbor_tape_writer_new ();
  arbor_tape_writer_copy (writer, &tape, ARBOR_TAPE_ROOT);
  return new_literal_take (writer);
}

ArborNode *
arbor_node_new_literal_json (const char *json, gsize length, GError **error)
{
  gsize offset;
  const char *reason;
  ArborNode *self = arbor_node_new_literal_at (json, length, &offset, &reason);

  if (self == NULL)
    g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                 _("A literal must be JSON: %s at position %zu (bytes from 0)"),
                 reason, offset);
  return self;
}

static gboolean
check_arity (const ArborFunction *function, guint n, GError **error)
{
  guint min = function->min_arguments;
  guint max = function->max_arguments;

  if (n >= min && (n <= max || max == ARBOR_ANY_NUMBER) &&
      (function->syntax != ARBOR_SYNTAX_CHOICE || n % 2 == 1))
    return TRUE;

  if (function->syntax == ARBOR_SYNTAX_CHOICE)
    g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                 _("'%s' takes pairs of a condition and a value, and one value for otherwise; "
                   "found %u arguments"),
                 function->name, n);
  else if (max == ARBOR_ANY_NUMBER)
    g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                 g_dngettext (GETTEXT_PACKAGE, "'%s' takes at least %u argument, found %u",
                              "'%s' takes at least %u arguments, found %u", min),
                 function->name, min, n);
  else if (min == max)
    g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                 g_dngettext (GETTEXT_PACKAGE, "'%s' takes %u argument, found %u",
                              "'%s' takes %u arguments, found %u", min),
                 function->name, min, n);
  else
    g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                 _("'%s' takes %u to %u arguments, found %u"), function->name, min, max, n);
  return FALSE;
}

gboolean
arbor_node_check_whole (const ArborNode *self, GError **error)
{
  g_autofree char *text = NULL;

  if (!self->has_element)
    return TRUE;

  text = arbor_node_to_string (self);
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
               _("'@' stands only inside functions that walk an array, found '%s'"), text);
  return FALSE;
}

static gboolean
check_single (const ArborNode *self, GError **error)
{
  g_autofree char *text = NULL;

  if (!self->is_vector)
    return TRUE;

  text = arbor_node_to_string (self);
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
               _("One value is needed for each tree, but '%s' has several: reduce it with any(), "
                 "all(), count() or len()"),
               text);
  return FALSE;
}

gboolean
arbor_node_check_row (const ArborNode *self, GError **error)
{
  if (self->counts_trees)
    {
      g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                           _("count() counts the trees of a group; for one tree it needs what to "
                             "count, as in count(tags)"));
      return FALSE;
    }
  return arbor_node_check_whole (self, error);
}

gboolean
arbor_node_check_scalar (const ArborNode *self, GError **error)
{
  return check_single (self, error) && arbor_node_check_row (self, error);
}

gboolean
arbor_node_check_condition (const ArborNode *self, GError **error)
{
  if (!self->is_vector)
    return arbor_node_check_row (self, error);
  g_set_error_literal (
      error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
      _("A condition must give one value for each tree, and this one gives several: reduce "
        "it with any(), all(), count(), ..."));
  return FALSE;
}

/* Decides whether the result is a vector; an error where an argument must not be one. */
static gboolean
check_vectors (const ArborFunction *function, ArborNode **arguments, guint n, gboolean *is_vector,
               GError **error)
{
  *is_vector = function->spreads;
  for (guint i = 0; i < n; i++)
    {
      if (!arguments[i]->is_vector)
        continue;
      if (i > 0 && function->vectors != ARBOR_VECTORS_MAP)
        return check_single (arguments[i], error);
      if (function->vectors != ARBOR_VECTORS_REDUCE)
        *is_vector = TRUE;
    }
  return TRUE;
}

static ArborNode *
make_call (const ArborFunction *function, ArborNode **arguments, guint n, gboolean is_vector)
{
  ArborNode *self = node_new (ARBOR_NODE_CALL);

  self->function = function;
  self->is_vector = is_vector;
  self->arguments = g_new (ArborNode *, n);
  self->n_arguments = n;
  self->hash = mix (ARBOR_NODE_CALL, g_str_hash (function->name));
  self->counts_trees = n == 0 && function->aggregate == ARBOR_AGGREGATE_COUNT;
  for (guint i = 0; i < n; i++)
    {
      self->arguments[i] = arbor_node_ref (arguments[i]);
      self->depth = MAX (self->depth, arguments[i]->depth + 1);
      self->n_nodes = MIN ((guint64) self->n_nodes + arguments[i]->n_nodes, G_MAXUINT32);
      self->hash = mix (self->hash, arguments[i]->hash);
      self->counts_trees |= arguments[i]->counts_trees;
      self->has_element |= arguments[i]->has_element && !(function->walks && i == 1);
    }
  return self;
}

ArborNode *
arbor_node_new_call_of (const ArborFunction *function, ArborNode **arguments, guint n,
                        GError **error)
{
  ArborNode *self;
  gboolean is_vector;

  if (!check_arity (function, n, error) ||
      !check_vectors (function, arguments, n, &is_vector, error))
    return NULL;

  self = make_call (function, arguments, n, is_vector);
  if (self->depth <= ARBOR_NODE_MAX_DEPTH && self->n_nodes <= ARBOR_NODE_MAX_NODES)
    {
      if (function->prepare == NULL || function->prepare (self, error))
        return self;
    }
  else if (self->depth > ARBOR_NODE_MAX_DEPTH)
    g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                 _("The expression is nested deeper than %d levels: split it"),
                 ARBOR_NODE_MAX_DEPTH);
  else
    g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                 _("The expression has more than %d parts: split it"), ARBOR_NODE_MAX_NODES);
  arbor_node_unref (self);
  return NULL;
}

ArborNode *
arbor_node_new_field (ArborNode *value, gboolean of_object)
{
  ArborNode *self;

  if (value->kind == ARBOR_NODE_LITERAL && !of_object)
    return arbor_node_ref (value);
  if (value->kind == ARBOR_NODE_CALL)
    self = arbor_node_new_call_of (value->function, value->arguments, value->n_arguments, NULL);
  else
    self = arbor_node_new_call_of (arbor_function_find ("coalesce"), &value, 1, NULL);
  if (self != NULL)
    self->field = ARBOR_NODE_FIELD | (of_object ? ARBOR_NODE_FIELD_OF_OBJECT : 0);
  return self;
}

ArborNode *
arbor_node_new_call (const char *name, ArborNode **arguments, guint n, GError **error)
{
  const ArborFunction *function = arbor_function_find (name);
  g_autoptr (GPtrArray) flat = NULL;

  if (function == NULL)
    {
      const char *near = arbor_function_find_near (name, strlen (name));

      if (near != NULL)
        g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                     _("Unknown function '%s'; there is '%s'"), name, near);
      else
        g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION, _("Unknown function '%s'"), name);
      return NULL;
    }
  if (!function->is_flat)
    return arbor_node_new_call_of (function, arguments, n, error);

  if (!check_arity (function, n, error))
    return NULL;
  flat = g_ptr_array_new ();
  for (guint i = 0; i < n; i++)
    {
      if (arguments[i]->function != function)
        g_ptr_array_add (flat, arguments[i]);
      for (guint j = 0; arguments[i]->function == function && j < arguments[i]->n_arguments; j++)
        g_ptr_array_add (flat, arguments[i]->arguments[j]);
    }
  return arbor_node_new_call_of (function, (ArborNode **) flat->pdata, flat->len, error);
}

static gboolean
equal_shallow (const ArborNode *a, const ArborNode *b)
{
  if (a->kind != b->kind || a->hash != b->hash || a->n_arguments != b->n_arguments)
    return FALSE;

  switch ((ArborNodeKind) a->kind)
    {
    case ARBOR_NODE_PATH:
    case ARBOR_NODE_ELEMENT:
      return arbor_path_equal (a->path, b->path);
    case ARBOR_NODE_LITERAL:
      return g_bytes_equal (a->json, b->json);
    default:
      return a->function == b->function;
    }
}

gboolean
arbor_node_equal (const ArborNode *a, const ArborNode *b)
{
  g_autoptr (GPtrArray) pairs = NULL;

  for (;;)
    {
      if (a != b)
        {
          if (!equal_shallow (a, b))
            return FALSE;

          if (a->n_arguments > 0 && pairs == NULL)
            pairs = g_ptr_array_new ();
          for (guint i = 0; i < a->n_arguments; i++)
            {
              g_ptr_array_add (pairs, a->arguments[i]);
              g_ptr_array_add (pairs, b->arguments[i]);
            }
        }

      if (pairs == NULL || pairs->len == 0)
        return TRUE;
      b = g_ptr_array_steal_index_fast (pairs, pairs->len - 1);
      a = g_ptr_array_steal_index_fast (pairs, pairs->len - 1);
    }
}

guint
arbor_node_hash (const ArborNode *self)
{
  return self->hash;
}

const ArborPath *
arbor_node_get_key_path (const ArborNode *self)
{
  if (self == NULL || self->kind != ARBOR_NODE_PATH)
    return NULL;
  for (guint i = 0; i < self->path->n_steps; i++)
    if (self->path->steps[i].kind != ARBOR_STEP_KEY)
      return NULL;
  return self->path;
}
