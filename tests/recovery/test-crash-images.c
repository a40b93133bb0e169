/* What a crash may leave at any moment: the store opens, is sound, has what was acknowledged, of what was being done
 * all or nothing, and can be written.
 *
 * Usage: test-crash-images [--figures FILE]
 *
 * A child does one write of each kind after the other, its writes are recorded (recorder.h), and of these the files
 * are made that a crash may leave (crash-images.h), torn at 512 or 4,096 bytes. Each is looked at in a child of its own.
 * ARBOR_CRASH_IMAGES=N says how many (default 1000), ARBOR_RANDOM_SEED=N makes others.
 */

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crash-images.h"
#include "fault-place.h"
#include "recorder.h"

#define SECONDS   120
#define N_WRITERS 4

static char *
make_lines (guint first, guint n, guint width)
{
  GString *lines = g_string_new (NULL);

  for (guint i = first; i < first + n; i++)
    {
      g_string_append_printf (lines, "{\"id\":%u,\"x\":%u,\"text\":\"", i, i % 17);
      for (guint j = 0; j < width; j++)
        g_string_append_c (lines, (char) ('a' + (i * 31 + j * 7) % 26));
      g_string_append (lines, "\"}\n");
    }
  return g_string_free (lines, FALSE);
}

static void
put_some (ArborStore *store, const char *name, guint first, guint n, guint width)
{
  g_autofree char *lines = make_lines (first, n, width);

  put_lines (store, name, lines);
}

static void
update (ArborStore *store, const char *name, const char *where_text)
{
  g_autoptr (ArborExpr) where = parse (where_text);
  g_autoptr (ArborExpr) value = parse ("x + 100");
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (arbor_store_update_where (store, name, where, (const char *[]){ "x", NULL }, &value, 1,
                                              NULL, &error), >, 0);
  g_assert_no_error (error);
}

/* Steps */

typedef struct
{
  FaultPlace *place;
  ArborStore *store;
} Work;

static void
step_put (Work *work)
{
  put_some (work->store, "a", 0, 300, 20);
}

static void
step_put_large (Work *work)
{
  put_some (work->store, "large", 0, 900, 300);
}

static void
step_edit (Work *work)
{
  update (work->store, "a", "id == 7");
}

static void
step_edit_more (Work *work)
{
  update (work->store, "large", "id % 90 == 1");
}

static void
step_append (Work *work)
{
  g_autoptr (ArborArbor) arbor = read_lines ("{\"id\":5000,\"x\":1}\n");
  g_autoptr (GError) error = NULL;

  arbor_store_append (work->store, "a", arbor, NULL, &error);
  g_assert_no_error (error);
}

static void *
edit_own (void *data)
{
  Work *work = data;
  static gint next;
  guint number = (guint) g_atomic_int_add (&next, 1) % N_WRITERS;
  g_autofree char *where = g_strdup_printf ("id == %u", number);
  g_autofree char *name = g_strdup_printf ("own-%u", number);

  update (work->store, name, where);
  return NULL;
}

static void
step_prepare (Work *work)
{
  g_autoptr (ArborTransaction) transaction = arbor_store_begin_transaction (work->store, NULL);
  g_autofree char *lines = make_lines (0, 60, 10);
  g_autoptr (ArborArbor) arbor = read_lines (lines);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < N_WRITERS; i++)
    {
      g_autofree char *name = g_strdup_printf ("own-%u", i);

      g_assert_true (arbor_transaction_put (transaction, name, arbor, NULL, &error));
    }
  arbor_transaction_commit (transaction, NULL, &error);
  g_assert_no_error (error);
}

/* Edits of several threads, which are committed together. */
static void
step_joint (Work *work)
{
  pthread_t threads[N_WRITERS];

  for (guint i = 0; i < N_WRITERS; i++)
    g_assert_cmpint (pthread_create (&threads[i], NULL, edit_own, work), ==, 0);
  for (guint i = 0; i < N_WRITERS; i++)
    pthread_join (threads[i], NULL);
}

static void
step_transaction (Work *work)
{
  g_autoptr (ArborTransaction) transaction = arbor_store_begin_transaction (work->store, NULL);
  g_autoptr (ArborArbor) a = NULL;
  g_autoptr (GError) error = NULL;

  a = arbor_transaction_get (transaction, "a", &error);
  g_assert_true (arbor_transaction_put (transaction, "b", a, NULL, &error));
  g_assert_true (arbor_transaction_rename (transaction, "own-1", "owned", &error));
  g_assert_true (arbor_transaction_delete (transaction, "own-2", &error));
  arbor_transaction_commit (transaction, NULL, &error);
  g_assert_no_error (error);
}

static void
step_keys (Work *work)
{
  g_autoptr (GError) error = NULL;

  arbor_store_set_keys (work->store, "large", (const char *[]){ "id", NULL }, ARBOR_KEY_UNIQUE, NULL, NULL, NULL,
                        &error);
  g_assert_no_error (error);
}

/* Its batches have tables of keys. */
static void
step_keyed (Work *work)
{
  put_some (work->store, "large", 3000, 1500, 60);
}

/* Staged in several transactions, while it is read. */
static void
step_import (Work *work)
{
  g_autofree char *lines = make_lines (9000, 6000, 1000);
  g_autoptr (GBytes) bytes = g_bytes_new_static (lines, strlen (lines));
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_bytes (bytes);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborLoadReport) report = arbor_store_import_stream (work->store, "large", stream, NULL, NULL, NULL, NULL,
                                                                  &error);

  g_assert_no_error (error);
}

static void
step_delete (Work *work)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (arbor_store_delete (work->store, "b", NULL, &error));
}

static void
step_compact (Work *work)
{
  g_autoptr (GError) error = NULL;

  arbor_store_compact (work->store, ARBOR_COMPACT_NONE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
step_compact_full (Work *work)
{
  g_autoptr (GError) error = NULL;

  arbor_store_compact (work->store, ARBOR_COMPACT_FULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
backup (Work *work, const char *path, ArborBackupFlags flags)
{
  g_autoptr (GError) error = NULL;

  arbor_store_backup (work->store, path, flags, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
step_backup (Work *work)
{
  backup (work, work->place->new_store, ARBOR_BACKUP_NONE);
}

static void
step_backup_again (Work *work)
{
  backup (work, work->place->new_store, ARBOR_BACKUP_COMPACT);
}

static void
step_backup_update (Work *work)
{
  backup (work, work->place->new_store, ARBOR_BACKUP_UPDATE);
}

static void
step_recover (Work *work)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborReport) report = arbor_recover_file (work->place->new_store, work->place->old, NULL, NULL, NULL,
                                                       &error);

  g_assert_no_error (error);
}

static void
step_export (Work *work)
{
  g_autoptr (GError) error = NULL;

  arbor_store_dump (work->store, work->place->new_text, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static const struct
{
  const char *name;
  void (*run) (Work *work);
  gboolean is_joint; /* of what it does any part may be there */
} steps[] = {
  { "put", step_put },         { "put large", step_put_large },
  { "edit", step_edit },       { "edit many", step_edit_more },
  { "append", step_append },   { "transaction of puts", step_prepare },
  { "joint edits", step_joint, TRUE }, { "transaction", step_transaction },
  { "set keys", step_keys },   { "put with tables of keys", step_keyed },
  { "edit again", step_edit_more }, { "delete", step_delete },
  { "compact", step_compact }, { "append again", step_append },
  { "backup", step_backup },   { "edit after backup", step_edit },
  { "update of a backup", step_backup_update }, { "backup over it", step_backup_again },
  { "compact as a whole", step_compact_full }, { "edit after it", step_edit },
  { "recover", step_recover }, { "dump", step_export },
  { "import in stages", step_import }, { "put at last", step_put_large },
};

/* Children */

static void
work_child (FaultPlace *place, const char *log)
{
  Work work = { place, open_store (place->store) };

  recorder_begin (place->folder, log);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      recorder_mark ();
      steps[i].run (&work);
    }
  recorder_mark ();
  recorder_end ();
  arbor_store_close (work.store);
}

/* It is written once more, and sound then. */
static void
write_again (FaultPlace *place, GString *problems)
{
  g_autoptr (ArborStore) store = open_store (place->store);
  g_autoptr (ArborReport) report = NULL;
  g_autoptr (GError) error = NULL;

  put_some (store, "afterwards", 0, 400, 50);
  report = arbor_store_verify (store, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  if (!arbor_report_is_sound (report))
    g_string_append (problems, "it is damaged after the next write\n");
  assert_stored (store, "afterwards", make_lines (0, 400, 50));
  arbor_store_close (store);
}

static char *
read_all (int fd)
{
  GString *text = g_string_new (NULL);
  char piece[4096];
  gssize n;

  while ((n = read (fd, piece, sizeof piece)) > 0)
    g_string_append_len (text, piece, n);
  return g_string_free (text, FALSE);
}

/* What is there as text; problems begin with "!". */
static char *
look_in_child (const char *folder, gboolean writes)
{
  int ends[2], status;
  char *text;
  pid_t child;

  g_assert_cmpint (pipe (ends), ==, 0);
  child = fork ();
  if (child == 0)
    {
      g_autoptr (GString) problems = g_string_new (NULL);
      g_autofree char *found = NULL;
      FaultPlace place;

      alarm (SECONDS);
      fault_place_init (&place, folder);
      found = fault_place_to_text (&place, problems);
      if (writes && problems->len == 0)
        write_again (&place, problems);
      dprintf (ends[1], "%s%s%s", problems->len > 0 ? "!" : "", problems->str, found);
      _exit (0);
    }
  close (ends[1]);
  text = read_all (ends[0]);
  close (ends[0]);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  if (status == 0)
    return text;
  g_free (text);
  return g_strdup_printf ("!%s, status %x\n", WIFSIGNALED (status) && WTERMSIG (status) == SIGALRM ? "hung" : "crashed",
                          (guint) status);
}

/* Judging */

/* Each line is one of before or of after; what is in both is there. */
static gboolean
is_between (const char *found, const char *before, const char *after)
{
  g_auto (GStrv) lines = g_strsplit (found, "\n", -1);
  g_auto (GStrv) old = g_strsplit (before, "\n", -1);
  g_auto (GStrv) new = g_strsplit (after, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (!g_strv_contains ((const char *const *) old, lines[i]) &&
        !g_strv_contains ((const char *const *) new, lines[i]))
      return FALSE;
  for (guint i = 0; old[i] != NULL; i++)
    if (g_strv_contains ((const char *const *) new, old[i]) &&
        !g_strv_contains ((const char *const *) lines, old[i]))
      return FALSE;
  return g_strv_length (lines) == g_strv_length (old);
}

typedef struct
{
  CrashLog *log;
  GPtrArray *states; /* after each mark */
  guint n_images, n_old, n_new, n_problems;
  guint64 seed;
} Campaign;

static void
try_image (Campaign *self, guint n, CrashKind kind, guint sector, GRand *random)
{
  g_autofree char *folder = make_folder ();
  guint mark = crash_log_count_marks (self->log, n) - 1;
  const char *before = g_ptr_array_index (self->states, mark);
  const char *after = g_ptr_array_index (self->states, MIN (mark + 1, self->states->len - 1));
  g_autofree char *found = NULL;
  gboolean is_old, is_new;

  crash_log_make (self->log, n, kind, sector, random, folder);
  found = look_in_child (folder, self->n_images % 4 == 0);
  is_old = g_str_equal (found, before);
  is_new = g_str_equal (found, after);
  self->n_images++;
  self->n_old += is_old;
  self->n_new += is_new && !is_old;
  if (!is_old && !is_new &&
      !(mark < G_N_ELEMENTS (steps) && steps[mark].is_joint && is_between (found, before, after)))
    {
      self->n_problems++;
      printf ("%s, record %u, kind %u, sectors of %u:\n%s\nbefore\n%safter\n%s\n",
              mark < G_N_ELEMENTS (steps) ? steps[mark].name : "the end", n, (guint) kind, sector, found, before,
              after);
      fflush (stdout);
    }
  remove_folder (folder);
}

/* What there must be after each step: all of what was done until then. */
static void
find_states (Campaign *self, GRand *random)
{
  for (guint i = 0; i < crash_log_get_n_marks (self->log); i++)
    {
      g_autofree char *folder = make_folder ();
      char *state;

      crash_log_make (self->log, crash_log_find_mark (self->log, i), CRASH_ALL, 512, random, folder);
      state = look_in_child (folder, FALSE);
      if (state[0] == '!')
        g_error ("step %u: %s", i, state);
      g_ptr_array_add (self->states, state);
      remove_folder (folder);
    }
}

static void
record (FaultPlace *place, const char *log)
{
  pid_t child = fork ();
  int status;

  if (child == 0)
    {
      work_child (place, log);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
}

static void
begin (Campaign *self)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *logs = make_folder ();
  g_autofree char *log = g_build_filename (logs, "log", NULL);
  FaultPlace place;
  pid_t child = fork ();
  int status;

  fault_place_init (&place, folder);
  if (child == 0)
    {
      arbor_store_close (open_store (place.store));
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  self->log = crash_log_new (folder);
  record (&place, log);
  crash_log_read (self->log, log);
  fault_place_clear (&place);
  remove_folder (logs);
}

static guint64
get_number (const char *variable, guint64 usual)
{
  const char *text = g_getenv (variable);

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : usual;
}

int
main (int argc, char *argv[])
{
  guint64 n_images = get_number ("ARBOR_CRASH_IMAGES", 1000);
  Campaign self = { .seed = get_number ("ARBOR_RANDOM_SEED", 1), .states = g_ptr_array_new_with_free_func (g_free) };
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32) self.seed);
  guint n_records;

  begin (&self);
  find_states (&self, random);
  n_records = crash_log_get_n_records (self.log);
  for (guint64 i = 0; i < n_images; i++)
    {
      guint step = (guint) (i % G_N_ELEMENTS (steps));
      guint first = crash_log_find_mark (self.log, step), end = crash_log_find_mark (self.log, step + 1);
      CrashKind kind = (CrashKind) g_rand_int_range (random, 0, N_CRASH_KINDS);

      try_image (&self, (guint) g_rand_int_range (random, (gint32) first, (gint32) end + 1), kind,
                 g_rand_boolean (random) ? 512 : 4096, random);
    }
  printf ("%u records of %u steps; images: %u, as before: %u, as after: %u, problems: %u\n", n_records,
          (guint) G_N_ELEMENTS (steps), self.n_images, self.n_old, self.n_new, self.n_problems);
  if (argc > 2 && g_str_equal (argv[1], "--figures"))
    {
      FILE *file = fopen (argv[2], "w");

      fprintf (file,
               "{\"campaign\": \"crash images\", \"seed\": %" G_GUINT64_FORMAT ", \"steps\": %u, \"records\": %u, "
               "\"images\": %u, \"before\": %u, \"after\": %u, \"problems\": %u}\n",
               self.seed, (guint) G_N_ELEMENTS (steps), n_records, self.n_images, self.n_old, self.n_new, self.n_problems);
      fclose (file);
    }
  crash_log_free (self.log);
  g_ptr_array_unref (self.states);
  return self.n_problems > 0;
}
