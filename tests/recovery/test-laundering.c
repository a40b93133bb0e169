/* Damage in stored batches must not be written anew under a digest that makes it right. Each kind of
 * write that reads stored batches is tried on a store with a flipped byte: it is CORRUPT and nothing is
 * changed. Checksums are off, as they are by default.
 */

#include <arbor/arbor.h>
#include <glib/gstdio.h>

#include "kit/arbors.h"

#define N_TREES 600u
#define N_FLIPS 40u

typedef struct
{
  char *folder;
  char *path;
  GByteArray *bytes; /* of the sound file */
  GPtrArray *places; /* offsets of the text that each tree has, in no order */
} Fixture;

/* Texts, so that a flip in one of them changes a value and nothing else. */
static char *
make_text (void)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < N_TREES; i++)
    g_string_append_printf (text, "{\"id\":%u,\"t\":\"marked text %06u of some length\",\"n\":[%u,1.5]}\n", i,
                            i * 7919 % 1000003, i);
  return g_string_free (text, FALSE);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = make_text ();
  g_autoptr (ArborArbor) arbor = read_lines (text);
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (GError) error = NULL;
  char *contents;
  gsize length;

  fixture->folder = make_folder ();
  fixture->path = g_build_filename (fixture->folder, "a.arbor", NULL);
  store = arbor_store_open (fixture->path, NULL, NULL, &error);
  g_assert_no_error (error);
  arbor_store_put (store, "data", arbor, NULL, &error);
  g_assert_no_error (error);
  arbor_store_close (store);
  g_assert_true (g_file_get_contents (fixture->path, &contents, &length, &error));
  fixture->bytes = g_byte_array_new_take ((guint8 *) contents, length);
  fixture->places = g_ptr_array_new ();
  for (const char *at = contents;
       (at = memmem (at, length - (gsize) (at - contents), "marked text", 11)) != NULL; at++)
    g_ptr_array_add (fixture->places, GSIZE_TO_POINTER (at - contents));
  g_assert_cmpuint (fixture->places->len, >=, N_TREES);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
  g_byte_array_unref (fixture->bytes);
  g_ptr_array_unref (fixture->places);
}

static void
write_damaged (Fixture *fixture, guint flip)
{
  gsize place = GPOINTER_TO_SIZE (
      g_ptr_array_index (fixture->places, flip * 7919u % fixture->places->len));
  guint8 *byte = &fixture->bytes->data[place + flip % 11];
  g_autoptr (GError) error = NULL;

  *byte ^= 1;
  g_assert_true (g_file_set_contents (fixture->path, (const char *) fixture->bytes->data,
                                      fixture->bytes->len, &error));
  *byte ^= 1;
}

/* The kinds of writing. Each is called with the damaged arbor. */

typedef gboolean (*WriteFunc) (ArborStore *store, ArborArbor *arbor, GError **error);

static gboolean
put_new (ArborStore *store, ArborArbor *view, GError **error)
{
  g_autoptr (ArborArbor) owned = view;

  return owned != NULL && arbor_store_put (store, "new", owned, NULL, error);
}

static gboolean
write_put (ArborStore *store, ArborArbor *arbor, GError **error)
{
  return put_new (store, g_object_ref (arbor), error);
}

static gboolean
write_filter (ArborStore *store, ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborExpr) all = parse ("id >= 0");

  return put_new (store, arbor_arbor_filter (arbor, all, error), error);
}

/* What was chosen before the write, by what was read unverified. */
static gboolean
write_computed (ArborStore *store, ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborExpr) sound = parse ("t starts_with \"marked text\"");
  ArborArbor *view = arbor_arbor_filter (arbor, sound, error);

  arbor_arbor_compute (view, NULL, NULL, NULL, NULL);
  return put_new (store, view, error);
}

static gboolean
write_sorted (ArborStore *store, ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborExpr) key = parse ("t");

  return put_new (store, arbor_arbor_sort_by (arbor, &key, 1, NULL, error), error);
}

static gboolean
write_selected (ArborStore *store, ArborArbor *arbor, GError **error)
{
  const char *names[] = { "t", NULL };
  g_autoptr (ArborExpr) text = parse ("t");
  ArborArbor *view = arbor_arbor_select (arbor, names, &text, 1, error);

  arbor_arbor_compute (view, NULL, NULL, NULL, NULL);
  return put_new (store, view, error);
}

static gboolean
write_concat (ArborStore *store, ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborArbor) more = read_lines ("{\"id\":-1}\n");

  return put_new (store, arbor_arbor_append (more, arbor, error), error);
}

static gboolean
write_append (ArborStore *store, ArborArbor *arbor, GError **error)
{
  return arbor_store_append (store, "new", arbor, NULL, error);
}

/* Pulls the last batch in. */
static gboolean
write_append_to (ArborStore *store, ArborArbor *arbor, GError **error)
{
  g_autofree char *text = make_text ();
  g_autoptr (ArborArbor) more = read_lines (text);

  return arbor_store_append (store, "data", more, NULL, error);
}

static gboolean
write_replace (ArborStore *store, ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborArbor) more = read_lines ("{\"id\":-1}\n");

  return arbor_store_replace (store, "data", 3, 2, more, NULL, error);
}

static gboolean
write_update_where (ArborStore *store, ArborArbor *arbor, GError **error)
{
  const char *names[] = { "id", NULL };
  g_autoptr (ArborExpr) one = parse ("id == 1");
  g_autoptr (ArborExpr) value = parse ("0");
  g_autoptr (GError) local_error = NULL;

  arbor_store_update_where (store, "data", one, names, &value, 1, NULL, &local_error);
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static gboolean
write_delete_where (ArborStore *store, ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborExpr) one = parse ("id == 1");
  g_autoptr (GError) local_error = NULL;

  arbor_store_delete_where (store, "data", one, NULL, &local_error);
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static gboolean
write_upsert (ArborStore *store, ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborArbor) more = read_lines ("{\"id\":1}\n");
  g_autoptr (GError) local_error = NULL;

  arbor_store_upsert (store, "data", "id", more, NULL, &local_error);
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static gboolean
write_upsert_from (ArborStore *store, ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborArbor) more = read_lines ("{\"id\":1}\n");
  g_autoptr (GError) local_error = NULL;

  if (!arbor_store_put (store, "new", more, NULL, error))
    return FALSE;
  arbor_store_upsert (store, "new", "id", arbor, NULL, &local_error);
  g_assert_true (arbor_store_delete (store, "new", NULL, NULL));
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static gboolean
write_transaction_put (ArborStore *store, ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborTransaction) transaction = arbor_store_begin_transaction (store, error);

  return arbor_transaction_put (transaction, "new", arbor, NULL, error) &&
         arbor_transaction_commit (transaction, NULL, error);
}

static gboolean
write_transaction_replace (ArborStore *store, ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborTransaction) transaction = arbor_store_begin_transaction (store, error);
  g_autoptr (ArborArbor) more = read_lines ("{\"id\":-1}\n");

  return arbor_transaction_replace (transaction, "data", 3, 2, more, NULL, error) &&
         arbor_transaction_commit (transaction, NULL, error);
}

static gboolean
write_transaction_append (ArborStore *store, ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborTransaction) transaction = arbor_store_begin_transaction (store, error);

  return arbor_transaction_append (transaction, "new", arbor, NULL, error) &&
         arbor_transaction_commit (transaction, NULL, error);
}

static const struct
{
  const char *name;
  WriteFunc write;
} kinds[] = {
  { "put", write_put },
  { "filter", write_filter },
  { "computed", write_computed },
  { "sorted", write_sorted },
  { "selected", write_selected },
  { "concat", write_concat },
  { "append", write_append },
  { "append-to", write_append_to },
  { "replace", write_replace },
  { "update-where", write_update_where },
  { "delete-where", write_delete_where },
  { "upsert", write_upsert },
  { "upsert-from", write_upsert_from },
  { "transaction-put", write_transaction_put },
  { "transaction-replace", write_transaction_replace },
  { "transaction-append", write_transaction_append },
};

/* Nothing was written: one name, whose batch is the damaged one. */
static void
assert_unchanged (Fixture *fixture, guint64 generation)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (ArborTree) tree = NULL;
  g_auto (GStrv) names = NULL;

  arbor_store_options_set_verify_checksums (options, TRUE);
  store = arbor_store_open (fixture->path, options, NULL, &error);
  g_assert_no_error (error);
  names = arbor_store_list_names (store, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (names), ==, 1);
  arbor = arbor_store_get (store, "data", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (arbor_arbor_get_generation (arbor), ==, generation);
  tree = arbor_arbor_get (arbor, 0, &error);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);
  arbor_store_close (store);
}

static void
test_kind (Fixture *fixture, gconstpointer data)
{
  WriteFunc write = kinds[GPOINTER_TO_UINT (data)].write;

  for (guint flip = 0; flip < N_FLIPS; flip++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ArborStore) store = NULL;
      g_autoptr (ArborArbor) arbor = NULL;
      guint64 generation;

      write_damaged (fixture, flip);
      store = arbor_store_open (fixture->path, NULL, NULL, &error);
      g_assert_no_error (error);
      arbor = arbor_store_get (store, "data", &error);
      g_assert_no_error (error);
      generation = arbor_arbor_get_generation (arbor);
      g_assert_false (write (store, arbor, &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);
      arbor_store_close (store);
      assert_unchanged (fixture, generation);
    }
}

/* What reads no batch goes on, so that the name can be replaced or moved out of the way. */
static void
test_others (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborArbor) more = read_lines ("1\n");
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (GError) error = NULL;

  write_damaged (fixture, 0);
  store = arbor_store_open (fixture->path, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (arbor_store_put (store, "other", more, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (arbor_store_rename (store, "data", "damaged", NULL, &error));
  g_assert_no_error (error);
  g_assert_true (arbor_store_delete (store, "damaged", NULL, &error));
  g_assert_no_error (error);
  arbor_store_close (store);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_strconcat ("/laundering/", kinds[i].name, NULL);

      g_test_add (path, Fixture, GUINT_TO_POINTER (i), set_up, test_kind, tear_down);
    }
  g_test_add ("/laundering/others", Fixture, NULL, set_up, test_others, tear_down);
  return g_test_run ();
}
