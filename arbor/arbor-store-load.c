/* ArborStore: reading a dump, which arbor-store-dump.c tells the lines of. All of it is one commit. */

#include "arbor-store-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "arbor-gfile.h"
#include "arbor-load.h"
#include "arbor-tree.h"
#include "base/arbor-error.h"
#include "json/arbor-json-part.h"

#define DUMP_VERSION 1
#define MOST_OF_HEAD (1024u * 1024u)

typedef struct
{
  ArborStore *store;
  ArborJsonInput input;
  ArborStaging *staging;
  GHashTable *names; /* that were read */
  char *source;      /* what is read, for messages */
  guint64 line;      /* that was read last */
  guint64 n_trees;
  ArborProgressFunc progress;
  gpointer progress_data;
  GCancellable *cancellable;
} Load;

static gboolean set_wrong (const Load *self, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static gboolean
set_wrong (const Load *self, GError **error, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_PARSE, _("%s, line %" PRIu64 ": %s"), self->source,
               self->line, text);
  return FALSE;
}

/* A line that is no tree of an arbor. */
static ArborTree *
read_head (Load *self, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autofree char *line = arbor_json_part_read_line (&self->input, MOST_OF_HEAD, &local_error);
  ArborTree *tree;

  self->line++;
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  if (line == NULL)
    {
      set_wrong (self, error, _("the dump ends here, and is not whole"));
      return NULL;
    }
  tree = arbor_tree_new_from_json (line, &local_error);
  if (tree == NULL)
    set_wrong (self, error, "%s", local_error->message);
  return tree;
}

static gboolean
read_number (const Load *self, ArborTree *head, const char *field, guint64 *number, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  gint64 value = arbor_tree_get_int64 (head, field, &local_error);

  if (local_error != NULL || value < 0)
    return set_wrong (self, error, _("expected '%s' with a number of 0 or more"), field);
  *number = (guint64) value;
  return TRUE;
}

/* What is declared of an arbor; *@keys is NULL where nothing is. */
static gboolean
read_keys (const Load *self, ArborTree *head, ArborKeys **keys, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GError) local_error = NULL;
  g_auto (GStrv) paths = NULL;
  gboolean is_unique;

  *keys = NULL;
  if (!arbor_tree_contains (head, "keys", NULL))
    return TRUE;
  for (guint i = 0; i <= ARBOR_KEYS_MAX_PATHS; i++)
    {
      g_autofree char *place = g_strdup_printf ("keys[%u]", i);
      g_autofree char *path = NULL;

      if (!arbor_tree_contains (head, place, NULL))
        break;
      path = arbor_tree_dup_string (head, place, &local_error);
      if (path == NULL)
        return set_wrong (self, error, "%s", local_error->message);
      g_strv_builder_add (builder, path);
    }
  is_unique = arbor_tree_get_boolean (head, "unique", &local_error);
  if (local_error != NULL)
    return set_wrong (self, error, "%s", local_error->message);
  paths = g_strv_builder_end (builder);
  *keys = arbor_keys_new ((const char *const *) paths, is_unique, &local_error);
  return *keys != NULL || set_wrong (self, error, "%s", local_error->message);
}

static void
tell (guint64 done, guint64 total, gpointer data)
{
  Load *self = data;

  if (self->progress != NULL)
    self->progress (self->input.n_packed > 0 ? self->input.n_packed : self->input.offset, 0,
                    self->progress_data);
}

static gboolean
read_trees (Load *self, const char *name, guint64 n_trees, GError **error)
{
  g_autoptr (GInputStream) stream = arbor_json_part_new (&self->input, n_trees);
  ArborJsonReadOptions options = { .format = ARBOR_JSON_LINES, .exact = TRUE, .name = self->source,
                                   .n_lines_before = self->line, .progress = tell, .progress_data = self };
  ArborJsonReport report = { 0 };
  gboolean is_good = arbor_store_stage_stream (
      self->staging, stream, &options, arbor_session_get_gate (self->store->session), &report,
      self->cancellable, error);

  self->line += n_trees;
  self->n_trees += n_trees;
  if (is_good && report.n_trees != n_trees)
    {
      self->line -= n_trees - report.n_trees;
      is_good = set_wrong (self, error,
                           _("arbor '%s' is to have %" PRIu64 " trees, a line each, and has %" PRIu64), name,
                           n_trees, report.n_trees);
    }
  arbor_json_report_clear (&report);
  return is_good;
}

static gboolean
read_arbor (Load *self, ArborTree *head, GError **error)
{
  g_autofree char *name = arbor_tree_dup_string (head, "arbor", NULL);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (ArborKeys) keys = NULL;
  guint64 n_trees = 0;

  if (name == NULL)
    return set_wrong (self, error, _("expected 'arbor' with the name of one"));
  if (!read_number (self, head, "trees", &n_trees, error) || !read_keys (self, head, &keys, error))
    return FALSE;
  if (!arbor_name_check (name, &local_error))
    return set_wrong (self, error, "%s", local_error->message);
  if (!g_hash_table_add (self->names, g_strdup (name)))
    return set_wrong (self, error, _("arbor '%s' comes twice"), name);
  if (!arbor_staging_begin_arbor (self->staging, name, error))
    return FALSE;
  arbor_staging_set_keys (self->staging, keys);
  return read_trees (self, name, n_trees, error);
}

static gboolean
read_end (Load *self, GError **error)
{
  g_autoptr (ArborTree) head = read_head (self, error);
  g_autoptr (GError) local_error = NULL;
  g_autofree char *more = NULL;
  guint64 n_trees = 0;

  if (head == NULL)
    return FALSE;
  if (!arbor_tree_contains (head, "end", NULL))
    return set_wrong (self, error, _("expected the end of the dump: it has more than it says in the beginning"));
  if (!read_number (self, head, "trees", &n_trees, error))
    return FALSE;
  if (n_trees != self->n_trees)
    return set_wrong (self, error, _("the dump is to have %" PRIu64 " trees, and has %" PRIu64), n_trees,
                      self->n_trees);
  more = arbor_json_part_read_line (&self->input, MOST_OF_HEAD, &local_error);
  self->line++;
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  return more == NULL || set_wrong (self, error, _("something follows the end of the dump"));
}

static gboolean
begin (Load *self, guint64 *n_arbors, GError **error)
{
  g_autoptr (ArborTree) head = NULL;
  const ArborPacking *packing;
  guint64 version = 0;

  while (arbor_json_input_length (&self->input) < 8 && !self->input.is_at_end)
    if (!arbor_json_input_fill (&self->input, error))
      return FALSE;
  packing = arbor_packing_find (arbor_json_input_text (&self->input), arbor_json_input_length (&self->input));
  if (packing != NULL)
    arbor_json_input_begin_packed (&self->input, packing);
  head = read_head (self, error);
  if (head == NULL)
    return FALSE;
  if (!arbor_tree_contains (head, "arbor_dump", NULL))
    return set_wrong (self, error, _("this is no dump of a store: it does not begin with \"arbor_dump\""));
  if (!read_number (self, head, "arbor_dump", &version, error) ||
      !read_number (self, head, "arbors", n_arbors, error))
    return FALSE;
  if (version == DUMP_VERSION)
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_VERSION,
               _("%s is a dump of version %" PRIu64 "; this library reads version %d: use a newer one"),
               self->source, version, DUMP_VERSION);
  return FALSE;
}

static gboolean
read_all (Load *self, GError **error)
{
  guint64 n_arbors = 0;

  if (!begin (self, &n_arbors, error))
    return FALSE;
  for (guint64 i = 0; i < n_arbors; i++)
    {
      g_autoptr (ArborTree) head = read_head (self, error);

      if (head == NULL || !read_arbor (self, head, error))
        return FALSE;
    }
  return read_end (self, error);
}

/* Inside. */
static gboolean
load (ArborStore *self, GInputStream *stream, const char *source, ArborProgressFunc progress,
      gpointer progress_data, char ***changed, GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborStaging) staging = arbor_staging_new (self->session, cancellable, error);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *shown = g_filename_display_name (source);
  Load state = { .store = self, .staging = staging, .names = names, .source = shown,
                 .progress = progress, .progress_data = progress_data, .cancellable = cancellable };
  gboolean is_good;

  if (staging == NULL)
    return FALSE;
  state.input = (ArborJsonInput){ .stream = stream, .cancellable = cancellable, .name = shown };
  is_good = read_all (&state, error) &&
            arbor_store_commit (self, staging, changed, cancellable, error);
  arbor_json_input_clear (&state.input);
  return is_good;
}

static gboolean
load_from (ArborStore *self, GInputStream *stream, GFile *file, const char *path,
           ArborProgressFunc progress, gpointer progress_data, GCancellable *cancellable,
           GError **error)
{
  g_autoptr (GInputStream) opened = NULL;
  g_auto (GStrv) changed = NULL;
  gboolean is_done = FALSE;
  ArborAccess access;

  if (!arbor_store_enter (self, &access, error))
    return FALSE;
  if (stream == NULL)
    stream = opened = arbor_gfile_read (file, path, cancellable, error);
  if (stream != NULL)
    is_done = load (self, stream, path, progress, progress_data, &changed, cancellable, error);
  arbor_access_leave (&access, error);
  arbor_store_announce (self, changed);
  return is_done;
}

/**
 * arbor_store_load_stream:
 * @self: a store
 * @stream: a dump; not closed
 * @progress: (nullable) (scope call) (closure progress_data): told how far it has come, in bytes; how many there
 *   are is not known
 * @progress_data: for @progress
 * @cancellable: (nullable): to stop; nothing is changed then
 * @error: where to put an error
 *
 * Reads a dump from a stream: see [method@Arbor.Store.load].
 *
 * Errors: those of [method@Arbor.Store.load], those of the stream. Any thread may call this.
 *
 * Returns: whether it was done
 *
 * Since: 1.0
 */
gboolean
arbor_store_load_stream (ArborStore *self, GInputStream *stream, ArborProgressFunc progress,
                         gpointer progress_data, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);
  g_return_val_if_fail (G_IS_INPUT_STREAM (stream), FALSE);

  return load_from (self, stream, NULL, _("the dump"), progress, progress_data, cancellable, error);
}

/**
 * arbor_store_load:
 * @self: a store
 * @path: (type filename): a dump, compressed or not
 * @progress: (nullable) (scope call) (closure progress_data): told how far it has come, in bytes; how many there
 *   are is not known
 * @progress_data: for @progress
 * @cancellable: (nullable): to stop; nothing is changed then
 * @error: where to put an error
 *
 * Reads what [method@Arbor.Store.dump] has written: each arbor is put under its name, with its trees as they
 * were, bit for bit, and with what was declared of it. Arbors of other names stay. All of it is one commit: after
 * an error nothing is changed.
 *
 * Errors: %ARBOR_ERROR_PARSE, whose message tells the line and what is wrong with it, %ARBOR_ERROR_VERSION,
 * %ARBOR_ERROR_LIMIT, %ARBOR_ERROR_EXISTS where keys are declared to be unique and are not,
 * %ARBOR_ERROR_READ_ONLY, %ARBOR_ERROR_BUSY, %ARBOR_ERROR_FULL, %ARBOR_ERROR_CLOSED, those of GIO for files,
 * %G_IO_ERROR_CANCELLED. Any thread may call this.
 *
 * Returns: whether it was done
 *
 * Since: 1.0
 */
gboolean
arbor_store_load (ArborStore *self, const char *path, ArborProgressFunc progress,
                  gpointer progress_data, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  return load_from (self, NULL, NULL, path, progress, progress_data, cancellable, error);
}

/**
 * arbor_store_load_gfile:
 * @self: a store
 * @file: a dump, compressed or not
 * @progress: (nullable) (scope call) (closure progress_data): told how far it has come, in bytes; how many there
 *   are is not known
 * @progress_data: for @progress
 * @cancellable: (nullable): to stop; nothing is changed then
 * @error: where to put an error
 *
 * [method@Arbor.Store.load] with a file of GIO, which need not be on this machine.
 *
 * Errors: those of [method@Arbor.Store.load]. Any thread may call this.
 *
 * Returns: whether it was done
 *
 * Since: 1.0
 */
gboolean
arbor_store_load_gfile (ArborStore *self, GFile *file, ArborProgressFunc progress,
                        gpointer progress_data, GCancellable *cancellable, GError **error)
{
  g_autofree char *name = NULL;

  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);
  g_return_val_if_fail (G_IS_FILE (file), FALSE);

  name = arbor_gfile_dup_name (file);
  return load_from (self, NULL, file, name, progress, progress_data, cancellable, error);
}
