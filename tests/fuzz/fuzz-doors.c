/* Any text at the doors for text of the public interface; the first byte says at which: JSON, CSV, JSONPath, a path, a
 * patch, a dump that is loaded. What is read is written and read again, and stays what it is.
 */

#include "fuzz.h"

#include <arbor/arbor.h>
#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/arbors.h"

#define MOST_MATCHES 10000u

static const char tree_text[] =
    "{\"a\":[1,{\"a\":2.5,\"b\":null},\"x\",[true,[]]],\"b\":{\"a\":{\"a\":\"text\"}},\"c d\":12345678901234567890,\"\":0}";

static void
read_again (ArborArbor *arbor)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *lines = arbor_arbor_to_jsonl (arbor, &error);
  g_autoptr (ArborArbor) again = NULL;

  g_assert_no_error (error);
  again = read_lines (lines);
  assert_lines (again, lines);
}

static void
try_arbor (ArborArbor *arbor)
{
  if (arbor != NULL)
    read_again (arbor);
  g_clear_object (&arbor);
}

static void
try_jsonpath (const char *text)
{
  g_autoptr (ArborTree) tree = arbor_tree_new_from_json (tree_text, NULL);
  g_autoptr (ArborMatches) matches = arbor_tree_query (tree, text, NULL);

  for (guint64 i = 0; matches != NULL && i < MIN (arbor_matches_get_n_matches (matches, NULL), MOST_MATCHES); i++)
    {
      g_autoptr (ArborTree) match = arbor_matches_get_match (matches, i, NULL);
      g_autofree char *path = arbor_matches_dup_path (matches, i, NULL);

      g_assert_true (match != NULL && path != NULL);
      g_free (arbor_tree_to_json (match, NULL));
    }
}

static void
try_path (const char *text)
{
  g_autoptr (ArborArbor) arbor = read_lines (tree_text);
  g_autoptr (ArborColumn) column = arbor_arbor_get_column (arbor, text, NULL, NULL);

  if (column != NULL)
    g_assert_cmpuint (arbor_column_get_n_rows (column), >, 0);
}

static void
try_patch (const char *text)
{
  g_autoptr (ArborTree) tree = arbor_tree_new_from_json (tree_text, NULL);
  g_autoptr (ArborTree) patch = arbor_tree_new_from_json (text, NULL);
  g_autoptr (ArborTree) patched = patch != NULL ? arbor_tree_patch (tree, patch, NULL) : NULL;
  g_autoptr (ArborTree) merged = patch != NULL ? arbor_tree_merge_patch (tree, patch, NULL) : NULL;

  g_assert_true (patch == NULL || merged != NULL);
  if (patched != NULL)
    g_free (arbor_tree_to_json (patched, NULL));
}

static ArborStore *store;
static char *folder;

static void
end_store (void)
{
  g_clear_object (&store);
  remove_folder (folder);
  g_clear_pointer (&folder, g_free);
}

static void
try_dump (GBytes *bytes)
{
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_bytes (bytes);
  g_autoptr (GError) error = NULL;

  if (store == NULL)
    {
      g_autofree char *path = NULL;

      folder = make_folder ();
      path = g_build_filename (folder, "a.arbor", NULL);
      store = open_store (path);
      atexit (end_store);
    }
  if (!arbor_store_load_stream (store, stream, NULL, NULL, NULL, &error))
    g_assert_nonnull (error);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = size > 0 ? g_bytes_new (data + 1, size - 1) : NULL;
  g_autofree char *text = size > 0 ? g_strndup ((const char *) data + 1, size - 1) : NULL;

  if (size == 0)
    return 0;
  switch (data[0])
    {
    case 'j':
      try_arbor (arbor_read_json (bytes, NULL));
      break;
    case 'c':
      try_arbor (arbor_read_csv (bytes, NULL));
      break;
    case 'q':
      if (g_utf8_validate (text, -1, NULL))
        try_jsonpath (text);
      break;
    case 'p':
      if (g_utf8_validate (text, -1, NULL))
        try_path (text);
      break;
    case 'd':
      try_dump (bytes);
      break;
    default:
      if (g_utf8_validate (text, -1, NULL))
        try_patch (text);
      break;
    }
  return 0;
}
