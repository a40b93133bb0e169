/* What live models show: listings, the maps from one state of a name to another, and searching, over random states
 * of a stored name, beside the plain lists that they are made of. Each tree is {"n":number,"s":words}, and states
 * share batches, trees, both or nothing, and may have no trees at all.
 */

#include "query/model/arbor-listing.h"

#include "base/arbor-error.h"
#include "batch/arbor-batch-builder.h"
#include "query/model/arbor-search.h"
#include "storage/arbor-staging.h"

#include "kit/sessions.h"

#define N_NUMBERS 60u

static const char *const words[] = { "Ada Lovelace", "BOHR", "ada", "Strasse", "", "lo ve" };

typedef struct
{
  char *folder;
  ArborSession *session;
} Fixture;

/* A state of the name, which is read as long as it is there. */
typedef struct
{
  GArray *numbers; /* the oracle */
  ArborSource *source;
  ArborAccess access;
} State;

static const char *
get_words (guint32 number)
{
  return words[number % G_N_ELEMENTS (words)];
}

static GBytes *
make_batch_of (const guint32 *numbers, guint n)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (ArborParser) parser = arbor_parser_new ();
  g_autoptr (GError) error = NULL;
  GBytes *batch;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      gsize length, offset;
      const char *reason;
      ArborTape tape;

      g_string_printf (text, "{\"n\":%u,\"s\":\"%s\"}", numbers[i], get_words (numbers[i]));
      length = text->len;
      for (guint j = 0; j < ARBOR_PARSER_PADDING; j++)
        g_string_append_c (text, ' ');
      g_assert_true (arbor_parser_parse (parser, text->str, length, &tape, &offset, &reason));
      arbor_batch_builder_add_tape (builder, &tape, ARBOR_TAPE_ROOT);
    }
  batch = arbor_batch_builder_finish (builder, &error);
  g_assert_no_error (error);
  return batch;
}

/* Stores @numbers, so many trees a batch, and reads them from then on. */
static State *
state_new (const Fixture *fixture, const GArray *numbers, guint n_in_batch)
{
  State *self = g_new0 (State, 1);
  g_autoptr (ArborSnapshot) snapshot = NULL;
  g_autoptr (ArborRecord) record = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStaging) staging = arbor_staging_new (fixture->session, NULL, &error);
  const guint32 *from = (const guint32 *) (gconstpointer) numbers->data;

  g_assert_no_error (error);
  g_assert_true (arbor_staging_begin_arbor (staging, "n", &error));
  for (guint i = 0; i < numbers->len; i += n_in_batch)
    {
      g_autoptr (GBytes) batch = make_batch_of (from + i, MIN (n_in_batch, numbers->len - i));

      g_assert_true (arbor_staging_add_batch (staging, batch, NULL, &error));
    }
  arbor_staging_commit (staging, NULL, &error);
  g_assert_no_error (error);
  snapshot = arbor_session_dup_snapshot (fixture->session, &error);
  g_assert_no_error (error);
  record = arbor_snapshot_lookup (snapshot, "n", &error);
  g_assert_no_error (error);
  self->source = arbor_source_new_stored (fixture->session, record, snapshot, snapshot);
  self->numbers = g_array_copy ((GArray *) numbers);
  g_assert_true (arbor_access_begin (&self->access, self->source, NULL, &error));
  return self;
}

static void
state_free (State *self)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (arbor_access_end (&self->access, &error));
  arbor_source_unref (self->source);
  g_array_unref (self->numbers);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (State, state_free)

static guint32
number_at (const State *self, guint32 tree)
{
  return g_array_index (self->numbers, guint32, tree);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = NULL;

  fixture->folder = make_folder ();
  path = g_build_filename (fixture->folder, "store.arbor", NULL);
  fixture->session = open_store (path);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  close_store (fixture->session);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
}

/* Random numbers, or those of before with some gone, come and, now and then, in another order. */
static GArray *
make_numbers (const GArray *before)
{
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (guint32));
  gint how = g_test_rand_int_range (0, 8);

  if (how == 0)
    return numbers;
  for (guint i = 0; how > 2 && before != NULL && i < before->len; i++)
    if (g_test_rand_int_range (0, 5) > 0)
      g_array_append_val (numbers, g_array_index (before, guint32, i));
  for (gint i = g_test_rand_int_range (0, before == NULL ? 90 : 12); i > 0; i--)
    {
      guint32 number = (guint32) g_test_rand_int_range (0, N_NUMBERS);

      if (how == 7)
        g_array_prepend_val (numbers, number);
      else
        g_array_append_val (numbers, number);
    }
  return numbers;
}

/* Tree maps */

/* How many trees of @old lie in batches that @fresh lists, too. */
static guint
count_shared (const State *old, const State *fresh)
{
  const ArborRecord *before = arbor_source_get_record (old->source);
  const ArborRecord *after = arbor_source_get_record (fresh->source);
  guint n = 0;

  for (guint32 i = 0; i < before->n_batches; i++)
    for (guint32 j = 0; j < after->n_batches; j++)
      if (before->batches[i].id == after->batches[j].id)
        {
          n += (guint) (before->first_tree[i + 1] - before->first_tree[i]);
          break;
        }
  return n;
}

static void
check_map (const ArborTreeMap *map, const State *old, const State *fresh)
{
  guint n_old[N_NUMBERS] = { 0 }, n_fresh[N_NUMBERS] = { 0 }, n_paired = 0, n_equal = 0;
  g_autofree gboolean *is_taken = g_new0 (gboolean, fresh->numbers->len + 1);
  gboolean is_ascending = TRUE;
  guint32 least = 0;

  g_assert_cmpuint (map->n_old, ==, old->numbers->len);
  g_assert_cmpuint (map->n_new, ==, fresh->numbers->len);
  for (guint32 i = 0; i < map->n_old; i++)
    {
      guint32 tree = arbor_tree_map_get (map, i);

      n_old[number_at (old, i)]++;
      if (tree == ARBOR_NO_TREE)
        continue;
      g_assert_cmpuint (tree, <, map->n_new);
      g_assert_false (is_taken[tree]);
      is_taken[tree] = TRUE;
      g_assert_cmpuint (number_at (fresh, tree), ==, number_at (old, i));
      is_ascending = is_ascending && tree >= least;
      least = MAX (least, tree + 1);
      n_paired++;
    }
  for (guint32 i = 0; i < map->n_new; i++)
    n_fresh[number_at (fresh, i)]++;
  for (guint i = 0; i < N_NUMBERS; i++)
    n_equal += MIN (n_old[i], n_fresh[i]);
  /* Whatever is in both is paired, between two shared batches and the next; and known to be in order only
   * where it is. */
  g_assert_cmpuint (n_paired, <=, n_equal);
  if (count_shared (old, fresh) == 0)
    g_assert_cmpuint (n_paired, ==, n_equal);
  g_assert_true (!map->is_ascending || is_ascending);
  g_assert_true (!map->is_identity || (n_paired == map->n_old && n_paired == map->n_new));
}

static void
test_maps (Fixture *fixture, gconstpointer data)
{
  for (guint round = 0; round < 200; round++)
    {
      g_autoptr (GArray) before = make_numbers (NULL);
      g_autoptr (GArray) after = make_numbers (before);
      g_autoptr (State) old = state_new (fixture, before, (guint) g_test_rand_int_range (1, 9));
      g_autoptr (State) fresh = state_new (fixture, after, (guint) g_test_rand_int_range (1, 9));
      g_autoptr (GError) error = NULL;
      g_autoptr (ArborTreeMap) map =
          arbor_tree_map_new (&old->access, &fresh->access, NULL, &error);

      g_assert_no_error (error);
      check_map (map, old, fresh);
    }
}

/* A record without batches, which has no array of them. */
static void
test_maps_of_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GArray) some = make_numbers (NULL);
  GArray *numbers[] = { none, some };

  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (State) old = state_new (fixture, numbers[i % 2], 4);
      g_autoptr (State) fresh = state_new (fixture, numbers[i / 2], 4);
      g_autoptr (GError) error = NULL;
      g_autoptr (ArborTreeMap) map =
          arbor_tree_map_new (&old->access, &fresh->access, NULL, &error);

      g_assert_no_error (error);
      check_map (map, old, fresh);
    }
}

static void
test_maps_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) some = g_array_new (FALSE, TRUE, sizeof (guint32));
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  guint32 number = 5;

  g_array_append_val (some, number);
  g_cancellable_cancel (cancellable);
  {
    g_autoptr (State) old = state_new (fixture, some, 4);
    g_autoptr (State) fresh = NULL;

    g_array_prepend_val (some, number);
    fresh = state_new (fixture, some, 4);
    g_assert_null (arbor_tree_map_new (&old->access, &fresh->access, cancellable, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  }
}

/* Listings */

static const State *sorted; /* what compare_trees () compares trees of */

static int
compare_trees (gconstpointer a, gconstpointer b)
{
  guint32 left = *(const guint32 *) a, right = *(const guint32 *) b;
  guint32 m = number_at (sorted, left), n = number_at (sorted, right);

  return m != n ? (m < n ? -1 : 1) : left < right ? -1 : left > right;
}

static void
check_listing (const ArborListing *listing, const State *state, const ArborListingOrder *order, guint32 max)
{
  g_autoptr (GArray) expected = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint32 i = 0; i < state->numbers->len; i++)
    if (order->condition == NULL || number_at (state, i) > 20)
      g_array_append_val (expected, i);
  sorted = state;
  if (order->keys != NULL && expected->len > 0)
    g_array_sort (expected, compare_trees);
  for (guint32 i = 0; order->is_reversed && i < expected->len / 2; i++)
    {
      guint32 *trees = (guint32 *) (gpointer) expected->data;
      guint32 tree = trees[i];

      trees[i] = trees[expected->len - 1 - i];
      trees[expected->len - 1 - i] = tree;
    }
  g_assert_cmpuint (listing->n, ==, MIN (max, expected->len));
  for (guint32 i = 0; i < listing->n; i++)
    g_assert_cmpuint (listing->trees[i], ==, g_array_index (expected, guint32, i));
}

static ArborListingOrder
make_order (guint way)
{
  g_autoptr (GError) error = NULL;
  ArborListingOrder order = { .is_reversed = (way & 4) != 0 };

  if (way & 1)
    order.condition = arbor_node_parse ("n > 20", &error);
  if (way & 2)
    order.keys = arbor_sort_keys_parse ("n", &error);
  g_assert_no_error (error);
  return order;
}

static void
clear_order (ArborListingOrder *order)
{
  g_clear_pointer (&order->condition, arbor_node_unref);
  g_clear_pointer (&order->keys, arbor_sort_keys_unref);
}

static void
test_listings (Fixture *fixture, gconstpointer data)
{
  for (guint round = 0; round < 100; round++)
    {
      g_autoptr (GArray) before = make_numbers (NULL);
      g_autoptr (GArray) after = make_numbers (before);
      g_autoptr (State) old = state_new (fixture, before, (guint) g_test_rand_int_range (1, 9));
      g_autoptr (State) fresh = state_new (fixture, after, (guint) g_test_rand_int_range (1, 9));
      g_autoptr (GError) error = NULL;
      g_autoptr (ArborTreeMap) map =
          arbor_tree_map_new (&old->access, &fresh->access, NULL, &error);

      g_assert_no_error (error);
      for (guint way = 0; way < 8; way++)
        {
          ArborListingOrder order = make_order (way);
          guint32 max = (guint32) g_test_rand_int_range (1, 100);
          g_autoptr (ArborListing) all = arbor_listing_new_all (&old->access, &order, NULL, &error);
          g_autoptr (ArborListing) first =
              arbor_listing_new_first (&old->access, &order, max, NULL, &error);
          g_autoptr (ArborListing) next = NULL;

          g_assert_no_error (error);
          check_listing (all, old, &order, G_MAXUINT32);
          check_listing (first, old, &order, max);
          next = arbor_listing_new_next (all, map, &fresh->access, &order, NULL, &error);
          g_assert_no_error (error);
          check_listing (next, fresh, &order, G_MAXUINT32);
          clear_order (&order);
        }
    }
}

static void
test_listing_of_nothing (void)
{
  g_autoptr (ArborListing) listing = arbor_listing_new_empty ();

  g_assert_cmpuint (listing->n, ==, 0);
  g_assert_null (listing->source);
}

/* Searching */

/* Whether each word of a text is a part of the words of a tree, or of its number. */
static gboolean
is_found (const char *text, guint32 number, gboolean in_words_only)
{
  g_autofree char *folded = g_utf8_casefold (get_words (number), -1);
  g_autofree char *digits = g_strdup_printf ("%u", number);
  g_auto (GStrv) parts = g_strsplit_set (text, " \t", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      g_autofree char *part = g_utf8_casefold (parts[i], -1);

      if (strstr (folded, part) == NULL && (in_words_only || strstr (digits, part) == NULL))
        return FALSE;
    }
  return TRUE;
}

static void
test_search (Fixture *fixture, gconstpointer data)
{
  static const char *const texts[] = { "ada", "ADA", "love", "lo ve", "5", "1 a", "  bohr\t", "stras 3",
                                       "nobody", "n", "'", "[", "a\"b" };
  static const char *const paths[] = { "s", NULL };
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (State) state = NULL;

  for (guint32 i = 0; i < N_NUMBERS; i++)
    g_array_append_val (numbers, i);
  state = state_new (fixture, numbers, 7);
  for (guint i = 0; i < 2 * G_N_ELEMENTS (texts); i++)
    {
      const char *text = texts[i / 2];
      gboolean in_words_only = i % 2 == 1;
      ArborListingOrder order = { NULL };
      g_autoptr (ArborListing) listing = NULL;
      g_autoptr (GError) error = NULL;
      guint32 at = 0;

      g_assert_true (arbor_search_make_condition (text, in_words_only ? paths : NULL, &state->access,
                                                  &order.condition, NULL, &error));
      listing = arbor_listing_new_all (&state->access, &order, NULL, &error);
      g_assert_no_error (error);
      for (guint32 tree = 0; tree < N_NUMBERS; tree++)
        if (is_found (text, number_at (state, tree), in_words_only))
          {
            g_assert_cmpuint (at, <, listing->n);
            g_assert_cmpuint (listing->trees[at++], ==, tree);
          }
      g_assert_cmpuint (at, ==, listing->n);
      clear_order (&order);
    }
}

static void
test_search_for_nothing (Fixture *fixture, gconstpointer data)
{
  static const char *const bad[] = { "a[", NULL };
  g_autoptr (GArray) numbers = make_numbers (NULL);
  g_autoptr (State) state = state_new (fixture, numbers, 5);
  g_autoptr (GError) error = NULL;
  ArborNode *condition = NULL;

  g_assert_true (arbor_search_make_condition (" \t ", NULL, &state->access, &condition, NULL, &error));
  g_assert_null (condition);
  g_assert_false (arbor_search_make_condition ("x", bad, &state->access, &condition, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/tree-map/random", Fixture, NULL, set_up, test_maps, tear_down);
  g_test_add ("/tree-map/nothing", Fixture, NULL, set_up, test_maps_of_nothing, tear_down);
  g_test_add ("/tree-map/cancelled", Fixture, NULL, set_up, test_maps_cancelled, tear_down);
  g_test_add ("/listing/random", Fixture, NULL, set_up, test_listings, tear_down);
  g_test_add_func ("/listing/nothing", test_listing_of_nothing);
  g_test_add ("/search/texts", Fixture, NULL, set_up, test_search, tear_down);
  g_test_add ("/search/nothing", Fixture, NULL, set_up, test_search_for_nothing, tear_down);

  return g_test_run ();
}
