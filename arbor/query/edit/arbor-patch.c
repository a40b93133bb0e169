/* JSON Patch. See arbor-patch.h. An operation is read into strings and a value, its pointers are
 * resolved to places, then it edits. A pointer is walked in its escaped text, token by token;
 * unescaped tokens lie in the scope, as they may become keys of the tree.
 */

#include "query/edit/arbor-patch.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "base/arbor-stop.h"
#include "batch/arbor-value-access.h"

typedef struct
{
  ArborEdit *edit;
  ArborScope *scope;
  guint32 index;       /* of the operation */
  ArborValue op;       /* STRING */
  ArborValue path;     /* STRING */
  ArborValue from;     /* STRING or MISSING */
  ArborValue value;    /* or MISSING */
} Operation;

typedef gboolean (*OperationFunc) (Operation *self, GError **error);

/* "Operation 3 (add): ..." before what is said already. */
static gboolean
fail (Operation *self, GError **error)
{
  if (self->op.kind == ARBOR_KIND_STRING)
    g_prefix_error (error, _ ("Operation %u (%.*s): "), self->index, (int)MIN (self->op.length, 20),
                    self->op.text);
  else
    g_prefix_error (error, _ ("Operation %u: "), self->index);
  return FALSE;
}

static gboolean
set_pointer_error (ArborError code, const char *message, const ArborValue *pointer, guint32 length,
                   GError **error)
{
  g_autofree char *text = g_utf8_make_valid (pointer->text, length);

  g_set_error (error, ARBOR_ERROR, code, message, text);
  return FALSE;
}

/* The token at *@at, behind its slash, unescaped; *@at goes behind it. FALSE for a bad escape. */
static gboolean
read_token (const ArborValue *pointer, guint32 *at, ArborScope *scope, const char **token,
            guint32 *length)
{
  guint32 end = *at, n = 0;
  char *copy;

  while (end < pointer->length && pointer->text[end] != '/')
    end++;
  copy = arbor_scope_alloc (scope, (gsize)(end - *at) + 1);
  for (guint32 i = *at; i < end; i++)
    {
      char c = pointer->text[i];

      if (c == '~' && (i + 1 == end || (pointer->text[i + 1] != '0' && pointer->text[i + 1] != '1')))
        return FALSE;
      if (c == '~')
        c = pointer->text[++i] == '0' ? '~' : '/';
      copy[n++] = c;
    }
  *at = end;
  *token = copy;
  *length = n;
  return TRUE;
}

static gboolean
check_pointer (const ArborValue *pointer, GError **error)
{
  if (pointer->length > 0 && pointer->text[0] != '/')
    return set_pointer_error (ARBOR_ERROR_INVALID_ARGUMENT,
                              _ ("A JSON Pointer is empty or begins with '/', found '%s'"), pointer,
                              pointer->length, error);
  for (guint32 i = 0; i < pointer->length; i++)
    if (pointer->text[i] == '~' &&
        (i + 1 == pointer->length || (pointer->text[i + 1] != '0' && pointer->text[i + 1] != '1')))
      return set_pointer_error (ARBOR_ERROR_INVALID_ARGUMENT,
                                _ ("In a JSON Pointer, '~' is written ~0 and '/' ~1, found '%s'"),
                                pointer, pointer->length, error);
  return TRUE;
}

/* FALSE unless the token is an index: digits without leading zeros. Beyond 32 bits it is as large
 * as can be. */
static gboolean
read_index (const char *token, guint32 length, guint32 *index)
{
  guint64 number = 0;

  if (length == 0 || (token[0] == '0' && length > 1))
    return FALSE;
  for (guint32 i = 0; i < length; i++)
    {
      if (token[i] < '0' || token[i] > '9')
        return FALSE;
      number = MIN (number * 10 + (guint64)(token[i] - '0'), G_MAXUINT32);
    }
  *index = (guint32)number;
  return TRUE;
}

/* The place that a token of @pointer, which ends at @end, leads to from @node. */
static gboolean
find_place (Operation *self, ArborEditNode *node, const ArborValue *pointer, guint32 end,
            const char *token, guint32 length, ArborEditPlace *place, GError **error)
{
  ArborKind kind = arbor_edit_get_kind (node);

  *place = (ArborEditPlace){ .parent = node, .key = token, .length = length };
  if (kind == ARBOR_KIND_OBJECT)
    return TRUE;
  if (kind != ARBOR_KIND_ARRAY)
    return set_pointer_error (ARBOR_ERROR_TYPE,
                              _ ("There is nothing at '%s': what is above is no object or array"),
                              pointer, end, error);
  if (length == 1 && token[0] == '-')
    {
      place->index = arbor_edit_get_length (self->edit, node);
      return TRUE;
    }
  if (!read_index (token, length, &place->index))
    return set_pointer_error (ARBOR_ERROR_INVALID_ARGUMENT,
                              _ ("'%s' leads into an array, which takes an index or '-'"), pointer,
                              end, error);
  return place->index <= arbor_edit_get_length (self->edit, node) ||
         set_pointer_error (ARBOR_ERROR_OUT_OF_RANGE, _ ("'%s' is beyond the end of its array"),
                            pointer, end, error);
}

/* The place of @pointer. Everything above it must be there, and it too unless @may_be_new. */
static gboolean
resolve (Operation *self, const ArborValue *pointer, gboolean may_be_new, ArborEditPlace *place,
         GError **error)
{
  const char *missing = _ ("There is nothing at '%s'");
  guint32 at = 0;

  *place = (ArborEditPlace){ 0 };
  while (at < pointer->length)
    {
      ArborEditNode *node = arbor_edit_get (self->edit, place);
      const char *token = NULL;
      guint32 length = 0;

      if (node == NULL)
        return set_pointer_error (ARBOR_ERROR_NOT_FOUND, missing, pointer, at, error);
      at++;
      if (!read_token (pointer, &at, self->scope, &token, &length))
        g_assert_not_reached (); /* tested by check_pointer */
      if (!find_place (self, node, pointer, at, token, length, place, error))
        return FALSE;
    }
  if (may_be_new || arbor_edit_get (self->edit, place) != NULL)
    return TRUE;
  return set_pointer_error (ARBOR_ERROR_NOT_FOUND, missing, pointer, at, error);
}

static gboolean
need_value (Operation *self, GError **error)
{
  if (self->value.kind != ARBOR_KIND_MISSING)
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT, _ ("Expected a member '%s'"),
               "value");
  return FALSE;
}

static gboolean
do_add (Operation *self, GError **error)
{
  ArborEditPlace place;

  if (!need_value (self, error) || !resolve (self, &self->path, TRUE, &place, error))
    return FALSE;
  arbor_edit_insert (self->edit, &place, arbor_edit_new_node (self->edit, &self->value));
  return TRUE;
}

static gboolean
do_replace (Operation *self, GError **error)
{
  ArborEditPlace place;

  if (!need_value (self, error) || !resolve (self, &self->path, FALSE, &place, error))
    return FALSE;
  arbor_edit_put (self->edit, &place, arbor_edit_new_node (self->edit, &self->value));
  return TRUE;
}

static gboolean
do_remove (Operation *self, GError **error)
{
  ArborEditPlace place;

  if (!resolve (self, &self->path, FALSE, &place, error))
    return FALSE;
  if (place.parent != NULL)
    {
      arbor_edit_take (self->edit, &place);
      return TRUE;
    }
  g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                       _ ("The empty path is the whole tree, which cannot be removed"));
  return FALSE;
}

static gboolean
do_copy (Operation *self, GError **error)
{
  ArborEditPlace from, place;
  ArborEditNode *copy;

  if (!resolve (self, &self->from, FALSE, &from, error) ||
      !resolve (self, &self->path, TRUE, &place, error))
    return FALSE;
  copy = arbor_edit_copy (self->edit, arbor_edit_get (self->edit, &from), error);
  if (copy == NULL)
    return FALSE;
  arbor_edit_insert (self->edit, &place, copy);
  return TRUE;
}

static gboolean
do_move (Operation *self, GError **error)
{
  const ArborValue *from = &self->from, *path = &self->path;
  ArborEditPlace source, place;
  ArborEditNode *node;

  if (!resolve (self, from, FALSE, &source, error))
    return FALSE;
  if (path->length >= from->length &&
      (from->length == 0 || memcmp (path->text, from->text, from->length) == 0))
    {
      if (path->length == from->length)
        return TRUE;
      if (path->text[from->length] == '/')
        return set_pointer_error (ARBOR_ERROR_INVALID_ARGUMENT,
                                  _ ("Nothing can be moved into itself, here '%s'"), from,
                                  from->length, error);
    }
  /* The root was excluded above: every path begins with it. */
  node = arbor_edit_take (self->edit, &source);
  if (!resolve (self, path, TRUE, &place, error))
    return FALSE;
  arbor_edit_insert (self->edit, &place, node);
  return TRUE;
}

static gboolean
do_test (Operation *self, GError **error)
{
  ArborScopeMark mark;
  ArborEditPlace place;
  ArborValue found;
  gboolean is_equal;

  if (!need_value (self, error) || !resolve (self, &self->path, FALSE, &place, error))
    return FALSE;
  mark = arbor_scope_mark (self->scope);
  arbor_edit_freeze (self->edit, arbor_edit_get (self->edit, &place), &found);
  is_equal = arbor_value_equal (&found, &self->value, self->scope);
  arbor_scope_release (self->scope, mark);
  return is_equal || set_pointer_error (ARBOR_ERROR_TEST_FAILED,
                                        _ ("What is at '%s' does not equal the given value"),
                                        &self->path, self->path.length, error);
}

static const struct
{
  const char *name;
  OperationFunc func;
  gboolean has_from;
} operations[] = {
  { "add", do_add, FALSE },   { "remove", do_remove, FALSE }, { "replace", do_replace, FALSE },
  { "move", do_move, TRUE },  { "copy", do_copy, TRUE },      { "test", do_test, FALSE },
};

/* The string member @key of the operation. */
static gboolean
read_string (const ArborValue *object, const char *key, ArborScope *scope, ArborValue *string,
             GError **error)
{
  arbor_value_get_member (object, key, strlen (key), scope, string);
  if (string->kind == ARBOR_KIND_STRING)
    return TRUE;
  if (string->kind == ARBOR_KIND_MISSING)
    g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT, _ ("Expected a member '%s'"),
                 key);
  else
    g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                 _ ("Expected a string in '%s', found %s"), key,
                 arbor_kind_to_string (string->kind));
  string->kind = ARBOR_KIND_MISSING;
  return FALSE;
}

static gboolean
run_operation (Operation *self, const ArborValue *object, GError **error)
{
  guint i = 0;

  if (object->kind != ARBOR_KIND_OBJECT)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                   _ ("Expected an object, found %s"), arbor_kind_to_string (object->kind));
      return FALSE;
    }
  if (!read_string (object, "op", self->scope, &self->op, error))
    return FALSE;
  while (i < G_N_ELEMENTS (operations) &&
         (strlen (operations[i].name) != self->op.length ||
          memcmp (operations[i].name, self->op.text, self->op.length) != 0))
    i++;
  if (i == G_N_ELEMENTS (operations))
    {
      set_pointer_error (ARBOR_ERROR_INVALID_ARGUMENT,
                         _ ("Expected add, remove, replace, move, copy or test, found '%s'"),
                         &self->op, self->op.length, error);
      self->op.kind = ARBOR_KIND_MISSING;
      return FALSE;
    }
  if (!read_string (object, "path", self->scope, &self->path, error) ||
      !check_pointer (&self->path, error))
    return FALSE;
  if (operations[i].has_from && (!read_string (object, "from", self->scope, &self->from, error) ||
                                 !check_pointer (&self->from, error)))
    return FALSE;
  arbor_value_get_member (object, "value", strlen ("value"), self->scope, &self->value);
  return operations[i].func (self, error);
}

gboolean
arbor_patch_apply (ArborEdit *edit, const ArborValue *patch, ArborScope *scope, GError **error)
{
  ArborValueIter iter;
  ArborValue object;

  if (patch->kind != ARBOR_KIND_ARRAY)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                   _ ("Expected a JSON Patch, which is an array of operations, found %s"),
                   arbor_kind_to_string (patch->kind));
      return FALSE;
    }
  arbor_value_iter_init (&iter, patch, scope);
  for (guint32 i = 0; arbor_value_iter_next (&iter, NULL, NULL, &object); i++)
    {
      Operation operation = { .edit = edit, .scope = scope, .index = i };

      /* Each may move all the elements of a long array. */
      if (!arbor_stop_check (NULL, error))
        return FALSE;
      if (!run_operation (&operation, &object, error))
        return fail (&operation, error);
    }
  return TRUE;
}
