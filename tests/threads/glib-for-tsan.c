/* GLib is not built for ThreadSanitizer, which therefore does not see that counting references
 * orders what threads do to an object: each finalisation would be called a race. These take the
 * place of GLib's own in the test programs and do the same in sight of it.
 */

#include <dlfcn.h>
#include <gio/gio.h>

#undef g_object_ref
#undef g_object_unref
#undef g_atomic_ref_count_dec

void __tsan_acquire (void *address);
void __tsan_release (void *address);

/* The flag that GObject keeps for toggle references, whose notification is its own business. */
#define HAS_TOGGLE_REF 0x1

void
g_object_unref (gpointer data)
{
  void (*unref) (gpointer) = dlsym (RTLD_NEXT, "g_object_unref");
  GObject *object = data;
  guint count = __atomic_load_n (&object->ref_count, __ATOMIC_SEQ_CST);

  while (count > 1 && (g_datalist_get_flags (&object->qdata) & HAS_TOGGLE_REF) == 0)
    if (__atomic_compare_exchange_n ((guint *) &object->ref_count, &count, count - 1, FALSE,
                                     __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
      return;
  unref (object);
}

gboolean
g_atomic_ref_count_dec (gatomicrefcount *count)
{
  return __atomic_sub_fetch (count, 1, __ATOMIC_SEQ_CST) == 0;
}

/* A task: what is done before it is handed to the pool comes before what the pool does with it, and
 * that before what takes its result. */

static void
run_task (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GTaskThreadFunc func;

  __tsan_acquire (task);
  func = (GTaskThreadFunc) g_object_get_data (G_OBJECT (task), "glib-for-tsan");
  func (task, source, data, cancellable);
  __tsan_release (task);
}

void
g_task_run_in_thread (GTask *task, GTaskThreadFunc func)
{
  void (*run) (GTask *, GTaskThreadFunc) = dlsym (RTLD_NEXT, "g_task_run_in_thread");

  g_object_set_data (G_OBJECT (task), "glib-for-tsan", (gpointer) func);
  __tsan_release (task);
  run (task, run_task);
}

gpointer
g_task_propagate_pointer (GTask *task, GError **error)
{
  gpointer (*propagate) (GTask *, GError **) = dlsym (RTLD_NEXT, "g_task_propagate_pointer");

  __tsan_acquire (task);
  return propagate (task, error);
}

gboolean
g_task_propagate_boolean (GTask *task, GError **error)
{
  gboolean (*propagate) (GTask *, GError **) = dlsym (RTLD_NEXT, "g_task_propagate_boolean");

  __tsan_acquire (task);
  return propagate (task, error);
}
