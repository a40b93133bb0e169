/* Content edited in a store by what its trees hold: against a plain list of records, what is
 * written, and how many batches there are.
 */

#include "batch/arbor-value-access.h"
#include "query/content/arbor-content-where.h"
#include "query/view/arbor-trees.h"
#include "kit/sessions.h"
#include "storage/arbor-staging.h"

typedef struct
{
  char *folder;
  ArborSession *session;
  guint64 n_written; /* batches, by the last edit */
} Fixture;

typedef struct
{
  gint64 id;
  gint64 v;
} Item;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = NULL;
  ArborSessionOptions options = default_options ();
  g_autoptr (GError) error = NULL;

  fixture->folder = make_folder ();
  path = g_build_filename (fixture->folder, "a.arbor", NULL);
  options.no_meta_sync = TRUE;
  fixture->session = arbor_session_open (path, &options, NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  close_store (fixture->session);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
}

static void
write_item (const Item *item, ArborTapeWriter *writer, ArborTape *tape)
{
  arbor_tape_writer_reset (writer);
  arbor_tape_writer_begin_object (writer);
  arbor_tape_writer_key (writer, "id", 2);
  arbor_tape_writer_scalar (writer, &ARBOR_VALUE_INT64 (item->id));
  arbor_tape_writer_key (writer, "v", 1);
  arbor_tape_writer_scalar (writer, &ARBOR_VALUE_INT64 (item->v));
  arbor_tape_writer_end_object (writer);
  arbor_tape_writer_finish (writer, tape);
}

static ArborSource *
make_source (GArray *items)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (ArborTapeWriter) writer = arbor_tape_writer_new ();
  GPtrArray *batches = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GError) error = NULL;
  ArborSource *source;

  for (guint i = 0; i < items->len; i++)
    {
      ArborTape tape;

      write_item (&g_array_index (items, Item, i), writer, &tape);
      arbor_batch_builder_add_tape (builder, &tape, ARBOR_TAPE_ROOT);
      if (i == items->len - 1 || arbor_batch_builder_is_full (builder))
        {
          g_ptr_array_add (batches, arbor_batch_builder_finish (builder, &error));
          g_assert_no_error (error);
        }
    }
  source = arbor_source_new_memory (batches, &error);
  g_assert_no_error (error);
  return source;
}

static ArborRecord *
look_up (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborSnapshot) snapshot = arbor_session_dup_snapshot (fixture->session, &error);
  ArborRecord *record = arbor_snapshot_lookup (snapshot, "a", &error);

  if (!g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND))
    g_assert_no_error (error);
  return record;
}

typedef struct
{
  ArborStaging *staging;
  ArborRecord *record;
} Sink;

static gboolean
keep (guint32 piece, gpointer data, GError **error)
{
  Sink *sink = data;

  arbor_staging_keep_batch (sink->staging, sink->record, piece);
  return TRUE;
}

static gboolean
add (GBytes *batch, gpointer data, GError **error)
{
  Sink *sink = data;

  return arbor_staging_add_batch (sink->staging, batch, NULL, error);
}

/* What is done: with an arbor, an upsert by @text as key; with @field, an update of it to @value;
 * else a deletion. */
typedef struct
{
  const char *text;
  const char *field;
  const char *value;
  ArborSource *source;
} Action;

static gboolean
act (const Action *action, ArborContent *content, ArborAccess *access, ArborNode *node,
     const ArborContentSink *sink, guint64 *n_changed, GError **error)
{
  g_autoptr (ArborSelection) trees = NULL;
  g_autoptr (ArborNode) value = NULL;
  ArborContentFields fields = { &action->field, &value, 1 };
  ArborAccess trees_access;
  gboolean is_good;

  if (action->source == NULL && action->field == NULL)
    return arbor_content_delete_where (content, access, node, sink, n_changed, NULL, error);
  if (action->source == NULL)
    {
      value = arbor_node_parse (action->value, error);
      g_assert_no_error (*error);
      return arbor_content_update_where (content, access, node, &fields, sink, n_changed, NULL,
                                         error);
    }
  trees = arbor_selection_new_all ();
  g_assert_true (arbor_access_begin (&trees_access, action->source, NULL, error));
  is_good = arbor_content_upsert (content, access, &node, 1, trees, &trees_access, sink, n_changed,
                                  NULL, error);
  arbor_access_leave (&trees_access, NULL);
  return is_good;
}

static guint64
run (Fixture *fixture, const Action *action)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStaging) staging = arbor_staging_new (fixture->session, NULL, &error);
  g_autoptr (ArborNode) node = arbor_node_parse (action->text, &error);
  g_autoptr (ArborRecord) record = look_up (fixture);
  g_autoptr (ArborContent) content = arbor_content_new (record);
  Sink data = { .staging = staging, .record = record };
  const ArborContentSink sink = { .keep = keep, .add = add, .data = &data };
  ArborAccess access;
  guint64 n_changed = 0;
  guint64 n_skipped;

  g_assert_no_error (error);
  g_assert_true (arbor_access_begin_session (&access, fixture->session, &error));
  access.snapshot = arbor_session_dup_snapshot (fixture->session, &error);
  arbor_staging_begin_arbor (staging, "a", &error);
  g_assert_no_error (error);
  act (action, content, &access, node, &sink, &n_changed, &error);
  g_assert_no_error (error);
  arbor_staging_commit (staging, NULL, &error);
  g_assert_no_error (error);
  arbor_access_leave (&access, NULL);
  arbor_staging_get_counts (staging, &fixture->n_written, &n_skipped);
  return n_changed;
}

static guint64
upsert (Fixture *fixture, GArray *items)
{
  g_autoptr (ArborSource) source = make_source (items);

  return run (fixture, &(Action){ .text = "id", .source = source });
}

static guint64
delete_where (Fixture *fixture, const char *predicate)
{
  return run (fixture, &(Action){ .text = predicate });
}

static guint64
update_where (Fixture *fixture, const char *predicate, const char *field, const char *value)
{
  return run (fixture, &(Action){ .text = predicate, .field = field, .value = value });
}

typedef struct
{
  GArray *expected;
  guint next;
  ArborBuffer text;
} Comparison;

static gboolean
compare_tree (const ArborValue *tree, ArborScope *scope, gpointer data, GError **error)
{
  Comparison *comparison = data;
  const Item *item = &g_array_index (comparison->expected, Item, comparison->next);
  g_autofree char *expected = NULL;

  g_assert_cmpuint (comparison->next++, <, comparison->expected->len);
  expected = g_strdup_printf ("{\"id\":%" G_GINT64_FORMAT ",\"v\":%" G_GINT64_FORMAT "}", item->id,
                              item->v);
  arbor_buffer_clear (&comparison->text);
  arbor_value_write_json (tree, scope, &comparison->text);
  g_assert_cmpmem (comparison->text.data, comparison->text.length, expected, strlen (expected));
  return TRUE;
}

static void
assert_items (Fixture *fixture, GArray *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborSnapshot) snapshot = arbor_session_dup_snapshot (fixture->session, &error);
  g_autoptr (ArborRecord) record = look_up (fixture);
  g_autoptr (ArborSource) source =
      arbor_source_new_stored (fixture->session, record, snapshot, NULL);
  g_autoptr (ArborSelection) trees = arbor_selection_new_all ();
  Comparison comparison = { .expected = expected };
  ArborAccess access;

  g_assert_cmpuint (record->n_trees, ==, expected->len);
  g_assert_true (arbor_access_begin (&access, source, NULL, &error));
  arbor_trees_for_each (trees, &access, compare_tree, &comparison, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (comparison.next, ==, expected->len);
  arbor_access_leave (&access, NULL);
  arbor_buffer_free (&comparison.text);
}

static GArray *
new_items (void)
{
  return g_array_new (FALSE, FALSE, sizeof (Item));
}

static GArray *
count_up (guint n)
{
  GArray *items = new_items ();

  for (guint i = 0; i < n; i++)
    {
      Item item = { i, -(gint64) i };

      g_array_append_val (items, item);
    }
  return items;
}

/* The oracles: slow and plain. */

static guint64
delete_plainly (GArray *items, gint64 from, gint64 to)
{
  guint n_before = items->len;

  for (guint i = items->len; i-- > 0;)
    {
      const Item *item = &g_array_index (items, Item, i);

      if ((item->id >= from && item->id <= to) || (item->v == 2 && item->id > 2900))
        g_array_remove_index (items, i);
    }
  return n_before - items->len;
}

static guint64
update_plainly (GArray *items, gint64 from, gint64 to, gint64 v)
{
  guint64 n_changed = 0;

  for (guint i = 0; i < items->len; i++)
    {
      Item *item = &g_array_index (items, Item, i);

      if (item->id >= from && item->id <= to && item->v != v)
        {
          item->v = v;
          n_changed++;
        }
    }
  return n_changed;
}

static guint64
upsert_plainly (GArray *items, GArray *incoming)
{
  guint n_before = items->len;
  guint64 n_changed = 0;

  for (guint k = 0; k < incoming->len; k++)
    {
      Item last = g_array_index (incoming, Item, k);
      gboolean is_first = TRUE;
      gboolean is_there = FALSE;

      for (guint i = 0; i < incoming->len; i++)
        if (g_array_index (incoming, Item, i).id == last.id)
          {
            is_first = is_first && i >= k;
            last = g_array_index (incoming, Item, i);
          }
      for (guint i = 0; i < n_before && is_first; i++)
        if (g_array_index (items, Item, i).id == last.id)
          {
            n_changed += g_array_index (items, Item, i).v != last.v;
            g_array_index (items, Item, i).v = last.v;
            is_there = TRUE;
          }
      if (is_first && !is_there)
        {
          g_array_append_val (items, last);
          n_changed++;
        }
    }
  return n_changed;
}

static void
upsert_randomly (Fixture *fixture, GArray *items, GRand *random, guint most)
{
  g_autoptr (GArray) incoming = new_items ();
  guint n = (guint) g_rand_int_range (random, 0, (gint32) most);

  for (guint i = 0; i < n; i++)
    {
      Item item = { g_rand_int_range (random, 0, 3000), g_rand_int_range (random, 0, 3) };

      g_array_append_val (incoming, item);
    }
  g_assert_cmpuint (upsert (fixture, incoming), ==, upsert_plainly (items, incoming));
}

static void
test_random (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) items = new_items ();
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  for (guint i = 0; i < 200; i++)
    {
      guint choice = (guint) g_rand_int_range (random, 0, 4);
      gint64 a = g_rand_int_range (random, 0, 3000);
      gint64 b = g_rand_int_range (random, 1, 100);
      g_autofree char *text = NULL;
      g_autofree char *value = g_strdup_printf ("%d", (int) (a % 3));

      if (choice < 2)
        {
          upsert_randomly (fixture, items, random, choice == 0 ? 4 : 300);
        }
      else if (choice == 2)
        {
          text = g_strdup_printf ("id >= %d and id <= %d or v == 2 and id > 2900", (int) a,
                                  (int) (a + b));
          g_assert_cmpuint (delete_where (fixture, text), ==, delete_plainly (items, a, a + b));
        }
      else
        {
          text = g_strdup_printf ("id >= %d and id <= %d", (int) a, (int) (a + b));
          g_assert_cmpuint (update_where (fixture, text, "v", value), ==,
                            update_plainly (items, a, a + b, a % 3));
        }
      assert_items (fixture, items);
    }
}

/* What of 16 full batches is written. */
static void
test_few_of_many (Fixture *fixture, gconstpointer data)
{
  const guint n = 16 * ARBOR_BATCH_CUT_TREES;
  g_autoptr (GArray) items = count_up (n);
  g_autoptr (GArray) one = new_items ();
  g_autoptr (ArborRecord) before = NULL;
  g_autoptr (ArborRecord) after = NULL;
  Item item = { 200000, 5 };

  g_assert_cmpuint (upsert (fixture, items), ==, n);
  g_assert_cmpuint (fixture->n_written, ==, 16);
  before = look_up (fixture);

  g_assert_cmpuint (update_where (fixture, "id == 100000", "v", "7"), ==, 1);
  g_assert_cmpuint (fixture->n_written, ==, 1);
  g_array_index (items, Item, 100000).v = 7;
  after = look_up (fixture);
  for (guint i = 0; i < 16; i++)
    if (i != 100000 / ARBOR_BATCH_CUT_TREES)
      g_assert_cmpuint (before->batches[i].id, ==, after->batches[i].id);

  g_array_append_val (one, item);
  g_assert_cmpuint (upsert (fixture, one), ==, 1);
  g_assert_cmpuint (fixture->n_written, ==, 1);
  g_array_index (items, Item, 200000).v = 5;
  g_assert_cmpuint (delete_where (fixture, "id in [3, 40000]"), ==, 2);
  g_assert_cmpuint (fixture->n_written, ==, 2);
  g_array_remove_index (items, 40000);
  g_array_remove_index (items, 3);
  assert_items (fixture, items);

  /* Whole batches that go are not read again nor written. */
  g_assert_cmpuint (delete_where (fixture, "id < 32768"), ==, 32767);
  g_assert_cmpuint (fixture->n_written, ==, 0);
  g_array_remove_range (items, 0, 32767);
  assert_items (fixture, items);
}

/* Nothing is written, and the generation stays. */
static void
test_unchanged (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) items = count_up (40000);
  guint64 generation;

  upsert (fixture, items);
  generation = get_generation (fixture->session, "a");
  g_assert_cmpuint (upsert (fixture, items), ==, 0);
  g_assert_cmpuint (fixture->n_written, ==, 0);
  g_assert_cmpuint (update_where (fixture, "id > 10", "v", "0 - id"), ==, 0);
  g_assert_cmpuint (fixture->n_written, ==, 0);
  g_assert_cmpuint (update_where (fixture, "id > 10", "w", "none"), ==, 0);
  g_assert_cmpuint (fixture->n_written, ==, 0);
  g_assert_cmpuint (delete_where (fixture, "v > 10 or w == 1"), ==, 0);
  g_assert_cmpuint (fixture->n_written, ==, 0);
  g_assert_cmpuint (get_generation (fixture->session, "a"), ==, generation);
  assert_items (fixture, items);
}

/* All trees updated: the batches are those that a put of the result makes. */
static void
test_all (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) items = count_up (50000);
  g_autoptr (ArborSource) source = NULL;
  g_autoptr (ArborRecord) record = NULL;

  upsert (fixture, items);
  g_assert_cmpuint (update_where (fixture, "true", "v", "id + 1"), ==, 50000);
  for (guint i = 0; i < items->len; i++)
    g_array_index (items, Item, i).v = i + 1;
  assert_items (fixture, items);
  source = make_source (items);
  record = look_up (fixture);
  g_assert_cmpuint (record->n_batches, ==, arbor_source_get_n_batches (source));
  g_assert_cmpuint (record->n_bytes, ==, arbor_source_get_n_bytes (source));
  for (guint i = 0; i < record->n_batches; i++)
    {
      ArborAccess access;
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_true (arbor_access_begin (&access, source, NULL, &error));
      bytes = arbor_access_get_bytes (&access, i, &error);
      g_assert_cmpuint (arbor_batch_peek_digest (g_bytes_get_data (bytes, NULL),
                                                 g_bytes_get_size (bytes)),
                        ==, record->batches[i].digest);
      arbor_access_leave (&access, NULL);
    }
  g_assert_cmpuint (delete_where (fixture, "true"), ==, 50000);
  g_array_set_size (items, 0);
  assert_items (fixture, items);
}

/* Upserts of one tree at a time leave as few batches as appends do, and deletions all over leave
 * no dust. */
static void
test_dust (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) items = new_items ();
  g_autoptr (ArborRecord) record = NULL;

  for (guint i = 0; i < 300; i++)
    {
      g_autoptr (GArray) one = new_items ();
      Item item = { i, i % 2 };

      g_array_append_val (one, item);
      g_array_append_val (items, item);
      g_assert_cmpuint (upsert (fixture, one), ==, 1);
    }
  assert_items (fixture, items);
  record = look_up (fixture);
  g_assert_cmpuint (record->n_batches, <=, 1 + g_bit_storage (300));
  g_assert_cmpuint (delete_where (fixture, "v == 0"), ==, 150);
  arbor_record_unref (record);
  record = look_up (fixture);
  g_assert_cmpuint (record->n_batches, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name)                                                                                  \
  g_test_add ("/content-where/" #name, Fixture, NULL, set_up, test_##name, tear_down)
  ADD (random);
  ADD (few_of_many);
  ADD (unchanged);
  ADD (all);
  ADD (dust);
#undef ADD

  return g_test_run ();
}
