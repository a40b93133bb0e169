/* See arbor-decider.h. The kernels run once a batch, when the first of its rows is decided; what
 * they say is kept for the others.
 */

#include "query/series/arbor-decider.h"

#include "base/arbor-simd.h"
#include "query/series/arbor-series-reader.h"

/* Fewer rows than one in so many of a batch are not worth its kernels. */
#define FEW 32u
/* So few rows are asked one by one. */
#define FEW_ASKED 8u

typedef struct
{
  ArborEvaluator *evaluator;
  ArborSeriesReader *reader;
  ArborKernel *kernel; /* NULL: it could decide nothing */
  gboolean is_bound;   /* the evaluator, to the batch at hand */
  const guint64 *is_true; /* of the batch at hand; all NULL without a kernel */
  const guint64 *is_open;
} Predicate;

struct _ArborDecider
{
  guint n;
  Predicate *predicates;
  gboolean uses_kernels;
  gboolean is_fast;
  const ArborBatch *batch;
  guint64 first; /* the number of its first tree */
  gboolean is_run;     /* the kernels, for the batch at hand */
  gboolean is_skipped; /* they found that no row can be true */
  guint64 *may_be;     /* rows that no predicate has ruled out */
  guint64 *is_open;    /* of these, those that a predicate asks for; NULL: none */
  ArborScope *lanes;   /* what kernels found in the batch at hand */
  ArborScope *scope;   /* of one row */
  guint32 *asked;      /* places of the rows that one predicate is asked about, and these rows */
  guint32 *asked_rows;
  guint32 n_room;
  GError *error;       /* what series met */
  ArborKernelCounters counters;
};

ArborDecider *
arbor_decider_new (ArborNode *const *predicates, guint n)
{
  ArborDecider *self = g_new0 (ArborDecider, 1);

  self->n = n;
  self->predicates = g_new0 (Predicate, n);
  self->uses_kernels = self->is_fast = TRUE;
  for (guint i = 0; i < n; i++)
    {
      Predicate *predicate = &self->predicates[i];

      predicate->evaluator = arbor_evaluator_new (predicates[i]);
      predicate->reader = arbor_series_reader_new (predicates[i]);
      predicate->kernel = arbor_kernel_new (predicates[i]);
      self->is_fast &= arbor_kernel_is_complete (predicate->kernel);
      if (!arbor_kernel_is_useful (predicate->kernel))
        g_clear_pointer (&predicate->kernel, arbor_kernel_free);
    }
  self->lanes = arbor_scope_new ();
  self->scope = arbor_scope_new ();
  return self;
}

void
arbor_decider_free (ArborDecider *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n; i++)
    {
      arbor_evaluator_free (self->predicates[i].evaluator);
      arbor_series_reader_free (self->predicates[i].reader);
      arbor_kernel_free (self->predicates[i].kernel);
    }
  g_free (self->asked);
  g_free (self->asked_rows);
  g_clear_error (&self->error);
  g_free (self->predicates);
  arbor_scope_free (self->lanes);
  arbor_scope_free (self->scope);
  g_free (self);
}

gboolean
arbor_decider_is_fast (const ArborDecider *self)
{
  return self->is_fast && self->uses_kernels;
}

void
arbor_decider_set_uses_kernels (ArborDecider *self, gboolean uses_kernels)
{
  self->uses_kernels = uses_kernels;
}

void
arbor_decider_set_batch (ArborDecider *self, const ArborBatch *batch, guint64 first)
{
  self->first = first;
  if (batch == self->batch && batch != NULL)
    return;
  self->batch = batch;
  self->is_run = FALSE;
  for (guint i = 0; i < self->n; i++)
    {
      self->predicates[i].is_bound = FALSE;
      arbor_series_reader_forget (self->predicates[i].reader);
    }
}

gboolean
arbor_decider_check (ArborDecider *self, GError **error)
{
  if (self->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->error));
      return FALSE;
    }
  return arbor_scope_check (self->scope, error);
}

const ArborKernelCounters *
arbor_decider_get_counters (const ArborDecider *self)
{
  return &self->counters;
}

/* Rows one by one */

static void
bind_evaluator (ArborDecider *self, Predicate *predicate)
{
  if (predicate->is_bound)
    return;
  arbor_evaluator_set_batch (predicate->evaluator, self->batch, self->first);
  predicate->is_bound = TRUE;
  self->counters.n_bytes += arbor_evaluator_get_n_bytes (predicate->evaluator);
}

static gboolean
ask (ArborDecider *self, Predicate *predicate, guint32 row)
{
  ArborValue value;
  gboolean is_true;

  bind_evaluator (self, predicate);
  arbor_evaluator_get_value (predicate->evaluator, row, self->scope, &value);
  is_true = arbor_value_is_true (&value);
  arbor_scope_reset (self->scope);
  return is_true;
}

static gboolean
ask_all (ArborDecider *self, guint32 row)
{
  /* check () tells. */
  if (arbor_scope_is_stopped (self->scope))
    return FALSE;
  self->counters.n_asked_rows++;
  for (guint i = 0; i < self->n; i++)
    {
      Predicate *predicate = &self->predicates[i];

      if (self->is_run && predicate->is_true != NULL)
        {
          if (arbor_bits_test (predicate->is_true, row))
            continue;
          if (predicate->is_open == NULL || !arbor_bits_test (predicate->is_open, row))
            return FALSE;
        }
      if (!ask (self, predicate, row))
        return FALSE;
    }
  return TRUE;
}

/* Many rows */

static void
make_room (ArborDecider *self, guint32 n)
{
  if (n <= self->n_room)
    return;
  self->n_room = n;
  self->asked = g_renew (guint32, self->asked, n);
  self->asked_rows = g_renew (guint32, self->asked_rows, n);
}

static gboolean
is_ascending (const guint32 *rows, guint32 n)
{
  for (guint32 i = 1; i < n; i++)
    if (rows[i] <= rows[i - 1])
      return FALSE;
  return TRUE;
}

/* Those that are still asked for, and that the kernel leaves open: their places, and rows. Those that it
 * decides get its answer. */
static guint32
list_asked (ArborDecider *self, const Predicate *predicate, const guint32 *rows, guint32 n,
            guint8 *answers)
{
  guint32 n_asked = 0;

  for (guint32 i = 0; i < n; i++)
    {
      guint32 row = rows != NULL ? rows[i] : i;

      if (!answers[i])
        continue;
      if (self->is_run && predicate->is_true != NULL)
        {
          if (arbor_bits_test (predicate->is_true, row))
            continue;
          if (predicate->is_open == NULL || !arbor_bits_test (predicate->is_open, row))
            {
              answers[i] = FALSE;
              continue;
            }
        }
      self->asked[n_asked] = i;
      self->asked_rows[n_asked++] = row;
    }
  return n_asked;
}

ARBOR_TARGET_CLONES
static void
find_true (const guint8 *truths, guint32 n, guint8 *answers)
{
  for (guint32 i = 0; i < n; i++)
    answers[i] = truths[i] == ARBOR_TRUTH_TRUE;
}

/* Drops from @answers the rows for which the predicate is not true. FALSE: row by row, so that errors
 * come in the order of rows. @is_first: all rows are asked for. */
static gboolean
ask_predicate (ArborDecider *self, Predicate *predicate, const guint32 *rows, guint32 n,
               gboolean is_first, guint8 *answers)
{
  gboolean is_all = is_first && !(self->is_run && predicate->is_true != NULL);
  ArborRows asked = { .batch = self->batch, .first = self->first, .rows = rows, .n = n };
  ArborSeries chunk, truths;
  guint32 at = 0;

  if (!is_all)
    {
      asked.n = list_asked (self, predicate, rows, n, answers);
      asked.rows = self->asked_rows;
    }
  if (asked.n == 0)
    return TRUE;
  bind_evaluator (self, predicate);
  if (asked.rows != NULL && asked.n == arbor_batch_get_n_trees (self->batch) &&
      is_ascending (asked.rows, asked.n))
    asked.rows = NULL; /* all of them */
  arbor_series_reader_begin (predicate->reader, &asked);
  while (arbor_series_reader_next (predicate->reader, &chunk) > 0)
    {
      if (arbor_series_reader_take_trouble (predicate->reader))
        return FALSE;
      if (self->error == NULL && !arbor_series_reader_check (predicate->reader, &self->error))
        return TRUE;
      arbor_series_to_truths (&chunk, self->scope, &truths);
      if (is_all)
        find_true (truths.truths, chunk.n, answers + at);
      else
        for (guint32 i = 0; i < chunk.n; i++)
          answers[self->asked[at + i]] = truths.truths[i] == ARBOR_TRUTH_TRUE;
      at += chunk.n;
      arbor_scope_reset (self->scope);
    }
  return TRUE;
}

/* Which of these rows, none twice, are kept; @answers gets a byte for each. @rows: NULL is all of the
 * batch. */
static void
ask_rows (ArborDecider *self, const guint32 *rows, guint32 n, guint8 *answers)
{
  gboolean is_asked = n >= FEW_ASKED && self->uses_kernels;

  memset (answers, TRUE, n);
  make_room (self, n);
  for (guint i = 0; is_asked && i < self->n; i++)
    is_asked = ask_predicate (self, &self->predicates[i], rows, n, i == 0, answers);
  if (is_asked)
    self->counters.n_series_rows += n;
  for (guint32 i = 0; !is_asked && i < n; i++)
    answers[i] = (guint8) ask_all (self, rows != NULL ? rows[i] : i);
}

/* Batches */

/* What a predicate's kernel says of all rows; TRUE where no row is left. */
static gboolean
run_kernel (ArborDecider *self, Predicate *predicate, gsize n)
{
  guint64 *open;

  arbor_kernel_run (predicate->kernel, self->batch, self->lanes, &self->counters,
                    &predicate->is_true, &predicate->is_open);
  /* Who runs out of memory in one part has null for the whole: only the evaluator knows. */
  if (!arbor_kernel_is_complete (predicate->kernel) &&
      arbor_evaluator_has_budget (predicate->evaluator))
    {
      guint64 *none = arbor_scope_alloc (self->lanes, arbor_bits_n_words (n) * 8);

      open = arbor_scope_alloc (self->lanes, arbor_bits_n_words (n) * 8);
      memcpy (open, predicate->is_true, arbor_bits_n_words (n) * 8);
      if (predicate->is_open != NULL)
        arbor_bits_or (open, open, predicate->is_open, n);
      memset (none, 0, arbor_bits_n_words (n) * 8);
      predicate->is_true = none;
      predicate->is_open = open;
    }
  if (predicate->is_open == NULL)
    {
      arbor_bits_and (self->may_be, self->may_be, predicate->is_true, n);
    }
  else
    {
      open = arbor_scope_alloc (self->lanes, arbor_bits_n_words (n) * 8);
      arbor_bits_or (open, predicate->is_true, predicate->is_open, n);
      arbor_bits_and (self->may_be, self->may_be, open, n);
      if (self->is_open == NULL)
        self->is_open = memset (arbor_scope_alloc (self->lanes, arbor_bits_n_words (n) * 8), 0,
                                arbor_bits_n_words (n) * 8);
      arbor_bits_or (self->is_open, self->is_open, predicate->is_open, n);
    }
  return !arbor_bits_any (self->may_be, n);
}

static void
run_kernels (ArborDecider *self)
{
  gsize n = arbor_batch_get_n_trees (self->batch);

  self->is_run = TRUE;
  self->is_skipped = FALSE;
  self->is_open = NULL;
  self->counters.n_batches++;
  for (guint i = 0; i < self->n; i++)
    self->predicates[i].is_true = self->predicates[i].is_open = NULL;
  arbor_scope_reset (self->lanes);
  for (guint i = 0; self->uses_kernels && i < self->n && !self->is_skipped; i++)
    self->is_skipped =
        self->predicates[i].kernel != NULL &&
        !arbor_kernel_may_match (self->predicates[i].kernel, self->batch, self->lanes);
  if (self->is_skipped)
    {
      self->counters.n_skipped++;
      return;
    }

  self->may_be = arbor_scope_alloc (self->lanes, arbor_bits_n_words (n) * 8);
  arbor_bits_fill (self->may_be, n);
  for (guint i = 0; i < self->n; i++)
    {
      Predicate *predicate = &self->predicates[i];

      if (predicate->kernel != NULL && self->uses_kernels)
        {
          if (run_kernel (self, predicate, n))
            return;
          continue;
        }
      if (self->is_open == NULL)
        self->is_open = arbor_scope_alloc (self->lanes, arbor_bits_n_words (n) * 8);
      arbor_bits_fill (self->is_open, n);
    }
  if (self->is_open != NULL)
    arbor_bits_and (self->is_open, self->is_open, self->may_be, n);
}

gboolean
arbor_decider_leaves_open (ArborDecider *self)
{
  if (!self->is_run)
    run_kernels (self);
  return !self->is_skipped && self->is_open != NULL &&
         arbor_bits_any (self->is_open, arbor_batch_get_n_trees (self->batch));
}

void
arbor_decider_set_live (ArborDecider *self, const guint64 *live)
{
  gsize n = arbor_batch_get_n_trees (self->batch);

  if (!self->is_run)
    run_kernels (self);
  if (self->is_skipped)
    return;
  arbor_bits_and (self->may_be, self->may_be, live, n);
  if (self->is_open != NULL)
    arbor_bits_and (self->is_open, self->is_open, live, n);
}

/* Bits of word @word that lie in [from, to). */
static guint64
get_mask (guint32 word, guint32 from, guint32 to)
{
  guint64 mask = G_MAXUINT64;

  if (word == from / 64)
    mask &= G_MAXUINT64 << (from % 64);
  if (to - word * 64 < 64)
    mask &= arbor_bits_last_mask (to);
  return mask;
}

ARBOR_TARGET_CLONES
static void
pack_answers (const guint8 *answers, guint32 n_words, guint64 *bits)
{
  for (guint32 word = 0; word < n_words; word++)
    {
      guint64 packed = 0;

      for (guint i = 0; i < 64; i++)
        packed |= (guint64) answers[word * 64 + i] << i;
      bits[word] &= packed;
    }
}

/* All rows of the batch are open, and may be. */
static void
decide_all_open (ArborDecider *self, guint32 n)
{
  ArborScopeMark mark = arbor_scope_mark (self->lanes);
  gsize n_words = arbor_bits_n_words (n);
  guint8 *answers = arbor_scope_alloc (self->lanes, n_words * 64);

  memset (answers + n, 0, n_words * 64 - n);
  ask_rows (self, NULL, n, answers);
  pack_answers (answers, (guint32) n_words, self->may_be);
  memset (self->is_open, 0, n_words * 8);
  arbor_scope_release (self->lanes, mark);
}

/* Rows @from to @to - 1 that are open are so no more. */
static void
decide_open (ArborDecider *self, guint32 from, guint32 to)
{
  ArborScopeMark mark = arbor_scope_mark (self->lanes);
  guint32 n_trees = arbor_batch_get_n_trees (self->batch);
  guint32 n = (guint32) arbor_bits_count (self->is_open, n_trees);
  guint32 *rows;
  guint8 *answers;

  if (n == n_trees && from == 0 && to == n)
    {
      self->counters.n_kernel_rows -= n;
      decide_all_open (self, n);
      return;
    }
  rows = arbor_scope_alloc (self->lanes, (gsize) (to - from) * sizeof *rows);
  answers = arbor_scope_alloc (self->lanes, to - from);
  n = arbor_bits_list (self->is_open, from, to, 0, to - from, rows);
  self->counters.n_kernel_rows -= n;
  ask_rows (self, rows, n, answers);
  for (guint32 i = 0; i < n; i++)
    {
      guint64 bit = G_GUINT64_CONSTANT (1) << (rows[i] % 64);

      self->is_open[rows[i] / 64] &= ~bit;
      self->may_be[rows[i] / 64] &= ~(bit & ((guint64) answers[i] - 1));
    }
  arbor_scope_release (self->lanes, mark);
}

guint32
arbor_decider_decide (ArborDecider *self, guint32 from, guint32 to, guint64 *bits)
{
  guint32 n_kept = 0;

  if (!self->is_run)
    run_kernels (self);
  if (self->is_skipped || from >= to)
    return 0;
  self->counters.n_kernel_rows += to - from;
  if (self->is_open != NULL)
    decide_open (self, from, to);
  for (guint32 word = from / 64; word <= (to - 1) / 64; word++)
    {
      guint64 kept = self->may_be[word] & get_mask (word, from, to);

      bits[word] |= kept;
      n_kept += (guint32) __builtin_popcountll (kept);
    }
  return n_kept;
}

guint32
arbor_decider_decide_rows (ArborDecider *self, const guint32 *rows, guint32 n, guint32 *kept)
{
  g_autofree guint32 *open = NULL;
  g_autofree guint8 *answers = NULL;
  guint32 n_kept = 0, n_open = 0;

  if (!self->is_run && self->uses_kernels && n >= arbor_batch_get_n_trees (self->batch) / FEW)
    run_kernels (self);
  if (self->is_run && self->is_skipped)
    return 0;
  open = g_new (guint32, n);
  answers = g_new (guint8, n);
  for (guint32 i = 0; i < n; i++)
    if (!self->is_run || (self->is_open != NULL && arbor_bits_test (self->may_be, rows[i]) &&
                          arbor_bits_test (self->is_open, rows[i])))
      open[n_open++] = rows[i];
  ask_rows (self, open, n_open, answers);
  n_open = 0;
  for (guint32 i = 0; i < n; i++)
    {
      guint32 row = rows[i];
      gboolean is_kept = self->is_run ? arbor_bits_test (self->may_be, row) : TRUE;

      if (is_kept && (!self->is_run ||
                      (self->is_open != NULL && arbor_bits_test (self->is_open, row))))
        is_kept = answers[n_open++];
      if (is_kept)
        kept[n_kept++] = row;
    }
  return n_kept;
}
