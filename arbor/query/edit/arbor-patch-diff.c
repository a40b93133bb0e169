/* The difference of two values as a JSON Patch: see arbor-patch.h. Pairs of values that stand at the same
 * pointer wait on a stack. Objects are compared key by key. Of two arrays, what is equal at the
 * beginning and at the end is left out; the rest is compared position by position, and what one
 * side has more is added or removed behind. Whatever an operation changes the positions of lies
 * behind all pairs that wait, so their pointers stay right.
 */

#include "query/edit/arbor-patch.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "batch/arbor-value-access.h"

/* What all pointers may have together; a batch holds no more. */
#define MAX_POINTER_BYTES (G_GUINT64_CONSTANT (256) << 20)

typedef struct
{
  ArborValue from;
  ArborValue to;
  char *pointer; /* owned; the text may hold NUL bytes */
  gsize length;
} Pair;

typedef struct
{
  ArborScope *scope;
  ArborTapeWriter *out;
  ArborBuffer pairs;
  ArborBuffer pointer; /* of the container at hand, and a child */
  gsize base;          /* bytes of the container's pointer */
  guint64 n_bytes;     /* of all pointers so far */
} Diff;

static void
set_key (Diff *self, const char *key, guint32 length)
{
  self->pointer.length = self->base;
  arbor_buffer_append_byte (&self->pointer, '/');
  for (guint32 i = 0; i < length; i++)
    if (key[i] == '~' || key[i] == '/')
      arbor_buffer_append_literal (&self->pointer, key[i] == '~' ? "~0" : "~1");
    else
      arbor_buffer_append_byte (&self->pointer, (guint8)key[i]);
}

static void
set_index (Diff *self, guint32 index)
{
  char text[16];

  self->pointer.length = self->base;
  g_snprintf (text, sizeof text, "/%u", index);
  arbor_buffer_append_literal (&self->pointer, text);
}

static gboolean
charge_pointer (Diff *self)
{
  self->n_bytes += self->pointer.length;
  return self->n_bytes <= MAX_POINTER_BYTES;
}

/* An operation at the pointer of now; @value is NULL to remove. */
static void
write_operation (Diff *self, const char *name, const ArborValue *value)
{
  const ArborValue op = ARBOR_VALUE_STRING (name, (guint32)strlen (name));
  const ArborValue path =
      ARBOR_VALUE_STRING ((const char *)self->pointer.data, (guint32)self->pointer.length);

  if (!charge_pointer (self))
    return;
  arbor_tape_writer_begin_object (self->out);
  arbor_tape_writer_key (self->out, "op", 2);
  arbor_tape_writer_scalar (self->out, &op);
  arbor_tape_writer_key (self->out, "path", 4);
  arbor_tape_writer_scalar (self->out, &path);
  if (value != NULL)
    {
      arbor_tape_writer_key (self->out, "value", 5);
      arbor_value_write_tape (value, self->scope, self->out);
    }
  arbor_tape_writer_end_object (self->out);
}

/* Two values at the pointer of now. */
static void
compare (Diff *self, const ArborValue *from, const ArborValue *to)
{
  gboolean is_container = to->kind == ARBOR_KIND_OBJECT || to->kind == ARBOR_KIND_ARRAY;

  if (from->kind == to->kind && is_container)
    {
      Pair pair = { *from, *to, NULL, self->pointer.length };

      if (!charge_pointer (self))
        return;
      pair.pointer = g_malloc (pair.length + 1);
      if (pair.length > 0)
        memcpy (pair.pointer, self->pointer.data, pair.length);
      arbor_buffer_append (&self->pairs, &pair, sizeof pair);
    }
  else if (!arbor_value_equal (from, to, self->scope))
    write_operation (self, "replace", to);
}

static void
compare_objects (Diff *self, const Pair *pair)
{
  ArborValueIter iter;
  ArborValue child, other;
  const char *key;
  guint32 length;

  arbor_value_iter_init (&iter, &pair->from, self->scope);
  while (arbor_value_iter_next (&iter, &key, &length, &child))
    {
      arbor_value_get_member (&pair->to, key, length, self->scope, &other);
      set_key (self, key, length);
      if (other.kind == ARBOR_KIND_MISSING)
        write_operation (self, "remove", NULL);
      else
        compare (self, &child, &other);
    }
  arbor_value_iter_init (&iter, &pair->to, self->scope);
  while (arbor_value_iter_next (&iter, &key, &length, &child))
    {
      arbor_value_get_member (&pair->from, key, length, self->scope, &other);
      set_key (self, key, length);
      if (other.kind == ARBOR_KIND_MISSING)
        write_operation (self, "add", &child);
    }
}

static gboolean
equal_elements (Diff *self, const Pair *pair, guint32 i, guint32 j)
{
  ArborValue from, to;

  arbor_value_get_element (&pair->from, i, self->scope, &from);
  arbor_value_get_element (&pair->to, j, self->scope, &to);
  return arbor_value_equal (&from, &to, self->scope);
}

static void
compare_arrays (Diff *self, const Pair *pair)
{
  guint32 n_from = arbor_value_get_length (&pair->from, self->scope);
  guint32 n_to = arbor_value_get_length (&pair->to, self->scope);
  guint32 start = 0, common;
  ArborValue from, to;

  while (start < MIN (n_from, n_to) && equal_elements (self, pair, start, start))
    start++;
  while (MIN (n_from, n_to) > start && equal_elements (self, pair, n_from - 1, n_to - 1))
    {
      n_from--;
      n_to--;
    }
  common = MIN (n_from, n_to);
  for (guint32 i = start; i < common; i++)
    {
      arbor_value_get_element (&pair->from, i, self->scope, &from);
      arbor_value_get_element (&pair->to, i, self->scope, &to);
      set_index (self, i);
      compare (self, &from, &to);
    }
  for (guint32 i = n_from; i > common; i--)
    {
      set_index (self, i - 1);
      write_operation (self, "remove", NULL);
    }
  for (guint32 i = common; i < n_to; i++)
    {
      arbor_value_get_element (&pair->to, i, self->scope, &to);
      set_index (self, i);
      write_operation (self, "add", &to);
    }
}

static gboolean
finish (Diff *self, ArborTape *patch, GError **error)
{
  if (self->n_bytes > MAX_POINTER_BYTES)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                   _ ("The paths of the difference are larger than %u MiB"),
                   (guint)(MAX_POINTER_BYTES >> 20));
      return FALSE;
    }
  arbor_tape_writer_finish (self->out, patch);
  if (arbor_tape_get_depth (patch, ARBOR_TAPE_ROOT) <= ARBOR_TAPE_MAX_DEPTH)
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
               _ ("A tree nests at most %u levels deep, and the difference would be deeper"),
               ARBOR_TAPE_MAX_DEPTH);
  return FALSE;
}

gboolean
arbor_patch_diff (const ArborValue *from, const ArborValue *to, ArborScope *scope,
                  ArborTapeWriter *out, ArborTape *patch, GError **error)
{
  Diff self = { .scope = scope, .out = out };

  arbor_tape_writer_begin_array (out);
  compare (&self, from, to);
  while (self.pairs.length > 0)
    {
      Pair pair;

      self.pairs.length -= sizeof pair;
      memcpy (&pair, self.pairs.data + self.pairs.length, sizeof pair);
      arbor_buffer_clear (&self.pointer);
      arbor_buffer_append (&self.pointer, pair.pointer, pair.length);
      self.base = pair.length;
      if (pair.from.kind == ARBOR_KIND_OBJECT)
        compare_objects (&self, &pair);
      else
        compare_arrays (&self, &pair);
      g_free (pair.pointer);
    }
  arbor_tape_writer_end_array (out);
  arbor_buffer_free (&self.pairs);
  arbor_buffer_free (&self.pointer);
  return finish (&self, patch, error);
}
