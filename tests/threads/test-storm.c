/* Threads that read, write, refresh and close one store at once. What a thread reads is right or
 * the store is closed; never anything else, and never a crash.
 */

#include "kit/sessions.h"

#define N_ROUNDS  25u
#define N_READERS 4u

static const Part small[] = { { 1, 3000 }, { 2, 9000 }, { 0, 0 } };
static const Part other[] = { { 3, 3000 }, { 2, 9000 }, { 4, 20000 }, { 0, 0 } };
static const Part fixed[] = { { 5, 2500 }, { 6, 70000 }, { 0, 0 } };

typedef struct
{
  ArborSession *session;
  guint64 n_reads; /* of all threads, atomic */
} Storm;

/* A name has one of its two contents, in the snapshot that was taken. */
static void
read_once (ArborSession *session)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborSnapshot) snapshot = arbor_session_dup_snapshot (session, &error);
  gboolean has;

  g_assert_no_error (error);
  has = snapshot_has (snapshot, "fixed", fixed, &error);
  g_assert_no_error (error);
  g_assert_true (has);
  has = snapshot_has (snapshot, "changing", small, &error) ||
        snapshot_has (snapshot, "changing", other, &error);
  g_assert_no_error (error);
  g_assert_true (has);
}

static gpointer
read_on (gpointer data)
{
  Storm *storm = data;
  ArborGate *gate = arbor_session_get_gate (storm->session);
  int stripe;

  while ((stripe = arbor_gate_enter (gate)) >= 0)
    {
      read_once (storm->session);
      __atomic_add_fetch (&storm->n_reads, 1, __ATOMIC_RELAXED);
      arbor_gate_leave (gate, stripe);
    }
  return NULL;
}

/* Keeps a snapshot over calls, as an iterator does, and lets go of it outside of the gate. */
static gpointer
hold_on (gpointer data)
{
  Storm *storm = data;
  ArborGate *gate = arbor_session_get_gate (storm->session);
  g_autoptr (ArborSnapshot) snapshot = NULL;
  guint n = 0;
  int stripe;

  while ((stripe = arbor_gate_enter (gate)) >= 0)
    {
      if (snapshot == NULL)
        snapshot = arbor_session_dup_snapshot (storm->session, NULL);
      g_assert_true (snapshot_has (snapshot, "fixed", fixed, NULL));
      arbor_gate_leave (gate, stripe);
      if (++n % 3 == 0)
        g_clear_pointer (&snapshot, arbor_snapshot_unref);
    }
  return NULL;
}

static gpointer
write_on (gpointer data)
{
  Storm *storm = data;
  ArborGate *gate = arbor_session_get_gate (storm->session);
  guint n = 0;
  int stripe;

  while ((stripe = arbor_gate_enter (gate)) >= 0)
    {
      g_autoptr (GError) error = NULL;

      try_put (storm->session, "changing", n++ % 2 == 0 ? other : small, &error);
      g_assert_no_error (error);
      arbor_gate_leave (gate, stripe);
    }
  return NULL;
}

static gpointer
refresh_on (gpointer data)
{
  Storm *storm = data;
  ArborGate *gate = arbor_session_get_gate (storm->session);
  int stripe;

  while ((stripe = arbor_gate_enter (gate)) >= 0)
    {
      g_autoptr (GError) error = NULL;
      g_auto (GStrv) changed = NULL;

      arbor_session_refresh (storm->session, &changed, &error);
      g_assert_no_error (error);
      g_assert_true (changed[0] == NULL ||
                     (g_str_equal (changed[0], "changing") && changed[1] == NULL));
      arbor_gate_leave (gate, stripe);
    }
  return NULL;
}

static gpointer
close_soon (gpointer data)
{
  Storm *storm = data;

  while (__atomic_load_n (&storm->n_reads, __ATOMIC_RELAXED) < 5)
    g_usleep (100);
  arbor_gate_close (arbor_session_get_gate (storm->session));
  return NULL;
}

/* Two sessions on one file, each with its own threads; one is closed while the other goes on. */
static void
test_close_against_all (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "a.arbor", NULL);
  ArborSession *session = open_store (path);

  put (session, "fixed", fixed);
  put (session, "changing", small);
  close_store (session);

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      static const GThreadFunc work[] = { read_on,  read_on, hold_on,    hold_on,
                                          write_on, read_on, refresh_on, close_soon };
      Storm storms[2] = { 0 };
      GThread *threads[2][G_N_ELEMENTS (work)];
      g_autoptr (GError) error = NULL;

      for (guint s = 0; s < 2; s++)
        {
          storms[s].session = open_store (path);
          for (guint i = 0; i < G_N_ELEMENTS (work); i++)
            threads[s][i] = g_thread_new ("storm", work[i], &storms[s]);
        }
      for (guint s = 0; s < 2; s++)
        {
          for (guint i = 0; i < G_N_ELEMENTS (work); i++)
            g_thread_join (threads[s][i]);
          close_store (arbor_session_ref (storms[s].session));
          arbor_session_refresh (storms[s].session, NULL, &error);
          g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
          g_clear_error (&error);
          arbor_session_unref (storms[s].session);
        }
      session = open_store (path);
      read_once (session);
      close_store (session);
    }
  remove_folder (folder);
}

/* Opening and closing one file from several threads: one environment, made and ended in turn. */
static gpointer
open_and_close (gpointer path)
{
  for (guint i = 0; i < 40; i++)
    {
      ArborSession *session = open_store (path);

      read_once (session);
      if (i % 2 == 0)
        close_store (session);
      else
        arbor_session_unref (session);
    }
  return NULL;
}

static void
test_open_and_close (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "a.arbor", NULL);
  ArborSession *session = open_store (path);
  GThread *threads[N_READERS];

  put (session, "fixed", fixed);
  put (session, "changing", small);
  close_store (session);
  for (guint i = 0; i < N_READERS; i++)
    threads[i] = g_thread_new ("open", open_and_close, path);
  for (guint i = 0; i < N_READERS; i++)
    g_thread_join (threads[i]);
  remove_folder (folder);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/storm/close-against-all", test_close_against_all);
  g_test_add_func ("/storm/open-and-close", test_open_and_close);
  return g_test_run ();
}
