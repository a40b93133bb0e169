/* Whatever the system refuses, of whatever operation: no crash, no hang, an error that says what, a sound store with
 * the old or the new content, the new one where success was told, nothing left beside it, and a store that is still
 * open goes on.
 *
 * Usage: test-faults COMMAND FAULTS-LIBRARY FIXTURE [--figures FILE] [NAME...]
 *
 * For each operation (fault-operations.c), in C and as a command, each sort of call (faults.h), once and from then
 * on, the n-th is refused, n = 1, 2, 3 ... until the operation meets none. Each try is a child, and another
 * child looks at what is there then, so that this process uses the library only in children. Without ARBOR_FAULTS=all
 * some of the n are tried, others for each ARBOR_RANDOM_SEED. An empty FAULTS-LIBRARY leaves out the command.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault-operations.h"
#include "faults.h"

#define SECONDS 60
#define MOST    100000

static const struct
{
  const char *name;
  int reasons[2];
} calls[N_FAULT_CALLS] = {
  [FAULT_ALLOC] = { "memory", { ENOMEM } },
  [FAULT_OPEN] = { "open", { EMFILE, EIO } },
  [FAULT_READ] = { "read", { EIO } },
  [FAULT_PREAD] = { "pread", { EIO } },
  [FAULT_WRITE] = { "write", { EIO, ENOSPC } },
  [FAULT_PWRITE] = { "pwrite", { EIO, ENOSPC } },
  [FAULT_WRITEV] = { "writev", { ENOSPC, EIO } },
  [FAULT_SYNC] = { "sync", { EIO, ENOSPC } },
  [FAULT_FTRUNCATE] = { "ftruncate", { EIO, ENOSPC } },
  [FAULT_FALLOCATE] = { "fallocate", { ENOSPC, EOPNOTSUPP } },
  [FAULT_MMAP] = { "mmap", { ENOMEM } },
  [FAULT_FCNTL] = { "fcntl", { ENOLCK, EIO } },
  [FAULT_FSTAT] = { "fstat", { EIO } },
  [FAULT_THREAD] = { "thread", { EAGAIN } },
  [FAULT_POLL] = { "poll", { ENOMEM } },
  [FAULT_RENAME] = { "rename", { EIO, ENOSPC } },
};

/* What a child has to tell. Texts are cut off. */
typedef struct
{
  gboolean is_done;
  gboolean is_good;
  int n_refused;
  char message[2000];
  char text[6000]; /* of the store, as its session sees it; or of the folder */
  char problems[4000];
} Told;

typedef struct
{
  const char *command, *library, *fixture;
  FaultPlace whole;
  gboolean all;
  guint64 seed;
  guint n_tries[2], n_good[2], n_problems[2]; /* in C, as a command */
} Campaign;

typedef struct
{
  const FaultOperation *operation;
  FaultCall call;
  int n, is_sticky, reason;
} Try;

static void
fill (char *into, gsize size, const char *text)
{
  g_strlcpy (into, text != NULL ? text : "", size);
}

#define FILL(field, text) fill (field, sizeof field, text)

/* Runs @work in a child that has some seconds. FALSE: it crashed or hung, which @told says. */
static gboolean
run_child (void (*work) (Campaign *self, const Try *this, FaultPlace *place, Told *told), Campaign *self,
           const Try *this, FaultPlace *place, Told *told)
{
  int ends[2], status;
  gsize n_read = 0;
  gssize n;
  pid_t child;

  memset (told, 0, sizeof *told);
  g_assert_cmpint (pipe (ends), ==, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      Told mine = { 0 };

      close (ends[0]);
      alarm (SECONDS);
      work (self, this, place, &mine);
      mine.is_done = TRUE;
      for (gsize at = 0; at < sizeof mine; at += (gsize) n)
        if ((n = write (ends[1], (char *) &mine + at, sizeof mine - at)) <= 0)
          _exit (3);
      _exit (0);
    }
  close (ends[1]);
  while (n_read < sizeof *told && (n = read (ends[0], (char *) told + n_read, sizeof *told - n_read)) > 0)
    n_read += (gsize) n;
  close (ends[0]);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  if (n_read == sizeof *told && told->is_done && status == 0)
    return TRUE;
  g_snprintf (told->problems, sizeof told->problems, "%s, status %x\n",
              WIFSIGNALED (status) && WTERMSIG (status) == SIGALRM ? "it hung" : "it crashed", (guint) status);
  return FALSE;
}

/* Afterwards a store that is open reads, and writes. */
static void
go_on (ArborStore *store, Told *told)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = fault_store_to_text (store, &error);
  g_autoptr (ArborArbor) arbor = read_lines ("[\"afterwards\"]\n");

  FILL (told->text, text);
  if (text == NULL)
    g_snprintf (told->problems, sizeof told->problems, "afterwards it cannot be read: %s\n", error->message);
  else if (!arbor_store_put (store, "afterwards", arbor, NULL, &error) ||
           !arbor_store_delete (store, "afterwards", NULL, &error))
    g_snprintf (told->problems, sizeof told->problems, "afterwards it cannot be written: %s\n", error->message);
}

static gboolean
is_to_blame (const GError *error)
{
  return g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT) ||
         g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_NOT_A_STORE) ||
         g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_VERSION);
}

static void
try_in_c (Campaign *self, const Try *this, FaultPlace *place, Told *told)
{
  g_autoptr (ArborStore) store = this->operation->opens ? NULL : open_store (place->store);
  g_autoptr (GError) error = NULL;
  int n_calls;

  faults_arm (this->call, this->n, this->is_sticky, this->reason);
  told->is_good = this->operation->run (place, store, &error);
  faults_disarm (&n_calls, &told->n_refused);
  if (told->is_good != (error == NULL))
    FILL (told->problems, told->is_good ? "success with an error\n" : "failed without an error\n");
  if (error != NULL)
    FILL (told->message, error->message);
  if (error != NULL && is_to_blame (error))
    g_snprintf (told->problems, sizeof told->problems, "the file is blamed: %s\n", error->message);
  if (store != NULL)
    {
      go_on (store, told);
      arbor_store_close (store);
    }
}

static void
read_message (const char *path, Told *told)
{
  g_autofree char *text = NULL;

  if (g_file_get_contents (path, &text, NULL, NULL))
    FILL (told->message, text);
}

static void
execute (Campaign *self, const Try *this, FaultPlace *place, const char *said, const char *refused)
{
  g_autofree char *fault = g_strdup_printf ("%d:%d:%d:%d", this->call, this->n, this->is_sticky, this->reason);
  const char *arguments[G_N_ELEMENTS (this->operation->command) + 2] = { self->command };
  int out = open ("/dev/null", O_WRONLY), errors = open (said, O_WRONLY | O_CREAT | O_TRUNC, 0600);

  for (guint i = 0; this->operation->command[i] != NULL; i++)
    arguments[i + 1] = fault_argument (place, this->operation->command[i]);
  dup2 (out, STDOUT_FILENO);
  dup2 (errors, STDERR_FILENO);
  alarm (SECONDS);
  if (this->reason != 0)
    {
      setenv ("ARBOR_FAULT", fault, 1);
      setenv ("ARBOR_FAULT_TOLD", refused, 1);
      setenv ("LD_PRELOAD", self->library, 1);
    }
  execv (self->command, (char **) arguments);
  _exit (126);
}

static void
try_command (Campaign *self, const Try *this, FaultPlace *place, Told *told)
{
  g_autofree char *said = g_build_filename (place->folder, "try-said", NULL);
  g_autofree char *refused = g_build_filename (place->folder, "try-refused", NULL);
  pid_t child = fork ();
  int status;

  if (child == 0)
    execute (self, this, place, said, refused);
  waitpid (child, &status, 0);
  told->is_good = status == 0;
  told->n_refused = g_file_test (refused, G_FILE_TEST_EXISTS);
  read_message (said, told);
  if (WIFSIGNALED (status) || WEXITSTATUS (status) > 3)
    g_snprintf (told->problems, sizeof told->problems, "the command ended with status %x: %s\n", (guint) status,
                told->message);
  else if (!told->is_good && told->message[0] == '\0' && !this->operation->tells_damage)
    FILL (told->problems, "the command failed and said nothing\n");
  g_unlink (said);
  g_unlink (refused);
}

static void
look (Campaign *self, const Try *this, FaultPlace *place, Told *told)
{
  g_autoptr (GString) problems = g_string_new (NULL);
  g_autofree char *text = fault_place_to_text (place, problems);

  FILL (told->text, text);
  FILL (told->problems, problems->str);
}

static void
fill_whole (Campaign *self, const Try *this, FaultPlace *place, Told *told)
{
  fault_place_fill (place, self->fixture);
}

/* What is there after @this, in @text; what the operation told, in @told. */
static void
do_try (Campaign *self, const Try *this, Told *told, Told *found)
{
  g_autofree char *folder = make_folder ();
  FaultPlace place;

  fault_place_init (&place, folder);
  fault_place_copy (&self->whole, &place);
  if (run_child (this->operation->run != NULL ? try_in_c : try_command, self, this, &place, told))
    (void) run_child (look, self, this, &place, found);
  else
    {
      memset (found, 0, sizeof *found);
      told->n_refused = 1;
    }
  fault_place_clear (&place);
}

static char *
describe (const Try *this)
{
  g_autofree char *words = g_strjoinv (" ", (char **) this->operation->command);

  return g_strdup_printf ("%s %s: %s %s %d (%s)", this->operation->name, words, calls[this->call].name,
                          this->is_sticky ? "from" : "only", this->n, g_strerror (this->reason));
}

/* Whether @text, of the open store, is a part of what was found. */
static gboolean
agrees (const Told *told, const char *whole)
{
  return told->text[0] == '\0' || strstr (whole, told->text) != NULL;
}

static void
judge (Campaign *self, const Try *this, const Told *told, const Told *found, const char *before,
       const char *after)
{
  g_autofree char *what = describe (this);
  g_autoptr (GString) problems = g_string_new (told->problems);
  gboolean as_command = this->operation->run == NULL;

  g_string_append (problems, found->problems);
  if (problems->len == 0)
    {
      gboolean is_new = g_str_equal (found->text, after);

      if (!is_new && (told->is_good ? !this->operation->tells_damage : !g_str_equal (found->text, before)) &&
          !(this->operation->tells_damage && strstr (found->text, "new.arbor") != NULL))
        g_string_append_printf (problems, "%s, and the content is neither of\n%s%sbut\n%s",
                                told->is_good ? "success was told" : told->message, before, after, found->text);
      if (!agrees (told, found->text))
        g_string_append_printf (problems, "open it was\n%s", told->text);
      if (strstr (told->message, "Success") != NULL || (!told->is_good && strlen (told->message) < 8 &&
                                                        !this->operation->tells_damage))
        g_string_append_printf (problems, "the message is '%s'\n", told->message);
    }
  self->n_tries[as_command]++;
  self->n_good[as_command] += told->is_good;
  if (problems->len > 0)
    {
      self->n_problems[as_command]++;
      printf ("%s: %s\n", what, problems->str);
      fflush (stdout);
    }
  else if (g_getenv ("ARBOR_RANDOM_TRACE") != NULL)
    printf ("%s: %s %s\n", what, told->is_good ? "good" : "failed:", told->message);
}

#ifdef __SANITIZE_ADDRESS__
#define STRIDE 6 /* a child takes ten times as long */
#else
#define STRIDE 1
#endif

/* The next n to be tried. */
static int
advance (const Campaign *self, int n, GRand *random)
{
  return self->all ? n + 1 : n + 1 + STRIDE * g_rand_int_range (random, n, 4 + 8 * n);
}

static void
try_calls (Campaign *self, const FaultOperation *operation, FaultCall call, const char *before,
           const char *after, GRand *random)
{
  guint n_reasons = self->all && calls[call].reasons[1] != 0 ? 2 : 1;

  for (guint i = 0; i < n_reasons; i++)
    for (int is_sticky = 0; is_sticky < 2; is_sticky++)
      for (int n = 1; n < MOST; n = advance (self, n, random))
        {
          const Try this = { operation, call, n, is_sticky, calls[call].reasons[i] };
          Told told, found;

          do_try (self, &this, &told, &found);
          if (told.n_refused == 0)
            break;
          judge (self, &this, &told, &found, before, after);
        }
}

static void
try_operation (Campaign *self, const FaultOperation *operation, GRand *random)
{
  const Try none = { operation, 0, 0, 0, 0 };
  Told before, told, after;

  g_assert_true (run_child (look, self, &none, &self->whole, &before));
  do_try (self, &none, &told, &after);
  if (!told.is_good || told.problems[0] != '\0' || after.problems[0] != '\0')
    {
      printf ("%s %s by itself: %s %s %s\n", operation->name, operation->command[0] != NULL ? operation->command[0] : "", told.message,
              told.problems, after.problems);
      self->n_problems[operation->run == NULL]++;
      return;
    }
  for (int call = 0; call < N_FAULT_CALLS; call++)
    try_calls (self, operation, (FaultCall) call, before.text, after.text, random);
}

static gboolean
is_wanted (const FaultOperation *operation, char **names, int n_names)
{
  for (int i = 0; i < n_names; i++)
    if (g_str_equal (operation->name, names[i]) ||
        (operation->command[0] != NULL && g_str_equal (operation->command[0], names[i])))
      return TRUE;
  return n_names == 0;
}

static void
write_figures (const Campaign *self, const char *path)
{
  g_autofree char *text = g_strdup_printf (
      "{\"campaign\": \"faults\", \"seed\": %" G_GUINT64_FORMAT ", \"all\": %s,\n \"in C\": {\"tries\": %u, "
      "\"succeeded\": %u, \"problems\": %u},\n \"command\": {\"tries\": %u, \"succeeded\": %u, \"problems\": %u}}\n",
      self->seed, self->all ? "true" : "false", self->n_tries[0], self->n_good[0], self->n_problems[0],
      self->n_tries[1], self->n_good[1], self->n_problems[1]);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

int
main (int argc, char *argv[])
{
  const char *seed = g_getenv ("ARBOR_RANDOM_SEED");
  g_autofree char *folder = make_folder ();
  Campaign self = { .command = argv[1], .library = argv[2], .fixture = argv[3] };
  const Try none = { 0 };
  g_autoptr (GRand) random = NULL;
  const char *figures = NULL;
  int first = 4;
  Told told;

  if (argc > 5 && g_str_equal (argv[4], "--figures"))
    {
      figures = argv[5];
      first = 6;
    }
  self.all = g_strcmp0 (g_getenv ("ARBOR_FAULTS"), "all") == 0;
  self.seed = seed != NULL ? g_ascii_strtoull (seed, NULL, 10) : 1;
  random = g_rand_new_with_seed ((guint32) self.seed);
  fault_place_init (&self.whole, folder);
  g_assert_true (run_child (fill_whole, &self, &none, &self.whole, &told));
  for (guint i = 0; i < n_fault_operations; i++)
    if (is_wanted (&fault_operations[i], argv + first, argc - first) &&
        (fault_operations[i].run != NULL || self.library[0] != '\0'))
      try_operation (&self, &fault_operations[i], random);
  printf ("in C: %u refusals, %u of them without consequence, problems: %u\n"
          "the command: %u refusals, %u of them without consequence, problems: %u\n",
          self.n_tries[0], self.n_good[0], self.n_problems[0], self.n_tries[1], self.n_good[1],
          self.n_problems[1]);
  if (figures != NULL)
    write_figures (&self, figures);
  fault_place_clear (&self.whole);
  return self.n_problems[0] + self.n_problems[1] > 0;
}
