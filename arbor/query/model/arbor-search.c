/* See arbor-search.h. Each word becomes "one of these values contains it", so that searching goes the ways
 * of all conditions: by columns, and once for each different string where a column has a dictionary.
 */

#include "query/model/arbor-search.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "query/expr/arbor-evaluator.h"
#include "query/make/arbor-path-table.h"

/* Paths of data without a schema, such as objects keyed by id. */
#define MAX_PATHS 2000u

static ArborNode *
call (const char *name, ArborNode *first, ArborNode *second, GError **error)
{
  ArborNode *arguments[] = { first, second };

  return arbor_node_new_call (name, arguments, second != NULL ? 2 : 1, error);
}

/* What is searched: text without case. Takes over @value, which may be NULL after an error. */
static ArborNode *
make_text (ArborNode *value, gboolean is_string, gboolean is_other, GError **error)
{
  g_autoptr (ArborNode) own = value;
  g_autoptr (ArborNode) text = NULL;

  if (own == NULL)
    return NULL;
  text = is_other ? call ("to_string", own, NULL, error) : arbor_node_ref (own);
  if (text == NULL || !is_string)
    return g_steal_pointer (&text);
  return call ("casefold", text, NULL, error);
}

static gboolean
add_text (GPtrArray *texts, ArborNode *text)
{
  if (text != NULL)
    g_ptr_array_add (texts, text);
  return text != NULL;
}

/* The texts of the values at a path, unless there are none. */
static gboolean
add_path (GPtrArray *texts, const ArborPathTable *table, const ArborPathNode *node, GError **error)
{
  gboolean is_string = node->n_kind[ARBOR_KIND_STRING] > 0;
  gboolean is_number = node->n_kind[ARBOR_KIND_INT64] > 0 || node->n_kind[ARBOR_KIND_UINT64] > 0 ||
                       node->n_kind[ARBOR_KIND_DOUBLE] > 0 || node->n_kind[ARBOR_KIND_NUMBER] > 0;
  g_autofree char *path = NULL;

  if (!is_string && !is_number)
    return TRUE;
  if (texts->len >= MAX_PATHS)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                   _("The trees have values at more than %u paths: say at which of them to search"),
                   MAX_PATHS);
      return FALSE;
    }
  path = arbor_path_table_dup_path (table, node);
  return add_text (texts,
                   make_text (arbor_node_new_path (path, error), is_string, is_number, error));
}

static gboolean
add_all_paths (GPtrArray *texts, ArborAccess *access, GCancellable *cancellable, GError **error)
{
  guint32 n_batches = arbor_source_get_n_batches (access->source);
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  ArborPathTable table;
  gboolean is_good = TRUE;

  arbor_path_table_init (&table);
  for (guint32 i = 0; i < n_batches && is_good; i++)
    {
      const ArborBatch *batch = arbor_access_get_batch (access, i, error);

      is_good = batch != NULL && arbor_access_check (access, cancellable, error);
      if (is_good)
        arbor_path_table_add_batch (&table, batch, scope);
      arbor_scope_reset (scope);
      is_good = is_good && arbor_scope_check (scope, error);
    }
  for (guint32 i = 0; i < table.nodes->len && is_good; i++)
    is_good = add_path (texts, &table, arbor_path_table_get (&table, i), error);
  arbor_path_table_clear (&table);
  return is_good;
}

static gboolean
add_paths (GPtrArray *texts, const char *const *paths, GError **error)
{
  for (; *paths != NULL; paths++)
    if (!add_text (texts, make_text (arbor_node_parse (*paths, error), TRUE, TRUE, error)))
      return FALSE;
  return TRUE;
}

/* The word without case, as the function has it. */
static ArborNode *
make_word (const char *word, GError **error)
{
  ArborValue value = { .kind = ARBOR_KIND_STRING, .text = word, .length = (guint32) strlen (word) };
  g_autoptr (ArborNode) literal = arbor_node_new_literal (&value);
  g_autoptr (ArborNode) folded = call ("casefold", literal, NULL, error);
  g_autoptr (ArborEvaluator) evaluator = NULL;
  g_autoptr (ArborScope) scope = arbor_scope_new ();

  if (folded == NULL)
    return NULL;
  evaluator = arbor_evaluator_new (folded);
  arbor_evaluator_get_value_of (evaluator, &ARBOR_VALUE_MISSING, scope, &value);
  return value.kind == ARBOR_KIND_STRING ? arbor_node_new_literal (&value) : g_steal_pointer (&literal);
}

/* "one of the texts contains the word" */
static ArborNode *
find_word (GPtrArray *texts, const char *word, GError **error)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_node_unref);
  g_autoptr (ArborNode) literal = make_word (word, error);

  for (guint i = 0; i < texts->len && literal != NULL; i++)
    {
      g_autoptr (ArborNode) contains = call ("contains", texts->pdata[i], literal, error);

      if (contains != NULL && contains->is_vector)
        {
          ArborNode *any = call ("any", contains, NULL, error);

          arbor_node_unref (contains);
          contains = any;
        }
      if (contains == NULL)
        return NULL;
      g_ptr_array_add (found, g_steal_pointer (&contains));
    }
  if (found->len == 0)
    return literal != NULL ? arbor_node_new_literal_json ("false", 5, error) : NULL;
  if (found->len == 1)
    return arbor_node_ref (found->pdata[0]);
  return arbor_node_new_call ("or", (ArborNode **) found->pdata, found->len, error);
}

static char **
split_words (const char *text)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();

  while (*text != '\0')
    {
      const char *start;

      while (*text != '\0' && g_unichar_isspace (g_utf8_get_char (text)))
        text = g_utf8_next_char (text);
      start = text;
      while (*text != '\0' && !g_unichar_isspace (g_utf8_get_char (text)))
        text = g_utf8_next_char (text);
      if (text > start)
        {
          g_autofree char *word = g_strndup (start, text - start);

          g_strv_builder_add (words, word);
        }
    }
  return g_strv_builder_end (words);
}

gboolean
arbor_search_make_condition (const char *text, const char *const *paths, ArborAccess *access,
                             ArborNode **condition, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_node_unref);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_node_unref);
  g_auto (GStrv) words = split_words (text != NULL ? text : "");

  *condition = NULL;
  if (words[0] == NULL)
    return TRUE;
  if (paths != NULL ? !add_paths (texts, paths, error)
                    : !add_all_paths (texts, access, cancellable, error))
    return FALSE;
  for (guint i = 0; words[i] != NULL; i++)
    {
      ArborNode *node = find_word (texts, words[i], error);

      if (node == NULL)
        return FALSE;
      g_ptr_array_add (found, node);
    }
  *condition = found->len == 1
                   ? arbor_node_ref (found->pdata[0])
                   : arbor_node_new_call ("and", (ArborNode **) found->pdata, found->len, error);
  return *condition != NULL;
}
