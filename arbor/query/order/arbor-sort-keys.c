/* See arbor-sort-keys.h. */

#include "query/order/arbor-sort-keys.h"

#include "query/view/arbor-narrow.h"
#include "query/view/arbor-trace.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"

/* More help nobody; each costs memory for each tree. */
#define MAX_KEYS 1000u

static gboolean
check (ArborNode *const *nodes, gsize n, const ArborSortFlags *flags, gsize n_flags, GError **error)
{
  if (n > MAX_KEYS)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                   _ ("At most %u keys can be given, not %" PRIu64), MAX_KEYS, (guint64)n);
      return FALSE;
    }
  if (n_flags > 1 && n_flags != n)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                   _ ("The flags of %" PRIu64 " keys are none, one or %" PRIu64 ", not %" PRIu64),
                   (guint64)n, (guint64)n, (guint64)n_flags);
      return FALSE;
    }
  for (gsize i = 0; i < n_flags; i++)
    if ((flags[i] & ~(guint)(ARBOR_SORT_DESCENDING | ARBOR_SORT_NULLS_FIRST)) != 0)
      {
        g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                     _ ("There are no such sort flags: %u"), (guint)flags[i]);
        return FALSE;
      }
  for (gsize i = 0; i < n; i++)
    if (!arbor_node_check_scalar (nodes[i], error))
      return FALSE;
  return TRUE;
}

ArborSortKeys *
arbor_sort_keys_new (ArborNode *const *nodes, gsize n, const ArborSortFlags *flags, gsize n_flags,
                     GError **error)
{
  ArborSortKeys *self;

  if (!check (nodes, n, flags, n_flags, error))
    return NULL;
  self = g_new0 (ArborSortKeys, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->n = (guint32)MAX (n, 1);
  self->nodes = g_new0 (ArborNode *, self->n);
  self->flags = g_new0 (ArborSortFlags, self->n);
  for (guint32 i = 0; i < self->n; i++)
    {
      self->nodes[i] = n > 0 ? arbor_node_ref (nodes[i]) : arbor_node_new_path ("", NULL);
      if (n_flags > 0)
        self->flags[i] = flags[n_flags == 1 ? 0 : i];
    }
  return self;
}

ArborSortKeys *
arbor_sort_keys_ref (ArborSortKeys *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
arbor_sort_keys_unref (ArborSortKeys *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  for (guint32 i = 0; i < self->n; i++)
    arbor_node_unref (self->nodes[i]);
  g_free (self->nodes);
  g_free (self->flags);
  g_free (self);
}

ArborSortKeys *
arbor_sort_keys_enter (ArborSortKeys *self, ArborSelection *parent, const ArborAccess *of,
                       ArborAccess *access)
{
  g_auto (ArborTrace) trace;

  arbor_trace_init (&trace, arbor_access_get_about (of), parent, self->nodes, self->n,
                    ARBOR_TRACE_INDICES);
  arbor_trace_enter (&trace, of, access);
  arbor_access_narrow (access, access, trace.nodes, trace.n, NULL);
  return trace.is_traced ? arbor_sort_keys_new (trace.nodes, trace.n, self->flags, self->n, NULL)
                         : arbor_sort_keys_ref (self);
}

void
arbor_sort_keys_describe (const ArborSortKeys *self, GString *out)
{
  for (guint32 i = 0; i < self->n; i++)
    {
      g_autofree char *text = arbor_node_to_string (self->nodes[i]);

      g_string_append_printf (out, "%s%s%s%s", i > 0 ? ", " : "", text,
                              (self->flags[i] & ARBOR_SORT_DESCENDING) != 0 ? " descending" : "",
                              (self->flags[i] & ARBOR_SORT_NULLS_FIRST) != 0 ? " nulls first" : "");
    }
}
