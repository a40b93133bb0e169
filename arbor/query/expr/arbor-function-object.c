/* Functions of objects. The order of keys is kept; a result has its members in a list (pairs of key
 * and value), each key once. What is no object gives null.
 */

#include "query/expr/arbor-function-private.h"

#include "batch/arbor-value-access.h"

static gboolean
has_name (const ArborValue *key, const ArborValue *name)
{
  return key->length == name->length &&
         (name->length == 0 || memcmp (key->text, name->text, name->length) == 0);
}

/* The index of the member; @n: there is none. */
static guint32
find_member (const ArborValue *members, guint32 n, const ArborValue *name)
{
  guint32 i = 0;

  while (i < n && !has_name (&members[(gsize)i * 2], name))
    i++;
  return i;
}

static guint32
remove_member (ArborValue *members, guint32 n, guint32 i)
{
  memmove (&members[(gsize)i * 2], &members[(gsize)i * 2 + 2],
           (gsize)(n - i - 1) * 2 * sizeof (ArborValue));
  return n - 1;
}

/* Every second value of the members. */
static void
take_half (const ArborValue *object, guint offset, ArborScope *scope, ArborValue *result)
{
  ArborValue *members;
  guint32 n;

  *result = ARBOR_VALUE_NULL;
  if (object->kind != ARBOR_KIND_OBJECT)
    return;
  members = arbor_function_read_members (object, scope, 0, &n);
  if (members == NULL)
    return;
  for (gsize i = 0; i < n; i++)
    members[i] = members[i * 2 + offset];
  arbor_function_set_list (members, n, result);
}

ARBOR_FUNCTION (keys)
{
  take_half (arguments, 0, scope, result);
}

ARBOR_FUNCTION (values)
{
  take_half (arguments, 1, scope, result);
}

ARBOR_FUNCTION (field)
{
  if (arguments[0].kind != ARBOR_KIND_OBJECT || arguments[1].kind != ARBOR_KIND_STRING)
    *result = ARBOR_VALUE_NULL;
  else
    arbor_value_get_member (&arguments[0], arguments[1].text, arguments[1].length, scope, result);
}

ARBOR_FUNCTION (has_key)
{
  ArborValue member;

  *result = ARBOR_VALUE_NULL;
  if (arguments[0].kind != ARBOR_KIND_OBJECT || arguments[1].kind != ARBOR_KIND_STRING)
    return;
  arbor_value_get_member (&arguments[0], arguments[1].text, arguments[1].length, scope, &member);
  *result = ARBOR_VALUE_BOOL (member.kind != ARBOR_KIND_MISSING);
}

/* At the place of the old value, or last; a missing value takes the field away. */
ARBOR_FUNCTION (with_field)
{
  ArborValue *members;
  guint32 n, i;

  *result = ARBOR_VALUE_NULL;
  if (arguments[0].kind != ARBOR_KIND_OBJECT || arguments[1].kind != ARBOR_KIND_STRING)
    return;
  members = arbor_function_read_members (arguments, scope, 1, &n);
  if (members == NULL)
    return;

  i = find_member (members, n, &arguments[1]);
  if (arguments[2].kind != ARBOR_KIND_MISSING)
    {
      members[(gsize)i * 2] = arguments[1];
      members[(gsize)i * 2 + 1] = arguments[2];
      n += i == n;
    }
  else if (i < n)
    {
      n = remove_member (members, n, i);
    }
  arbor_function_set_object (members, n, result);
}

ARBOR_FUNCTION (without)
{
  ArborValue *members;
  guint32 n;

  *result = ARBOR_VALUE_NULL;
  if (arguments[0].kind != ARBOR_KIND_OBJECT)
    return;
  members = arbor_function_read_members (arguments, scope, 0, &n);
  if (members == NULL)
    return;

  for (guint argument = 1; argument < call->n_arguments; argument++)
    {
      guint32 i;

      if (arguments[argument].kind != ARBOR_KIND_STRING)
        return;
      i = find_member (members, n, &arguments[argument]);
      if (i < n)
        n = remove_member (members, n, i);
    }
  arbor_function_set_object (members, n, result);
}

/* In its place; another field of the new name goes. */
ARBOR_FUNCTION (rename)
{
  ArborValue *members;
  guint32 n, i, other;

  *result = ARBOR_VALUE_NULL;
  if (arguments[0].kind != ARBOR_KIND_OBJECT || arguments[1].kind != ARBOR_KIND_STRING ||
      arguments[2].kind != ARBOR_KIND_STRING)
    return;
  members = arbor_function_read_members (arguments, scope, 0, &n);
  if (members == NULL)
    return;

  i = find_member (members, n, &arguments[1]);
  other = find_member (members, n, &arguments[2]);
  if (i < n)
    members[(gsize)i * 2] = arguments[2];
  if (i < n && other < n && other != i)
    n = remove_member (members, n, other);
  arbor_function_set_object (members, n, result);
}

ARBOR_FUNCTION (entries)
{
  ArborValue *members, *list, *pairs;
  guint32 n;

  *result = ARBOR_VALUE_NULL;
  if (arguments->kind != ARBOR_KIND_OBJECT)
    return;
  members = arbor_function_read_members (arguments, scope, 0, &n);
  list = arbor_function_new_list (scope, n);
  pairs = arbor_function_new_list (scope, (gsize)n * 4);
  if (members == NULL || list == NULL || pairs == NULL)
    return;

  for (gsize i = 0; i < n; i++)
    {
      ArborValue *pair = &pairs[i * 4];

      pair[0] = ARBOR_VALUE_STRING ("key", 3);
      pair[1] = members[i * 2];
      pair[2] = ARBOR_VALUE_STRING ("value", 5);
      pair[3] = members[i * 2 + 1];
      arbor_function_set_object (pair, 2, &list[i]);
    }
  arbor_function_set_list (list, n, result);
}

/* Keys already taken are found by an open hash table of indices. */
static guint32 *
find_slot (guint32 *slots, guint32 n_slots, const ArborValue *members, const ArborValue *key,
           ArborScope *scope)
{
  guint32 slot = (guint32)arbor_value_hash (key, scope) & (n_slots - 1);

  while (slots[slot] != 0 && !has_name (&members[(gsize)(slots[slot] - 1) * 2], key))
    slot = (slot + 1) & (n_slots - 1);
  return &slots[slot];
}

ARBOR_FUNCTION (from_entries)
{
  ArborValue *list, *members;
  guint32 *slots;
  guint32 n, n_members = 0, n_slots = 16;

  *result = ARBOR_VALUE_NULL;
  if (arguments->kind != ARBOR_KIND_ARRAY)
    return;
  list = arbor_function_read_list (arguments, scope, &n);
  if (list == NULL)
    return;
  while (n_slots / 2 < n)
    n_slots *= 2;
  members = arbor_function_new_list (scope, (gsize)n * 2);
  slots = arbor_scope_try_alloc (scope, (gsize)n_slots * sizeof (guint32));
  if (members == NULL || slots == NULL)
    return;

  memset (slots, 0, (gsize)n_slots * sizeof (guint32));
  for (guint32 i = 0; i < n; i++)
    {
      ArborValue *member = &members[(gsize)n_members * 2];
      ArborValue key, value;
      guint32 *slot;

      arbor_value_get_member (&list[i], "key", 3, scope, &key);
      arbor_value_get_member (&list[i], "value", 5, scope, &value);
      if (key.kind != ARBOR_KIND_STRING)
        return;
      slot = find_slot (slots, n_slots, members, &key, scope);
      if (*slot != 0)
        member = &members[(gsize)(*slot - 1) * 2];
      else
        *slot = ++n_members;
      member[0] = key;
      member[1] = value.kind == ARBOR_KIND_MISSING ? ARBOR_VALUE_NULL : value;
    }
  arbor_function_set_object (members, n_members, result);
}
