/* A fuzz target as plain test: every file of its corpus, and around each small one all that is near:
 * cut at every byte, with every byte left out, and with every byte replaced by each of those that
 * mean something in JSON text or break UTF-8.
 *
 * With ARBOR_FUZZ_SECONDS=N files of the corpus are changed at random for so many seconds of processor time instead,
 * others for each ARBOR_RANDOM_SEED; an input that ends the program is left in the file crash-NAME.
 *
 * usage: fuzz-NAME DIRECTORY
 */

#include "fuzz.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_MUTATED 300

static const char replacements[] = "{}[]\",:\\/unt0e19+-. \n\r\x01\x7f\x80\xbf\xc0\xe2\xed\xf0\xff";

static guint64
run_near (const guint8 *data, gsize size)
{
  g_autofree guint8 *copy = g_malloc (size + 1);
  guint64 n = 0;

  for (gsize at = 0; at < size; at++)
    {
      LLVMFuzzerTestOneInput (data, at);
      memcpy (copy, data, at);
      memcpy (copy + at, data + at + 1, size - at - 1);
      LLVMFuzzerTestOneInput (copy, size - 1);
      memcpy (copy, data, size);
      for (gsize i = 0; i < sizeof replacements; i++, n++) /* the final NUL as well */
        {
          copy[at] = (guint8) replacements[i];
          LLVMFuzzerTestOneInput (copy, size);
        }
      n += 2;
    }
  return n;
}

/* The input at hand, for whoever looks at why the program ended. */
static const guint8 *current;
static gsize current_size;
static char *crash_path;

static void
keep_input (int number)
{
  int fd = open (crash_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

  for (gsize at = 0; fd >= 0 && at < current_size;)
    {
      gssize n = write (fd, current + at, current_size - at);

      if (n <= 0)
        break;
      at += (gsize) n;
    }
  signal (number, SIG_DFL);
  raise (number);
}

/* Some changes, each of a few bytes or a piece of another input. */
static void
change (GByteArray *input, const GPtrArray *corpus, GRand *random)
{
  static const guint8 edges[] = { 0, 1, 0x7f, 0x80, 0xff };

  for (guint i = 1u << g_rand_int_range (random, 0, 5); i > 0 && input->len > 0; i--)
    {
      guint at = (guint) g_rand_int_range (random, 0, (gint32) input->len);
      guint wanted = (guint) g_rand_int_range (random, 1, 9);
      guint n = MIN (wanted, input->len - at);
      GBytes *other = g_ptr_array_index (corpus, (guint) g_rand_int_range (random, 0, (gint32) corpus->len));
      gsize size;
      const guint8 *bytes = g_bytes_get_data (other, &size);

      switch (g_rand_int_range (random, 0, 7))
        {
        case 0:
          input->data[at] ^= (guint8) (1u << g_rand_int_range (random, 0, 8));
          break;
        case 1:
          input->data[at] = (guint8) replacements[g_rand_int_range (random, 0, sizeof replacements)];
          break;
        case 2:
          memset (input->data + at, edges[g_rand_int_range (random, 0, sizeof edges)], n);
          break;
        case 3:
          g_byte_array_remove_range (input, at, n);
          break;
        case 4:
          if (input->len < 65536)
            {
              guint8 piece[8];

              memcpy (piece, input->data + at, n);
              g_byte_array_append (input, piece, n);
            }
          break;
        case 5:
          g_byte_array_set_size (input, at + 1);
          break;
        default:
          if (size > 0)
            {
              guint from = (guint) g_rand_int_range (random, 0, (gint32) size);

              wanted = (guint) g_rand_int_range (random, 1, 65);
              n = MIN (MIN (wanted, (guint) size - from), input->len - at);
              memcpy (input->data + at, bytes + from, n);
            }
          break;
        }
    }
}

static guint64
run_random (const GPtrArray *corpus, double seconds)
{
  const char *seed = g_getenv ("ARBOR_RANDOM_SEED");
  g_autoptr (GRand) random = g_rand_new_with_seed (seed != NULL ? (guint32) g_ascii_strtoull (seed, NULL, 10) : 1);
  guint64 n = 0;

  signal (SIGABRT, keep_input);
  signal (SIGSEGV, keep_input);
  signal (SIGTRAP, keep_input);
  while (clock () < seconds * CLOCKS_PER_SEC)
    {
      g_autoptr (GByteArray) input = g_byte_array_sized_new (16); /* so that there is an address */
      GBytes *one = g_ptr_array_index (corpus, (guint) g_rand_int_range (random, 0, (gint32) corpus->len));
      gsize size;
      const guint8 *bytes = g_bytes_get_data (one, &size);

      g_byte_array_append (input, bytes, (guint) size);
      change (input, corpus, random);
      current = input->data;
      current_size = input->len;
      LLVMFuzzerTestOneInput (input->data, input->len);
      n++;
    }
  return n;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) directory = NULL;
  g_autoptr (GPtrArray) corpus = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autofree char *base = g_path_get_basename (argv[0]);
  const char *seconds = g_getenv ("ARBOR_FUZZ_SECONDS");
  guint64 n_inputs = 0;
  guint n_files = 0;
  const char *name;

  if (argc != 2)
    g_error ("usage: %s DIRECTORY", argv[0]);
  directory = g_dir_open (argv[1], 0, &error);
  if (directory == NULL)
    g_error ("%s", error->message);

  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename (argv[1], name, NULL);
      g_autofree char *data = NULL;
      gsize size;

      if (!g_file_get_contents (path, &data, &size, &error))
        g_error ("%s", error->message);
      n_files++;
      g_ptr_array_add (corpus, g_bytes_new (data, size));
      if (seconds != NULL)
        continue;
      LLVMFuzzerTestOneInput ((const guint8 *) data, size);
      n_inputs++;
      if (size <= MAX_MUTATED)
        n_inputs += run_near ((const guint8 *) data, size);
    }
  if (n_files == 0)
    g_error ("%s: an empty corpus", argv[1]);
  crash_path = g_strconcat ("crash-", base, NULL);
  if (seconds != NULL)
    n_inputs = run_random (corpus, g_ascii_strtod (seconds, NULL));
  g_free (crash_path);
  g_print ("%u files, %" G_GUINT64_FORMAT " inputs\n", n_files, n_inputs);
  return 0;
}
