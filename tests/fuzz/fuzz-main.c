/* A fuzz target as plain test: every file of its corpus, and around each small one all that is near:
 * cut at every byte, with every byte left out, and with every byte replaced by each of those that
 * mean something in JSON text or break UTF-8.
 *
 * usage: fuzz-NAME DIRECTORY
 */

#include "fuzz.h"

#include <string.h>

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

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) directory = NULL;
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
      LLVMFuzzerTestOneInput ((const guint8 *) data, size);
      n_inputs++;
      n_files++;
      if (size <= MAX_MUTATED)
        n_inputs += run_near ((const guint8 *) data, size);
    }
  if (n_files == 0)
    g_error ("%s: an empty corpus", argv[1]);
  g_print ("%u files, %" G_GUINT64_FORMAT " inputs\n", n_files, n_inputs);
  return 0;
}
