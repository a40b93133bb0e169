/* See fault-place.h. */

#include "fault-place.h"

#include <gio/gio.h>
#include <fcntl.h>
#include <unistd.h>

#define N_TREES  900
#define N_KEYED  1200
#define N_SMALL  12

void
fault_place_init (FaultPlace *self, const char *folder)
{
  self->folder = g_strdup (folder);
  self->store = g_build_filename (folder, "a.arbor", NULL);
  self->old = g_build_filename (folder, "old.arbor", NULL);
  self->first = g_build_filename (folder, "first.arbor", NULL);
  self->input = g_build_filename (folder, "in.jsonl", NULL);
  self->dump = g_build_filename (folder, "dump.jsonl", NULL);
  self->damaged = g_build_filename (folder, "damaged.arbor", NULL);
  self->new_store = g_build_filename (folder, "new.arbor", NULL);
  self->new_text = g_build_filename (folder, "new.jsonl", NULL);
}

void
fault_place_clear (FaultPlace *self)
{
  remove_folder (self->folder);
  g_free (self->folder);
  g_free (self->store);
  g_free (self->old);
  g_free (self->first);
  g_free (self->input);
  g_free (self->dump);
  g_free (self->damaged);
  g_free (self->new_store);
  g_free (self->new_text);
}

static char *
make_lines (guint first, guint n)
{
  GString *lines = g_string_new (NULL);

  for (guint i = first; i < first + n; i++)
    g_string_append_printf (lines, "{\"id\":%u,\"name\":\"n%u\",\"x\":%u.5,\"tags\":[\"a\",%u]}\n", i, i * 7919u,
                            i, i % 5);
  return g_string_free (lines, FALSE);
}

static void
put_numbers (ArborStore *store, const char *name, guint first, guint n)
{
  g_autofree char *lines = make_lines (first, n);

  put_lines (store, name, lines);
}

static void
edit_one (ArborStore *store, const char *name, guint id)
{
  g_autofree char *condition = g_strdup_printf ("id == %u", id);
  g_autoptr (ArborExpr) where = parse (condition);
  g_autoptr (ArborExpr) value = parse ("x * 2");
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (arbor_store_update_where (store, name, where, (const char *[]){ "x", NULL }, &value, 1,
                                              NULL, &error), ==, 1);
  g_assert_no_error (error);
}

static void
write_bytes (const char *path, const char *data, gssize length)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, data, length, &error);
  g_assert_no_error (error);
}

static void
copy_bytes (const char *from, const char *to)
{
  g_autofree char *data = NULL;
  gsize length;

  if (g_file_get_contents (from, &data, &length, NULL))
    write_bytes (to, data, (gssize) length);
}

static void
unpack (const char *fixture, const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (fixture);
  g_autoptr (GFile) target = g_file_new_for_path (path);
  g_autoptr (GZlibDecompressor) decompressor = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInputStream) packed = g_file_read (file, NULL, &error);
  g_autoptr (GFileOutputStream) out = NULL;
  g_autoptr (GInputStream) stream = NULL;

  g_assert_no_error (error);
  out = g_file_create (target, G_FILE_CREATE_NONE, NULL, &error);
  g_assert_no_error (error);
  stream = g_converter_input_stream_new (G_INPUT_STREAM (packed), G_CONVERTER (decompressor));
  g_output_stream_splice (G_OUTPUT_STREAM (out), stream, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, &error);
  g_assert_no_error (error);
}

static void
declare (ArborStore *store, const char *name)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (arbor_store_set_keys (store, name, (const char *[]){ "id", NULL }, ARBOR_KEY_UNIQUE, NULL, NULL,
                                       NULL, &error));
  g_assert_no_error (error);
}

static void
make_store (FaultPlace *self)
{
  g_autoptr (ArborStore) store = open_store (self->store);
  g_autoptr (GError) error = NULL;

  put_numbers (store, "people", 0, N_TREES);
  put_numbers (store, "keyed", 0, N_KEYED);
  put_numbers (store, "gone", 0, 2 * N_TREES);
  declare (store, "keyed");
  for (guint i = 0; i < N_SMALL; i++)
    {
      g_autofree char *name = g_strdup_printf ("small-%u", i);

      put_numbers (store, name, i, i + 1);
    }
  g_assert_true (arbor_store_backup (store, self->old, ARBOR_BACKUP_NONE, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (arbor_store_delete (store, "gone", NULL, &error));
  for (guint i = 0; i < 5; i++)
    {
      edit_one (store, "people", 10 * i);
      edit_one (store, "keyed", 11 * i);
    }
  arbor_store_close (store);
}

static void
make_dump (FaultPlace *self)
{
  g_autofree char *path = g_build_filename (self->folder, "other.arbor", NULL);
  g_autofree char *lock = g_strconcat (path, "-lock", NULL);
  g_autoptr (ArborStore) store = open_store (path);
  g_autoptr (GError) error = NULL;

  put_numbers (store, "loaded", 3, 500);
  declare (store, "loaded");
  put_numbers (store, "people", 9, 40);
  g_assert_true (arbor_store_dump (store, self->dump, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  arbor_store_close (store);
  g_unlink (path);
  g_unlink (lock);
}

/* A byte of a value is another one. */
static void
make_damaged (FaultPlace *self)
{
  g_autofree char *data = NULL;
  char *at;
  gsize length;

  g_assert_true (g_file_get_contents (self->store, &data, &length, NULL));
  at = memmem (data, length, "n71271", 6);
  g_assert_nonnull (at);
  *at = 'N';
  write_bytes (self->damaged, data, (gssize) length);
}

static void
remove_lock (const char *path)
{
  g_autofree char *lock = g_strconcat (path, "-lock", NULL);

  g_unlink (lock);
}

void
fault_place_fill (FaultPlace *self, const char *fixture)
{
  g_autofree char *lines = make_lines (5000, 400);

  write_bytes (self->input, lines, -1);
  unpack (fixture, self->first);
  make_dump (self);
  make_store (self);
  make_damaged (self);
  remove_lock (self->store);
  remove_lock (self->old);
}

void
fault_place_copy (const FaultPlace *self, const FaultPlace *into)
{
  copy_bytes (self->store, into->store);
  copy_bytes (self->old, into->old);
  copy_bytes (self->first, into->first);
  copy_bytes (self->input, into->input);
  copy_bytes (self->dump, into->dump);
  copy_bytes (self->damaged, into->damaged);
}

static char *
keys_to_text (ArborArbor *arbor)
{
  g_auto (GStrv) keys = arbor_arbor_dup_keys (arbor);

  return keys != NULL ? g_strjoinv (",", keys) : g_strdup ("");
}

char *
fault_store_to_text (ArborStore *store, GError **error)
{
  g_auto (GStrv) names = arbor_store_list_names (store, error);
  g_autoptr (GString) text = g_string_new (NULL);

  if (names == NULL)
    return NULL;
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr (ArborArbor) arbor = arbor_store_get (store, names[i], error);
      g_autofree char *lines = arbor != NULL ? arbor_arbor_to_jsonl (arbor, error) : NULL;
      g_autofree char *sum = NULL;
      g_autofree char *keys = NULL;

      if (lines == NULL)
        return NULL;
      sum = g_compute_checksum_for_string (G_CHECKSUM_MD5, lines, -1);
      keys = keys_to_text (arbor);
      g_string_append_printf (text, "  %s [%s] %s\n", names[i], keys, sum);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* What opening had begun to make: it has nothing, and opening it makes a store of it. */
static gboolean
is_unmade (const char *path, const GError *error)
{
  g_autoptr (ArborStore) store = NULL;
  gboolean is_empty;

  if (!g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_NOT_A_STORE))
    return FALSE;
  store = arbor_store_open (path, NULL, NULL, NULL);
  is_empty = store != NULL && arbor_store_get_n_arbors (store, NULL) == 0;
  if (store != NULL)
    arbor_store_close (store);
  return is_empty;
}

static void
add_store (const char *path, GString *text, GString *problems)
{
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();
  g_autofree char *base = g_path_get_basename (path);
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborReport) report = NULL;
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return;
  report = arbor_verify_file (path, NULL, NULL, NULL, &error);
  if (report == NULL && is_unmade (path, error))
    return;
  g_string_append_printf (text, "%s\n", base);
  if (report != NULL && !arbor_report_is_sound (report))
    {
      g_autofree char *said = arbor_report_to_json (report);

      g_string_append_printf (problems, "%s is damaged: %s\n", base, said);
    }
  if (report != NULL && g_str_equal (base, "first.arbor"))
    g_string_append_printf (text, "  format %u\n", arbor_report_get_format_version (report));
  arbor_store_options_set_create (options, FALSE);
  if (report != NULL)
    store = arbor_store_open (path, options, NULL, &error);
  content = store != NULL ? fault_store_to_text (store, &error) : NULL;
  if (content == NULL)
    g_string_append_printf (problems, "%s cannot be read: %s\n", base, error->message);
  else
    g_string_append (text, content);
  if (store != NULL)
    arbor_store_close (store);
}

static void
look_for_rest (FaultPlace *self, GString *problems)
{
  static const char *const known[] = { "a.arbor", "old.arbor", "first.arbor", "in.jsonl", "dump.jsonl",
                                       "damaged.arbor", "new.arbor", "new.jsonl", NULL };
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *stem = g_str_has_suffix (name, "-lock") ? g_strndup (name, strlen (name) - 5)
                                                               : g_strdup (name);

      if (!g_strv_contains (known, stem) && !g_str_has_prefix (name, "try-"))
        g_string_append_printf (problems, "%s is left\n", name);
    }
}

char *
fault_place_to_text (FaultPlace *self, GString *problems)
{
  GString *text = g_string_new (NULL);
  g_autofree char *data = NULL;
  gsize length;

  look_for_rest (self, problems);
  add_store (self->store, text, problems);
  add_store (self->old, text, problems);
  add_store (self->first, text, problems);
  add_store (self->new_store, text, problems);
  if (g_file_get_contents (self->new_text, &data, &length, NULL))
    {
      g_autofree char *sum = g_compute_checksum_for_data (G_CHECKSUM_MD5, (const guchar *) data, length);

      g_string_append_printf (text, "new.jsonl %s\n", sum);
    }
  return g_string_free (text, FALSE);
}
