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
#define NOT_TOLD       G_MAXUINT64
/* Who asks for more combinations of fields than this has full trees made. */
#define MAX_NARROW 8u

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
  guint64 n_told;        /* atomic: trees in all; NOT_TOLD: nobody has counted them */
  guint32 step_size;
  ArborOutput output;
  GPtrArray *retired; /* of ArborBatchList: replaced, and maybe still read */

  ArborSource *full;   /* of a narrow source, not a reference; NULL: it is full */
  ArborWanted *wanted; /* of a narrow source */
  pthread_mutex_t narrow_mutex; /* guards what follows */
  GPtrArray *narrow;            /* of ArborSource */
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

ArborBatchBuilder *
arbor_output_get_builder (ArborOutput *self)
{
  return self->builder;
}

gboolean
arbor_output_end_block (ArborOutput *self, GError **error)
{
  return !arbor_batch_builder_is_full (self->builder) || flush (self, error);
}

ArborRebuild *
arbor_output_get_rebuild (ArborOutput *self)
{
  if (self->rebuild == NULL)
    self->rebuild = arbor_rebuild_new (self->builder, flush, self);
  return self->rebuild;
}

gboolean
arbor_output_add_batches (ArborOutput *self, ArborSource *input, guint32 first, guint32 end,
                          GError **error)
{
  if (!flush (self, error))
    return FALSE;
  for (guint32 i = first; i < end; i++)
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

/* Counting without making */

static gboolean
tell_count (ArborDerived *self, ArborAccess *access, GCancellable *cancellable, GError **error)
{
  gboolean is_known = FALSE;
  gboolean is_good = TRUE;
  guint64 n = 0;

  pthread_mutex_lock (&self->mutex);
  if (!self->is_complete && self->n_told == NOT_TOLD)
    is_good = self->op->count (self->data, access, &n, &is_known, cancellable, error) &&
              (!is_known || check_n_trees (n, error));
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

static ArborSource *
make_narrow (ArborDerived *self, const ArborWanted *wanted)
{
  gpointer data = self->narrow->len < MAX_NARROW ? self->op->narrow (self->data, wanted) : NULL;
  ArborSource *source;

  if (data == NULL)
    return NULL;
  source = arbor_source_new_derived (self->op, data, self->inputs, self->n_inputs,
                                     self->source->gate, NULL);
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
}

void
arbor_access_narrow (ArborAccess *self, const ArborAccess *access, ArborNode *const *nodes,
                     guint n, ArborSource **kept)
{
  g_autoptr (ArborWanted) wanted =
      kept == NULL || *kept == NULL ? arbor_wanted_new_nodes (nodes, n) : NULL;

  arbor_access_narrow_to (self, access, wanted, kept);
}

/* Making */

void
arbor_derived_free (ArborDerived *self)
{
  g_ptr_array_unref (self->narrow);
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
