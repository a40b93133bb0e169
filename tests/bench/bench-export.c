/* What reading whole trees costs: an arbor of a million flat records, stored, written to a file and
 * into memory as JSON Lines, and single trees as JSON in random order. Beside it the same with
 * nested trees of several shapes. One thread does it all.
 *
 * usage: bench-export [DIRECTORY], where the store and the file are made and removed
 *
 * Figures are medians.
 */

#include <arbor/arbor.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>

#define N_FLAT 1000000u
#define N_NESTED 200000u
#define N_RUNS 7u
#define N_READS 100000u

static void
check (GError *error)
{
  if (error != NULL)
    g_error ("%s", error->message);
}

static char *
make_flat (guint i)
{
  return g_strdup_printf (
      "{\"id\":\"record%07u\",\"first\":\"First%u\",\"last\":\"Last%u\",\"year\":%u,"
      "\"month\":%u,\"day\":%u,\"begin\":\"19%02u-04-15\",\"end\":\"20%02u-09-30\","
      "\"height\":%u,\"weight\":%u,\"games\":%u,\"hits\":%u,\"runs\":%u}",
      i, i % 977, i % 7919, 1850 + i * 67 % 150, i % 12 + 1, i % 28 + 1, i % 90 + 10, i % 90 + 10,
      60 + i % 24, 150 + i * 31 % 100, i % 3000, i % 2500, i * 13 % 700);
}

static char *
make_nested (guint i)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_printf (text, "{\"id\":%u,\"name\":{\"first\":\"Fi\\u00e9 %u\",\"last\":\"L %u\"}",
                   i, i % 977, i % 7919);
  if (i % 3 == 0)
    g_string_append_printf (text, ",\"note\":\"\\\"%u\\\" and more\",\"rate\":%u.25", i, i % 100);
  g_string_append (text, ",\"jobs\":[");
  for (guint j = 0; j < i % 4; j++)
    g_string_append_printf (text, "%s{\"at\":%u,\"what\":%s}", j > 0 ? "," : "", i % 50 + j,
                            j % 2 == 0 ? "\"smith\"" : "null");
  g_string_append (text, "]}");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
fill (ArborStore *store, const char *name, char *(*make) (guint), guint n)
{
  g_autoptr (ArborBuilder) builder = arbor_builder_new ();
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *tree = make (i);

      arbor_builder_add_json (builder, tree, &error);
      check (error);
    }
  arbor = arbor_builder_finish (builder, &error);
  check (error);
  arbor_store_put (store, name, arbor, NULL, &error);
  check (error);
}

static void
write_file (ArborArbor *arbor, const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileOutputStream) out = NULL;
  g_autoptr (GError) error = NULL;

  out = g_file_replace (file, NULL, FALSE, G_FILE_CREATE_NONE, NULL, &error);
  check (error);
  arbor_arbor_save (arbor, G_OUTPUT_STREAM (out), ARBOR_FORMAT_JSONL, NULL, &error);
  check (error);
  g_output_stream_close (G_OUTPUT_STREAM (out), NULL, &error);
  check (error);
}

static void
write_text (ArborArbor *arbor, const char *unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = arbor_arbor_to_jsonl (arbor, &error);

  check (error);
}

static void
read_trees (ArborArbor *arbor, const char *unused)
{
  guint64 n = arbor_arbor_get_n_trees (arbor, NULL);
  guint64 random = 88172645463325252;

  for (guint i = 0; i < N_READS; i++)
    {
      g_autoptr (ArborTree) tree = NULL;
      g_autofree char *text = NULL;
      g_autoptr (GError) error = NULL;

      random ^= random << 13;
      random ^= random >> 7;
      random ^= random << 17;
      tree = arbor_arbor_get (arbor, random % n, &error);
      check (error);
      text = arbor_tree_to_json (tree, &error);
      check (error);
    }
}

static int
compare_times (const void *a, const void *b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return x < y ? -1 : x > y;
}

static double
get_median (void (*run) (ArborArbor *, const char *), ArborArbor *arbor, const char *path)
{
  gint64 times[N_RUNS];

  for (guint i = 0; i < N_RUNS; i++)
    {
      gint64 start;

      if (path != NULL)
        g_unlink (path);
      start = g_get_monotonic_time ();
      run (arbor, path);
      times[i] = g_get_monotonic_time () - start;
    }
  qsort (times, N_RUNS, sizeof *times, compare_times);
  return (double) times[N_RUNS / 2];
}

static void
measure (ArborStore *store, const char *name, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = arbor_store_get (store, name, &error);

  check (error);
  printf ("%s: to a file %.0f ms, into memory %.0f ms, a tree in random order %.2f us\n", name,
          get_median (write_file, arbor, path) / 1000, get_median (write_text, arbor, NULL) / 1000,
          get_median (read_trees, arbor, NULL) / N_READS);
}

int
main (int argc, char **argv)
{
  const char *parent = argc > 1 ? argv[1] : g_get_tmp_dir ();
  g_autofree char *directory = g_build_filename (parent, "bench-export-XXXXXX", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *store_path = NULL;
  g_autofree char *text_path = NULL;
  g_autoptr (ArborStore) store = NULL;

  if (g_mkdtemp (directory) == NULL)
    g_error ("cannot make %s", directory);
  store_path = g_build_filename (directory, "store.arbor", NULL);
  text_path = g_build_filename (directory, "text.jsonl", NULL);
  store = arbor_store_open (store_path, NULL, NULL, &error);
  check (error);
  fill (store, "flat", make_flat, N_FLAT);
  fill (store, "nested", make_nested, N_NESTED);
  measure (store, "flat", text_path);
  measure (store, "nested", text_path);
  arbor_store_close (store);
  g_unlink (text_path);
  g_unlink (store_path);
  g_rmdir (directory);
  return 0;
}
