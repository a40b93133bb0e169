/* Who may stop a call: the cancellable given, those begun around it, the thread's current one, and the
 * caller's in the threads of the pool. */

#include "base/arbor-pool.h"
#include "base/arbor-stop.h"

static void
test_chain (void)
{
  g_autoptr (GCancellable) given = g_cancellable_new ();
  g_autoptr (GCancellable) inner = g_cancellable_new ();
  g_autoptr (GCancellable) outer = g_cancellable_new ();
  g_autoptr (GCancellable) current = g_cancellable_new ();
  GCancellable *all[] = { given, inner, outer, current };
  ArborStop first, second;

  g_cancellable_push_current (current);
  arbor_stop_begin (&first, outer);
  arbor_stop_begin (&second, inner);
  g_assert_false (arbor_stop_is_asked (given));
  g_assert_true (arbor_stop_check (given, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autoptr (GError) error = NULL;

      g_cancellable_cancel (all[i]);
      g_assert_true (arbor_stop_is_asked (given));
      g_assert_false (arbor_stop_check (given, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_cancellable_reset (all[i]);
      g_assert_true (arbor_stop_check (given, NULL));
    }
  arbor_stop_end (&second);
  g_cancellable_cancel (inner);
  g_assert_false (arbor_stop_is_asked (NULL));
  arbor_stop_end (&first);
  g_cancellable_cancel (outer);
  g_assert_false (arbor_stop_is_asked (NULL));
  g_cancellable_pop_current (current);
  g_cancellable_cancel (current);
  g_assert_false (arbor_stop_is_asked (NULL));
}

static void
test_pick (void)
{
  g_autoptr (GCancellable) given = g_cancellable_new ();
  g_autoptr (GCancellable) around = g_cancellable_new ();
  ArborStop none, stop;

  g_assert_null (arbor_stop_pick (NULL));
  arbor_stop_begin (&stop, around);
  arbor_stop_begin (&none, NULL);
  g_assert_true (arbor_stop_pick (NULL) == around);
  g_assert_true (arbor_stop_pick (given) == given);
  arbor_stop_end (&none);
  arbor_stop_end (&stop);
}

#define N_TASKS 64u

static void
note_stop (guint32 task, gpointer data)
{
  gboolean *is_asked = data;

  g_usleep (1000); /* so that others get tasks, too */
  is_asked[task] = arbor_stop_is_asked (NULL);
}

static void
test_pool (void)
{
  g_autoptr (GCancellable) current = g_cancellable_new ();
  g_autoptr (GCancellable) around = g_cancellable_new ();
  GCancellable *all[] = { current, around };
  ArborStop stop;

  arbor_pool_set_n_threads (4);
  g_cancellable_push_current (current);
  arbor_stop_begin (&stop, around);
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      gboolean is_asked[N_TASKS] = { FALSE };

      g_cancellable_cancel (all[i]);
      arbor_pool_run (N_TASKS, note_stop, is_asked);
      for (guint task = 0; task < N_TASKS; task++)
        g_assert_true (is_asked[task]);
      g_cancellable_reset (all[i]);
      arbor_pool_run (N_TASKS, note_stop, is_asked);
      for (guint task = 0; task < N_TASKS; task++)
        g_assert_false (is_asked[task]);
    }
  arbor_stop_end (&stop);
  g_cancellable_pop_current (current);
  arbor_pool_set_n_threads (0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stop/chain", test_chain);
  g_test_add_func ("/stop/pick", test_pick);
  g_test_add_func ("/stop/pool", test_pool);
  return g_test_run ();
}
