/* See fault-operations.h. */

#include "fault-operations.h"

#include <gio/gio.h>
#include <stdio.h>

#define OPERATION(name) static gboolean run_##name (FaultPlace *place, ArborStore *store, GError **error)

OPERATION (create)
{
  g_autoptr (ArborStore) made = arbor_store_open (place->new_store, NULL, NULL, error);

  if (made != NULL)
    arbor_store_close (made);
  return made != NULL;
}

OPERATION (open)
{
  g_autoptr (ArborStore) opened = arbor_store_open (place->store, NULL, NULL, error);
  g_autofree char *text = opened != NULL ? fault_store_to_text (opened, error) : NULL;

  if (opened != NULL)
    arbor_store_close (opened);
  return text != NULL;
}

OPERATION (untrusted)
{
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();
  g_autoptr (ArborStore) opened = NULL;

  arbor_store_options_set_untrusted (options, TRUE);
  opened = arbor_store_open (place->store, options, NULL, error);
  if (opened != NULL)
    arbor_store_close (opened);
  return opened != NULL;
}

OPERATION (put)
{
  g_autoptr (ArborArbor) arbor = arbor_load_file (place->input, NULL, NULL, NULL, error);

  return arbor != NULL && arbor_store_put (store, "people", arbor, NULL, error);
}

OPERATION (put_many)
{
  g_autoptr (ArborArbor) one = read_lines ("{\"id\":1}\n");
  g_autoptr (ArborArbor) other = read_lines ("{\"id\":2}\n{\"id\":3}\n");
  ArborArbor *arbors[] = { one, other };

  return arbor_store_put_many (store, (const char *[]){ "people", "new", NULL }, arbors, 2, NULL, error);
}

OPERATION (append)
{
  g_autoptr (ArborArbor) arbor = read_lines ("{\"id\":9001}\n{\"id\":9002}\n");

  return arbor_store_append (store, "keyed", arbor, NULL, error);
}

OPERATION (replace)
{
  g_autoptr (ArborArbor) arbor = read_lines ("{\"id\":9001}\n{\"id\":9002}\n");

  return arbor_store_replace (store, "people", 100, 50, arbor, NULL, error);
}

OPERATION (update_where)
{
  g_autoptr (ArborExpr) where = parse ("id % 97 == 3");
  g_autoptr (ArborExpr) value = parse ("x + 1");

  return arbor_store_update_where (store, "keyed", where, (const char *[]){ "x", NULL }, &value, 1, NULL,
                                   error) > 0;
}

OPERATION (delete_where)
{
  g_autoptr (ArborExpr) where = parse ("id % 2 == 1");

  return arbor_store_delete_where (store, "people", where, NULL, error) > 0;
}

OPERATION (upsert)
{
  g_autoptr (ArborArbor) arbor = read_lines ("{\"id\":5,\"u\":1}\n{\"id\":7777,\"u\":2}\n");

  return arbor_store_upsert (store, "keyed", NULL, arbor, NULL, error) > 0;
}

OPERATION (delete)
{
  return arbor_store_delete (store, "people", NULL, error);
}

OPERATION (rename)
{
  return arbor_store_rename (store, "people", "persons", NULL, error);
}

OPERATION (transaction)
{
  g_autoptr (ArborTransaction) transaction = arbor_store_begin_transaction (store, error);
  g_autoptr (ArborArbor) arbor = read_lines ("{\"id\":4}\n");
  g_autoptr (ArborArbor) people = NULL;

  if (transaction == NULL || (people = arbor_transaction_get (transaction, "people", error)) == NULL)
    return FALSE;
  return arbor_transaction_put (transaction, "copy", people, NULL, error) &&
         arbor_transaction_append (transaction, "small-3", arbor, NULL, error) &&
         arbor_transaction_delete (transaction, "small-4", error) &&
         arbor_transaction_rename (transaction, "small-5", "large-5", error) &&
         arbor_transaction_replace (transaction, "people", 3, 5, arbor, NULL, error) &&
         arbor_transaction_commit (transaction, NULL, error);
}

OPERATION (import)
{
  g_autoptr (ArborLoadReport) report = arbor_store_import_file (store, "imported", place->input, NULL, NULL, NULL,
                                                                NULL, error);

  return report != NULL;
}

OPERATION (save)
{
  g_autoptr (ArborArbor) arbor = arbor_store_get (store, "people", error);

  return arbor != NULL &&
         arbor_arbor_save_file (arbor, place->new_text, ARBOR_FORMAT_JSONL, NULL, NULL, NULL, error);
}

OPERATION (save_csv)
{
  g_autoptr (ArborArbor) arbor = arbor_store_get (store, "keyed", error);

  return arbor != NULL &&
         arbor_arbor_save_file (arbor, place->new_text, ARBOR_FORMAT_CSV, NULL, NULL, NULL, error);
}

OPERATION (read)
{
  g_autoptr (ArborArbor) arbor = arbor_load_file (place->input, NULL, NULL, NULL, error);
  g_autoptr (GError) local_error = NULL;

  if (arbor == NULL)
    return FALSE;
  g_assert_cmpuint (arbor_arbor_get_n_trees (arbor, &local_error), ==, 400);
  return TRUE;
}

OPERATION (query)
{
  g_autoptr (ArborExpr) where = parse ("x > 40 and name contains \"1\"");
  g_autoptr (ArborExpr) key = parse ("name");
  g_autoptr (ArborArbor) arbor = arbor_store_get (store, "people", error);
  g_autoptr (ArborArbor) some = arbor != NULL ? arbor_arbor_filter (arbor, where, error) : NULL;
  g_autoptr (ArborArbor) sorted = some != NULL ? arbor_arbor_sort_by (some, &key, 1, NULL, error) : NULL;
  g_autoptr (ArborArbor) counts = sorted != NULL ? arbor_arbor_value_counts (sorted, key, error) : NULL;
  g_autofree char *lines = counts != NULL ? arbor_arbor_to_jsonl (sorted, error) : NULL;

  return lines != NULL;
}

OPERATION (find)
{
  g_autoptr (ArborArbor) arbor = arbor_store_get (store, "keyed", error);
  g_autoptr (ArborArbor) keys = read_lines ("77\n");
  g_autoptr (ArborTree) key = arbor_arbor_get (keys, 0, NULL);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (ArborTree) tree = arbor != NULL ? arbor_arbor_find (arbor, key, &local_error) : NULL;

  if (local_error != NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));
  else if (arbor != NULL)
    g_assert_nonnull (tree);
  return tree != NULL;
}

OPERATION (compact)
{
  return arbor_store_compact (store, ARBOR_COMPACT_NONE, NULL, NULL, NULL, error);
}

OPERATION (compact_full)
{
  return arbor_store_compact (store, ARBOR_COMPACT_FULL, NULL, NULL, NULL, error);
}

OPERATION (backup)
{
  return arbor_store_backup (store, place->new_store, ARBOR_BACKUP_NONE, NULL, NULL, NULL, error);
}

OPERATION (backup_compact)
{
  return arbor_store_backup (store, place->new_store, ARBOR_BACKUP_COMPACT, NULL, NULL, NULL, error);
}

OPERATION (backup_update)
{
  return arbor_store_backup (store, place->old, ARBOR_BACKUP_UPDATE, NULL, NULL, NULL, error);
}

OPERATION (backup_stream)
{
  g_autoptr (GOutputStream) stream = g_memory_output_stream_new_resizable ();
  GMemoryOutputStream *memory = G_MEMORY_OUTPUT_STREAM (stream);
  gsize length;
  FILE *file;

  if (!arbor_store_backup_stream (store, stream, ARBOR_BACKUP_NONE, NULL, NULL, NULL, error))
    return FALSE;
  length = g_memory_output_stream_get_data_size (memory);
  /* Nothing that is refused. */
  file = fopen (place->new_store, "wb");
  g_assert_cmpuint (fwrite (g_memory_output_stream_get_data (memory), 1, length, file), ==, length);
  g_assert_cmpint (fclose (file), ==, 0);
  return TRUE;
}

/* The report tells nothing, or that something could not be read. */
static gboolean
check_report (ArborReport *report, GError **error)
{
  g_autoptr (ArborFinding) finding = NULL;
  g_autofree char *message = NULL;

  if (report == NULL || arbor_report_is_sound (report))
    return report != NULL;
  finding = arbor_report_dup_finding (report, 0);
  message = arbor_finding_dup_message (finding);
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_FULL, "finding: %s", message);
  return FALSE;
}

OPERATION (verify)
{
  g_autoptr (ArborReport) report = arbor_store_verify (store, NULL, NULL, NULL, error);

  return check_report (report, error);
}

OPERATION (verify_file)
{
  g_autoptr (ArborReport) report = arbor_verify_file (place->store, NULL, NULL, NULL, error);

  return check_report (report, error);
}

OPERATION (recover)
{
  g_autoptr (ArborReport) report = arbor_recover_file (place->store, place->new_store, NULL, NULL, NULL, error);

  return check_report (report, error);
}

OPERATION (recover_damaged)
{
  g_autoptr (ArborReport) report = arbor_recover_file (place->damaged, place->new_store, NULL, NULL, NULL, error);

  return report != NULL;
}

OPERATION (dump)
{
  return arbor_store_dump (store, place->new_text, NULL, NULL, NULL, error);
}

OPERATION (load)
{
  return arbor_store_load (store, place->dump, NULL, NULL, NULL, error);
}

OPERATION (upgrade)
{
  g_autoptr (ArborStore) opened = arbor_store_open (place->first, NULL, NULL, error);
  gboolean is_good = opened != NULL && arbor_store_upgrade (opened, NULL, error) > 0;

  if (opened != NULL)
    arbor_store_close (opened);
  return is_good;
}

OPERATION (set_keys)
{
  return arbor_store_set_keys (store, "people", (const char *[]){ "id", NULL }, ARBOR_KEY_UNIQUE, NULL, NULL, NULL,
                               error);
}

OPERATION (stats)
{
  g_autoptr (ArborStats) stats = arbor_store_get_stats (store, error);

  return stats != NULL;
}

OPERATION (refresh)
{
  g_auto (GStrv) names = arbor_store_refresh (store, error);

  return names != NULL;
}

/* It can only be on or off. */
OPERATION (watch)
{
  arbor_store_set_watch (store, TRUE);
  arbor_store_set_auto_refresh (store, TRUE);
  for (guint i = 0; i < 5; i++)
    g_main_context_iteration (NULL, FALSE);
  arbor_store_set_watch (store, FALSE);
  return TRUE;
}

#define CALL(name) { #name, run_##name, FALSE, FALSE, { NULL } }
#define ALONE(name) { #name, run_##name, TRUE, FALSE, { NULL } }
#define TELLING(name) { #name, run_##name, FALSE, TRUE, { NULL } }
#define TELLING_ALONE(name) { #name, run_##name, TRUE, TRUE, { NULL } }
#define COMMAND(...) { "arbor", NULL, TRUE, FALSE, { __VA_ARGS__, NULL } }
#define TELLING_COMMAND(...) { "arbor", NULL, TRUE, TRUE, { __VA_ARGS__, NULL } }

const FaultOperation fault_operations[] = {
  ALONE (create), ALONE (open), ALONE (untrusted), CALL (put), CALL (put_many), CALL (append), CALL (replace),
  CALL (update_where), CALL (delete_where), CALL (upsert), CALL (delete), CALL (rename), CALL (transaction),
  CALL (import), CALL (save), CALL (save_csv), ALONE (read), CALL (query), CALL (find), CALL (compact),
  CALL (compact_full), CALL (backup), CALL (backup_compact), CALL (backup_update), CALL (backup_stream),
  TELLING (verify), TELLING_ALONE (verify_file), TELLING_ALONE (recover), TELLING_ALONE (recover_damaged),
  CALL (dump), CALL (load), ALONE (upgrade), CALL (set_keys), CALL (stats), CALL (refresh), CALL (watch),
  COMMAND ("import", "@store", "imported", "@input"),
  COMMAND ("import", "@store", "people", "@input", "--append"),
  COMMAND ("export", "@store", "people", "@new_text"),
  COMMAND ("query", "@store", "people", "x > 30"),
  COMMAND ("ls", "@store"),
  COMMAND ("update", "@store", "people", "id < 5", "--set", "x=1"),
  COMMAND ("delete", "@store", "people"),
  COMMAND ("delete", "@store", "people", "--where", "id % 2 == 1"),
  COMMAND ("rename", "@store", "people", "persons"),
  COMMAND ("keys", "@store", "people", "id", "--unique"),
  COMMAND ("get", "@store", "keyed", "77"),
  COMMAND ("set", "@store", "keyed", "77", "{\"x\":1}"),
  COMMAND ("unset", "@store", "keyed", "77"),
  COMMAND ("stats", "@store"),
  COMMAND ("compact", "@store"),
  COMMAND ("compact", "@store", "--full"),
  TELLING_COMMAND ("verify", "@store"),
  COMMAND ("backup", "@store", "@new_store"),
  COMMAND ("backup", "@store", "@old", "--update"),
  TELLING_COMMAND ("recover", "@store", "@new_store"),
  COMMAND ("dump", "@store", "@new_text"),
  COMMAND ("load", "@store", "@dump"),
  COMMAND ("upgrade", "@first"),
};

const guint n_fault_operations = G_N_ELEMENTS (fault_operations);

const char *
fault_argument (FaultPlace *place, const char *argument)
{
  const struct { const char *word, *path; } places[] = {
    { "@store", place->store }, { "@old", place->old },           { "@first", place->first },
    { "@input", place->input }, { "@dump", place->dump },         { "@damaged", place->damaged },
    { "@new_store", place->new_store }, { "@new_text", place->new_text },
  };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (g_str_equal (argument, places[i].word))
      return places[i].path;
  return argument;
}
