/* Four processes write and read one file while one of them is killed again and again.
 *
 * Each commit of a worker is a transaction that reads "total" and its own "count-N", puts both one
 * higher, puts the new total into each of the trees of "copies", and appends who wrote which count
 * to "log". After that it appends the count to its own "own-N", outside of any transaction, and
 * tells the parent. So in each snapshot of the file
 *  - total = each of copies = number of trees of log = sum of the counts,
 *  - each worker's counts lie in log in order, none missing, none twice,
 *  - own-N has all counts of the worker, but for the last, when it was killed in between,
 * and a count that was told of is never lost, and one that was not is at most one a kill.
 *
 * The parent uses nothing of the library before the last worker is dead, so that it may fork.
 *
 * ARBOR_CAMPAIGN_SECONDS says for how long, with a kill each second; without it there are ARBOR_CAMPAIGN_KILLS=N
 * (default 100), after counted commits. ARBOR_RANDOM_SEED=N makes others, ARBOR_CAMPAIGN_FIGURES=FILE has what came of it.
 */

#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "campaign-state.h"

#include "kit/arbors.h"

#define TAIL 200u

/* What a worker tells. Smaller than PIPE_BUF, so it is told whole or not at all. */
typedef struct
{
  gint64 count;
  guint64 n_conflicts; /* since it was told last */
  gboolean is_first;   /* what it found when it began */
} Message;

typedef struct
{
  const char *path;
  guint number;
  guint n_starts;
  pid_t pid;
  int told;            /* our end of the pipe, or the worker's own */
  gint64 acknowledged; /* the highest count that was told */
} Worker;

typedef struct
{
  Worker workers[N_WORKERS];
  guint64 n_commits;
  guint64 n_conflicts;
  guint64 n_unacknowledged;
  guint n_kills;
} Campaign;

/* A worker */

/* What a transaction says that comes too late. There may be no other error. */
static gboolean
is_conflict (GError *error)
{
  if (error == NULL)
    return FALSE;
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CONFLICT);
  return TRUE;
}

static gboolean
increment (ArborTransaction *transaction, const char *name, guint n_trees, gint64 *number)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) found = arbor_transaction_get (transaction, name, &error);
  g_autoptr (ArborArbor) next = NULL;

  if (is_conflict (error))
    return FALSE;
  *number = read_number (found) + 1;
  next = make_number (n_trees, *number);
  arbor_transaction_put (transaction, name, next, NULL, &error);
  return !is_conflict (error);
}

static gboolean
commit (ArborTransaction *transaction, guint worker, gint64 *total, gint64 *count)
{
  g_autofree char *name = make_name ("count", worker);
  g_autofree char *line = NULL;
  g_autoptr (ArborArbor) copies = NULL;
  g_autoptr (ArborArbor) entry = NULL;
  g_autoptr (GError) error = NULL;

  if (!increment (transaction, "total", 1, total) || !increment (transaction, name, 1, count))
    return FALSE;
  copies = make_number (N_COPIES, *total);
  line = g_strdup_printf ("{\"worker\":%u,\"count\":%" G_GINT64_FORMAT "}", worker, *count);
  entry = make_arbor (1, line);
  return arbor_transaction_put (transaction, "copies", copies, NULL, &error) &&
                 arbor_transaction_append (transaction, "log", entry, NULL, &error) &&
                 arbor_transaction_commit (transaction, NULL, &error)
             ? TRUE
             : !is_conflict (error);
}

static void
append_own (ArborStore *store, guint worker, gint64 count)
{
  g_autofree char *name = make_name ("own", worker);
  g_autoptr (ArborArbor) arbor = make_number (1, count);
  g_autoptr (GError) error = NULL;

  arbor_store_append (store, name, arbor, NULL, &error);
  g_assert_no_error (error);
}

static void
tell (const Worker *worker, Message message)
{
  g_assert_cmpint (write (worker->told, &message, sizeof message), ==, sizeof message);
}

/* Where the one before was killed. A process killed in the midst of a commit, when that is in the
 * file already, but not announced, leaves it to the next writer to announce: so this writes before
 * it looks. */
static void
recover (const Worker *worker, ArborStore *store)
{
  g_autofree char *name = make_name ("start", worker->number);
  g_autoptr (ArborArbor) start = make_number (1, worker->n_starts);
  g_autoptr (ArborStats) stats = get_stats (store);
  g_autoptr (GError) error = NULL;
  guint64 n_own;
  gint64 count;

  arbor_store_put (store, name, start, NULL, &error);
  g_assert_no_error (error);
  count = read_count (store, worker->number);
  n_own = check_own (store, worker->number);

  g_assert_cmpint (count, >=, worker->acknowledged);
  g_assert_cmpint (count, <=, worker->acknowledged + 1);
  if (n_own + 1 == (guint64) count)
    append_own (store, worker->number, count);
  else
    g_assert_cmpuint (n_own, ==, (guint64) count);
  g_assert_cmpuint (arbor_stats_get_n_readers (stats), <, MAX_READERS);
  tell (worker, (Message){ .count = count, .is_first = TRUE });
}

/* Reads and writes until it is killed. An iterator is under way while this and others commit. */
static void
work (const Worker *worker)
{
  g_autoptr (ArborStore) store = open_patient_store (worker->path);
  Message message = { 0 };

  recover (worker, store);
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ArborTransaction) transaction = arbor_store_begin_transaction (store, &error);
      g_autoptr (ArborArbor) copies = NULL;
      g_autoptr (ArborIter) iter = NULL;
      g_autoptr (ArborTree) tree = NULL;
      gint64 before, total;

      g_assert_no_error (error);
      before = check_state (store, TAIL);
      copies = get_arbor (store, "copies");
      iter = iterate (copies);
      tree = get_next (iter);
      if (commit (transaction, worker->number, &total, &message.count))
        {
          g_assert_cmpint (total, ==, before + 1);
          append_own (store, worker->number, message.count);
          tell (worker, message);
          message.n_conflicts = 0;
        }
      else
        message.n_conflicts++;
      check_copies (iter, N_COPIES - 1, before);
      g_assert_cmpint (read_field (tree, "n"), ==, before);
    }
}

static void
create (const Worker *worker)
{
  g_autoptr (ArborStore) store = open_patient_store (worker->path);
  g_autoptr (ArborArbor) empty = make_arbor (0, "");
  g_autoptr (ArborArbor) zero = make_number (1, 0);
  g_autoptr (ArborArbor) zeros = make_number (N_COPIES, 0);

  g_assert_true (arbor_store_put (store, "total", zero, NULL, NULL));
  g_assert_true (arbor_store_put (store, "copies", zeros, NULL, NULL));
  g_assert_true (arbor_store_put (store, "log", empty, NULL, NULL));
  for (guint i = 0; i < N_WORKERS; i++)
    {
      g_autofree char *count = make_name ("count", i);
      g_autofree char *own = make_name ("own", i);

      g_assert_true (arbor_store_put (store, count, zero, NULL, NULL));
      g_assert_true (arbor_store_put (store, own, empty, NULL, NULL));
    }
  arbor_store_close (store);
}

/* The parent */

static void
start (Worker *worker, void (*run) (const Worker *worker))
{
  int fds[2];

  g_assert_cmpint (pipe (fds), ==, 0);
  worker->n_starts++;
  worker->pid = fork ();
  g_assert_cmpint (worker->pid, >=, 0);
  if (worker->pid == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      worker->told = fds[1];
      run (worker);
      _exit (0);
    }
  close (fds[1]);
  worker->told = fds[0];
}

/* Whether there was a message: no message is the end. */
static gboolean
hear (Campaign *campaign, Worker *worker)
{
  Message message;
  ssize_t n = read (worker->told, &message, sizeof message);

  if (n == 0)
    return FALSE;
  g_assert_cmpint (n, ==, sizeof message);
  if (message.is_first)
    campaign->n_unacknowledged += (guint64) (message.count - worker->acknowledged);
  else
    g_assert_cmpint (message.count, ==, worker->acknowledged + 1);
  campaign->n_commits += !message.is_first;
  campaign->n_conflicts += message.n_conflicts;
  worker->acknowledged = message.count;
  return TRUE;
}

/* Listens until @n_commits more were told of, or until @end, in microseconds, if that is not 0. */
static void
listen_to_all (Campaign *campaign, guint64 n_commits, gint64 end)
{
  n_commits += campaign->n_commits;
  while (end == 0 ? campaign->n_commits < n_commits : g_get_monotonic_time () < end)
    {
      gint64 left = end == 0 ? PATIENCE : (end - g_get_monotonic_time ()) / 1000 + 1;
      struct pollfd polls[N_WORKERS];
      int n;

      for (guint i = 0; i < N_WORKERS; i++)
        polls[i] = (struct pollfd){ .fd = campaign->workers[i].told, .events = POLLIN };
      n = poll (polls, N_WORKERS, (int) MAX (left, 0));
      g_assert_true (n > 0 || end != 0);
      for (guint i = 0; i < N_WORKERS; i++)
        if (polls[i].revents != 0)
          g_assert_true (hear (campaign, &campaign->workers[i]));
    }
}

static void
bury (Campaign *campaign, Worker *worker)
{
  int status;

  g_assert_cmpint (waitpid (worker->pid, &status, 0), ==, worker->pid);
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGKILL);
  while (hear (campaign, worker))
    continue;
  close (worker->told);
  campaign->n_kills++;
}

/* When all are dead. The first write sweeps what they left. */
static void
check_end (Campaign *campaign, const char *path)
{
  g_autoptr (ArborStore) store = open_patient_store (path);
  g_autoptr (ArborStats) stats = get_stats (store);
  g_autoptr (ArborArbor) zero = make_number (1, 0);
  g_autoptr (GError) error = NULL;
  gint64 total = check_state (store, G_MAXUINT64);

  g_assert_cmpuint (arbor_stats_get_n_readers (stats), <=, 1);
  for (guint i = 0; i < N_WORKERS; i++)
    {
      gint64 count = read_count (store, i), n_own = (gint64) check_own (store, i);

      g_assert_cmpint (count, >=, campaign->workers[i].acknowledged);
      g_assert_cmpint (count, <=, campaign->workers[i].acknowledged + 1);
      g_assert_true (n_own == count || n_own + 1 == count);
      campaign->n_unacknowledged += (guint64) (count - campaign->workers[i].acknowledged);
    }
  g_assert_cmpuint (campaign->n_unacknowledged, <=, campaign->n_kills);
  g_assert_cmpint (total, ==, (gint64) (campaign->n_commits + campaign->n_unacknowledged));

  arbor_store_put (store, "total", zero, NULL, &error);
  g_assert_no_error (error);
  do
    {
      g_usleep (1000);
      g_clear_pointer (&stats, arbor_stats_free);
      stats = get_stats (store);
    }
  while (arbor_stats_get_n_staged_batches (stats) + arbor_stats_get_n_dead_batches (stats) > 0);
  g_test_message ("%" G_GINT64_FORMAT " commits in the file, %" G_GUINT64_FORMAT
                  " of them not acknowledged, %" G_GUINT64_FORMAT
                  " conflicts, %u kills, file of %" G_GUINT64_FORMAT " bytes",
                  total, campaign->n_unacknowledged, campaign->n_conflicts, campaign->n_kills,
                  arbor_stats_get_file_bytes (stats));
  arbor_store_close (store);
}

static guint64
get_number (const char *variable, guint64 usual)
{
  const char *text = g_getenv (variable);

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : usual;
}

static void
write_figures (const Campaign *campaign)
{
  const char *path = g_getenv ("ARBOR_CAMPAIGN_FIGURES");
  g_autofree char *text = g_strdup_printf (
      "{\"campaign\": \"kills\", \"seed\": %" G_GUINT64_FORMAT ", \"processes\": %d, \"kills\": %u, \"commits\": %"
      G_GUINT64_FORMAT ", \"not acknowledged\": %" G_GUINT64_FORMAT ", \"conflicts\": %" G_GUINT64_FORMAT
      ", \"problems\": 0}\n",
      get_number ("ARBOR_RANDOM_SEED", 20), N_WORKERS, campaign->n_kills, campaign->n_commits,
      campaign->n_unacknowledged, campaign->n_conflicts);
  g_autoptr (GError) error = NULL;

  if (path == NULL)
    return;
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
run (const char *path, guint n_kills, gboolean is_timed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32) get_number ("ARBOR_RANDOM_SEED", 20));
  Campaign campaign = { 0 };
  Worker creator = { .path = path };
  int status;

  start (&creator, create);
  g_assert_cmpint (waitpid (creator.pid, &status, 0), ==, creator.pid);
  g_assert_cmpint (status, ==, 0);
  close (creator.told);
  for (guint i = 0; i < N_WORKERS; i++)
    {
      campaign.workers[i] = (Worker){ .path = path, .number = i };
      start (&campaign.workers[i], work);
    }
  for (guint i = 0; i < n_kills; i++)
    {
      Worker *victim = &campaign.workers[g_rand_int_range (random, 0, N_WORKERS)];

      listen_to_all (&campaign, (guint64) g_rand_int_range (random, 1, 20),
                     is_timed ? g_get_monotonic_time () + G_USEC_PER_SEC : 0);
      g_usleep ((gulong) g_rand_int_range (random, 0, 5000));
      kill (victim->pid, SIGKILL);
      bury (&campaign, victim);
      start (victim, work);
    }
  listen_to_all (&campaign, 20, 0);
  for (guint i = 0; i < N_WORKERS; i++)
    kill (campaign.workers[i].pid, SIGKILL);
  for (guint i = 0; i < N_WORKERS; i++)
    bury (&campaign, &campaign.workers[i]);
  check_end (&campaign, path);
  write_figures (&campaign);
}

static void
test_counters (void)
{
  const char *seconds = g_getenv ("ARBOR_CAMPAIGN_SECONDS");
  g_autofree char *folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "a.arbor", NULL);

  run (path, (guint) (seconds != NULL ? get_number ("ARBOR_CAMPAIGN_SECONDS", 0) : get_number ("ARBOR_CAMPAIGN_KILLS", 100)),
       seconds != NULL);
  remove_folder (folder);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/campaign/counters", test_counters);
  return g_test_run ();
}
