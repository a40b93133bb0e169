/* A program that embeds the library and has closed standard input, output or error, in each
 * combination. What the library opens must not get these numbers: what is printed meanwhile, here the
 * word NOISE to all three after each step, would go into the store.
 */

#include <arbor/arbor.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/arbors.h"

#define N_TREES 40000

typedef struct
{
  guint closed; /* a bit for each */
  char *folder;
  char *store;
  char *input;
  int report; /* where complaints go */
} Program;

static void
complain (const Program *self, const char *step, const char *what)
{
  dprintf (self->report, "# closed %x, %s: %s\n", self->closed, step, what);
  _exit (1);
}

static void
check_error (const Program *self, const char *step, GError *error)
{
  if (error != NULL)
    complain (self, step, error->message);
}

/* A main context of GLib may have its eventfd there; a file, a folder or inotify may not. */
static void
check_numbers (const Program *self, const char *step)
{
  for (int fd = 0; fd <= 2; fd++)
    if ((self->closed >> fd & 1) != 0)
      {
        g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);
        char found[1024] = "";

        if (readlink (link, found, sizeof found - 1) > 0 && strstr (found, "eventfd") == NULL)
          complain (self, step, found);
        if (write (fd, "NOISE\n", 6) > 0)
          complain (self, step, "something was written");
      }
}

static void
check_trees (const Program *self, const char *step, ArborStore *store, const char *name, guint64 n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = arbor_store_get (store, name, &error);
  g_autoptr (ArborExpr) predicate = arbor_expr_parse ("n >= 0 and len(s) > 10", NULL);
  guint64 found;

  check_error (self, step, error);
  found = arbor_arbor_count_matches (arbor, predicate, NULL, &error);
  check_error (self, step, error);
  if (found != n)
    complain (self, step, "trees are missing");
  check_numbers (self, step);
}

/* With a map that must grow, which opens LMDB again. */
static ArborStore *
open_small (const Program *self, const char *step)
{
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();
  g_autoptr (GError) error = NULL;
  ArborStore *store;

  arbor_store_options_set_map_size (options, 1024 * 1024);
  arbor_store_options_set_verify_checksums (options, TRUE);
  store = arbor_store_open (self->store, options, NULL, &error);
  check_error (self, step, error);
  check_numbers (self, step);
  return store;
}

static void
import_input (const Program *self, ArborStore *store)
{
  g_autoptr (GError) error = NULL;
  ArborLoadReport *report = arbor_store_import_file (store, "imported", self->input, NULL, NULL,
                                                     NULL, NULL, &error);

  check_error (self, "import", error);
  arbor_load_report_free (report);
  check_numbers (self, "import");
}

/* No room for the usual map in the address space, so LMDB is opened with smaller ones. */
static void
open_in_little_space (const Program *self)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  struct rlimit limit = { G_GUINT64_CONSTANT (64) << 30, RLIM_INFINITY };
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStore) store = NULL;

  setrlimit (RLIMIT_AS, &limit);
  store = arbor_store_open (self->store, NULL, NULL, &error);
  check_error (self, "smaller maps", error);
  check_trees (self, "smaller maps", store, "imported", N_TREES);
  arbor_store_close (store);
#endif
}

static void
run_program (const Program *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) loaded = NULL;
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborStore) second = NULL;

  for (int fd = 0; fd <= 2; fd++)
    if ((self->closed >> fd & 1) != 0)
      close (fd);

  store = open_small (self, "open");
  import_input (self, store);
  check_trees (self, "map grown", store, "imported", N_TREES);
  g_object_set (store, "watch", TRUE, NULL);
  check_numbers (self, "watch");
  loaded = arbor_load_file (self->input, NULL, NULL, NULL, &error);
  check_error (self, "load", error);
  check_numbers (self, "load");
  if (!arbor_store_put (store, "loaded", loaded, NULL, &error))
    check_error (self, "put", error);
  check_trees (self, "put", store, "loaded", N_TREES);
  arbor_store_close (store);

  second = open_small (self, "open again");
  check_trees (self, "open again", second, "imported", N_TREES);
  check_trees (self, "open again", second, "loaded", N_TREES);
  arbor_store_close (second);
  open_in_little_space (self);
}

static void
set_up (Program *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  self->folder = make_folder ();
  self->store = g_build_filename (self->folder, "a.arbor", NULL);
  self->input = g_build_filename (self->folder, "input.jsonl", NULL);
  for (guint i = 0; i < N_TREES; i++)
    g_string_append_printf (text, "{\"n\":%u,\"s\":\"some text of number %u, %u\"}\n", i, i * 7919,
                            i * 104729);
  g_assert_true (g_file_set_contents (self->input, text->str, -1, &error));
}

static void
tear_down (Program *self)
{
  remove_folder (self->folder);
  g_free (self->store);
  g_free (self->input);
  g_free (self->folder);
}

/* The parent never uses the library, so that it may fork. */
static void
test_combination (gconstpointer data)
{
  Program self = { .closed = GPOINTER_TO_UINT (data) };
  pid_t child;
  int status;

  set_up (&self);
  self.report = fcntl (STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      run_program (&self);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  close (self.report);
  tear_down (&self);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint closed = 0; closed < 8; closed++)
    {
      g_autofree char *path = g_strdup_printf ("/descriptors/closed-%u%u%u", closed & 1,
                                               closed >> 1 & 1, closed >> 2);

      g_test_add_data_func (path, GUINT_TO_POINTER (closed), test_combination);
    }
  return g_test_run ();
}
