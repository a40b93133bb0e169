/* Any bytes as the text of an expression. Either there is an error, with its caret inside of what it
 * shows; or the expression is written as a text that gives the same one again, and it can be
 * evaluated. The text up to the first NUL byte is the expression, what follows is a tree.
 */

#include <string.h>

#include "base/arbor-error.h"
#include "batch/arbor-value-access.h"
#include "query/expr/arbor-evaluator.h"

#include "fuzz.h"

static void
check_error (const GError *error)
{
  const char *shown = strchr (error->message, '\n');
  const char *caret = strrchr (error->message, '\n');

  g_assert_true (g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  if (shown == NULL) /* not UTF-8 */
    return;
  g_assert_true (shown < caret);
  g_assert_cmpint (caret[strlen (caret) - 1], ==, '^');
  g_assert_cmpuint (strspn (caret + 1, " "), ==, strlen (caret) - 2);
}

static void
check_round_trip (const ArborNode *node)
{
  g_autofree char *text = arbor_node_to_string (node);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborNode) again = arbor_node_parse (text, &error);
  g_autofree char *second = NULL;

  g_assert_no_error (error);
  g_assert_true (arbor_node_equal (node, again));
  g_assert_cmpuint (arbor_node_hash (node), ==, arbor_node_hash (again));
  g_assert_cmpint (node->is_vector, ==, again->is_vector);
  second = arbor_node_to_string (again);
  g_assert_cmpstr (second, ==, text);
}

static void
evaluate (ArborNode *node, const char *json, gsize length)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (ArborEvaluator) evaluator = arbor_evaluator_new (node);
  ArborBuffer out = { NULL };
  const ArborTape *tape = arbor_scope_parse (scope, json, length);
  ArborValue tree = ARBOR_VALUE_MISSING;
  ArborValue value;

  if (tape != NULL)
    arbor_tape_get_value (tape, ARBOR_TAPE_ROOT, &tree);
  arbor_evaluator_get_value_of (evaluator, &tree, scope, &value);
  g_assert_cmpint (arbor_value_compare (&value, &value, scope), ==, 0);
  arbor_value_hash (&value, scope);
  arbor_value_write_json (&value, scope, &out);
  arbor_buffer_free (&out);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  gsize length = strlen (text);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborNode) node = arbor_node_parse (text, &error);

  if (node == NULL)
    {
      check_error (error);
      return 0;
    }
  check_round_trip (node);
  evaluate (node, length < size ? (const char *) data + length + 1 : "null",
            length < size ? size - length - 1 : 4);
  return 0;
}
