/* What mended entries cost those who read: an arbor of so many trees, changed one by one at random places (60 %
 * replaced, 20 % inserted, 20 % deleted; all over it, or all in one entry, or only deleted), beside the same trees
 * put anew. Each task is run in a session that was just opened, then after one change more, and then again. Changes are made of parts (kit/mended.h tells how), as edits leave them.
 *
 *   bench-mended [TREES [CHANGES]]
 */

#include "query/plan/arbor-plan.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arbor-tape.h"
#include "batch/arbor-batch-builder.h"
#include "batch/arbor-value-access.h"
#include "query/column/arbor-column-data.h"
#include "query/expr/arbor-evaluator.h"
#include "query/export/arbor-export.h"
#include "query/view/arbor-trees.h"
#include "storage/arbor-catalog.h"
#include "storage/arbor-staging.h"

#include "kit/files.h"

#define ROUNDS 7u
#define PATCH 4096u

typedef struct
{
  ArborBatchBuilder *builder;
  ArborParser *parser;
  GPtrArray *out;
} Writer;

static void
writer_init (Writer *self)
{
  self->builder = arbor_batch_builder_new ();
  self->parser = arbor_parser_new ();
  self->out = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
}

static void
writer_flush (Writer *self)
{
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (self->out, arbor_batch_builder_finish (self->builder, &error));
  g_assert_no_error (error);
}

static void
writer_clear (Writer *self)
{
  arbor_batch_builder_free (self->builder);
  arbor_parser_free (self->parser);
  g_ptr_array_unref (self->out);
}

static void
write_tree (Writer *self, GRand *random, guint i)
{
  static const char *const states[] = { "open", "closed", "waiting", "lost", "found" };
  g_autoptr (GString) text = g_string_new (NULL);
  gsize offset, length;
  const char *reason;
  ArborTape tape;

  g_string_printf (text,
                   "{\"id\":\"k%08u\",\"n\":%u,\"price\":%u.%02u,\"state\":\"%s\",\"city\":\"c%u\","
                   "\"ok\":%s,\"year\":%d,\"note\":\"%08x %08x\"%s}",
                   i, i, g_rand_int (random) % 1000, g_rand_int (random) % 100,
                   states[g_rand_int (random) % 5], g_rand_int (random) % 400,
                   g_rand_boolean (random) ? "true" : "false", g_rand_int_range (random, 1950, 2030),
                   g_rand_int (random), g_rand_int (random),
                   i % 7 == 0 ? "" : ",\"rate\":null");
  length = text->len;
  for (guint j = 0; j < ARBOR_PARSER_PADDING; j++)
    g_string_append_c (text, ' ');
  g_assert_true (arbor_parser_parse (self->parser, text->str, length, &tape, &offset, &reason));
  arbor_batch_builder_add_tape (self->builder, &tape, ARBOR_TAPE_ROOT);
}

/* The store */

static void
put (ArborSession *session, const char *name, GPtrArray *batches)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStaging) staging = arbor_staging_new (session, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (arbor_staging_begin_arbor (staging, name, &error));
  for (guint i = 0; i < batches->len; i++)
    g_assert_true (arbor_staging_add_batch (staging, batches->pdata[i], NULL, &error));
  arbor_staging_commit (staging, NULL, &error);
  g_assert_no_error (error);
}

static ArborSession *
open_session (const char *path)
{
  const ArborSessionOptions options = {
    .create = TRUE, .map_size = G_GUINT64_CONSTANT (1) << 33, .busy_timeout = 60000
  };
  g_autoptr (GError) error = NULL;
  ArborSession *session = arbor_session_open (path, &options, NULL, &error);

  g_assert_no_error (error);
  return session;
}

static void
close_session (ArborSession *session)
{
  arbor_gate_close (arbor_session_get_gate (session));
  arbor_session_unref (session);
}

/* Changes */

/* A row of the base, or of the patches, and this bit. */
#define IS_PATCH 0x80000000u

typedef enum
{
  ALL_OVER,
  IN_ONE,
  DELETED,
} Way;

/* The entries as lists of rows. */
typedef struct
{
  guint32 n_entries;
  GArray **rows; /* guint32 */
  guint32 n_patched;
} Lists;

static void
change (Lists *self, GRand *random, Way way)
{
  guint32 entry = way == IN_ONE ? 0 : (guint32) g_rand_int_range (random, 0, (gint32) self->n_entries);
  GArray *rows = self->rows[entry];
  guint dice = way == DELETED ? 9 : (guint) g_rand_int_range (random, 0, 10);
  guint at = rows->len > 0 ? (guint) g_rand_int_range (random, 0, (gint32) rows->len) : 0;
  guint32 fresh = IS_PATCH | self->n_patched;

  if (rows->len < 2 || (dice >= 6 && dice < 8 && rows->len < ARBOR_BATCH_MAX_TREES))
    {
      g_array_insert_val (rows, at, fresh);
      self->n_patched++;
    }
  else if (dice < 8)
    {
      g_array_index (rows, guint32, at) = fresh;
      self->n_patched++;
    }
  else
    {
      g_array_remove_index (rows, at);
    }
}

static ArborMend *
make_mend (const GArray *rows, const ArborRecord *patches)
{
  g_autofree ArborMendPart *parts = g_new (ArborMendPart, rows->len + 1);
  g_autofree guint64 *ids = g_new (guint64, patches->n_batches);

  for (guint32 i = 0; i < patches->n_batches; i++)
    ids[i] = patches->batches[i].id;
  for (guint i = 0; i < rows->len; i++)
    {
      guint32 row = g_array_index (rows, guint32, i);

      if ((row & IS_PATCH) != 0)
        parts[i] = (ArborMendPart){ 1 + (row & ~IS_PATCH) / PATCH, (row & ~IS_PATCH) % PATCH, 1 };
      else
        parts[i] = (ArborMendPart){ 0, row, 1 };
    }
  return arbor_mend_new (parts, rows->len, ids, patches->n_batches);
}

static ArborSource *
make_source (ArborSession *session, ArborSnapshot *snapshot, const Lists *lists)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborRecord) bases = arbor_snapshot_lookup (snapshot, "bases", &error);
  g_autoptr (ArborRecord) patches = arbor_snapshot_lookup (snapshot, "patches", &error);
  g_autoptr (ArborRecord) record = NULL;
  g_autofree ArborBatchEntry *entries = NULL;

  g_assert_no_error (error);
  entries = g_memdup2 (bases->batches, bases->n_batches * sizeof *entries);
  record = arbor_record_new_draft ("bases", 0, bases->batches, bases->n_batches);
  for (guint32 i = 0; i < bases->n_batches; i++)
    {
      entries[i].mend = make_mend (lists->rows[i], patches);
      if (arbor_mend_is_whole (entries[i].mend, entries[i].n_rows))
        g_clear_pointer (&entries[i].mend, arbor_mend_unref);
      else
        entries[i].n_trees = entries[i].mend->n_trees;
    }
  arbor_record_set_batches (record, entries, bases->n_batches);
  arbor_record_set_patches (record, patches->batches, patches->n_batches);
  for (guint32 i = 0; i < bases->n_batches; i++)
    if (entries[i].mend != NULL)
      arbor_mend_unref (entries[i].mend);
  return arbor_source_new_stored (session, record, snapshot, snapshot);
}

/* Tasks */

static ArborNode *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  ArborNode *node = arbor_node_parse (text, &error);

  g_assert_no_error (error);
  return node;
}

static guint64
count_view (ArborView *view)
{
  g_autoptr (GError) error = NULL;
  ArborAccess access;
  guint64 n = 0;

  g_assert_true (arbor_view_enter (view, &access, &error));
  arbor_selection_get_count (view->selection, &access, NULL, &n, &error);
  arbor_access_leave (&access, NULL);
  g_assert_no_error (error);
  return n;
}

static guint64
count_filtered (ArborView *view, const char *text)
{
  g_autoptr (ArborNode) node = parse (text);
  g_autoptr (ArborPlanStep) step = arbor_plan_filter (node);
  g_autoptr (ArborView) filtered = arbor_plan_step_apply (step, view, NULL);

  return count_view (filtered);
}

static guint64
filter_number (ArborView *view)
{
  return count_filtered (view, "year > 2000");
}

static guint64
filter_three (ArborView *view)
{
  return count_filtered (view, "year > 2000 and state == 'open' and price < 300");
}

static guint64
filter_text (ArborView *view)
{
  return count_filtered (view, "note contains 'ab'");
}

static guint64
filter_computed (ArborView *view)
{
  return count_filtered (view, "year * 2 > price + 3000");
}

static guint64
read_column (ArborView *view, const char *text, gboolean is_sorted)
{
  g_autoptr (ArborNode) node = parse (text);
  g_autoptr (ArborNode) id = parse ("n");
  g_autoptr (ArborView) sorted = arbor_view_ref (view);
  g_autoptr (ArborColumnData) data = NULL;
  g_autoptr (GError) error = NULL;
  ArborAccess access;

  if (is_sorted)
    {
      g_autoptr (ArborPlanStep) step = arbor_plan_sort (&node, 1, NULL, 0);

      arbor_view_unref (sorted);
      sorted = arbor_plan_step_apply (step, view, NULL);
    }
  g_assert_true (arbor_view_enter (sorted, &access, &error));
  if (is_sorted)
    {
      guint32 first, n;

      arbor_selection_read (sorted->selection, &access, 0, 1, &first, &n, NULL, &error);
      arbor_access_leave (&access, NULL);
      g_assert_no_error (error);
      return first;
    }
  data = arbor_column_data_read (node, sorted->selection, &access, NULL, &error);
  arbor_access_leave (&access, NULL);
  g_assert_no_error (error);
  return data->n_rows;
}

static guint64
sort_number (ArborView *view)
{
  return read_column (view, "price", TRUE);
}

static guint64
sort_text (ArborView *view)
{
  return read_column (view, "note", TRUE);
}

static guint64
column_number (ArborView *view)
{
  return read_column (view, "price", FALSE);
}

static guint64
column_text (ArborView *view)
{
  return read_column (view, "state", FALSE);
}

static guint64
group (ArborView *view, const char *key, const char *aggregate)
{
  static const char *const names[] = { "key", NULL };
  static const char *const of[] = { "n", "value", NULL };
  g_autoptr (ArborNode) node = parse (key);
  g_autoptr (ArborNode) count = parse ("count()");
  g_autoptr (ArborNode) value = parse (aggregate);
  ArborNode *values[] = { count, value };
  g_autoptr (ArborPlanStep) step = arbor_plan_group (names, &node, 1, of, values, 2);
  g_autoptr (ArborView) grouped = arbor_plan_step_apply (step, view, NULL);

  return count_view (grouped);
}

static guint64
group_few (ArborView *view)
{
  return group (view, "state", "mean(price)");
}

static guint64
group_computed (ArborView *view)
{
  return group (view, "year mod 10", "sum(n * 2)");
}

static guint64
group_many (ArborView *view)
{
  return group (view, "note", "max(price)");
}

static guint64
export (ArborView *view)
{
  g_auto (ArborExport) out = { 0 };
  g_autoptr (GError) error = NULL;
  ArborAccess access;

  g_assert_true (arbor_view_enter (view, &access, &error));
  arbor_export_json (&out, view, &access, FALSE, NULL, &error);
  arbor_access_leave (&access, NULL);
  g_assert_no_error (error);
  return out.text.length;
}

static gboolean
add_tree (const ArborBatch *batch, guint32 row, gboolean is_new, ArborScope *scope, gpointer data,
          GError **error)
{
  guint64 *sum = data;
  ArborValue tree, value;

  arbor_batch_get_tree (batch, row, &tree);
  arbor_value_get_member (&tree, "year", 4, scope, &value);
  *sum += value.uint64;
  arbor_value_get_member (&tree, "note", 4, scope, &value);
  *sum += value.length;
  return TRUE;
}

static guint64
iterate (ArborView *view)
{
  guint64 sum = 0;
  const ArborRowSink sink = { .row = add_tree, .data = &sum };
  g_autoptr (GError) error = NULL;
  ArborAccess access;
  guint32 n;

  g_assert_true (arbor_view_enter (view, &access, &error));
  arbor_trees_read_rows (view->selection, &access, 0, G_MAXUINT32, &sink, &n, NULL, &error);
  arbor_access_leave (&access, NULL);
  g_assert_no_error (error);
  return sum;
}

static const struct
{
  const char *name;
  guint64 (*run) (ArborView *view);
} tasks[] = {
  { "filter: a number", filter_number },     { "filter: three conditions", filter_three },
  { "filter: text contains", filter_text },  { "filter: computed", filter_computed },
  { "group: few, count and mean", group_few }, { "group: computed", group_computed },
  { "group: many", group_many },             { "sort: numbers", sort_number },
  { "sort: texts", sort_text },              { "column: numbers", column_number },
  { "column: texts", column_text },          { "iterate, two values", iterate },
  { "export", export },
};

/* Timing */

/* What the process has worked, in microseconds: of all threads, for other processes work beside it. */
static gint64
get_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (gint64) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static double
time_task (guint task, ArborSource *source, guint64 *answer)
{
  g_autoptr (ArborView) view = arbor_view_new_all (arbor_source_ref (source));
  gint64 start = get_time ();

  *answer = tasks[task].run (view);
  return (double) (get_time () - start) / 1000;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static double
get_median (double *times, guint n)
{
  qsort (times, n, sizeof *times, compare_doubles);
  return times[n / 2];
}

static ArborSource *
open_plain (ArborSession *session, ArborSnapshot *snapshot)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborRecord) record = arbor_snapshot_lookup (snapshot, "plain", &error);

  g_assert_no_error (error);
  return arbor_source_new_stored (session, record, snapshot, snapshot);
}

static void
print_row (const char *name, const char *when, double plain, double mended)
{
  g_print ("%-28s %-8s %10.3f %10.3f %8.2f%s\n", name, when, plain, mended, mended / plain,
           mended > MAX (1.3 * plain, plain + 0.1) ? "  *" : "");
}

/* One change more, of which nothing is kept. */
static ArborSource *
make_changed (ArborSession *session, ArborSnapshot *snapshot, Lists *lists, guint round)
{
  GArray *kept = g_array_copy (lists->rows[0]);
  ArborSource *source;

  g_array_remove_index (lists->rows[0], lists->rows[0]->len / 2 + round);
  source = make_source (session, snapshot, lists);
  g_array_unref (lists->rows[0]);
  lists->rows[0] = kept;
  return source;
}

static void
run_tasks (const char *path, Lists *lists)
{
  for (guint task = 0; task < G_N_ELEMENTS (tasks); task++)
    {
      double times[6][ROUNDS];
      guint64 answer, other;

      for (guint round = 0; round < ROUNDS; round++)
        {
          g_autoptr (GError) error = NULL;
          ArborSession *session = open_session (path);
          ArborSnapshot *snapshot = arbor_session_dup_snapshot (session, &error);
          ArborSource *plain = open_plain (session, snapshot);
          ArborSource *mended = make_source (session, snapshot, lists);

          times[0][round] = time_task (task, plain, &other);
          times[1][round] = time_task (task, mended, &answer);
          g_assert_true (answer == other || tasks[task].run == sort_number ||
                         tasks[task].run == sort_text);
          arbor_source_unref (mended);
          mended = make_changed (session, snapshot, lists, round);
          times[2][round] = time_task (task, plain, &other);
          times[3][round] = time_task (task, mended, &answer);
          times[4][round] = time_task (task, plain, &other);
          times[5][round] = time_task (task, mended, &answer);
          arbor_source_unref (plain);
          arbor_source_unref (mended);
          arbor_snapshot_unref (snapshot);
          close_session (session);
        }
      for (guint i = 0; i < 6; i += 2)
        print_row (tasks[task].name, i == 0 ? "opened" : i == 2 ? "changed" : "again",
                   get_median (times[i], ROUNDS), get_median (times[i + 1], ROUNDS));
    }
}

/* The trees of the lists, put anew. */
static void
put_plain (ArborSession *session, const Lists *lists)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborSnapshot) snapshot = arbor_session_dup_snapshot (session, &error);
  g_autoptr (ArborSource) mended = make_source (session, snapshot, lists);
  g_autoptr (ArborView) view = arbor_view_new_all (arbor_source_ref (mended));
  g_autoptr (GPtrArray) batches = NULL;
  ArborAccess access;

  g_assert_true (arbor_view_enter (view, &access, &error));
  batches = arbor_trees_copy_batches (view->selection, &access, NULL, &error);
  arbor_access_leave (&access, NULL);
  g_assert_no_error (error);
  put (session, "plain", batches);
}

static void
run_way (guint n_trees, guint n_changes, Way way, const char *label)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "bench.arbor", NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  ArborSession *session = open_session (path);
  Writer bases, patches;
  Lists lists = { 0 };

  writer_init (&bases);
  writer_init (&patches);
  for (guint i = 0; i < n_trees; i++)
    {
      write_tree (&bases, random, i);
      if (arbor_batch_builder_is_full (bases.builder) || i + 1 == n_trees)
        writer_flush (&bases);
    }
  lists.n_entries = bases.out->len;
  lists.rows = g_new (GArray *, lists.n_entries);
  for (guint i = 0; i < lists.n_entries; i++)
    {
      gsize size;
      gconstpointer data = g_bytes_get_data (bases.out->pdata[i], &size);

      lists.rows[i] = g_array_new (FALSE, FALSE, sizeof (guint32));
      for (guint32 row = 0; row < arbor_batch_peek_n_trees (data, size); row++)
        g_array_append_val (lists.rows[i], row);
    }
  for (guint i = 0; i < n_changes; i++)
    change (&lists, random, way);
  for (guint i = 0; i < MAX (lists.n_patched, 1); i++)
    {
      write_tree (&patches, random, n_trees + i);
      if (arbor_batch_builder_get_n_trees (patches.builder) == PATCH || i + 1 >= lists.n_patched)
        writer_flush (&patches);
    }
  put (session, "bases", bases.out);
  put (session, "patches", patches.out);
  writer_clear (&bases);
  writer_clear (&patches);
  put_plain (session, &lists);
  close_session (session);
  g_print ("\n%s: %u changes of %u trees, milliseconds of processor time\n", label, n_changes, n_trees);
  g_print ("%-28s %-8s %10s %10s %8s\n", "", "", "anew", "mended", "times");
  run_tasks (path, &lists);
  for (guint i = 0; i < lists.n_entries; i++)
    g_array_unref (lists.rows[i]);
  g_free (lists.rows);
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  guint n_trees = argc > 1 ? (guint) atoi (argv[1]) : 1000000;
  guint n_changes = argc > 2 ? (guint) atoi (argv[2]) : 20000;

  run_way (n_trees, n_changes, ALL_OVER, "All over");
  run_way (n_trees, 384, IN_ONE, "In one entry");
  run_way (n_trees, n_changes, DELETED, "Deleted");
  return 0;
}
