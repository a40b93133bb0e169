/* Marks in a profile: this program records itself, run once more to work, as Sysprof would record an
 * application, and looks at what the capture has.
 */

#include <arbor/arbor.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sysprof.h>

#include "kit/files.h"

#define N_TREES 20000

static char *program;

static int
work (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "a.arbor", NULL);
  g_autofree char *data = g_build_filename (folder, "a.jsonl", NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborLoadReport) report = NULL;
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (ArborArbor) sorted = NULL;
  g_autoptr (ArborExpr) key = arbor_expr_parse ("name", NULL);
  g_autoptr (ArborTree) tree = NULL;

  for (guint i = 0; i < N_TREES; i++)
    g_string_append_printf (text, "{\"id\":%u,\"name\":\"n%u\"}\n", i * 7919 % N_TREES, i);
  if (!g_file_set_contents (data, text->str, (gssize) text->len, NULL))
    return 1;
  store = arbor_store_open (path, NULL, NULL, NULL);
  report = arbor_store_import_file (store, "numbers", data, NULL, NULL, NULL, NULL, NULL);
  arbor = arbor_store_get (store, "numbers", NULL);
  sorted = arbor_arbor_sort_by (arbor, &key, 1, NULL, NULL);
  tree = arbor_arbor_get (sorted, 0, NULL);
  arbor_store_close (store);
  return tree == NULL;
}

static void
on_failed (SysprofProfiler *profiler, const GError *error, gpointer loop)
{
  g_test_message ("%s", error->message);
  g_test_fail ();
  g_main_loop_quit (loop);
}

/* Of the group Arbor, counted by name. */
static bool
count_mark (const SysprofCaptureFrame *frame, void *data)
{
  const SysprofCaptureMark *mark = (const SysprofCaptureMark *) frame;
  GHashTable *counts = data;

  if (strcmp (mark->group, "Arbor") == 0)
    {
      gpointer n = g_hash_table_lookup (counts, mark->name);

      g_assert_cmpint (mark->duration, >, 0);
      g_hash_table_insert (counts, g_strdup (mark->name), GUINT_TO_POINTER (GPOINTER_TO_UINT (n) + 1));
    }
  return true;
}

static GHashTable *
read_marks (const char *path)
{
  SysprofCaptureFrameType type = SYSPROF_CAPTURE_FRAME_MARK;
  SysprofCaptureReader *reader = sysprof_capture_reader_new (path);
  SysprofCaptureCursor *cursor;
  GHashTable *counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_assert_nonnull (reader);
  cursor = sysprof_capture_cursor_new (reader);
  sysprof_capture_cursor_add_condition (cursor, sysprof_capture_condition_new_where_type_in (1, &type));
  sysprof_capture_cursor_foreach (cursor, count_mark, counts);
  sysprof_capture_cursor_unref (cursor);
  sysprof_capture_reader_unref (reader);
  return counts;
}

static void
test_recorded (void)
{
  g_autofree char *folder = g_dir_make_tmp ("arbor-profile-XXXXXX", NULL);
  g_autofree char *capture = g_build_filename (folder, "capture.syscap", NULL);
  const char *const words[] = { program, "--work", folder, NULL };
  g_autoptr (SysprofProfiler) profiler = sysprof_local_profiler_new ();
  g_autoptr (SysprofSource) source = SYSPROF_SOURCE (sysprof_control_source_new ());
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GHashTable) counts = NULL;
  SysprofCaptureWriter *writer = sysprof_capture_writer_new (capture, 0);

  sysprof_profiler_set_writer (profiler, writer);
  sysprof_profiler_set_whole_system (profiler, FALSE);
  sysprof_profiler_set_spawn (profiler, TRUE);
  sysprof_profiler_set_spawn_inherit_environ (profiler, TRUE);
  sysprof_profiler_set_spawn_argv (profiler, words);
  sysprof_profiler_add_source (profiler, source);
  g_signal_connect (profiler, "failed", G_CALLBACK (on_failed), loop);
  g_signal_connect_swapped (profiler, "stopped", G_CALLBACK (g_main_loop_quit), loop);
  sysprof_profiler_start (profiler);
  g_main_loop_run (loop);
  sysprof_capture_writer_flush (writer);
  sysprof_capture_writer_unref (writer);

  counts = read_marks (capture);
  g_assert_cmpuint (GPOINTER_TO_UINT (g_hash_table_lookup (counts, "import")), ==, 1);
  g_assert_cmpuint (GPOINTER_TO_UINT (g_hash_table_lookup (counts, "commit")), >=, 1);
  g_assert_cmpuint (GPOINTER_TO_UINT (g_hash_table_lookup (counts, "read")), >=, 1);
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  if (argc == 3 && strcmp (argv[1], "--work") == 0)
    return work (argv[2]);
  program = argv[0];
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/recorded", test_recorded);
  return g_test_run ();
}
