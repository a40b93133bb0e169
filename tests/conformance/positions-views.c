/* The arbors of the test: trees of every sort in memory and stored, in several batches, mended ones, and
 * filtered, sorted, mixed up, joined, appended and exploded ones. See positions.h.
 */

#include "positions.h"

#include "kit/operations.h"

static char *
make_lines (GRand *random, RandomTrees sort, guint first, guint n)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    {
      random_trees_append (random, sort, first + i, out);
      g_string_append_c (out, '\n');
    }
  return g_string_free (out, FALSE);
}

/* A batch of a few trees, and two longer ones. */
static ArborArbor *
make_pieces (GRand *random, RandomTrees sort)
{
  static const guint sizes[] = { 3, 40, 30 };
  ArborArbor *parts[G_N_ELEMENTS (sizes)];
  g_autoptr (GError) error = NULL;
  ArborArbor *all;
  guint first = 0;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *lines = make_lines (random, sort, first, sizes[i]);

      parts[i] = read_lines (lines);
      first += sizes[i];
    }
  all = arbor_arbor_concat (parts, G_N_ELEMENTS (parts), &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    g_object_unref (parts[i]);
  return all;
}

/* Takes @arbor. Where its trees are those of another one, @base, errors tell their places there. */
static void
add_view (Views *self, const char *label, RandomTrees sort, ArborArbor *arbor, ArborArbor *base)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *lines = arbor_arbor_to_jsonl (arbor, &error);
  g_autofree guint64 *numbers = NULL;
  View *view = g_new (View, 1);

  g_assert_no_error (error);
  if (base != NULL)
    {
      g_autofree char *base_lines = arbor_arbor_to_jsonl (base, NULL);
      g_auto (GStrv) there = g_strsplit (base_lines, "\n", -1);
      g_auto (GStrv) here = g_strsplit (lines, "\n", -1);
      guint n = g_strv_length (here);

      numbers = g_new0 (guint64, n + 1);
      for (guint i = 0; i < n; i++)
        while (there[numbers[i]] != NULL && strcmp (there[numbers[i]], here[i]) != 0)
          numbers[i]++;
    }
  view->label = g_strdup_printf ("%s of sort %d", label, sort);
  view->arbor = arbor;
  view->is_base = base == NULL;
  view->make = NULL;
  view->made_of = NULL;
  view->takes_memory = FALSE;
  view->reference = reference_new (lines, numbers);
  g_ptr_array_add (self->views, view);
}

static void
view_free (gpointer data)
{
  View *self = data;

  reference_free (self->reference);
  g_object_unref (self->arbor);
  g_clear_object (&self->made_of);
  g_free (self->label);
  g_free (self);
}

static ArborArbor *
join (ArborArbor *arbor, ArborJoinKind kind)
{
  g_autoptr (ArborArbor) other = read_lines ("{\"key\":0,\"extra\":\"none\",\"m\":7}\n"
                                             "{\"key\":1,\"extra\":[1,2],\"s\":\"right\"}\n"
                                             "{\"key\":1,\"extra\":null}\n"
                                             "{\"key\":2.0,\"extra\":1.5,\"u\":true}\n");
  g_autoptr (ArborExpr) key = parse ("n mod 4");
  g_autoptr (ArborExpr) other_key = parse ("$.key");
  g_autoptr (GError) error = NULL;
  ArborArbor *joined = join_arbors (arbor, other, &key, 1, &other_key, 1, kind, NULL, &error);

  g_assert_no_error (error);
  return joined;
}

/* Trees with computed fields, under names that random expressions look at. */

static ArborArbor *
compute (ArborArbor *arbor, gboolean adds, const char *const *fields)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GPtrArray) exprs = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = NULL;
  ArborArbor *computed;

  for (guint i = 0; fields[i] != NULL; i += 2)
    {
      g_ptr_array_add (names, (gpointer) fields[i]);
      g_ptr_array_add (exprs, parse (fields[i + 1]));
    }
  g_ptr_array_add (names, NULL);
  computed = (adds ? arbor_arbor_add_fields : arbor_arbor_select) (
      arbor, (const char *const *) names->pdata, (ArborExpr **) exprs->pdata, exprs->len, &error);
  g_assert_no_error (error);
  return computed;
}

static ArborArbor *
make_added (ArborArbor *base)
{
  static const char *const fields[] = { "i", "i + n", "d", "d * 0.5 + if_null(p, 1)",
                                        "b", "i > 30 or b", "s", "upper(s)",
                                        "u", "concat(u, '-')", "t", "date_add(t, 1, 'day')",
                                        "num", "1.50", "o", "o", "map", "o.p", "m", "null_if(m, 1)",
                                        NULL };

  return compute (base, TRUE, fields);
}

static ArborArbor *
make_selected (ArborArbor *base)
{
  static const char *const fields[] = { "n", "n", "i", "i * 2", "j", "if_null(j, 0) - 1",
                                        "p", "n / 4", "b", "not b", "s", "s", "tt", "t",
                                        "a", "a", "items", "items", "any", "any",
                                        "m", "[1, null]", "u", "'x'", NULL };

  return compute (base, FALSE, fields);
}

/* Fields of fields, and some of their trees. */
static ArborArbor *
make_chain (ArborArbor *base)
{
  static const char *const first[] = { "i", "i * 2", "x", "n mod 7", "s", "s", NULL };
  static const char *const second[] = { "n", "n", "j", "i + x", "i", "x", "b", "i > x", "s", "s",
                                        "o", "o", "w", "w", "ss", "ss", "t", "t", NULL };
  static const char *const third[] = { "d", "j * 0.5", "j", "j + i", "u", "s", NULL };
  static const char *const dropped[] = { "w", "unknown", NULL };
  g_autoptr (ArborExpr) condition = parse ("x != 3");
  g_autoptr (ArborExpr) last = parse ("j > 2");
  g_autoptr (ArborArbor) a = compute (base, TRUE, first);
  g_autoptr (ArborArbor) b = arbor_arbor_filter (a, condition, NULL);
  g_autoptr (ArborArbor) c = compute (b, FALSE, second);
  g_autoptr (ArborArbor) d = arbor_arbor_drop_fields (c, dropped, NULL);
  g_autoptr (ArborArbor) e = compute (d, TRUE, third);

  return arbor_arbor_filter (e, last, NULL);
}

static ArborArbor *
make_containers (ArborArbor *base)
{
  static const char *const fields[] = { "a", "map(a, @.x)", "ss", "split(w, ' ')", "items",
                                        "filter(items, @.x > 9)", "o", "entries(o)", "any",
                                        "coalesce(any, items)", "deep", "[[1], [2, 3]]", "s",
                                        "parse_json(js)", NULL };

  return compute (base, TRUE, fields);
}

void
view_renew (View *self)
{
  if (self->make == NULL)
    return;
  g_object_unref (self->arbor);
  self->arbor = self->make (self->made_of);
}

static void
add_made (Views *self, const char *label, RandomTrees sort, ViewFunc make, ArborArbor *of,
          gboolean takes_memory)
{
  View *view;

  add_view (self, label, sort, make (of), NULL);
  view = self->views->pdata[self->views->len - 1];
  view->make = make;
  view->made_of = g_object_ref (of);
  view->takes_memory = takes_memory;
}

static ArborArbor *
put (Views *self, const char *name, ArborArbor *arbor)
{
  put_arbor (self->place.store, name, arbor);
  return get_arbor (self->place.store, name);
}

/* The trees, some of which were changed where they are stored, one edit after the other, so that their batches are
 * mended. */
static ArborArbor *
put_and_mend (Views *self, const char *name, ArborArbor *arbor)
{
  static const struct
  {
    guint64 start, n, from, n_new;
  } edits[] = { { 8, 1, 60, 1 }, { 15, 0, 61, 2 }, { 22, 2, 0, 0 },
                { 55, 1, 4, 1 }, { 66, 1, 0, 0 },  { 50, 0, 9, 1 } };
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStats) before = NULL;
  g_autoptr (ArborStats) stats = NULL;

  before = arbor_store_get_stats (self->place.store, &error);
  g_assert_no_error (error);
  put_arbor (self->place.store, name, arbor);
  for (guint i = 0; i < G_N_ELEMENTS (edits); i++)
    {
      g_autoptr (ArborArbor) trees =
          edits[i].n_new > 0 ? arbor_arbor_slice (arbor, edits[i].from, edits[i].n_new, NULL) : NULL;

      arbor_store_replace (self->place.store, name, edits[i].start, edits[i].n, trees, NULL, &error);
      g_assert_no_error (error);
    }
  stats = arbor_store_get_stats (self->place.store, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (arbor_stats_get_n_mended_batches (stats), >=,
                    arbor_stats_get_n_mended_batches (before) + 1);
  return get_arbor (self->place.store, name);
}

static void
add_mended_views (Views *self, RandomTrees sort, ArborArbor *pieces)
{
  g_autofree char *name = g_strdup_printf ("mended%d", sort);
  g_autoptr (ArborArbor) mended = put_and_mend (self, name, pieces);
  g_autoptr (ArborExpr) third = parse ("n mod 3 != 0");
  g_autoptr (ArborExpr) key = parse ("s");

  add_view (self, "mended", sort, g_object_ref (mended), NULL);
  add_view (self, "mended and filtered", sort, arbor_arbor_filter (mended, third, NULL), mended);
  add_view (self, "mended and sorted", sort, arbor_arbor_sort_by (mended, &key, 1, NULL, NULL), mended);
  add_view (self, "mended and joined", sort, join (mended, ARBOR_JOIN_KIND_LEFT), NULL);
  add_made (self, "mended, with more fields", sort, make_added, mended, FALSE);
}

static void
add_views (Views *self, GRand *random, RandomTrees sort)
{
  g_autoptr (ArborArbor) pieces = make_pieces (random, sort);
  g_autofree char *name = g_strdup_printf ("sort%d", sort);
  g_autoptr (ArborArbor) stored = put (self, name, pieces);
  g_autoptr (ArborExpr) third = parse ("n mod 3 != 0");
  g_autoptr (ArborExpr) key = parse ("s");
  g_autoptr (ArborArbor) filtered = arbor_arbor_filter (pieces, third, NULL);
  g_autoptr (ArborArbor) few = arbor_arbor_slice (stored, 5, 20, NULL);
  guint64 indices[50];

  for (guint i = 0; i < G_N_ELEMENTS (indices); i++)
    indices[i] = (guint64) g_rand_int_range (random, 0, 60);
  add_view (self, "pieces", sort, g_object_ref (pieces), NULL);
  add_view (self, "stored", sort, g_object_ref (stored), NULL);
  add_view (self, "filtered", sort, g_object_ref (filtered), pieces);
  add_view (self, "sorted", sort, arbor_arbor_sort_by (pieces, &key, 1, NULL, NULL), pieces);
  add_view (self, "shuffled", sort, arbor_arbor_shuffle (filtered, 5, NULL), pieces);
  add_view (self, "taken", sort,
            arbor_arbor_take (stored, indices, G_N_ELEMENTS (indices), NULL), stored);
  add_view (self, "joined", sort, join (pieces, ARBOR_JOIN_KIND_INNER), NULL);
  add_view (self, "left joined", sort, join (filtered, ARBOR_JOIN_KIND_LEFT), NULL);
  add_view (self, "appended", sort, arbor_arbor_append (filtered, few, NULL), NULL);
  add_view (self, "exploded", sort, arbor_arbor_explode (pieces, "items", NULL, NULL, NULL), NULL);
  add_made (self, "with more fields", sort, make_added, stored, FALSE);
  add_made (self, "with other fields", sort, make_selected, filtered, FALSE);
  add_made (self, "with fields of fields", sort, make_chain, pieces, FALSE);
  add_made (self, "with containers", sort, make_containers, pieces, TRUE);
  add_mended_views (self, sort, pieces);
}

/* More trees than are computed at a time. */
static void
add_large_view (Views *self, GRand *random)
{
  g_autofree char *lines = make_lines (random, RANDOM_TREES_GAPS, 0, 5000);

  add_view (self, "large", RANDOM_TREES_GAPS, read_lines (lines), NULL);
}

void
views_set_up (Views *self)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  store_place_set_up (&self->place, NULL);
  self->views = g_ptr_array_new_with_free_func (view_free);
  add_large_view (self, random);
  for (guint i = 0; i < N_RANDOM_TREES; i++)
    add_views (self, random, (RandomTrees) i);
}

void
views_clear (Views *self)
{
  g_ptr_array_unref (self->views);
  arbor_store_close (self->place.store);
  store_place_tear_down (&self->place, NULL);
}
