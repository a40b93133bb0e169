/* Computing the trees of a derived source. See arbor-derived.h. */

#include "query/view/arbor-derived-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"
#include "base/arbor-stop.h"
#include "batch/arbor-value-access.h"

#define FIRST_STEP 64u
#define LARGEST_STEP ARBOR_BATCH_CUT_TREES
#define FIRST_CAPACITY 8u
#define NOT_TOLD       G_MAXUINT64
/* Who asks for more combinations of fields than this has full trees made. */
#define MAX_NARROW 8u

/* Computing */

static gboolean
step (ArborDerived *self, ArborAccess *access, guint64 wanted, GCancellable *cancellable,
      GError **error)
{
  guint64 n_trees = MAX (wanted, self->step_size);
  gboolean at_end = FALSE;
  gboolean is_good;

  n_trees = MIN (n_trees, LARGEST_STEP);
  is_good = self->op->step (self->data, access, (guint32) n_trees, &self->output, &at_end,
                            cancellable, error) &&
            arbor_output_flush (&self->output, error) && arbor_derived_publish (self, error);
  if (is_good)
    {
      self->op->commit (self->data);
      self->step_size = MIN (self->step_size * 4, LARGEST_STEP);
      __atomic_store_n (&self->is_complete, at_end, __ATOMIC_RELEASE);
    }
  arbor_output_drop (&self->output);
  return is_good;
}

static gboolean
compute (ArborDerived *self, ArborAccess *access, guint64 limit, GCancellable *cancellable,
         GError **error)
{
  g_auto (ArborStop) stop;
  gboolean is_good = TRUE;

  arbor_stop_begin (&stop, cancellable);
  pthread_mutex_lock (&self->mutex);
  while (is_good && !self->is_complete && self->source->n_trees < limit)
    is_good = arbor_access_check (access, cancellable, error) &&
              step (self, access,
                    limit == G_MAXUINT64 ? LARGEST_STEP : limit - self->source->n_trees,
                    cancellable, error);
  pthread_mutex_unlock (&self->mutex);
  return is_good;
}

gboolean
arbor_access_count_trees (ArborAccess *self, guint64 limit, GCancellable *cancellable,
                          guint64 *count, GError **error)
{
  ArborDerived *derived = self->source->derived;

  *count = MIN (arbor_source_get_n_trees (self->source), limit);
  if (derived == NULL || *count == limit ||
      __atomic_load_n (&derived->is_complete, __ATOMIC_ACQUIRE))
    {
      /* Complete since we counted? Then the number is final now. */
      *count = MIN (arbor_source_get_n_trees (self->source), limit);
      return TRUE;
    }
  if (!compute (derived, self, limit, cancellable, error))
    return FALSE;
  *count = MIN (arbor_source_get_n_trees (self->source), limit);
  return TRUE;
}

/* Counting without making */

static gboolean
tell_count (ArborDerived *self, ArborAccess *access, GCancellable *cancellable, GError **error)
{
  gboolean is_known = FALSE;
  gboolean is_good = TRUE;
  guint64 n = 0;

  pthread_mutex_lock (&self->mutex);
  if (!self->is_complete && self->n_told == NOT_TOLD)
    is_good = self->op->count (self->data, access, G_MAXUINT64, &n, &is_known, cancellable, error) &&
              (!is_known || arbor_derived_check_n_trees (n, error));
  if (is_good && is_known)
    __atomic_store_n (&self->n_told, n, __ATOMIC_RELEASE);
  pthread_mutex_unlock (&self->mutex);
  return is_good;
}

gboolean
arbor_access_tell_count (ArborAccess *self, GCancellable *cancellable, guint64 *count,
                         GError **error)
{
  ArborDerived *derived = self->source->derived;

  if (derived == NULL || derived->op->count == NULL || arbor_source_is_computed (self->source))
    return arbor_access_count_trees (self, G_MAXUINT64, cancellable, count, error);
  if (__atomic_load_n (&derived->n_told, __ATOMIC_ACQUIRE) == NOT_TOLD &&
      (!arbor_access_check (self, cancellable, error) ||
       !tell_count (derived, self, cancellable, error)))
    return FALSE;
  *count = __atomic_load_n (&derived->n_told, __ATOMIC_ACQUIRE);
  return *count != NOT_TOLD ||
         arbor_access_count_trees (self, G_MAXUINT64, cancellable, count, error);
}

/* Narrow sources */

static ArborSource *
find_narrow (ArborDerived *self, const ArborWanted *wanted)
{
  for (guint i = 0; i < self->narrow->len; i++)
    {
      ArborSource *source = self->narrow->pdata[i];

      if (arbor_wanted_covers (source->derived->wanted, wanted))
        return source;
    }
  return NULL;
}

ArborSource *
arbor_derived_make_beside (ArborDerived *self, gpointer data)
{
  return arbor_source_new_derived (self->op, data, self->inputs, self->n_inputs, self->source->gate,
                                   NULL);
}

ArborSource *
arbor_source_dup_unordered (ArborSource *self)
{
  ArborDerived *derived = self->derived;
  ArborSource *unordered = NULL;
  gpointer data;

  if (derived != NULL && derived->full != NULL)
    derived = derived->full->derived;
  if (derived == NULL || derived->op->unorder == NULL || arbor_source_is_computed (derived->source))
    return NULL;
  pthread_mutex_lock (&derived->narrow_mutex);
  if (derived->unordered == NULL && (data = derived->op->unorder (derived->data)) != NULL)
    derived->unordered = arbor_derived_make_beside (derived, data);
  if (derived->unordered != NULL)
    unordered = arbor_source_ref (derived->unordered);
  pthread_mutex_unlock (&derived->narrow_mutex);
  return unordered;
}

static ArborSource *
make_narrow (ArborDerived *self, const ArborWanted *wanted)
{
  gpointer data = self->narrow->len < MAX_NARROW ? self->op->narrow (self->data, wanted) : NULL;
  ArborSource *source = data != NULL ? arbor_derived_make_beside (self, data) : NULL;

  if (source == NULL)
    return NULL;
  source->derived->full = self->source;
  source->derived->wanted = arbor_wanted_copy (wanted);
  g_ptr_array_add (self->narrow, source);
  return source;
}

gboolean
arbor_source_is_same (ArborSource *self)
{
  return self->derived != NULL && self->derived->op->is_same;
}

static ArborSource *
choose_source (ArborSource *source, const ArborWanted *wanted)
{
  ArborSource *narrow;

  if (source->derived != NULL && source->derived->full != NULL)
    source = source->derived->full;
  while (arbor_source_is_same (source))
    source = source->derived->inputs[0];
  if (source->derived == NULL || source->derived->op->narrow == NULL ||
      arbor_source_is_computed (source))
    return source;
  if (wanted == NULL)
    return source;
  pthread_mutex_lock (&source->derived->narrow_mutex);
  narrow = find_narrow (source->derived, wanted);
  if (narrow == NULL)
    narrow = make_narrow (source->derived, wanted);
  pthread_mutex_unlock (&source->derived->narrow_mutex);
  return narrow != NULL ? narrow : source;
}

void
arbor_source_describe_narrow (ArborSource *self, GString *out)
{
  if (self->derived == NULL)
    return;
  pthread_mutex_lock (&self->derived->narrow_mutex);
  for (guint i = 0; i < self->derived->narrow->len; i++)
    {
      ArborSource *narrow = self->derived->narrow->pdata[i];
      const ArborWanted *wanted = narrow->derived->wanted;

      g_string_append_printf (out, ", %" PRIu64 " with ", arbor_source_get_n_trees (narrow));
      for (guint k = 0; k < wanted->n; k++)
        {
          guint32 length;
          const char *key = arbor_wanted_get (wanted, k, &length);

          g_string_append (out, k > 0 ? ", " : "");
          g_string_append_len (out, key, length);
        }
      g_string_append (out, wanted->n > 0 ? " only" : "no field");
    }
  pthread_mutex_unlock (&self->derived->narrow_mutex);
}

void
arbor_access_narrow_to (ArborAccess *self, const ArborAccess *access, const ArborWanted *wanted,
                        ArborSource **kept)
{
  const ArborAccess of = *access; /* which may be @self */
  ArborSource *source =
      kept != NULL && *kept != NULL ? *kept : choose_source (of.source, wanted);

  if (kept != NULL && *kept == NULL)
    *kept = arbor_source_ref (source);
  arbor_access_borrow (self, &of, source);
  self->about = of.about;
  if (self->held != NULL)
    self->wanted = arbor_held_keep (self->held, wanted);
}

void
arbor_access_narrow (ArborAccess *self, const ArborAccess *access, ArborNode *const *nodes,
                     guint n, ArborSource **kept)
{
  g_autoptr (ArborWanted) wanted =
      kept == NULL || *kept == NULL || access->held != NULL ? arbor_wanted_new_nodes (nodes, n) : NULL;

  arbor_access_narrow_to (self, access, wanted, kept);
}

/* Making */

void
arbor_derived_free (ArborDerived *self)
{
  g_ptr_array_unref (self->narrow);
  g_clear_pointer (&self->unordered, arbor_source_unref);
  for (guint i = 0; i < ARBOR_N_PAGES; i++)
    g_clear_pointer (&self->pages[i].source, arbor_source_unref);
  g_clear_pointer (&self->wanted, arbor_wanted_free);
  pthread_mutex_destroy (&self->narrow_mutex);
  self->op->free (self->data);
  for (guint i = 0; i < self->n_inputs; i++)
    {
      arbor_source_unref (self->inputs[i]);
      g_clear_pointer (&self->selections[i], arbor_selection_unref);
    }
  g_free (self->inputs);
  g_free (self->selections);
  arbor_tape_writer_free (self->output.writer);
  g_clear_pointer (&self->output.rebuild, arbor_rebuild_free);
  arbor_batch_builder_free (self->output.builder);
  g_array_unref (self->output.pending);
  g_ptr_array_unref (self->retired);
  arbor_charge_release (&self->output.charge);
  pthread_mutex_destroy (&self->mutex);
  g_free (self);
}

static void
add_leaf (GPtrArray *leaves, ArborSource *leaf)
{
  if (!g_ptr_array_find (leaves, leaf, NULL))
    g_ptr_array_add (leaves, arbor_source_ref (leaf));
}

static void
collect_leaves (ArborSource *self, ArborSource *const *inputs, guint n_inputs)
{
  GPtrArray *leaves = g_ptr_array_new ();

  for (guint i = 0; i < n_inputs; i++)
    for (guint j = 0; j < arbor_source_get_n_leaves (inputs[i]); j++)
      add_leaf (leaves, arbor_source_get_leaf (inputs[i], j));
  self->n_leaves = leaves->len;
  self->leaves = (ArborSource **) g_ptr_array_free (leaves, FALSE);
}

ArborSource *
arbor_source_new_derived (const ArborOperator *op, gpointer data, ArborSource *const *inputs,
                          guint n_inputs, ArborGate *gate, GError **error)
{
  ArborSource *self;
  ArborDerived *derived;
  guint depth = 0;

  for (guint i = 0; i < n_inputs; i++)
    if (inputs[i]->derived != NULL)
      depth = MAX (depth, inputs[i]->derived->depth);
  if (depth >= ARBOR_DERIVED_MAX_DEPTH)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                   _("An arbor may be derived through at most %u steps that make new trees; "
                     "materialize it in between"),
                   ARBOR_DERIVED_MAX_DEPTH);
      op->free (data);
      return NULL;
    }

  self = arbor_source_alloc ();
  self->list = arbor_batch_list_new (FIRST_CAPACITY);
  self->derived = derived = g_new0 (ArborDerived, 1);
  for (guint i = 0; gate == NULL && i < n_inputs; i++)
    gate = inputs[i]->gate;
  if (gate != NULL)
    self->gate = arbor_gate_ref (gate);
  collect_leaves (self, inputs, n_inputs);
  derived->source = self;
  derived->output.charge.operation = op->name;
  derived->op = op;
  derived->data = data;
  derived->depth = depth + 1;
  derived->n_inputs = n_inputs;
  derived->inputs = g_new (ArborSource *, n_inputs);
  derived->selections = g_new0 (ArborSelection *, n_inputs);
  for (guint i = 0; i < n_inputs; i++)
    derived->inputs[i] = arbor_source_ref (inputs[i]);
  pthread_mutex_init (&derived->mutex, NULL);
  pthread_mutex_init (&derived->narrow_mutex, NULL);
  derived->narrow = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_source_unref);
  derived->n_told = NOT_TOLD;
  derived->step_size = FIRST_STEP;
  derived->output.writer = arbor_tape_writer_new ();
  derived->output.builder = arbor_batch_builder_new ();
  derived->output.pending = g_array_new (FALSE, FALSE, sizeof (ArborPendingBatch));
  g_array_set_clear_func (derived->output.pending, arbor_output_clear_pending);
  derived->retired = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_batch_list_free);
  return self;
}

gboolean
arbor_source_describe (ArborSource *self, GString *text)
{
  if (self->derived == NULL)
    return FALSE;
  self->derived->op->describe (self->derived->data, text);
  return TRUE;
}

gboolean
arbor_source_list_keys (ArborSource *self, const ArborStep *steps, guint n_steps,
                        ArborKeySearch *search)
{
  if (self->derived == NULL || self->derived->op->keys == NULL)
    return FALSE;
  self->derived->op->keys (self->derived->data, steps, n_steps, search);
  return TRUE;
}

void
arbor_source_list_nodes (ArborSource *self, guint input, GPtrArray *nodes)
{
  if (self->derived != NULL && self->derived->op->nodes != NULL)
    self->derived->op->nodes (self->derived->data, input, nodes);
}

void
arbor_source_list_notes (ArborSource *self, GPtrArray *notes)
{
  if (self->derived != NULL && self->derived->op->notes != NULL)
    self->derived->op->notes (self->derived->data, notes);
}

gpointer
arbor_source_get_operator_data (ArborSource *self, const ArborOperator *op)
{
  return self->derived != NULL && self->derived->op == op ? self->derived->data : NULL;
}

guint
arbor_source_get_n_inputs (ArborSource *self)
{
  return self->derived != NULL ? self->derived->n_inputs : 0;
}

gboolean
arbor_source_is_computed (ArborSource *self)
{
  return self->derived == NULL || __atomic_load_n (&self->derived->is_complete, __ATOMIC_ACQUIRE);
}

ArborSource *
arbor_source_get_input (ArborSource *self, guint input)
{
  return self->derived->inputs[input];
}

void
arbor_source_set_input_selection (ArborSource *self, guint input, ArborSelection *selection)
{
  g_assert (self->derived->selections[input] == NULL);
  self->derived->selections[input] = arbor_selection_ref (selection);
}

ArborSelection *
arbor_source_get_input_selection (ArborSource *self, guint input)
{
  return self->derived->selections[input];
}
