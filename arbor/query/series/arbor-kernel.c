/* Deciding rows: lanes put together, logic, arrays. See arbor-kernel.h.
 *
 * A verdict says of each row whether the part is true, false, or open: to be asked of the row
 * evaluator. What is none of these is null. Often only one of true and false is of interest: above
 * an `and` that a filter asks, false and null are the same. Then the other is not made, and a row
 * that cannot be what is asked for is not open.
 */

#include "query/series/arbor-kernel-private.h"
#include "query/series/arbor-series-program.h"
#include "query/series/arbor-series-ways.h"

/* Longer arrays are asked row by row: vectors of their size have a budget there. */
#define MAX_RUN 65536u

typedef enum
{
  WANT_TRUE = 1,
  WANT_FALSE = 2,
} Want;

typedef struct
{
  guint64 *is_true;  /* NULL unless wanted */
  guint64 *is_false; /* the same */
  guint64 *is_open;  /* NULL: none */
} Verdict;

/* Rows that are decided together. */
typedef struct
{
  ArborKernel *kernel;
  const ArborBatch *batch;
  guint32 column; /* whose rows they are: 0, or a column of elements */
  guint32 n_rows;
  gsize n_words;
  ArborScope *scope;
  ArborKernelCounters *counters;
} Domain;

struct _ArborKernel
{
  ArborNode *predicate;
  ArborKernelPart *root;
  gboolean is_complete;
  guint serial; /* of the batch at hand */
};

void
arbor_kernel_counters_add (ArborKernelCounters *self, const ArborKernelCounters *other)
{
  self->n_batches += other->n_batches;
  self->n_skipped += other->n_skipped;
  self->n_kernel_rows += other->n_kernel_rows;
  self->n_series_rows += other->n_series_rows;
  self->n_asked_rows += other->n_asked_rows;
  self->n_bytes += other->n_bytes;
}

static gboolean
has_rows_part (const ArborKernelPart *part)
{
  gboolean has_rows = part->kind == ARBOR_KERNEL_ROWS;

  for (guint i = 0; i < part->n_parts && !has_rows; i++)
    has_rows = has_rows_part (part->parts[i]);
  return has_rows;
}

ArborKernel *
arbor_kernel_new (ArborNode *predicate)
{
  ArborKernel *self = g_new0 (ArborKernel, 1);

  self->predicate = arbor_node_ref (predicate);
  self->root = arbor_kernel_compile (predicate);
  self->is_complete = !has_rows_part (self->root);
  return self;
}

void
arbor_kernel_free (ArborKernel *self)
{
  if (self == NULL)
    return;
  arbor_kernel_part_free (self->root);
  arbor_node_unref (self->predicate);
  g_free (self);
}

gboolean
arbor_kernel_is_complete (const ArborKernel *self)
{
  return self->is_complete;
}

/* Whether the part can rule rows out, or in. */
static gboolean
decides (const ArborKernelPart *part)
{
  gboolean any = part->n_parts == 0 && part->kind != ARBOR_KERNEL_ROWS;
  gboolean all = TRUE;

  for (guint i = 0; i < part->n_parts; i++)
    {
      gboolean one = decides (part->parts[i]);

      any |= one;
      all &= one;
    }
  return part->kind == ARBOR_KERNEL_NOT ? all : any;
}

gboolean
arbor_kernel_is_useful (const ArborKernel *self)
{
  return decides (self->root);
}

/* Bits */

static guint64 *
new_bits (Domain *domain)
{
  return arbor_scope_alloc (domain->scope, MAX (domain->n_words, 1) * 8);
}

static guint64 *
new_empty (Domain *domain)
{
  return memset (new_bits (domain), 0, domain->n_words * 8);
}

/* ORs @rows, NULL for all, into *@bits, which is made where it is NULL. */
static void
add_rows (Domain *domain, guint64 **bits, const guint64 *rows)
{
  if (*bits == NULL)
    *bits = new_empty (domain);
  if (rows == NULL)
    arbor_bits_fill (*bits, domain->n_rows);
  else
    arbor_bits_or (*bits, *bits, rows, domain->n_rows);
}

static gboolean
is_nothing (const guint64 *bits, const Domain *domain)
{
  return bits == NULL || !arbor_bits_any (bits, domain->n_rows);
}

static const ArborLanes *
get_lanes (ArborKernelPart *part, Domain *domain)
{
  if (part->serial != domain->kernel->serial)
    {
      arbor_lanes_init (&part->lanes, domain->batch, domain->column, part->steps, part->n_steps,
                        domain->scope);
      part->serial = domain->kernel->serial;
    }
  return &part->lanes;
}

/* Leaves */

/* What a lane says, put among what is known of the rows. */
static void
add_lane (ArborKernelPart *part, Domain *domain, const ArborLane *lane, Want want, Verdict *verdict)
{
  guint64 *bits = arbor_scope_alloc (domain->scope, MAX (arbor_bits_n_words (lane->count), 1) * 8);
  ArborLaneSays says =
      arbor_kernel_read_lane (part, lane, domain->scope, domain->counters, bits);
  guint64 *rows;

  switch (says)
    {
    case ARBOR_LANE_SAYS_NULL:
      return;
    case ARBOR_LANE_SAYS_TRUE:
      if ((want & WANT_TRUE) != 0)
        add_rows (domain, &verdict->is_true, lane->rows);
      return;
    case ARBOR_LANE_SAYS_FALSE:
      if ((want & WANT_FALSE) != 0)
        add_rows (domain, &verdict->is_false, lane->rows);
      return;
    case ARBOR_LANE_SAYS_NOTHING:
      add_rows (domain, &verdict->is_open, lane->rows);
      return;
    case ARBOR_LANE_SAYS_BITS:
      break;
    }

  rows = bits;
  if (!arbor_lane_is_full (lane))
    {
      rows = new_bits (domain);
      arbor_lane_spread (lane, bits, domain->n_rows, rows);
    }
  if ((want & WANT_TRUE) != 0)
    {
      if (verdict->is_true == NULL)
        verdict->is_true = rows;
      else
        arbor_bits_or (verdict->is_true, verdict->is_true, rows, domain->n_rows);
    }
  if ((want & WANT_FALSE) != 0)
    {
      guint64 *others = new_bits (domain);

      if (lane->rows == NULL)
        arbor_bits_not (others, rows, domain->n_rows);
      else
        arbor_bits_and_not (others, lane->rows, rows, domain->n_rows);
      add_rows (domain, &verdict->is_false, others);
    }
}

/* is_null, is_missing, == null: of the rows, not of what lies in lanes. */
static void
decide_absence (ArborKernelPart *part, Domain *domain, Want want, Verdict *verdict)
{
  const ArborLanes *lanes = get_lanes (part, domain);
  guint64 *yes = new_empty (domain);

  if (part->kind != ARBOR_KERNEL_IS_MISSING && lanes->nulls != NULL)
    memcpy (yes, lanes->nulls, domain->n_words * 8);
  if (part->kind != ARBOR_KERNEL_IS_NULL && lanes->present != NULL)
    {
      guint64 *missing = new_bits (domain);

      arbor_bits_not (missing, lanes->present, domain->n_rows);
      arbor_bits_or (yes, yes, missing, domain->n_rows);
    }
  if (lanes->hidden != NULL)
    arbor_bits_and_not (yes, yes, lanes->hidden, domain->n_rows);
  if ((want & WANT_TRUE) != 0)
    verdict->is_true = yes;
  if ((want & WANT_FALSE) != 0)
    {
      verdict->is_false = new_bits (domain);
      arbor_bits_not (verdict->is_false, yes, domain->n_rows);
      if (lanes->hidden != NULL)
        arbor_bits_and_not (verdict->is_false, verdict->is_false, lanes->hidden, domain->n_rows);
    }
}

static void
decide_leaf (ArborKernelPart *part, Domain *domain, Want want, Verdict *verdict)
{
  const ArborLanes *lanes = get_lanes (part, domain);

  if (part->kind >= ARBOR_KERNEL_IS_NULL && part->kind <= ARBOR_KERNEL_IS_ABSENT)
    decide_absence (part, domain, want, verdict);
  else
    for (guint i = 0; i < lanes->n_lanes; i++)
      add_lane (part, domain, &lanes->lanes[i], want, verdict);
  if (lanes->hidden != NULL)
    add_rows (domain, &verdict->is_open, lanes->hidden);
  if ((want & WANT_TRUE) != 0 && verdict->is_true == NULL)
    verdict->is_true = new_empty (domain);
  if ((want & WANT_FALSE) != 0 && verdict->is_false == NULL)
    verdict->is_false = new_empty (domain);
}

/* Logic */

static void decide (ArborKernelPart *part, Domain *domain, Want want, Verdict *verdict);

/* One of `and` (@wins is WANT_FALSE: a part that is false settles it) and `or`: all parts must be
 * what loses for the whole to be it. */
static void
decide_logic (ArborKernelPart *part, Domain *domain, Want want, Want wins, Verdict *verdict)
{
  guint64 *won = NULL, *lost = NULL, *open = NULL;
  guint64 *may_lose = new_bits (domain);

  arbor_bits_fill (may_lose, domain->n_rows);
  for (guint i = 0; i < part->n_parts; i++)
    {
      Verdict one = { 0 };
      guint64 *one_lost, *one_won;

      decide (part->parts[i], domain, want, &one);
      one_won = wins == WANT_TRUE ? one.is_true : one.is_false;
      one_lost = wins == WANT_TRUE ? one.is_false : one.is_true;
      if ((want & wins) != 0)
        add_rows (domain, &won, one_won);
      if (one.is_open != NULL)
        add_rows (domain, &open, one.is_open);
      if ((want & ~wins) == 0)
        continue;
      if (lost == NULL)
        lost = memcpy (new_bits (domain), one_lost, domain->n_words * 8);
      else
        arbor_bits_and (lost, lost, one_lost, domain->n_rows);
      if (one.is_open != NULL)
        arbor_bits_or (one_lost, one_lost, one.is_open, domain->n_rows);
      arbor_bits_and (may_lose, may_lose, one_lost, domain->n_rows);
      if (want != (WANT_TRUE | WANT_FALSE) && is_nothing (may_lose, domain))
        break;
    }

  if (open != NULL)
    {
      if ((want & wins) != 0)
        arbor_bits_and_not (open, open, won, domain->n_rows);
      else
        arbor_bits_and_not (open, may_lose, lost, domain->n_rows);
    }
  verdict->is_true = wins == WANT_TRUE ? won : lost;
  verdict->is_false = wins == WANT_TRUE ? lost : won;
  verdict->is_open = open;
}

static void
decide_not (ArborKernelPart *part, Domain *domain, Want want, Verdict *verdict)
{
  Want flipped = ((want & WANT_TRUE) != 0 ? WANT_FALSE : 0) |
                 ((want & WANT_FALSE) != 0 ? WANT_TRUE : 0);
  Verdict inner = { 0 };

  decide (part->parts[0], domain, flipped, &inner);
  *verdict = (Verdict){ inner.is_false, inner.is_true, inner.is_open };
}

/* Arrays */

static gboolean
any_in (const guint64 *bits, guint32 start, guint32 end)
{
  guint32 first = start / 64, last = (end - 1) / 64;
  guint64 from = G_MAXUINT64 << (start % 64);
  guint64 to = arbor_bits_last_mask (end);

  if (start == end)
    return FALSE;
  if (first == last)
    return (bits[first] & from & to) != 0;
  if ((bits[first] & from) != 0 || (bits[last] & to) != 0)
    return TRUE;
  for (guint32 i = first + 1; i < last; i++)
    if (bits[i] != 0)
      return TRUE;
  return FALSE;
}

/* Which arrays of the lane have an element in @found, and which in @open only: bits for each. */
static void
reduce_runs (const ArborLane *lane, guint32 n_elements, const guint64 *found, const guint64 *open,
             guint64 *with_found, guint64 *with_open)
{
  const guint8 *spans = lane->b;
  guint width = lane->record->span_width;
  guint32 start = 0;

  for (guint32 i = 0; i < lane->count; i++)
    {
      guint32 length = width == 4 ? arbor_load_u32 (spans + (gsize) i * 4 + 4) - start
                                  : (guint32) arbor_load_unsigned (spans, width, i);
      guint32 end = start + length;

      if (length > n_elements - start) /* a damaged batch */
        return;
      if (length > MAX_RUN)
        arbor_bits_set (with_open, i);
      else if (found != NULL && any_in (found, start, end))
        arbor_bits_set (with_found, i);
      else if (open != NULL && any_in (open, start, end))
        arbor_bits_set (with_open, i);
      start = end;
    }
}

/* Spreads bits of the arrays over the rows. */
static const guint64 *
arrays_to_rows (Domain *domain, const ArborLane *lane, guint64 *bits)
{
  guint64 *rows;

  if (lane == NULL || arbor_lane_is_full (lane))
    return bits;
  rows = new_bits (domain);
  arbor_lane_spread (lane, bits, domain->n_rows, rows);
  return rows;
}

/* any is true where an element is true, all is false where one is false; both are the other thing
 * everywhere else, also where there is no array. */
static void
decide_reduction (ArborKernelPart *part, Domain *domain, Want want, Verdict *verdict)
{
  const ArborLanes *lanes = get_lanes (part, domain);
  const ArborLane *lane = arbor_lanes_find (lanes, ARBOR_KIND_ARRAY);
  const ArborLane *overflow = arbor_lanes_find (lanes, ARBOR_LANE_OVERFLOW);
  Want wanted = part->kind == ARBOR_KERNEL_ANY ? WANT_TRUE : WANT_FALSE;
  guint64 *found = new_empty (domain), *others = new_bits (domain), *open = NULL;
  guint32 elements =
      lane != NULL ? arbor_batch_find_elements (domain->batch, lanes->column) : ARBOR_NO_COLUMN;

  if (elements != ARBOR_NO_COLUMN && arbor_batch_column_is_good (domain->batch, elements))
    {
      guint32 n = domain->batch->columns[elements].n_rows;
      Domain inside = *domain;
      Verdict inner = { 0 };
      guint64 *with_found, *with_open;

      inside.column = elements;
      inside.n_rows = n;
      inside.n_words = arbor_bits_n_words (n);
      decide (part->parts[0], &inside, wanted, &inner);
      with_found = arbor_scope_alloc (domain->scope, arbor_bits_n_words (lane->count) * 8);
      with_open = arbor_scope_alloc (domain->scope, arbor_bits_n_words (lane->count) * 8);
      memset (with_found, 0, arbor_bits_n_words (lane->count) * 8);
      memset (with_open, 0, arbor_bits_n_words (lane->count) * 8);
      domain->counters->n_bytes += lane->record->size_b;
      reduce_runs (lane, n, wanted == WANT_TRUE ? inner.is_true : inner.is_false, inner.is_open,
                   with_found, with_open);
      add_rows (domain, &found, arrays_to_rows (domain, lane, with_found));
      add_rows (domain, &open, arrays_to_rows (domain, lane, with_open));
    }
  if (overflow != NULL)
    add_rows (domain, &open, overflow->rows);
  if (lanes->hidden != NULL)
    add_rows (domain, &open, lanes->hidden);

  arbor_bits_not (others, found, domain->n_rows);
  if (open != NULL)
    arbor_bits_and_not (others, others, open, domain->n_rows);
  verdict->is_true = wanted == WANT_TRUE ? found : others;
  verdict->is_false = wanted == WANT_TRUE ? others : found;
  verdict->is_open = open;
}

/* Fills what is wanted of the verdict. Goes as deep as the compiler did. */
static void
decide (ArborKernelPart *part, Domain *domain, Want want, Verdict *verdict)
{
  switch ((ArborKernelKind) part->kind)
    {
    case ARBOR_KERNEL_ROWS:
      if ((want & WANT_TRUE) != 0)
        verdict->is_true = new_empty (domain);
      if ((want & WANT_FALSE) != 0)
        verdict->is_false = new_empty (domain);
      add_rows (domain, &verdict->is_open, NULL);
      break;
    case ARBOR_KERNEL_AND:
      decide_logic (part, domain, want, WANT_FALSE, verdict);
      break;
    case ARBOR_KERNEL_OR:
      decide_logic (part, domain, want, WANT_TRUE, verdict);
      break;
    case ARBOR_KERNEL_NOT:
      decide_not (part, domain, want, verdict);
      break;
    case ARBOR_KERNEL_ANY:
    case ARBOR_KERNEL_ALL:
      decide_reduction (part, domain, want, verdict);
      break;
    default:
      decide_leaf (part, domain, want, verdict);
      break;
    }
}

/* Statistics */

/* Whether a row may be true, as far as nothing but statistics tells. */
static gboolean
may_be_true (ArborKernelPart *part, Domain *domain)
{
  const ArborLanes *lanes;

  switch ((ArborKernelKind) part->kind)
    {
    case ARBOR_KERNEL_AND:
      for (guint i = 0; i < part->n_parts; i++)
        if (!may_be_true (part->parts[i], domain))
          return FALSE;
      return TRUE;
    case ARBOR_KERNEL_OR:
      for (guint i = 0; i < part->n_parts; i++)
        if (may_be_true (part->parts[i], domain))
          return TRUE;
      return FALSE;
    case ARBOR_KERNEL_COMPARE:
    case ARBOR_KERNEL_STARTS_WITH:
    case ARBOR_KERNEL_ENDS_WITH:
    case ARBOR_KERNEL_CONTAINS:
    case ARBOR_KERNEL_TRUTH:
      lanes = get_lanes (part, domain);
      for (guint i = 0; i < lanes->n_lanes; i++)
        if (arbor_kernel_weigh_lane (part, &lanes->lanes[i]) >= ARBOR_LANE_SAYS_TRUE)
          return TRUE;
      return lanes->hidden != NULL;
    default:
      return TRUE;
    }
}

static void
domain_init (Domain *self, ArborKernel *kernel, const ArborBatch *batch, ArborScope *scope,
             ArborKernelCounters *counters)
{
  guint32 n_rows = arbor_batch_get_n_trees (batch);

  *self = (Domain){ .kernel = kernel,
                    .batch = batch,
                    .n_rows = n_rows,
                    .n_words = arbor_bits_n_words (n_rows),
                    .scope = scope,
                    .counters = counters };
}

gboolean
arbor_kernel_may_match (ArborKernel *self, const ArborBatch *batch, ArborScope *scope)
{
  Domain domain;

  self->serial++;
  domain_init (&domain, self, batch, scope, NULL);
  return may_be_true (self->root, &domain);
}

void
arbor_kernel_run (ArborKernel *self, const ArborBatch *batch, ArborScope *scope,
                  ArborKernelCounters *counters, const guint64 **is_true, const guint64 **is_open)
{
  Verdict verdict = { 0 };
  Domain domain;

  domain_init (&domain, self, batch, scope, counters);
  decide (self->root, &domain, WANT_TRUE, &verdict);
  *is_true = verdict.is_true;
  *is_open = is_nothing (verdict.is_open, &domain) ? NULL : verdict.is_open;
}

/* Describing */

/* What @node, which is not for kernels, is for. */
static GString *
choose_way (const ArborNode *node, GString *columns, GString *rows)
{
  return arbor_series_find_row_code (node, FALSE) != NULL ? rows : columns;
}

static void
describe_part (const ArborKernelPart *part, GString *kernels, GString *columns, GString *rows)
{
  GString *out =
      part->kind == ARBOR_KERNEL_ROWS ? choose_way (part->node, columns, rows) : kernels;

  if (part->kind == ARBOR_KERNEL_AND || part->kind == ARBOR_KERNEL_OR)
    {
      gboolean is_written_so = part->n_parts > 0 && part->parts[0]->node != part->node;

      for (guint i = 0; is_written_so && i < part->n_parts; i++)
        describe_part (part->parts[i], kernels, columns, rows);
      if (is_written_so)
        return;
    }
  if (part->kind == ARBOR_KERNEL_NOT && part->parts[0]->kind == ARBOR_KERNEL_ROWS)
    out = choose_way (part->node, columns, rows);
  {
    g_autofree char *text = arbor_node_to_string (part->node);

    g_string_append_printf (out, "%s%s", out->len > 0 ? "; " : "", text);
    if (out == rows)
      arbor_series_append_reason (part->node, FALSE, out);
  }
}

void
arbor_kernel_describe (const ArborKernel *self, GString *text)
{
  g_autoptr (GString) kernels = g_string_new (NULL);
  g_autoptr (GString) columns = g_string_new (NULL);
  g_autoptr (GString) rows = g_string_new (NULL);

  describe_part (self->root, kernels, columns, rows);
  if (kernels->len > 0)
    g_string_append_printf (text, "kernel: %s", kernels->str);
  if (columns->len > 0)
    g_string_append_printf (text, "%scolumns: %s", kernels->len > 0 ? " | " : "", columns->str);
  if (rows->len > 0)
    g_string_append_printf (text, "%srow by row: %s",
                            kernels->len + columns->len > 0 ? " | " : "", rows->str);
}
