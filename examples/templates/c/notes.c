/* notes add TEXT | list | find WORD */

#include <arbor/arbor.h>
#include <locale.h>

static char *
make_path (void)
{
  const char *folder = g_getenv ("NOTES_FOLDER");
  g_autofree char *own = g_build_filename (g_get_user_data_dir (), "notes", NULL);

  g_mkdir_with_parents (folder != NULL ? folder : own, 0700);
  return g_build_filename (folder != NULL ? folder : own, "notes.arbor", NULL);
}

static gboolean
add (ArborStore *store, const char *text, GError **error)
{
  g_autoptr (ArborBuilder) builder = arbor_builder_new ();
  g_autoptr (ArborArbor) note = NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *when = g_date_time_format_iso8601 (now);

  if (!arbor_builder_add_variant (builder, g_variant_new_parsed ("{'text': <%s>, 'written': <%s>}", text, when),
                                  error))
    return FALSE;
  note = arbor_builder_finish (builder, error);
  return note != NULL && arbor_store_append (store, "notes", note, NULL, error);
}

static gboolean
print_all (ArborArbor *notes, GError **error)
{
  g_autoptr (ArborIter) iter = arbor_arbor_iterator (notes, error);
  g_autoptr (GError) failure = NULL;
  ArborTree *next;

  if (iter == NULL)
    return FALSE;
  while ((next = arbor_iter_next_value (iter, &failure)) != NULL)
    {
      g_autoptr (ArborTree) note = next;
      g_autofree char *text = arbor_tree_dup_string (note, "text", NULL);

      g_print ("%s\n", text);
    }
  if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  return failure == NULL;
}

/* @word: NULL for all. */
static gboolean
list (ArborStore *store, const char *word, GError **error)
{
  g_autoptr (ArborArbor) notes = arbor_store_get (store, "notes", error);
  g_autoptr (ArborExpr) has_word = NULL;
  g_autoptr (ArborArbor) found = NULL;

  if (notes == NULL || word == NULL)
    return notes != NULL && print_all (notes, error);
  has_word = arbor_expr_parsef ("contains (casefold (text), casefold (%s))", error, word);
  found = has_word != NULL ? arbor_arbor_filter (notes, has_word, error) : NULL;
  return found != NULL && print_all (found, error);
}

static gboolean
run (int argc, char **argv, GError **error)
{
  g_autofree char *path = make_path ();
  g_autoptr (ArborStore) store = arbor_store_open (path, NULL, NULL, error);

  if (store == NULL)
    return FALSE;
  if (argc == 3 && g_str_equal (argv[1], "add"))
    return add (store, argv[2], error);
  if (argc == 2 && g_str_equal (argv[1], "list"))
    return list (store, NULL, error);
  if (argc == 3 && g_str_equal (argv[1], "find"))
    return list (store, argv[2], error);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "add TEXT, list or find WORD");
  return FALSE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  if (run (argc, argv, &error))
    return 0;
  g_printerr ("notes: %s\n", error->message);
  return 1;
}
