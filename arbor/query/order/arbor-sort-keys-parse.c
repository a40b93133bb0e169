/* The text form of sort keys, which is what describing them gives: expressions with commas between
 * them, each perhaps followed by "descending" (or "desc"; "ascending" and "asc" say what is so in any
 * case) and by "nulls first" (or "nulls last", which is so).
 */

#include "query/order/arbor-sort-keys.h"

#include <string.h>

typedef struct
{
  const char *words;
  ArborSortFlags flag;
} Suffix;

/* In the order in which they are looked for, from the end of a key. */
static const Suffix suffixes[] = {
  { "nulls first", ARBOR_SORT_NULLS_FIRST }, { "nulls last", ARBOR_SORT_NONE },
  { "descending", ARBOR_SORT_DESCENDING },   { "desc", ARBOR_SORT_DESCENDING },
  { "ascending", ARBOR_SORT_NONE },          { "asc", ARBOR_SORT_NONE },
};

/* Where the key that begins at @text ends: at a comma outside of brackets and quotes, or the end. */
static const char *
find_end (const char *text)
{
  gsize depth = 0;

  for (; *text != '\0' && (depth > 0 || *text != ','); text++)
    {
      if (strchr ("([{", *text) != NULL)
        depth++;
      else if (strchr (")]}", *text) != NULL && depth > 0)
        depth--;
      else if (*text == '"' || *text == '\'')
        for (char quote = *text++; *text != '\0' && *text != quote; text++)
          if (*text == '\\' && text[1] != '\0')
            text++;
      if (*text == '\0')
        break;
    }
  return text;
}

/* Cuts @suffix off, where something comes before it. */
static gboolean
cut (char *key, const char *suffix)
{
  gsize length = strlen (key), n = strlen (suffix);

  if (length <= n || !g_str_has_suffix (key, suffix) || !g_ascii_isspace (key[length - n - 1]))
    return FALSE;
  key[length - n] = '\0';
  g_strchomp (key);
  return TRUE;
}

static ArborNode *
parse_key (char *key, ArborSortFlags *flags, GError **error)
{
  *flags = ARBOR_SORT_NONE;
  g_strstrip (key);
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (cut (key, suffixes[i].words))
      *flags |= suffixes[i].flag;
  return arbor_node_parse (key, error);
}

ArborSortKeys *
arbor_sort_keys_parse (const char *text, GError **error)
{
  g_autoptr (GPtrArray) nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_node_unref);
  g_autoptr (GArray) flags = g_array_new (FALSE, FALSE, sizeof (ArborSortFlags));
  const char *end;

  for (;; text = end + 1)
    {
      g_autofree char *key = NULL;
      ArborSortFlags flag;
      ArborNode *node;

      end = find_end (text);
      key = g_strndup (text, end - text);
      node = parse_key (key, &flag, error);
      if (node == NULL)
        return NULL;
      g_ptr_array_add (nodes, node);
      g_array_append_val (flags, flag);
      if (*end == '\0')
        break;
    }
  return arbor_sort_keys_new ((ArborNode *const *) nodes->pdata, nodes->len,
                              (const ArborSortFlags *) flags->data, flags->len, error);
}
