/* The one total order over values, and hashing that agrees with its equality. See
 * arbor-value-access.h and docs/dev/semantics.md, section 2.
 *
 * Containers are compared pair of children by pair of children, depth first, on a stack of frames
 * in the scope. The members of an object are sorted by key bytes first; in a batch they are
 * sorted by column, which is the same thing.
 */

#include "batch/arbor-value-access.h"

#include <stdlib.h>

#include <xxhash.h>

#include "base/arbor-number.h"
#include "batch/arbor-batch.h"

typedef struct
{
  const char *key;
  guint32 length;
  ArborValue value;
} Member;

/* The children of one container in the order in which they are compared. */
typedef struct
{
  ArborValueIter iter;
  Member *members; /* of an object, sorted by key; arrays are read from iter */
  guint32 position;
  guint32 n_members;
} Side;

typedef struct _CompareFrame CompareFrame;
struct _CompareFrame
{
  CompareFrame *parent;
  ArborScopeMark mark;
  Side a;
  Side b;
};

typedef struct _HashFrame HashFrame;
struct _HashFrame
{
  HashFrame *parent;
  ArborScopeMark mark;
  ArborValueIter iter;
  guint64 hash;     /* of the children so far */
  guint64 key_hash; /* of the member that is being hashed */
  guint32 n;
};

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

static int
get_class (const ArborValue *value)
{
  static const guint8 classes[ARBOR_N_KINDS] = {
    [ARBOR_KIND_BOOL] = 0,   [ARBOR_KIND_INT64] = 1,  [ARBOR_KIND_UINT64] = 1,
    [ARBOR_KIND_DOUBLE] = 1, [ARBOR_KIND_NUMBER] = 1, [ARBOR_KIND_STRING] = 2,
    [ARBOR_KIND_ARRAY] = 3,  [ARBOR_KIND_OBJECT] = 4, [ARBOR_KIND_NULL] = 5,
    [ARBOR_KIND_MISSING] = 6,
  };

  return classes[value->kind];
}

static int
compare_bytes (const char *a, guint32 n_a, const char *b, guint32 n_b)
{
  guint32 n = MIN (n_a, n_b);
  int order = n > 0 ? memcmp (a, b, n) : 0;

  return order != 0 ? COMPARE (order, 0) : COMPARE (n_a, n_b);
}

/* Anything but two arrays or two objects. */
static int
compare_shallow (const ArborValue *a, const ArborValue *b)
{
  if (a->kind == b->kind)
    switch (a->kind)
      {
      case ARBOR_KIND_BOOL:
        return COMPARE (!!a->boolean, !!b->boolean);
      case ARBOR_KIND_INT64:
        return COMPARE (a->int64, b->int64);
      case ARBOR_KIND_UINT64:
        return COMPARE (a->uint64, b->uint64);
      case ARBOR_KIND_DOUBLE:
        return COMPARE (a->real, b->real);
      case ARBOR_KIND_NUMBER:
        return arbor_number_compare (a, b);
      case ARBOR_KIND_STRING:
        return compare_bytes (a->text, a->length, b->text, b->length);
      default:
        return 0;
      }

  if (arbor_kind_is_number (a->kind) && arbor_kind_is_number (b->kind))
    return arbor_number_compare (a, b);
  return COMPARE (get_class (a), get_class (b));
}

static int
compare_members (gconstpointer a, gconstpointer b)
{
  const Member *member_a = a;
  const Member *member_b = b;

  return compare_bytes (member_a->key, member_a->length, member_b->key, member_b->length);
}

static void
side_init (Side *side, const ArborValue *container, ArborScope *scope)
{
  gboolean is_sorted = TRUE;
  guint32 n = 0;

  arbor_value_iter_init (&side->iter, container, scope);
  side->position = 0;
  side->members = NULL;
  if (side->iter.container.kind != ARBOR_KIND_OBJECT)
    return;

  side->n_members = arbor_value_get_length (&side->iter.container, scope);
  side->members = arbor_scope_alloc (scope, side->n_members * sizeof (Member));
  for (; n < side->n_members; n++)
    {
      Member *at = &side->members[n];

      if (!arbor_value_iter_next (&side->iter, &at->key, &at->length, &at->value))
        break;
      if (n > 0 && compare_members (at - 1, at) > 0)
        is_sorted = FALSE;
    }
  side->n_members = n;

  if (!is_sorted)
    qsort (side->members, n, sizeof (Member), compare_members);
}

static const Member *
side_next (Side *side, Member *element)
{
  if (side->members != NULL)
    return side->position < side->n_members ? &side->members[side->position++] : NULL;

  element->key = NULL;
  element->length = 0;
  return arbor_value_iter_next (&side->iter, NULL, NULL, &element->value) ? element : NULL;
}

static CompareFrame *
push_compare (CompareFrame *parent, const ArborValue *a, const ArborValue *b, ArborScope *scope)
{
  ArborScopeMark mark = arbor_scope_mark (scope);
  CompareFrame *frame = arbor_scope_alloc (scope, sizeof (CompareFrame));

  frame->parent = parent;
  frame->mark = mark;
  side_init (&frame->a, a, scope);
  side_init (&frame->b, b, scope);
  return frame;
}

static int
compare_containers (const ArborValue *a, const ArborValue *b, ArborScope *scope)
{
  CompareFrame *top = push_compare (NULL, a, b, scope);
  int order = 0;

  while (top != NULL && order == 0)
    {
      Member element_a, element_b;
      const Member *next_a = side_next (&top->a, &element_a);
      const Member *next_b = side_next (&top->b, &element_b);

      if (next_a == NULL || next_b == NULL)
        {
          CompareFrame *done = top;

          order = COMPARE (next_a != NULL, next_b != NULL);
          top = done->parent;
          arbor_scope_release (scope, done->mark);
          continue;
        }

      order = compare_bytes (next_a->key, next_a->length, next_b->key, next_b->length);
      if (order != 0)
        continue;

      if (next_a->value.kind >= ARBOR_KIND_ARRAY && next_a->value.kind == next_b->value.kind)
        top = push_compare (top, &next_a->value, &next_b->value, scope);
      else
        order = compare_shallow (&next_a->value, &next_b->value);
    }

  return order;
}

int
arbor_value_compare (const ArborValue *a, const ArborValue *b, ArborScope *scope)
{
  ArborScopeMark mark;
  int order;

  if (a->kind < ARBOR_KIND_ARRAY || a->kind != b->kind)
    return compare_shallow (a, b);

  mark = arbor_scope_mark (scope);
  order = compare_containers (a, b, scope);
  arbor_scope_release (scope, mark);
  return order;
}

static guint64
mix (guint64 a, guint64 b)
{
  a = (a ^ b) * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15);
  a = (a ^ (a >> 32)) * G_GUINT64_CONSTANT (0xD6E8FEB86659FD93);
  return a ^ (a >> 29);
}

static guint64
hash_scalar (const ArborValue *value)
{
  if (arbor_kind_is_number (value->kind))
    return arbor_number_hash (value);
  if (value->kind == ARBOR_KIND_STRING)
    return XXH3_64bits (value->text, value->length);
  if (value->kind == ARBOR_KIND_BOOL)
    return mix (ARBOR_KIND_BOOL, !!value->boolean);
  return mix (value->kind, 0x5CA1A);
}

static HashFrame *
push_hash (HashFrame *parent, const ArborValue *value, ArborScope *scope)
{
  ArborScopeMark mark = arbor_scope_mark (scope);
  HashFrame *frame = arbor_scope_alloc (scope, sizeof (HashFrame));

  *frame = (HashFrame){ .parent = parent, .mark = mark };
  arbor_value_iter_init (&frame->iter, value, scope);
  return frame;
}

/* Elements in order; members in any order, for equality does not know one. */
static void
add_child (HashFrame *frame, guint64 hash)
{
  if (frame->iter.container.kind == ARBOR_KIND_OBJECT)
    frame->hash += mix (frame->key_hash, hash);
  else
    frame->hash = mix (frame->hash + 1, hash);
  frame->n++;
}

guint64
arbor_value_hash (const ArborValue *value, ArborScope *scope)
{
  HashFrame *top;
  guint64 hash = 0;

  if (value->kind < ARBOR_KIND_ARRAY)
    return hash_scalar (value);

  top = push_hash (NULL, value, scope);
  while (top != NULL)
    {
      ArborValue child;
      const char *key;
      guint32 length;

      if (!arbor_value_iter_next (&top->iter, &key, &length, &child))
        {
          HashFrame *done = top;

          hash = mix (mix (done->hash, done->n), done->iter.container.kind);
          top = done->parent;
          arbor_scope_release (scope, done->mark);
          if (top != NULL)
            add_child (top, hash);
          continue;
        }

      if (top->iter.container.kind == ARBOR_KIND_OBJECT)
        top->key_hash = XXH3_64bits (key, length);
      if (child.kind >= ARBOR_KIND_ARRAY)
        top = push_hash (top, &child, scope);
      else
        add_child (top, hash_scalar (&child));
    }
  return hash;
}
