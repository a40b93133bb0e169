/* What Arrow costs: an arbor of a million flat records, in memory and stored, out as record batches, every
 * buffer of them, and in again; beside it the same as JSON Lines, out and in.
 *
 * usage: bench-arrow [DIRECTORY], where the store is made and removed
 *
 * Bytes are those of the buffers as Arrow counts them. Figures are medians.
 */

#include <arbor/arbor.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_TREES 1000000u
#define N_RUNS 7u

static void
check (GError *error)
{
  if (error != NULL)
    g_error ("%s", error->message);
}

static ArborArbor *
make_records (void)
{
  g_autoptr (ArborBuilder) builder = arbor_builder_new ();
  g_autoptr (GError) error = NULL;
  ArborArbor *arbor;

  for (guint i = 0; i < N_TREES; i++)
    {
      g_autofree char *tree = g_strdup_printf (
          "{\"id\":\"record%07u\",\"first\":\"First%u\",\"last\":\"Last%u\",\"year\":%u,\"month\":%u,"
          "\"begin\":\"19%02u-04-15\",\"height\":%u,\"weight\":%u.%u,\"rate\":0.%u,\"games\":%u,"
          "\"is_active\":%s}",
          i, i % 977, i % 7919, 1850 + i * 67 % 150, i % 12 + 1, i % 90 + 10, 60 + i % 24,
          150 + i * 31 % 100, i % 10, i % 997 + 1, i % 3000, i % 3 == 0 ? "true" : "false");

      arbor_builder_add_json (builder, tree, &error);
      check (error);
    }
  arbor = arbor_builder_finish (builder, &error);
  check (error);
  return arbor;
}

/* The bytes of a column, which @copy, where it is one, gets. */
static gsize
take_bytes (const struct ArrowSchema *schema, const struct ArrowArray *array, guint8 *copy)
{
  const char *format = schema->format;
  gsize sizes[3] = { array->buffers[0] != NULL ? (gsize) (array->length + 7) / 8 : 0 };
  gsize n = 0;

  if (*format == 'u')
    {
      sizes[1] = ((gsize) array->length + 1) * 4;
      sizes[2] = (gsize) ((const gint32 *) array->buffers[1])[array->length];
    }
  else
    sizes[1] = *format == 'b' ? (gsize) (array->length + 7) / 8 : (gsize) array->length * 8;
  for (guint i = 0; i < (guint) array->n_buffers; i++)
    {
      if (copy != NULL && sizes[i] > 0)
        memcpy (copy + n, array->buffers[i], sizes[i]);
      n += sizes[i];
    }
  return n;
}

/* All of a stream; what its arrays have is copied where @is_copying. */
static gsize
read_all (ArborArbor *arbor, gboolean is_copying)
{
  static guint8 copy[64 * 1024 * 1024];
  struct ArrowArrayStream stream;
  struct ArrowSchema schema;
  struct ArrowArray array;
  g_autoptr (GError) error = NULL;
  gsize n_bytes = 0;

  arbor_arbor_export_arrow_stream (arbor, NULL, &stream, NULL, &error);
  check (error);
  stream.get_schema (&stream, &schema);
  while (stream.get_next (&stream, &array) == 0 && array.release != NULL)
    {
      for (gint64 i = 0; i < array.n_children; i++)
        n_bytes += take_bytes (schema.children[i], array.children[i], is_copying ? copy : NULL);
      array.release (&array);
    }
  schema.release (&schema);
  stream.release (&stream);
  return n_bytes;
}

static gsize
read_only (ArborArbor *arbor)
{
  return read_all (arbor, FALSE);
}

static gsize
read_and_copy (ArborArbor *arbor)
{
  return read_all (arbor, TRUE);
}

static gsize
take_back (ArborArbor *arbor)
{
  struct ArrowArrayStream stream;
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) back = NULL;

  arbor_arbor_export_arrow_stream (arbor, NULL, &stream, NULL, &error);
  check (error);
  back = arbor_load_arrow_stream (&stream, NULL, &error);
  check (error);
  return 0;
}

static gsize
take_back_text (ArborArbor *arbor)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = arbor_arbor_to_jsonl (arbor, &error);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (ArborArbor) back = NULL;

  check (error);
  bytes = g_bytes_new_static (text, strlen (text));
  back = arbor_read_jsonl (bytes, &error);
  check (error);
  return 0;
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static void
measure (const char *what, gsize (*work) (ArborArbor *), ArborArbor *arbor, gsize n_bytes)
{
  double seconds[N_RUNS];

  for (guint i = 0; i < N_RUNS; i++)
    {
      gint64 start = g_get_monotonic_time ();
      gsize n = work (arbor);

      n_bytes = n > 0 ? n : n_bytes;
      seconds[i] = (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
    }
  qsort (seconds, N_RUNS, sizeof *seconds, compare);
  printf ("%-36s %7.1f ms  %6.2f GB/s of %.0f MB\n", what, seconds[N_RUNS / 2] * 1000,
          (double) n_bytes / 1e9 / seconds[N_RUNS / 2], (double) n_bytes / 1e6);
  fflush (stdout);
}

int
main (int argc, char **argv)
{
  const char *folder = argc > 1 ? argv[1] : g_get_tmp_dir ();
  g_autofree char *path = g_build_filename (folder, "bench-arrow.arbor", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) memory = make_records ();
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborArbor) stored = NULL;
  gsize n_bytes;

  g_remove (path);
  store = arbor_store_open (path, NULL, NULL, &error);
  check (error);
  arbor_store_put (store, "records", memory, NULL, &error);
  check (error);
  stored = arbor_store_get (store, "records", &error);
  check (error);
  n_bytes = read_all (memory, FALSE);
  measure ("out of memory", read_only, memory, n_bytes);
  measure ("out of memory, each byte copied", read_and_copy, memory, n_bytes);
  measure ("out of a store", read_only, stored, n_bytes);
  measure ("out of a store, each byte copied", read_and_copy, stored, n_bytes);
  measure ("out of memory and in again", take_back, memory, n_bytes);
  measure ("the same as JSON Lines", take_back_text, memory, n_bytes);
  arbor_store_close (store);
  g_remove (path);
  return 0;
}
