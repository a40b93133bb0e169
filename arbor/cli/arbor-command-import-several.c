/* Imports of several files, and those that add to an arbor. */

#include "arbor-command-import-private.h"

#include <gio/gunixinputstream.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

/* A file, or standard input. */
static ArborArbor *
read_file (const char *path, ArborLoadOptions *options, ArborLoadReport **report,
           GCancellable *cancellable, GError **error)
{
  g_autoptr (GInputStream) stream = NULL;

  if (!g_str_equal (path, "-"))
    return arbor_load_file (path, options, report, cancellable, error);
  stream = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  return arbor_load_stream (stream, options, report, cancellable, error);
}

/* The trees of all files, one after the other; @reports gets one a file. */
static ArborArbor *
read_files (char **paths, ArborLoadOptions *options, GPtrArray *reports, GCancellable *cancellable,
            GError **error)
{
  g_autoptr (GPtrArray) arbors = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; paths[i] != NULL; i++)
    {
      ArborLoadReport *report = NULL;
      ArborArbor *arbor = read_file (paths[i], options, &report, cancellable, error);

      if (report != NULL)
        g_ptr_array_add (reports, report);
      if (arbor == NULL)
        return NULL;
      g_ptr_array_add (arbors, arbor);
    }
  if (arbors->len == 1)
    return g_object_ref (arbors->pdata[0]);
  return arbor_arbor_concat ((ArborArbor **) arbors->pdata, arbors->len, error);
}

/* By @key, or by what is declared. */
static gboolean
upsert (ArborStore *store, const char *name, ArborArbor *trees, const char *key,
        GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) failure = NULL;

  arbor_store_upsert (store, name, key, trees, cancellable, &failure);
  if (failure == NULL)
    return TRUE;
  g_propagate_prefixed_error (error, g_steal_pointer (&failure), "--upsert: ");
  return FALSE;
}

/* With the keys that the options declare. */
static gboolean
replace (ArborStore *store, const char *name, ArborArbor *trees, ArborLoadOptions *options,
         GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) keys = arbor_load_options_dup_keys (options);
  ArborKeyFlags flags = arbor_load_options_get_keys_unique (options) ? ARBOR_KEY_UNIQUE : ARBOR_KEY_NONE;
  g_autoptr (ArborTransaction) transaction = arbor_store_begin_transaction (store, error);

  return transaction != NULL &&
         arbor_transaction_put (transaction, name, trees, cancellable, error) &&
         (keys == NULL || keys[0] == NULL ||
          arbor_transaction_set_keys (transaction, name, (const char *const *) keys, flags, error)) &&
         arbor_transaction_commit (transaction, cancellable, error);
}

gboolean
arbor_command_import_several (const char *store_path, const char *name, char **paths,
                              ArborLoadOptions *options, ImportWay way, const char *key,
                              GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) reports =
      g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_load_report_free);
  g_autoptr (ArborArbor) trees = read_files (paths, options, reports, cancellable, error);
  g_autoptr (ArborStore) store = NULL;
  gboolean is_done;

  if (trees == NULL)
    return FALSE;
  store = arbor_cli_open (store_path, TRUE, TRUE, cancellable, error);
  if (store == NULL)
    return FALSE;
  if (way == IMPORT_UPSERT)
    is_done = upsert (store, name, trees, key, cancellable, error);
  else if (way == IMPORT_APPEND)
    is_done = arbor_store_append (store, name, trees, cancellable, error);
  else
    is_done = replace (store, name, trees, options, cancellable, error);
  arbor_store_close (store);
  for (guint i = 0; is_done && i < reports->len; i++)
    is_done = arbor_command_import_report (reports->pdata[i], name, paths[i], error);
  return is_done;
}
