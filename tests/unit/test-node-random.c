/* Random expressions of all operators and functions: text and nodes are inverse to each other, and a
 * tree gives the same wherever it lies. Longer: ARBOR_RANDOM_EXPRESSIONS=1000000. */

#include "query/expr/arbor-evaluator.h"
#include "query/expr/arbor-function-private.h"

#include "kit/values.h"

static const char *const trees[] = {
  "{\"a\":1,\"b\":{\"c\":\"x\"},\"639-3\":[1,2],\"null\":{\"x\":true}}",
  "{\"a\":[{\"x\":1,\"b\":[1,2]},{\"x\":\"y\"},null,[3]],\"not\":false,\"when\":\"2024-02-29\"}",
  "{\"a\":{\"b\":[1.5,\"\",null,{\"c\":{}}]},\"lower\":\"ABC\",\"in\":18446744073709551615}",
  "[{\"x\":[{\"k\":\"v\"}]},{\"x\":1e400},[],\"text\"]",
  "{\"a\":[true,false,1,\"1\",1.0],\"b\":\"\u00e9\u00df\",\"contains\":[[1],[2,[3]]]}",
  "\"2024-02-29T12:30:00.5+02:00\"",
  "{}",
};

static guint n_functions;

static ArborNode *
random_leaf (GRand *random, guint n_bindings)
{
  static const char *const paths[] = {
    "", "a", "a.b", "639-3", "[0]", "[*].x", "not", "null.x", "a[-1]", "[\"\\\"\"]", "in",
    "lower", "contains", "a[*]", "\xc3\xa9", "when", "$x", "true", "a[*].b[*]",
  };
  static const char *const literals[] = {
    "null", "true", "0", "-1", "1.5", "-0.0", "1e400", "\"\"", "\"'\"", "[]", "[1]", "[-1]",
    "[\"a\"]", "{}", "[1,2]", "{\"a\":[\"b\"]}", "[[1]]", "-1e400", "[1e400]", "[1.0]",
    "18446744073709551615", "[null]", "\"day\"", "\"int\"", "\"(x)?y*\"", "2", "false",
    "\"2024-02-29\"", "\"k\"",
  };
  gint32 choice = g_rand_int_range (random, 0, n_bindings > 0 ? 4 : 2);
  const char *json;

  if (choice == 0)
    return arbor_node_new_path (paths[g_rand_int_range (random, 0, G_N_ELEMENTS (paths))], NULL);
  if (choice > 1)
    return arbor_node_new_element (
        g_rand_boolean (random) ? "" : paths[g_rand_int_range (random, 0, G_N_ELEMENTS (paths))],
        NULL);

  json = literals[g_rand_int_range (random, 0, G_N_ELEMENTS (literals))];
  return arbor_node_new_literal_json (json, strlen (json), NULL);
}

static ArborNode *
random_node (GRand *random, guint depth, guint n_bindings)
{
  while (depth > 0 && g_rand_int_range (random, 0, 5) > 0)
    {
      const ArborFunction *function = arbor_function_get_nth (
          (guint) g_rand_int_range (random, 0, (gint32) n_functions));
      g_autoptr (GPtrArray) arguments =
          g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_node_unref);
      guint n = MIN (function->max_arguments,
                     function->min_arguments + (guint) g_rand_int_range (random, 0, 3));
      ArborNode *node;

      for (guint i = 0; i < n; i++)
        g_ptr_array_add (arguments, random_node (random, depth - 1,
                                                 n_bindings + (function->walks && i == 1)));
      node = arbor_node_new_call (function->name, (ArborNode **) arguments->pdata, n, NULL);
      if (node != NULL) /* NULL: a vector where one value is needed, a bad pattern or unit */
        return node;
    }
  return random_leaf (random, n_bindings);
}

static guint
get_n_rounds (void)
{
  const char *text = g_getenv ("ARBOR_RANDOM_EXPRESSIONS");

  return text != NULL ? (guint) g_ascii_strtoull (text, NULL, 10) : 5000;
}

static GRand *
make_random (void)
{
  return g_rand_new_with_seed (20260101);
}

static void
test_texts (void)
{
  g_autoptr (GRand) random = make_random ();

  for (guint i = get_n_rounds (); i > 0; i--)
    {
      g_autoptr (ArborNode) node = random_node (random, 6, 0);
      g_autofree char *text = arbor_node_to_string (node);
      g_autoptr (GError) error = NULL;
      g_autoptr (ArborNode) parsed = arbor_node_parse (text, &error);
      g_autofree char *again = NULL;

      if (parsed == NULL)
        g_error ("%s", error->message);
      again = arbor_node_to_string (parsed);
      g_assert_cmpstr (again, ==, text);
      g_assert_true (arbor_node_equal (node, parsed));
      g_assert_cmpuint (arbor_node_hash (node), ==, arbor_node_hash (parsed));
      g_assert_cmpint (node->is_vector, ==, parsed->is_vector);
      g_assert_false (node->has_element);
      g_assert_cmpint (node->depth, ==, parsed->depth);
      g_assert_cmpuint (node->n_nodes, ==, parsed->n_nodes);
    }
}

static char *
evaluate (ArborEvaluator *evaluator, guint32 row, const ArborValue *tree, ArborScope *scope)
{
  ArborValue value;
  char *json;

  if (tree != NULL)
    arbor_evaluator_get_value_of (evaluator, tree, scope, &value);
  else
    arbor_evaluator_get_value (evaluator, row, scope, &value);
  json = value.kind == ARBOR_KIND_MISSING ? g_strdup ("missing") : value_to_json (&value, scope);
  arbor_scope_reset (scope);
  return json;
}

static void
test_places (void)
{
  g_autoptr (GRand) random = make_random ();
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  Document *documents[G_N_ELEMENTS (trees)];
  TestBatch batch;

  for (guint i = 0; i < G_N_ELEMENTS (trees); i++)
    documents[i] = document_new (trees[i]);
  test_batch_init (&batch, documents, G_N_ELEMENTS (trees));

  for (guint i = get_n_rounds (); i > 0; i--)
    {
      g_autoptr (ArborNode) node = random_node (random, 4, 0);
      g_autoptr (ArborEvaluator) evaluator = arbor_evaluator_new (node);

      arbor_evaluator_set_batch (evaluator, batch.batch, 0);
      for (guint32 row = 0; row < G_N_ELEMENTS (trees); row++)
        {
          ArborValue tree = document_on_tape (documents[row]);
          g_autofree char *on_tape = evaluate (evaluator, row, &tree, scope);
          g_autofree char *in_batch = evaluate (evaluator, row, NULL, scope);

          if (strcmp (on_tape, in_batch) != 0)
            {
              g_autofree char *text = arbor_node_to_string (node);

              g_error ("%s of %s: %s on the tape, %s in the batch", text, trees[row], on_tape,
                       in_batch);
            }
        }
    }
  g_assert_true (arbor_scope_check (scope, NULL));
  test_batch_clear (&batch);
  for (guint i = 0; i < G_N_ELEMENTS (trees); i++)
    document_free (documents[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  while (arbor_function_get_nth (n_functions) != NULL)
    n_functions++;
  g_test_add_func ("/node-random/texts", test_texts);
  g_test_add_func ("/node-random/places", test_places);
  return g_test_run ();
}
