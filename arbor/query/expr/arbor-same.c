/* See arbor-same.h. JSON text keeps all that counts. */

#include "query/expr/arbor-same.h"

struct _ArborSame
{
  ArborBuffer a;
  ArborBuffer b;
};

ArborSame *
arbor_same_new (void)
{
  return g_new0 (ArborSame, 1);
}

void
arbor_same_free (ArborSame *self)
{
  arbor_buffer_free (&self->a);
  arbor_buffer_free (&self->b);
  g_free (self);
}

gboolean
arbor_same_is (ArborSame *self, const ArborValue *a, const ArborValue *b, ArborScope *scope)
{
  if (a->kind != b->kind)
    return FALSE;
  if (a->kind == ARBOR_KIND_INT64)
    return a->int64 == b->int64;
  if (a->kind == ARBOR_KIND_STRING)
    return a->length == b->length && (a->length == 0 || memcmp (a->text, b->text, a->length) == 0);

  arbor_buffer_clear (&self->a);
  arbor_buffer_clear (&self->b);
  arbor_value_write_json (a, scope, &self->a);
  arbor_value_write_json (b, scope, &self->b);
  return self->a.length == self->b.length && memcmp (self->a.data, self->b.data, self->a.length) == 0;
}
