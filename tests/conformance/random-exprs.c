/* Random expressions: see random-exprs.h. What is tried and kept for a function are signatures: a
 * sort for each argument, and the sort of the result. An argument of a sort is a leaf of it, or a
 * call that a signature says to give it.
 */

#include "random-exprs.h"

#include "batch/arbor-value-access.h"
#include "query/expr/arbor-evaluator.h"
#include "random-trees.h"

#include <string.h>

typedef enum
{
  SORT_INTEGER,
  SORT_NUMBER,
  SORT_TRUTH,
  SORT_STRING,
  SORT_DATE,
  SORT_PATTERN,
  SORT_WORD, /* names of units, types, formats and keys */
  SORT_ARRAY,
  SORT_OBJECT,
  SORT_VECTOR,
  SORT_ANY,
  SORT_BODY, /* of a walk */
  N_SORTS,
} Sort;

/* Of each sort, as an expression is written. */
static const char *const leaves[N_SORTS][24] = {
  [SORT_INTEGER] = { "i", "n", "o.y", "items[0].x", "items[-1].x", "a[0]", "map.key7", "0", "1",
                     "2", "-1", "3" },
  [SORT_NUMBER] = { "i", "j", "d", "p", "n", "o.y", "o.p.q", "items[0].x", "a[-1]", "map.key7", "0",
                    "1", "2", "-1", "3", "0.5", "-0.0", "100", "9223372036854775807", "1e400",
                    "9223372036854775808" },
  [SORT_TRUTH] = { "b", "true", "false", "items[-1].b", "items[0].b" },
  [SORT_STRING] = { "s", "u", "w", "w", "o.s", "ss[0]", "num", "js", "items[0].k", "'red'", "''", "'a'",
                    "' '", "'\xc3\x89t\xc3\xa9 \xc3\x9f'", "'1.50'", "'k'", "'[1, 2]'" },
  [SORT_DATE] = { "t", "tt", "t", "tt", "'2024-02-29'", "'2024-02-29T12:30:00.5+02:00'", "'2021'" },
  [SORT_PATTERN] = { "'a+'", "'[0-9]+'", "'^(a|b)?(.)'", "'(?i)RED$'", "'r'", "'\\\\s'", "'.*er'",
                     "'(a*)*b'", "'\xc3\xa9'", },
  [SORT_WORD] = { "'day'", "'month'", "'year'", "'hour'", "'weeks'", "'millisecond'", "'int'",
                  "'double'", "'string'", "'bool'", "'array'", "'%Y-%m-%d'", "'%d %b %Y'", "'x'",
                  "'k'", "'y'", "'nothing'" },
  [SORT_ARRAY] = { "a", "ss", "items", "a", "ss", "items", "deep", "[1, 2, 3]", "[3, null, 1.5]",
                   "[\"a\", \"b\", \"a\"]", "[{\"key\": \"a\", \"value\": 1}]", "[]", "[[1], [2, 3]]" },
  [SORT_OBJECT] = { "o", "o", "map", "items[0]", "items[-1]", "{\"x\": 1, \"k\": [2]}", "$",
                    "{}" },
  [SORT_VECTOR] = { "a[*]", "ss[*]", "items[*].x", "items[*].k", "items[*].b", "items[*]",
                    "items[*].tags[*]", "any[*]", "any[*].x", "deep[*]", "o.p[*]" },
  [SORT_ANY] = { "m", "m", "any", "any.x", "any.k[0]", "nothing", "null", "map.key500", "deep",
                 "deep[0][0]", "any.x.y", "o.nothing" },
  [SORT_BODY] = { "@", "@.x", "@.x * 2", "@ > 2", "@.x > 10", "@.k", "@.k == s", "len(@)", "@ == m",
                  "count(@.tags[*])", "@ + n", "upper(@)", "@[0]", "@.b" },
};

/* Ends with LIMIT for some trees. */
#define HOSTILE "w match '^(a|aa)+$'"

#define MAX_ARGUMENTS 4

typedef struct
{
  guint function;
  guint8 n;
  guint8 result;
  guint8 sorts[MAX_ARGUMENTS];
} Signature;

struct _RandomExprs
{
  GRand *random;
  guint n_functions;
  GArray **of_function; /* of Signature, for each function */
  GArray *of_sort[N_SORTS];
  /* For trying */
  GPtrArray *trees; /* of ArborParser, each with its tape */
  ArborTape *tapes;
  GPtrArray *texts;
  ArborScope *scope;
  gboolean is_wild; /* the expression at hand: any arguments */
};

static gint32
below (RandomExprs *self, guint n)
{
  return g_rand_int_range (self->random, 0, (gint32) n);
}

/* Leaves */

static gboolean
is_literal (const char *text)
{
  return strchr ("'\"[{-0123456789", text[0]) != NULL || g_str_equal (text, "true") ||
         g_str_equal (text, "false") || g_str_equal (text, "null");
}

/* A path, where the sort has any, three times out of four. */
static const char *
pick_leaf (RandomExprs *self, Sort sort)
{
  gboolean wants_path = below (self, 4) > 0;
  guint n = 0;

  while (n < G_N_ELEMENTS (leaves[sort]) && leaves[sort][n] != NULL)
    n++;
  for (guint i = 0;; i++)
    {
      const char *text = leaves[sort][below (self, n)];

      if (i == 20 || is_literal (text) != wants_path)
        return text;
    }
}

static ArborNode *
make_leaf (RandomExprs *self, Sort sort, guint n_loops)
{
  static const char *const elements[] = { "", "", "x", "k", "b", "tags[*]", "y", "[0]" };
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborNode) node = NULL;

  if (n_loops > 0 && sort < SORT_BODY && below (self, 3) == 0)
    return arbor_node_new_element (elements[below (self, G_N_ELEMENTS (elements))], NULL);
  text = g_strdup (sort == SORT_TRUTH && below (self, 60) == 0 ? HOSTILE : pick_leaf (self, sort));
  if (sort == SORT_BODY)
    {
      /* An element alone is no expression: it is read inside of a walk. */
      char *walk = g_strdup_printf ("map(a, %s)", text);

      g_free (text);
      text = walk;
    }
  node = arbor_node_parse (text, &error);
  g_assert_no_error (error);
  return arbor_node_ref (sort == SORT_BODY ? node->arguments[1] : node);
}

ArborNode *
random_exprs_make_leaf (RandomExprs *self)
{
  return make_leaf (self, (Sort) below (self, SORT_BODY), 0);
}

/* Calls. NULL where the arguments do not suit. */

static ArborNode *make_of_sort (RandomExprs *self, Sort sort, guint depth, guint n_loops);

static ArborNode *
make_call (RandomExprs *self, const Signature *signature, guint depth, guint n_loops)
{
  const ArborFunction *function = arbor_function_get_nth (signature->function);
  g_autoptr (GPtrArray) arguments
      = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_node_unref);

  for (guint i = 0; i < signature->n; i++)
    g_ptr_array_add (arguments, make_of_sort (self, (Sort) signature->sorts[i], depth,
                                              n_loops + (function->walks && i == 1)));
  return arbor_node_new_call (function->name, (ArborNode **) arguments->pdata, signature->n, NULL);
}

/* A call with @depth levels of calls in it. */
static ArborNode *
make_random_call (RandomExprs *self, GArray *signatures, guint depth, guint n_loops)
{
  for (guint i = 0; i < 8 && signatures->len > 0; i++)
    {
      Signature signature
          = g_array_index (signatures, Signature, below (self, signatures->len));
      ArborNode *call;

      for (guint j = 0; self->is_wild && j < MAX_ARGUMENTS; j++)
        signature.sorts[j] = (guint8) below (self, SORT_BODY);
      /* Now and then something else than what the function can do with, or many of it. */
      if (signature.n > 0 && below (self, 10) == 0)
        signature.sorts[below (self, signature.n)]
            = below (self, 3) == 0 ? (guint8) below (self, SORT_BODY) : SORT_VECTOR;
      call = make_call (self, &signature, depth, n_loops);
      if (call != NULL)
        return call;
    }
  return NULL;
}

static ArborNode *
make_of_sort (RandomExprs *self, Sort sort, guint depth, guint n_loops)
{
  gboolean is_name = sort == SORT_PATTERN || sort == SORT_WORD;

  if (depth > 0 && !is_name && below (self, 3) > 0)
    {
      guint from = sort == SORT_ANY || sort == SORT_BODY ? (guint) below (self, SORT_BODY) : sort;
      ArborNode *call = make_random_call (self, self->of_sort[from], depth - 1, n_loops);

      if (call != NULL)
        return call;
    }
  if (below (self, 30) == 0)
    sort = (Sort) below (self, SORT_BODY);
  return make_leaf (self, sort, n_loops);
}

static ArborNode *
make_whole (RandomExprs *self, guint which, guint depth, gboolean is_scalar)
{
  /* One in five makes no sense. */
  self->is_wild = below (self, 5) == 0;
  for (guint i = 0; i < 50; i++)
    {
      g_autoptr (ArborNode) node
          = make_random_call (self, self->of_function[which % self->n_functions], depth, 0);

      if (node != NULL && arbor_node_check_row (node, NULL) &&
          (!is_scalar || arbor_node_check_scalar (node, NULL)))
        return g_steal_pointer (&node);
    }
  for (;;)
    {
      g_autoptr (ArborNode) leaf = random_exprs_make_leaf (self);

      if (!is_scalar || !leaf->is_vector)
        return g_steal_pointer (&leaf);
    }
}

ArborNode *
random_exprs_make (RandomExprs *self, guint which, guint depth)
{
  return make_whole (self, which, depth, FALSE);
}

ArborNode *
random_exprs_make_scalar (RandomExprs *self, guint which, guint depth)
{
  return make_whole (self, which, depth, TRUE);
}

guint
random_exprs_get_n_functions (const RandomExprs *self)
{
  return self->n_functions;
}

/* Trying */

#define N_TREES        10u
#define N_LEAVES       4u
#define N_TRIES        2000u
#define MAX_SIGNATURES 40u

static void
make_trees (RandomExprs *self)
{
  self->trees = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_parser_free);
  self->texts = g_ptr_array_new_with_free_func (g_free);
  self->tapes = g_new (ArborTape, N_TREES);
  for (guint i = 0; i < N_TREES; i++)
    {
      GString *text = g_string_new (NULL);
      ArborParser *parser = arbor_parser_new ();
      const char *reason;
      gsize length, offset;

      random_trees_append (self->random, i % 2 == 0 ? RANDOM_TREES_REGULAR : RANDOM_TREES_MIXED, i,
                           text);
      length = text->len;
      g_string_set_size (text, length + ARBOR_PARSER_PADDING);
      g_ptr_array_add (self->trees, parser);
      g_ptr_array_add (self->texts, g_string_free (text, FALSE));
      g_assert_true (arbor_parser_parse (parser, self->texts->pdata[i], length, &self->tapes[i],
                                         &offset, &reason));
    }
}

static Sort
get_sort (const ArborNode *node, guint kind)
{
  if (node->is_vector)
    return SORT_VECTOR;
  switch (kind)
    {
    case ARBOR_KIND_BOOL:
      return SORT_TRUTH;
    case ARBOR_KIND_STRING:
      return SORT_STRING;
    case ARBOR_KIND_ARRAY:
      return SORT_ARRAY;
    case ARBOR_KIND_OBJECT:
      return SORT_OBJECT;
    case ARBOR_KIND_INT64:
      return SORT_INTEGER;
    default:
      return SORT_NUMBER;
    }
}

static gboolean
is_something (RandomExprs *self, const ArborNode *node, const ArborValue *value)
{
  if (!node->is_vector)
    return value->kind > ARBOR_KIND_NULL;
  for (guint32 i = arbor_value_get_length (value, self->scope); i > 0; i--)
    {
      ArborValue element;

      arbor_value_get_element (value, i - 1, self->scope, &element);
      if (element.kind > ARBOR_KIND_NULL)
        return TRUE;
    }
  return FALSE;
}

/* How many of the trees have something for a call of @signature, with many leaves; more where trees
 * differ. *@result: the sort of what they have. */
static guint
try_signature (RandomExprs *self, const Signature *signature, Sort *result)
{
  guint score = 0;

  for (guint i = 0; i < N_LEAVES; i++)
    {
      g_autoptr (ArborNode) node = make_call (self, signature, 0, 0);
      g_autoptr (ArborEvaluator) evaluator = NULL;
      ArborValue first = ARBOR_VALUE_MISSING;
      gboolean varies = FALSE;

      if (node == NULL || !arbor_node_check_row (node, NULL))
        continue;
      evaluator = arbor_evaluator_new (node);
      for (guint j = 0; j < N_TREES; j++)
        {
          ArborValue tree, value;

          arbor_tape_get_value (&self->tapes[j], ARBOR_TAPE_ROOT, &tree);
          arbor_evaluator_get_value_of (evaluator, &tree, self->scope, &value);
          if (!is_something (self, node, &value))
            continue;
          score++;
          if (first.kind == ARBOR_KIND_MISSING)
            first = value;
          else if (!varies)
            varies = !arbor_value_equal (&first, &value, self->scope);
          *result = get_sort (node, value.kind);
        }
      score += varies ? N_TREES / 2 : 0;
      arbor_scope_reset (self->scope);
      arbor_scope_check (self->scope, NULL);
    }
  return score;
}

static void
keep_signature (RandomExprs *self, const Signature *signature)
{
  g_array_append_val (self->of_function[signature->function], *signature);
  g_array_append_val (self->of_sort[signature->result], *signature);
}

/* The best sort of each argument in turn, twice; then what is nearly as good as the best. */
static gboolean
climb (RandomExprs *self, Signature *best)
{
  const ArborFunction *function = arbor_function_get_nth (best->function);
  Sort result = (Sort) best->result;
  guint best_score = try_signature (self, best, &result);
  GArray *of_function = self->of_function[best->function];

  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < best->n; i++)
      for (Sort sort = 0; sort < SORT_BODY && !(function->walks && i == 1); sort++)
        {
          Signature other = *best;
          guint score;

          other.sorts[i] = (guint8) sort;
          score = try_signature (self, &other, &result);
          other.result = (guint8) result;
          if (pass == 1 && score > 0 && score * 10 >= best_score * 7 && of_function->len < MAX_SIGNATURES)
            keep_signature (self, &other);
          if (score > best_score)
            {
              best_score = score;
              *best = other;
            }
        }
  if (best_score == 0) /* a stroke of luck */
    return FALSE;
  keep_signature (self, best);
  return TRUE;
}

static void
try_function (RandomExprs *self, guint which, guint n)
{
  const ArborFunction *function = arbor_function_get_nth (which);
  guint n_climbs = 0;

  for (guint i = 0; i < N_TRIES && n_climbs < (n > 0 ? 2 : 1); i++)
    {
      Signature signature = { .function = which, .n = (guint8) n };
      Sort result;

      for (guint j = 0; j < n; j++)
        signature.sorts[j]
            = (guint8) (function->walks && j == 1 ? SORT_BODY : (guint) below (self, SORT_BODY));
      if (try_signature (self, &signature, &result) == 0)
        continue;
      signature.result = (guint8) result;
      n_climbs += climb (self, &signature);
    }
}

RandomExprs *
random_exprs_new (GRand *random)
{
  RandomExprs *self = g_new0 (RandomExprs, 1);

  self->random = random;
  while (arbor_function_get_nth (self->n_functions) != NULL)
    self->n_functions++;
  self->of_function = g_new (GArray *, self->n_functions);
  for (guint i = 0; i < N_SORTS; i++)
    self->of_sort[i] = g_array_new (FALSE, FALSE, sizeof (Signature));
  self->scope = arbor_scope_new ();
  make_trees (self);
  for (guint i = 0; i < self->n_functions; i++)
    {
      const ArborFunction *function = arbor_function_get_nth (i);

      self->of_function[i] = g_array_new (FALSE, FALSE, sizeof (Signature));
      for (guint n = function->min_arguments;
           n <= MIN (function->max_arguments, MIN (function->min_arguments + 2u, MAX_ARGUMENTS));
           n++)
        try_function (self, i, n);
    }
  return self;
}

void
random_exprs_free (RandomExprs *self)
{
  for (guint i = 0; i < self->n_functions; i++)
    g_array_unref (self->of_function[i]);
  for (guint i = 0; i < N_SORTS; i++)
    g_array_unref (self->of_sort[i]);
  g_ptr_array_unref (self->trees);
  g_ptr_array_unref (self->texts);
  arbor_scope_free (self->scope);
  g_free (self->tapes);
  g_free (self->of_function);
  g_free (self);
}

char **
random_exprs_list_unknown (const RandomExprs *self)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < self->n_functions; i++)
    if (self->of_function[i]->len == 0)
      g_ptr_array_add (names, g_strdup (arbor_function_get_nth (i)->name));
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}
