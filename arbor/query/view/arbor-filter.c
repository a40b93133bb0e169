/* See arbor-filter.h.
 *
 * The bits of a batch begin at a word of their own, so that kernels can work on them. Batches come
 * in order and are decided in order; only the last of them may be decided in part. Threads of the
 * pool decide batches that have their room already, and what they found is counted afterwards.
 */

#include "query/view/arbor-filter.h"

#include <pthread.h>

#include "base/arbor-budget.h"
#include "base/arbor-pool.h"
#include "base/arbor-stop.h"
#include "query/series/arbor-decider.h"
#include "query/view/arbor-mended.h"
#include "query/view/arbor-narrow.h"
#include "query/view/arbor-trace.h"

#define FIRST_PIECE 64u
/* Batches that a task decides, and the least that is worth tasks. */
#define TASK_BATCHES 8u
#define MIN_SHARED   16u

typedef struct
{
  gsize word;         /* where its bits begin */
  guint64 first_tree;
  guint64 n_before;   /* trees kept in the batches before it */
  guint32 n_trees;
  guint32 n_kept;     /* so far */
} KeptBatch;

struct _ArborFilter
{
  ArborNode **predicates;
  guint n;
  ArborSource *narrow;   /* whose batches these are; NULL before the first one */
  ArborDecider *decider; /* NULL before the first batch and after the last */
  KeptBatch *batches;
  gsize n_batches; /* begun */
  gsize batches_capacity;
  guint64 *words;
  gsize n_words;
  gsize words_capacity;
  guint32 n_decided; /* rows of the last batch */
  guint32 piece;     /* rows to decide next */
  guint64 n_found;
  gboolean is_complete;
  ArborMended *mended; /* NULL where no batch is mended, or each is decided as one that is not */
  ArborCharge charge;
  ArborKernelCounters counters;
};

ArborFilter *
arbor_filter_new (ArborNode *const *predicates, guint n)
{
  ArborFilter *self = g_new0 (ArborFilter, 1);

  self->n = n;
  self->predicates = g_new (ArborNode *, n);
  for (guint i = 0; i < n; i++)
    self->predicates[i] = arbor_node_ref (predicates[i]);
  self->piece = FIRST_PIECE;
  self->charge.operation = "filter";
  return self;
}

void
arbor_filter_free (ArborFilter *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n; i++)
    arbor_node_unref (self->predicates[i]);
  g_free (self->predicates);
  arbor_decider_free (self->decider);
  g_clear_pointer (&self->mended, arbor_mended_free);
  g_clear_pointer (&self->narrow, arbor_source_unref);
  g_free (self->batches);
  g_free (self->words);
  arbor_charge_release (&self->charge);
  g_free (self);
}

guint64
arbor_filter_get_n_found (const ArborFilter *self)
{
  return self->n_found;
}

gboolean
arbor_filter_is_complete (const ArborFilter *self)
{
  return self->is_complete;
}

void
arbor_filter_get_counters (const ArborFilter *self, ArborKernelCounters *counters)
{
  *counters = self->counters;
  if (self->decider != NULL)
    arbor_kernel_counters_add (counters, arbor_decider_get_counters (self->decider));
}

/* Batches */

/* Room for the bits of the next batch of the source, none of them set. */
static gboolean
begin_batch (ArborFilter *self, ArborSource *source, GError **error)
{
  guint32 batch = (guint32) self->n_batches;
  guint64 first = arbor_source_get_first_tree (source, batch);
  guint32 n_trees = (guint32) (arbor_source_get_first_tree (source, batch + 1) - first);
  gsize n_words = arbor_bits_n_words (n_trees);

  if (!arbor_charge_grow (&self->charge, &self->batches, &self->batches_capacity,
                          self->n_batches + 1, sizeof (KeptBatch), error) ||
      !arbor_charge_grow (&self->charge, &self->words, &self->words_capacity,
                          self->n_words + n_words, sizeof (guint64), error))
    return FALSE;
  memset (self->words + self->n_words, 0, n_words * 8);
  self->batches[batch] = (KeptBatch){ .word = self->n_words,
                                      .first_tree = first,
                                      .n_before = self->n_found,
                                      .n_trees = n_trees };
  self->n_words += n_words;
  self->n_batches++;
  self->n_decided = 0;
  return TRUE;
}

static gboolean
last_is_decided (const ArborFilter *self)
{
  return self->n_batches == 0 || self->n_decided == self->batches[self->n_batches - 1].n_trees;
}

static void
complete (ArborFilter *self)
{
  self->is_complete = TRUE;
  if (self->decider != NULL)
    arbor_kernel_counters_add (&self->counters, arbor_decider_get_counters (self->decider));
  g_clear_pointer (&self->decider, arbor_decider_free);
  g_clear_pointer (&self->mended, arbor_mended_free);
  arbor_charge_release (&self->charge);
}

/* Goes to the next batch where the last one is decided; FALSE with *@is_good: there is none. */
static gboolean
ensure_batch (ArborFilter *self, ArborAccess *access, GCancellable *cancellable,
              gboolean *is_good, GError **error)
{
  guint64 next = 0, count;

  *is_good = TRUE;
  if (!last_is_decided (self))
    return TRUE;
  if (self->n_batches > 0)
    next = self->batches[self->n_batches - 1].first_tree +
           self->batches[self->n_batches - 1].n_trees;
  /* What is derived is computed so far. */
  *is_good = arbor_access_count_trees (access, next + 1, cancellable, &count, error);
  if (!*is_good)
    return FALSE;
  if (count <= next)
    {
      complete (self);
      return FALSE;
    }
  *is_good = begin_batch (self, access->source, error);
  return *is_good;
}

/* A mended batch, all of it, where nobody needs to be asked about single trees. */
static gboolean
decide_mended (ArborFilter *self, ArborAccess *access, ArborDecider *decider, gsize index,
               gboolean is_alone, gboolean *is_done, GError **error)
{
  KeptBatch *batch = &self->batches[index];

  *is_done = FALSE;
  if (self->mended == NULL && is_alone && arbor_decider_is_fast (decider))
    self->mended = arbor_mended_new (access);
  if (self->mended == NULL)
    return TRUE;
  return arbor_mended_decide (self->mended, access, (guint32) index, decider, self->words + batch->word,
                              &batch->n_kept, is_done, error);
}

/* Some rows of the last batch. */
static gboolean
decide_piece (ArborFilter *self, ArborAccess *access, GCancellable *cancellable, GError **error)
{
  KeptBatch *batch;
  const ArborBatch *reader;
  guint32 n, n_kept;
  gboolean is_good, is_done;

  if (!ensure_batch (self, access, cancellable, &is_good, error))
    return is_good;
  batch = &self->batches[self->n_batches - 1];
  if (!arbor_access_check (access, cancellable, error))
    return FALSE;
  if (self->decider == NULL)
    self->decider = arbor_decider_new (self->predicates, self->n);
  if (arbor_decider_is_fast (self->decider))
    self->piece = ARBOR_BATCH_MAX_TREES;
  if (self->n_decided == 0)
    {
      if (!decide_mended (self, access, self->decider, self->n_batches - 1, TRUE, &is_done, error))
        return FALSE;
      if (is_done)
        {
          self->n_found += batch->n_kept;
          self->n_decided = batch->n_trees;
          return TRUE;
        }
    }
  reader = arbor_access_get_batch (access, (guint32) self->n_batches - 1, error);
  if (reader == NULL)
    return FALSE;

  arbor_decider_set_batch (
      self->decider, reader,
      arbor_source_get_first_tree (access->source, (guint32) self->n_batches - 1));
  n = MIN (self->piece, batch->n_trees - self->n_decided);
  n_kept = arbor_decider_decide (self->decider, self->n_decided, self->n_decided + n,
                                 self->words + batch->word);
  if (!arbor_decider_check (self->decider, error))
    {
      /* To be decided again: nothing of this piece counts. */
      for (guint32 i = self->n_decided; i < self->n_decided + n; i++)
        self->words[batch->word + i / 64] &= ~(G_GUINT64_CONSTANT (1) << (i % 64));
      arbor_decider_set_batch (self->decider, NULL, 0);
      return FALSE;
    }
  batch->n_kept += n_kept;
  self->n_found += n_kept;
  self->n_decided += n;
  self->piece = MIN (self->piece * 4, ARBOR_BATCH_MAX_TREES);
  return TRUE;
}

/* All that is left, shared out */

typedef struct
{
  ArborFilter *filter;
  ArborAccess *access;
  GCancellable *cancellable;
  gsize first, end; /* batches */
  GError **errors;  /* one a task */
  pthread_mutex_t mutex; /* guards idle */
  GPtrArray *idle;  /* deciders that no task has: as many are made as threads work */
  gboolean has_failed; /* atomic: some task; those not begun need not begin */
} Share;

static gboolean
decide_batch (Share *self, ArborDecider *decider, gsize index, GError **error)
{
  KeptBatch *batch = &self->filter->batches[index];
  const ArborBatch *reader;
  gboolean is_done;

  if (!arbor_access_check (self->access, self->cancellable, error) ||
      !decide_mended (self->filter, self->access, decider, index, FALSE, &is_done, error))
    return FALSE;
  if (is_done)
    return TRUE;
  reader = arbor_access_get_batch (self->access, (guint32) index, error);
  if (reader == NULL)
    return FALSE;
  arbor_decider_set_batch (decider, reader,
                           arbor_source_get_first_tree (self->access->source, (guint32) index));
  batch->n_kept = arbor_decider_decide (decider, 0, batch->n_trees,
                                        self->filter->words + batch->word);
  return arbor_decider_check (decider, error);
}

static ArborDecider *
take_decider (Share *self)
{
  ArborDecider *decider = NULL;

  pthread_mutex_lock (&self->mutex);
  if (self->idle->len > 0)
    decider = g_ptr_array_steal_index_fast (self->idle, self->idle->len - 1);
  pthread_mutex_unlock (&self->mutex);
  return decider != NULL ? decider
                         : arbor_decider_new (self->filter->predicates, self->filter->n);
}

static void
give_decider (Share *self, ArborDecider *decider)
{
  pthread_mutex_lock (&self->mutex);
  g_ptr_array_add (self->idle, decider);
  pthread_mutex_unlock (&self->mutex);
}

/* Tasks are begun in order: where one has failed, those before it have begun, and all errors before
 * the first are there. */
static void
decide_share (guint32 task, gpointer data)
{
  Share *self = data;
  ArborDecider *decider;
  gsize first = self->first + (gsize) task * TASK_BATCHES;
  gsize end = MIN (first + TASK_BATCHES, self->end);

  if (__atomic_load_n (&self->has_failed, __ATOMIC_RELAXED))
    return;
  decider = take_decider (self);
  for (gsize i = first; i < end; i++)
    if (!decide_batch (self, decider, i, &self->errors[task]))
      {
        __atomic_store_n (&self->has_failed, TRUE, __ATOMIC_RELAXED);
        break;
      }
  give_decider (self, decider);
}

/* The first error, the others freed. */
static gboolean
take_errors (Share *self, guint32 n_tasks, GError **error)
{
  gboolean is_good = TRUE;

  for (guint32 i = 0; i < n_tasks; i++)
    if (self->errors[i] != NULL)
      {
        if (is_good)
          g_propagate_error (error, g_steal_pointer (&self->errors[i]));
        else
          g_clear_error (&self->errors[i]);
        is_good = FALSE;
      }
  return is_good;
}

/* Patches have trees of many batches: they are decided before the tasks begin. */
static gboolean
prepare_mended (ArborFilter *self, ArborAccess *access, GError **error)
{
  g_autoptr (ArborDecider) decider = NULL;

  if (access->held == NULL)
    return TRUE;
  decider = arbor_decider_new (self->predicates, self->n);
  if (self->mended == NULL && arbor_decider_is_fast (decider))
    self->mended = arbor_mended_new (access);
  return self->mended == NULL || arbor_mended_prepare (self->mended, access, decider, error);
}

static gboolean
share_out (ArborFilter *self, ArborAccess *access, GCancellable *cancellable, GError **error)
{
  Share share = { .filter = self,
                  .access = access,
                  .cancellable = cancellable,
                  .first = self->n_batches,
                  .end = arbor_source_get_n_batches (access->source) };
  guint32 n_tasks = (guint32) ((share.end - share.first + TASK_BATCHES - 1) / TASK_BATCHES);
  gsize n_words = self->n_words;
  gboolean is_good = TRUE;

  while (is_good && self->n_batches < share.end)
    is_good = begin_batch (self, access->source, error);
  if (is_good)
    is_good = prepare_mended (self, access, error);
  if (is_good)
    {
      share.errors = g_new0 (GError *, n_tasks);
      share.idle = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_decider_free);
      pthread_mutex_init (&share.mutex, NULL);
      arbor_pool_run (n_tasks, decide_share, &share);
      is_good = take_errors (&share, n_tasks, error);
      for (guint i = 0; i < share.idle->len; i++)
        arbor_kernel_counters_add (&self->counters,
                                   arbor_decider_get_counters (share.idle->pdata[i]));
      pthread_mutex_destroy (&share.mutex);
      g_ptr_array_unref (share.idle);
      g_free (share.errors);
    }
  if (!is_good)
    {
      /* As if none had been begun. */
      self->n_batches = share.first;
      self->n_words = n_words;
      self->n_decided = share.first > 0 ? self->batches[share.first - 1].n_trees : 0;
      return FALSE;
    }
  for (gsize i = share.first; i < share.end; i++)
    {
      self->batches[i].n_before = self->n_found;
      self->n_found += self->batches[i].n_kept;
    }
  complete (self);
  return TRUE;
}

static gboolean
can_be_shared (const ArborFilter *self, const ArborAccess *access)
{
  return !arbor_source_is_derived (access->source) && arbor_pool_get_n_threads () > 1 &&
         last_is_decided (self) &&
         arbor_source_get_n_batches (access->source) >= self->n_batches + MIN_SHARED;
}

/* The trees that are read, and the predicates of these: the same ones in each call. */
static void
enter (ArborFilter *self, const ArborAccess *of, ArborAccess *access)
{
  *access = *of;
  if (self->narrow == NULL)
    {
      g_autoptr (ArborSelection) all = arbor_selection_new_all ();
      g_auto (ArborTrace) trace;

      arbor_trace_init (&trace, arbor_access_get_about (of), all, self->predicates, self->n,
                        ARBOR_TRACE_INDICES);
      arbor_trace_enter (&trace, of, access);
      arbor_access_narrow (access, access, trace.nodes, trace.n, &self->narrow);
      if (trace.is_traced)
        for (guint i = 0; i < self->n; i++)
          {
            arbor_node_unref (self->predicates[i]);
            self->predicates[i] = arbor_node_ref (trace.nodes[i]);
          }
    }
  arbor_access_narrow (access, access, self->predicates, self->n, &self->narrow);
  access->about = NULL; /* all trees of the source that is read */
}

gboolean
arbor_filter_find (ArborFilter *self, ArborAccess *access, guint64 wanted,
                   GCancellable *cancellable, GError **error)
{
  g_auto (ArborStop) stop;
  gboolean is_good = TRUE;
  ArborAccess narrow;

  arbor_stop_begin (&stop, cancellable);
  enter (self, access, &narrow);
  /* Another access may have another reader at the same address. */
  if (self->decider != NULL)
    arbor_decider_set_batch (self->decider, NULL, 0);
  while (is_good && !self->is_complete && self->n_found < wanted)
    is_good = wanted == G_MAXUINT64 && can_be_shared (self, &narrow)
                  ? share_out (self, &narrow, cancellable, error)
                  : decide_piece (self, &narrow, cancellable, error);
  return is_good;
}

/* Reading */

/* The batch that has the tree at @position, which is found. */
static gsize
find_batch (const ArborFilter *self, guint64 position)
{
  gsize low = 0;
  gsize high = self->n_batches - 1;

  while (low < high)
    {
      gsize middle = low + (high - low) / 2;

      if (self->batches[middle].n_before + self->batches[middle].n_kept <= position)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* The row of the one at @rank among the bits. */
static guint32
select_bit (const guint64 *bits, guint32 rank)
{
  guint32 word = 0;
  guint32 n;
  guint64 left;

  for (; (n = (guint32) __builtin_popcountll (bits[word])) <= rank; word++)
    rank -= n;
  for (left = bits[word]; rank > 0; rank--)
    left &= left - 1;
  return word * 64 + (guint32) __builtin_ctzll (left);
}

guint32
arbor_filter_read (const ArborFilter *self, guint64 position, guint32 max, guint32 *indices)
{
  guint32 n = 0;

  if (position >= self->n_found)
    return 0;
  for (gsize i = find_batch (self, position); i < self->n_batches && n < max; i++)
    {
      const KeptBatch *batch = &self->batches[i];
      const guint64 *bits = self->words + batch->word;
      guint32 from = 0;

      if (position + n < batch->n_before + batch->n_kept)
        {
          if (position + n > batch->n_before)
            from = select_bit (bits, (guint32) (position + n - batch->n_before));
          n += arbor_bits_list (bits, from, batch->n_trees, (guint32) batch->first_tree, max - n,
                                indices + n);
        }
    }
  return n;
}
