/* Computing the trees of a derived source. See arbor-derived.h. */

#include "query/view/arbor-source-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <pthread.h>

#include "base/arbor-budget.h"
#include "base/arbor-error.h"
#include "base/arbor-stop.h"
#include "batch/arbor-batch-cells.h"
#include "batch/arbor-value-access.h"

#define FIRST_STEP 64u
#define LARGEST_STEP ARBOR_BATCH_MAX_TREES
#define FIRST_CAPACITY 8u

/* A batch of the step under way. */
typedef struct
{
  ArborBatchPlace place;
  guint64 n_trees;
  guint64 n_bytes;
} Pending;

struct _ArborOutput
{
  ArborTapeWriter *writer;
  ArborBatchBuilder *builder;
  ArborRebuild *rebuild; /* NULL until somebody asks for it */
  GArray *pending; /* of Pending */
  ArborCharge charge; /* for the batches, pending ones included */
};

struct _ArborDerived
{
  ArborSource *source; /* not a reference */
  const ArborOperator *op;
  gpointer data;
  ArborSource **inputs;
  ArborSelection **selections; /* of the inputs, for describing; may be NULL each */
  guint n_inputs;
  guint depth;

  pthread_mutex_t mutex; /* guards what follows, and that one computes at a time */
  gboolean is_complete;  /* atomic */
  guint32 step_size;
  ArborOutput output;
  GPtrArray *retired; /* of ArborBatchList: replaced, and maybe still read */
};

/* Output */

static void
clear_pending (gpointer data)
{
  Pending *self = data;

  g_clear_pointer (&self->place.batch, arbor_batch_free);
  g_clear_pointer (&self->place.bytes, g_bytes_unref);
}

ArborTapeWriter *
arbor_output_begin_tree (ArborOutput *self)
{
  arbor_tape_writer_reset (self->writer);
  return self->writer;
}

static gboolean
flush (gpointer user_data, GError **error)
{
  ArborOutput *self = user_data;
  Pending pending = { { NULL } };
  const guint8 *data;
  gsize size;

  if (arbor_batch_builder_get_n_trees (self->builder) == 0)
    return TRUE;
  pending.place.bytes = arbor_batch_builder_finish (self->builder, error);
  if (pending.place.bytes == NULL)
    return FALSE;
  data = g_bytes_get_data (pending.place.bytes, &size);
  pending.place.batch = arbor_batch_open (data, size, error);
  if (pending.place.batch == NULL)
    {
      clear_pending (&pending);
      return FALSE;
    }
  pending.n_trees = arbor_batch_get_n_trees (pending.place.batch);
  pending.n_bytes = size;
  if (!arbor_charge_add (&self->charge, size, error))
    {
      clear_pending (&pending);
      return FALSE;
    }
  g_array_append_val (self->pending, pending);
  return TRUE;
}

ArborRebuild *
arbor_output_get_rebuild (ArborOutput *self)
{
  if (self->rebuild == NULL)
    self->rebuild = arbor_rebuild_new (self->builder, flush, self);
  return self->rebuild;
}

gboolean
arbor_output_add_source (ArborOutput *self, ArborSource *input, GError **error)
{
  if (!flush (self, error))
    return FALSE;
  for (guint32 i = 0; i < arbor_source_get_n_batches (input); i++)
    {
      Pending pending = { .place = { .origin = input, .index = i },
                          .n_trees = arbor_source_get_first_tree (input, i + 1) -
                                     arbor_source_get_first_tree (input, i) };

      g_array_append_val (self->pending, pending);
    }
  return TRUE;
}

gboolean
arbor_output_end_tree (ArborOutput *self, GError **error)
{
  ArborTape tape;

  arbor_tape_writer_finish (self->writer, &tape);
  arbor_batch_builder_add_tape (self->builder, &tape, ARBOR_TAPE_ROOT);
  return !arbor_batch_builder_is_full (self->builder) || flush (self, error);
}

gboolean
arbor_output_add_tree (ArborOutput *self, const ArborValue *tree, ArborScope *scope, GError **error)
{
  arbor_batch_builder_add_value (self->builder, tree, scope);
  return !arbor_batch_builder_is_full (self->builder) || flush (self, error);
}

gboolean
arbor_output_add_fields (ArborOutput *self, const char *const *names, const ArborValue *values,
                         gsize n, ArborScope *scope, GError **error)
{
  arbor_batch_builder_add_fields (self->builder, names, values, n, scope);
  return !arbor_batch_builder_is_full (self->builder) || flush (self, error);
}

static void
drop_output (ArborOutput *self)
{
  for (guint i = 0; i < self->pending->len; i++)
    arbor_charge_subtract (&self->charge, g_array_index (self->pending, Pending, i).n_bytes);
  g_array_set_size (self->pending, 0);
  arbor_batch_builder_reset (self->builder);
}

/* Publishing: entries first, then the list, then the numbers. */

static ArborBatchList *
make_room (ArborDerived *self, guint32 n_more)
{
  ArborSource *source = self->source;
  ArborBatchList *old = source->list;
  guint32 n = source->n_batches;
  ArborBatchList *list;

  if (n_more <= old->capacity - n)
    return old;
  list = arbor_batch_list_new (MAX (2 * old->capacity, n + n_more));
  memcpy (list->places, old->places, n * sizeof *list->places);
  memcpy (list->first_tree, old->first_tree, (n + 1) * sizeof *list->first_tree);
  g_ptr_array_add (self->retired, old);
  __atomic_store_n (&source->list, list, __ATOMIC_RELEASE);
  return list;
}

static gboolean
check_n_trees (guint64 n_trees, GError **error)
{
  if (n_trees <= ARBOR_MAX_TREES)
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
               _("An arbor holds at most %" PRIu64 " trees, not %" PRIu64), ARBOR_MAX_TREES,
               n_trees);
  return FALSE;
}

static gboolean
publish (ArborDerived *self, GError **error)
{
  ArborSource *source = self->source;
  GArray *pending = self->output.pending;
  ArborBatchList *list = make_room (self, pending->len);
  guint32 n_batches = source->n_batches;
  guint64 n_bytes = source->n_bytes;
  guint64 n_trees = source->n_trees;

  for (guint i = 0; i < pending->len; i++)
    {
      list->first_tree[n_batches + i] = n_trees;
      n_trees += g_array_index (pending, Pending, i).n_trees;
      n_bytes += g_array_index (pending, Pending, i).n_bytes;
    }
  if (!check_n_trees (n_trees, error))
    return FALSE;

  for (guint i = 0; i < pending->len; i++)
    {
      Pending *item = &g_array_index (pending, Pending, i);

      list->places[n_batches++] = item->place;
      *item = (Pending){ { NULL } };
    }
  list->first_tree[n_batches] = n_trees;
  __atomic_store_n (&source->n_bytes, n_bytes, __ATOMIC_RELEASE);
  __atomic_store_n (&source->n_batches, n_batches, __ATOMIC_RELEASE);
  __atomic_store_n (&source->n_trees, n_trees, __ATOMIC_RELEASE);
  return TRUE;
}

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
            flush (&self->output, error) && publish (self, error);
  if (is_good)
    {
      self->op->commit (self->data);
      self->step_size = MIN (self->step_size * 4, LARGEST_STEP);
      __atomic_store_n (&self->is_complete, at_end, __ATOMIC_RELEASE);
    }
  drop_output (&self->output);
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

/* Making */

void
arbor_derived_free (ArborDerived *self)
{
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
  derived->step_size = FIRST_STEP;
  derived->output.writer = arbor_tape_writer_new ();
  derived->output.builder = arbor_batch_builder_new ();
  derived->output.pending = g_array_new (FALSE, FALSE, sizeof (Pending));
  g_array_set_clear_func (derived->output.pending, clear_pending);
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

/* Mapping */

typedef struct
{
  const ArborMapping *mapping;
  gpointer data;
  ArborSource *source; /* kept alive by the derived source's list of inputs */
  ArborSelection *selection;
  guint64 position; /* of the next tree to map */
  guint64 end;      /* of the step under way */
  ArborOutput *output; /* of the step under way */
} Mapped;

static gboolean
map_row (const ArborBatch *batch, guint64 first, guint32 row, gboolean is_new, ArborScope *scope,
         gpointer data, GError **error)
{
  Mapped *self = data;
  ArborValue tree;

  if (is_new && self->mapping->set_batch != NULL)
    self->mapping->set_batch (self->data, batch, first);
  arbor_batch_get_tree (batch, row, &tree);
  return self->mapping->map (self->data, batch, row, &tree, scope, self->output, error);
}

static gboolean
step_mapped (gpointer data, ArborAccess *access, guint32 n_trees, ArborOutput *output,
             gboolean *at_end, GCancellable *cancellable, GError **error)
{
  Mapped *self = data;
  ArborRowSink sink = { .row = map_row, .data = self };
  ArborAccess input;
  guint32 n_read;

  self->output = output;
  arbor_access_borrow (&input, access, self->source);
  if ((self->mapping->prepare != NULL &&
       !self->mapping->prepare (self->data, access, cancellable, error)) ||
      !arbor_trees_read_rows (self->selection, &input, self->position, n_trees, &sink, &n_read,
                              cancellable, error))
    return FALSE;
  self->end = self->position + n_read;
  *at_end = n_read < n_trees;
  return TRUE;
}

static void
commit_mapped (gpointer data)
{
  Mapped *self = data;

  self->position = self->end;
}

static void
describe_mapped (gpointer data, GString *text)
{
  Mapped *self = data;

  self->mapping->describe (self->data, text);
}

static void
list_keys_mapped (gpointer data, const ArborStep *steps, guint n_steps, ArborKeySearch *search)
{
  Mapped *self = data;

  if (self->mapping->keys != NULL)
    self->mapping->keys (self->data, steps, n_steps, search);
  else
    arbor_key_search_set_open (search);
}

static void
list_nodes_mapped (gpointer data, guint input, GPtrArray *nodes)
{
  Mapped *self = data;

  if (self->mapping->nodes != NULL)
    self->mapping->nodes (self->data, input, nodes);
}

static void
free_mapped (gpointer data)
{
  Mapped *self = data;

  self->mapping->free (self->data);
  arbor_selection_unref (self->selection);
  g_free (self);
}

ArborSource *
arbor_source_new_mapped (const ArborMapping *mapping, gpointer data, ArborSource *source,
                         ArborSelection *selection, ArborSource *const *others, guint n_others,
                         ArborGate *gate, GError **error)
{
  static const ArborOperator op = { "computed trees", step_mapped, commit_mapped, describe_mapped,
                                    free_mapped, list_keys_mapped, list_nodes_mapped };
  g_autofree ArborSource **inputs = g_new (ArborSource *, n_others + 1);
  Mapped *self = g_new0 (Mapped, 1);
  ArborSource *mapped;

  self->mapping = mapping;
  self->data = data;
  self->source = source;
  self->selection = arbor_selection_ref (selection);
  inputs[0] = source;
  for (guint i = 0; i < n_others; i++)
    inputs[i + 1] = others[i];
  mapped = arbor_source_new_derived (&op, self, inputs, n_others + 1, gate, error);
  if (mapped != NULL)
    arbor_source_set_input_selection (mapped, 0, selection);
  return mapped;
}
