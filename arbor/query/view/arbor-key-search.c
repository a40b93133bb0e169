/* See arbor-key-search.h. Questions wait in a list; what answers one may put others behind it, about
 * the inputs of a derived source. Each goes one source down, so the list ends.
 */

#include "query/view/arbor-key-search.h"

#include "query/view/arbor-derived.h"
#include "query/view/arbor-narrow.h"

/* Keys that do not count, of the operators that a question went through. */
typedef struct
{
  char *const *names;
  gsize before; /* in without, and one; 0 for none */
} Without;

typedef struct
{
  ArborSource *source;
  ArborStep *steps; /* keys are borrowed */
  guint n_steps;
  gsize without; /* in without, and one; 0 for none */
} Question;

struct _ArborKeySearch
{
  ArborAccess *access;
  const ArborStep *key;
  GHashTable *names;
  GPtrArray *list; /* NULL, or what is in names, in order */
  ArborKeyAnswer *answer;
  GArray *questions; /* of Question */
  GArray *without;   /* of Without */
  Question at;
};

/* Batches of many different keys: more names help nobody. */
#define MAX_NAMES 20000u

static gboolean
is_without (ArborKeySearch *self, const char *key, gsize length)
{
  for (gsize i = self->at.without; i > 0; i = g_array_index (self->without, Without, i - 1).before)
    for (char *const *name = g_array_index (self->without, Without, i - 1).names; *name != NULL; name++)
      if (strlen (*name) == length && memcmp (*name, key, length) == 0)
        return TRUE;
  return FALSE;
}

static void
add (ArborKeySearch *self, const char *key, gsize length)
{
  if (is_without (self, key, length))
    return;
  if (self->key != NULL && self->key->length == length && memcmp (self->key->key, key, length) == 0)
    self->answer->is_found = TRUE;
  /* Names with NUL are nothing that people mistype. */
  if (self->names != NULL && memchr (key, '\0', length) == NULL &&
      g_hash_table_size (self->names) < MAX_NAMES)
    {
      char *name = g_strndup (key, length);

      if (g_hash_table_contains (self->names, name))
        g_free (name);
      else
        {
          g_hash_table_add (self->names, name);
          if (self->list != NULL)
            g_ptr_array_add (self->list, name);
        }
    }
}

void
arbor_key_search_add (ArborKeySearch *self, const char *name)
{
  add (self, name, strlen (name));
}

void
arbor_key_search_set_open (ArborKeySearch *self)
{
  self->answer->is_open = TRUE;
}

void
arbor_key_search_set_open_for (ArborKeySearch *self, const ArborStep *steps, guint n_steps,
                               const char *suffix)
{
  const ArborStep *key = n_steps > 0 ? steps : self->key;
  gsize length = strlen (suffix);

  if (key != NULL && key->kind == ARBOR_STEP_KEY && key->length >= length &&
      memcmp (key->key + key->length - length, suffix, length) == 0)
    self->answer->is_open = TRUE;
}

static void
ask (ArborKeySearch *self, guint input, const ArborStep *first, guint n_first,
     const ArborStep *then, guint n_then, char *const *without)
{
  Question question = { .source = arbor_source_get_input (self->at.source, input),
                        .n_steps = n_first + n_then,
                        .without = self->at.without };

  question.steps = g_new (ArborStep, n_first + n_then + 1);
  if (n_first > 0)
    memcpy (question.steps, first, n_first * sizeof (ArborStep));
  if (n_then > 0)
    memcpy (question.steps + n_first, then, n_then * sizeof (ArborStep));
  if (without != NULL)
    {
      Without more = { without, self->at.without };

      g_array_append_val (self->without, more);
      question.without = self->without->len;
    }
  g_array_append_val (self->questions, question);
}

void
arbor_key_search_ask (ArborKeySearch *self, guint input, const ArborStep *steps, guint n_steps,
                      char *const *without)
{
  ask (self, input, NULL, 0, steps, n_steps, without);
}

void
arbor_key_search_ask_of (ArborKeySearch *self, guint input, const ArborNode *node,
                         const ArborStep *steps, guint n_steps)
{
  if (node->kind != ARBOR_NODE_PATH)
    arbor_key_search_set_open (self);
  else if (!node->is_vector)
    ask (self, input, node->path->steps, node->path->n_steps, steps, n_steps, NULL);
  else if (n_steps > 0 && steps[0].kind != ARBOR_STEP_KEY)
    ask (self, input, node->path->steps, node->path->n_steps, steps + 1, n_steps - 1, NULL);
}

void
arbor_key_search_ask_fields (ArborKeySearch *self, guint input, char *const *names,
                             ArborNode *const *nodes, gsize n, const ArborStep *steps, guint n_steps)
{
  for (gsize i = 0; i < n; i++)
    if (n_steps == 0)
      arbor_key_search_add (self, names[i]);
    else if (arbor_step_is_key (steps, names[i]))
      arbor_key_search_ask_of (self, input, nodes[i], steps + 1, n_steps - 1);
}

/* Puts the columns one step below those in @columns, which are @n, behind them. */
static void
step_down (const ArborBatch *batch, const ArborStep *step, GArray *columns, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      guint32 column = g_array_index (columns, guint32, i);
      guint32 first = 0, n_fields = 1;

      if (step->kind == ARBOR_STEP_KEY)
        first = arbor_batch_find_field (batch, column, step->key, step->length);
      else if (step->kind == ARBOR_STEP_ANY)
        n_fields = arbor_batch_get_fields (batch, column, &first);
      else
        first = arbor_batch_find_elements (batch, column);
      for (guint32 j = 0; j < n_fields && first != ARBOR_NO_COLUMN; j++)
        {
          guint32 below = first + j;

          g_array_append_val (columns, below);
        }
    }
}

/* The columns of the values at the question's place: any number where a step goes to any key. */
static GArray *
find_columns (ArborKeySearch *self, const ArborBatch *batch)
{
  GArray *columns = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 root = 0;

  g_array_append_val (columns, root);
  for (guint i = 0; i <= self->at.n_steps; i++)
    {
      guint n = columns->len;

      for (guint j = 0; j < n; j++)
        if (arbor_batch_has_overflow (batch, g_array_index (columns, guint32, j)))
          self->answer->is_open = TRUE;
      if (i == self->at.n_steps)
        break;
      step_down (batch, &self->at.steps[i], columns, n);
      g_array_remove_range (columns, 0, n);
    }
  return columns;
}

static void
look_in_column (ArborKeySearch *self, const ArborBatch *batch, guint32 column)
{
  guint32 first, n;

  if (self->names == NULL && self->key != NULL)
    {
      if (arbor_batch_find_field (batch, column, self->key->key, self->key->length) !=
          ARBOR_NO_COLUMN)
        add (self, self->key->key, self->key->length);
      return;
    }
  n = arbor_batch_get_fields (batch, column, &first);
  for (guint32 i = 0; i < n; i++)
    {
      guint32 length;
      const char *key = arbor_batch_get_key (batch, first + i, &length);

      add (self, key, length);
    }
}

static void
look_in_batch (ArborKeySearch *self, const ArborBatch *batch)
{
  g_autoptr (GArray) columns = find_columns (self, batch);

  for (guint i = 0; i < columns->len; i++)
    look_in_column (self, batch, g_array_index (columns, guint32, i));
}

/* Operators know keys, not any of them. */
static gboolean
asks_for_any (const Question *question)
{
  for (guint i = 0; i < question->n_steps; i++)
    if (question->steps[i].kind == ARBOR_STEP_ANY)
      return TRUE;
  return FALSE;
}

static gboolean
look_in_batches (ArborKeySearch *self, GError **error)
{
  guint32 n = arbor_source_get_n_batches (self->at.source);
  ArborAccess of, spliced, *access;

  arbor_access_borrow (&of, self->access, self->at.source);
  access = arbor_access_splice_all (&spliced, &of);
  for (guint32 i = 0; i < n && !(self->answer->is_found && self->names == NULL); i++)
    {
      const ArborBatch *batch;

      if (!arbor_access_check (access, NULL, error))
        return FALSE;
      batch = arbor_access_get_batch (access, i, error);
      if (batch == NULL)
        return FALSE;
      look_in_batch (self, batch);
    }
  return TRUE;
}

gboolean
arbor_key_search_run (ArborSource *source, ArborAccess *access, const ArborStep *steps,
                      guint n_steps, const ArborStep *key, GHashTable *names,
                      ArborKeyAnswer *answer, GError **error)
{
  g_autoptr (GArray) questions = g_array_new (FALSE, FALSE, sizeof (Question));
  g_autoptr (GArray) without = g_array_new (FALSE, FALSE, sizeof (Without));
  ArborKeySearch self = { .access = access,
                          .key = key,
                          .names = names,
                          .answer = answer,
                          .questions = questions,
                          .without = without };
  Question first = { .source = source, .n_steps = n_steps };
  gboolean is_good = TRUE;

  *answer = (ArborKeyAnswer){ 0 };
  first.steps = g_new (ArborStep, n_steps + 1);
  if (n_steps > 0)
    memcpy (first.steps, steps, n_steps * sizeof (ArborStep));
  g_array_append_val (questions, first);
  while (questions->len > 0)
    {
      self.at = g_array_index (questions, Question, questions->len - 1);
      g_array_set_size (questions, questions->len - 1);
      if (!is_good || (answer->is_found && names == NULL))
        ;
      else if (!arbor_source_is_derived (self.at.source))
        is_good = look_in_batches (&self, error);
      else if (asks_for_any (&self.at) ||
               !arbor_source_list_keys (self.at.source, self.at.steps, self.at.n_steps, &self))
        answer->is_open = TRUE;
      g_free (self.at.steps);
    }
  return is_good;
}

gboolean
arbor_key_search_list_made (ArborSource *source, GPtrArray *names)
{
  g_autoptr (GArray) questions = g_array_new (FALSE, FALSE, sizeof (Question));
  g_autoptr (GArray) without = g_array_new (FALSE, FALSE, sizeof (Without));
  g_autoptr (GHashTable) set = g_hash_table_new (g_str_hash, g_str_equal);
  ArborKeyAnswer answer = { 0 };
  ArborKeySearch self = { .names = set,
                          .list = names,
                          .answer = &answer,
                          .questions = questions,
                          .without = without,
                          .at = { .source = source } };
  gboolean is_known = arbor_source_list_keys (source, NULL, 0, &self);

  for (guint i = 0; i < questions->len; i++)
    g_free (g_array_index (questions, Question, i).steps);
  return is_known && !answer.is_open && questions->len == 0;
}
