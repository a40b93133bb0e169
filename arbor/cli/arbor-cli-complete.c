/* See arbor-cli-complete.h. */

#include "arbor-cli-complete.h"

#include <string.h>

#include "arbor-cli-functions.h"

static const char *const formats[] = { "auto", "jsonl", "json", "csv", "table", "markdown" };

/* The words behind the command; NULL: nothing is to be completed. */
static char **typed;

/* The last of them, in two: what is there already, and what a candidate must begin with. */
typedef struct
{
  const char *head;
  gsize n_head;
  const char *start;
} Typing;

static void
offer (const Typing *typing, const char *candidate, const char *end)
{
  if (g_str_has_prefix (candidate, typing->start))
    g_print ("%.*s%s%s\n", (int) typing->n_head, typing->head, candidate, end);
}

/* Reading the line */

static const GOptionEntry *
find_option (const GOptionEntry *const entries[2], const char *word)
{
  gboolean is_long = g_str_has_prefix (word, "--");
  gsize length = strcspn (word, "=");

  for (guint k = 0; k < 2; k++)
    for (const GOptionEntry *entry = entries[k]; entry != NULL && entry->long_name != NULL; entry++)
      if (is_long ? length == strlen (entry->long_name) + 2 &&
                        strncmp (word + 2, entry->long_name, length - 2) == 0
                  : word[1] == entry->short_name && word[2] == '\0')
        return entry;
  return NULL;
}

static gboolean
wants_value (const GOptionEntry *entry)
{
  return entry != NULL && entry->arg != G_OPTION_ARG_NONE &&
         (entry->flags & G_OPTION_FLAG_NO_ARG) == 0;
}

/* What is known of the line before the word that is being typed. */
typedef struct
{
  const GOptionEntry *option; /* whose value is being typed, or NULL */
  GPtrArray *words;           /* that are no options */
  gboolean is_past_options;   /* behind -- */
  ArborStore *store;          /* what the first word names, once it is asked for; the command closes it */
} Line;

static void
read_line (Line *line, const GOptionEntry *const entries[2])
{
  for (guint i = 0; typed[i + 1] != NULL; i++)
    {
      if (line->option != NULL)
        line->option = NULL;
      else if (!line->is_past_options && g_str_equal (typed[i], "--"))
        line->is_past_options = TRUE;
      else if (!line->is_past_options && typed[i][0] == '-' && typed[i][1] != '\0')
        {
          const GOptionEntry *entry = find_option (entries, typed[i]);

          if (wants_value (entry) && strchr (typed[i], '=') == NULL)
            line->option = entry;
        }
      else
        g_ptr_array_add (line->words, typed[i]);
    }
}

/* Candidates */

static void
offer_options (const Typing *typing, const GOptionEntry *const entries[2])
{
  for (guint k = 0; k < 2; k++)
    for (const GOptionEntry *entry = entries[k]; entry != NULL && entry->long_name != NULL; entry++)
      {
        g_autofree char *name = g_strconcat ("--", entry->long_name, NULL);

        if (entry->long_name[0] != '\0' && (entry->flags & G_OPTION_FLAG_HIDDEN) == 0)
          offer (typing, name, wants_value (entry) ? "=" : "");
      }
  offer (typing, "--help", "");
}

static ArborStore *
open_store (Line *line)
{
  if (line->store == NULL && line->words->len > 0)
    line->store = arbor_cli_open (line->words->pdata[0], FALSE, FALSE, NULL, NULL);
  return line->store;
}

static void
offer_names (const Typing *typing, Line *line)
{
  ArborStore *store = open_store (line);
  g_auto (GStrv) names = store != NULL ? arbor_store_list_names (store, NULL) : NULL;

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    offer (typing, names[i], "");
}

/* Whole paths whose beginning is typed. */
static void
offer_fields (const Typing *typing, Line *line)
{
  ArborStore *store = line->words->len >= 2 ? open_store (line) : NULL;
  g_autoptr (ArborArbor) arbor =
      store != NULL ? arbor_store_get (store, line->words->pdata[1], NULL) : NULL;
  g_autoptr (ArborSchema) schema = arbor != NULL ? arbor_arbor_infer_schema (arbor, NULL) : NULL;

  for (guint i = 0; schema != NULL && i < arbor_schema_get_n_fields (schema); i++)
    {
      g_autofree char *path = arbor_schema_dup_path (schema, i);

      offer (typing, path, "");
    }
}

static void
offer_functions (const Typing *typing)
{
  for (guint i = 0; i < G_N_ELEMENTS (arbor_cli_functions); i++)
    offer (typing, arbor_cli_functions[i], "(");
}

/* Of an expression or a list of paths only the end is completed. */
static Typing
find_last_path (const char *text)
{
  gsize n = strlen (text);

  while (n > 0 && (g_ascii_isalnum (text[n - 1]) || (guchar) text[n - 1] >= 0x80 ||
                   strchr ("_.[]*", text[n - 1]) != NULL))
    n--;
  return (Typing){ text, n, text + n };
}

/* @kind: how --help calls what is typed. */
static void
offer_kind (const char *kind, const Typing *typing, Line *line)
{
  if (strstr (kind, "STORE") != NULL)
    g_print (":stores\n");
  else if (strstr (kind, "FILE") != NULL)
    g_print (":files\n");
  else if (strstr (kind, "FORMAT") != NULL)
    for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
      offer (typing, formats[i], "");
  else if (strstr (kind, "EXPRESSION") != NULL || strstr (kind, "KEY") != NULL ||
           strstr (kind, "PATH") != NULL)
    {
      Typing path = find_last_path (typing->start);

      /* What stands before it stays. */
      path.n_head += (gsize) (path.head - typing->head);
      path.head = typing->head;
      offer_fields (&path, line);
      if (strstr (kind, "PATH") == NULL)
        offer_functions (&path);
    }
  else if (strstr (kind, "NAME") != NULL)
    offer_names (typing, line);
}

/* What the words of the command say of the next one: "STORE NAME... [EXPRESSION]". */
static void
offer_word (const ArborCommand *command, const Typing *typing, Line *line)
{
  g_auto (GStrv) kinds = g_strsplit (command->words, " ", -1);
  guint n = line->words->len;

  /* KEY as a word is the value of one, of which nothing is known. */
  for (guint i = 0; kinds[i] != NULL && i <= n && !g_str_has_prefix (kinds[i], "KEY"); i++)
    if (i == n || g_str_has_suffix (kinds[i], "...") || (i > 0 && g_str_has_suffix (kinds[i - 1], "...")))
      offer_kind (kinds[i], typing, line);
}

void
arbor_cli_complete_command (const ArborCommand *command, const GOptionEntry *const entries[2])
{
  Line line = { .words = g_ptr_array_new () };
  const char *word = typed[g_strv_length (typed) - 1];
  const char *equals = strchr (word, '=');
  const GOptionEntry *here;
  Typing typing = { word, 0, word };

  read_line (&line, entries);
  here = line.option == NULL && !line.is_past_options && g_str_has_prefix (word, "--") && equals != NULL
             ? find_option (entries, word)
             : NULL;
  if (here != NULL)
    typing = (Typing){ word, (gsize) (equals - word) + 1, equals + 1 };
  if (line.option != NULL || wants_value (here))
    offer_kind (line.option != NULL ? line.option->arg_description : here->arg_description, &typing,
                &line);
  else if (!line.is_past_options && word[0] == '-')
    offer_options (&typing, entries);
  else
    offer_word (command, &typing, &line);
  g_clear_object (&line.store);
  g_ptr_array_unref (line.words);
}

gboolean
arbor_cli_is_completing (void)
{
  return typed != NULL;
}

void
arbor_cli_complete (const ArborCommand *const *commands, guint n_commands, char **words)
{
  Typing typing = { words[0], 0, words[0] };

  if (words[0] == NULL)
    return;
  for (guint i = 0; i < n_commands; i++)
    if (words[1] == NULL)
      offer (&typing, commands[i]->name, "");
    else if (g_str_equal (words[0], commands[i]->name))
      {
        g_autoptr (GError) error = NULL;
        char *argv[] = { words[0], NULL };

        typed = words + 1;
        commands[i]->run (commands[i], 1, argv, &error);
      }
}
