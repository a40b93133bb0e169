/* Nodes to text: the shortest that parses back to an equal node. See docs/expressions.md for the
 * grammar. What is still to be printed waits on a stack, last piece first.
 */

#include "query/expr/arbor-node.h"

#include "query/expr/arbor-function.h"

/* Either a node or, when that is NULL, a text. */
typedef struct
{
  const ArborNode *node;
  const char *text;
} Piece;

static void
push_text (GArray *pieces, const char *text)
{
  Piece piece = { .text = text };

  g_array_append_val (pieces, piece);
}

static void
push_node (GArray *pieces, const ArborNode *node, gboolean in_parentheses)
{
  Piece piece = { .node = node };

  if (in_parentheses)
    push_text (pieces, ")");
  g_array_append_val (pieces, piece);
  if (in_parentheses)
    push_text (pieces, "(");
}

static guint
get_precedence (const ArborNode *node)
{
  return node->kind == ARBOR_NODE_CALL ? node->function->precedence : ARBOR_PRECEDENCE_ATOM;
}

static void
push_list (GArray *pieces, ArborNode *const *nodes, guint n)
{
  for (guint i = n; i-- > 0;)
    {
      push_node (pieces, nodes[i], FALSE);
      if (i > 0)
        push_text (pieces, ", ");
    }
}

static void
push_call (GArray *pieces, const ArborNode *call)
{
  const ArborFunction *function = call->function;
  const char *symbol = arbor_function_get_symbol (function);
  ArborNode *const *arguments = call->arguments;
  guint precedence = function->precedence;
  gboolean chains = precedence != ARBOR_PRECEDENCE_COMPARISON && !function->is_flat;

  switch ((ArborSyntax)function->syntax)
    {
    case ARBOR_SYNTAX_CALL:
      push_text (pieces, ")");
      push_list (pieces, arguments, call->n_arguments);
      push_text (pieces, "(");
      push_text (pieces, function->name);
      break;

    case ARBOR_SYNTAX_PREFIX:
      /* "-5" is a literal, so what negates one says -(5). */
      push_node (pieces, arguments[0],
                 get_precedence (arguments[0]) < precedence ||
                     (precedence == ARBOR_PRECEDENCE_NEGATIVE &&
                      arguments[0]->kind == ARBOR_NODE_LITERAL &&
                      arbor_kind_is_number (arguments[0]->literal.kind)));
      if (g_ascii_isalpha (symbol[0]))
        push_text (pieces, " ");
      push_text (pieces, symbol);
      break;

    case ARBOR_SYNTAX_INFIX:
      for (guint i = call->n_arguments; i-- > 0;)
        {
          guint inner = get_precedence (arguments[i]);

          push_node (pieces, arguments[i],
                     inner < precedence || (inner == precedence && (i > 0 || !chains)));
          if (i == 0)
            break;
          push_text (pieces, " ");
          push_text (pieces, symbol);
          push_text (pieces, " ");
        }
      break;

    case ARBOR_SYNTAX_LIST:
    case ARBOR_SYNTAX_RANGE:
      push_text (pieces, function->syntax == ARBOR_SYNTAX_LIST ? "]" : ")");
      push_list (pieces, arguments + 1, call->n_arguments - 1);
      push_text (pieces, function->syntax == ARBOR_SYNTAX_LIST ? " [" : " (");
      push_text (pieces, symbol);
      push_text (pieces, " ");
      push_node (pieces, arguments[0], get_precedence (arguments[0]) <= precedence);
      break;

    case ARBOR_SYNTAX_CHOICE:
      push_node (pieces, arguments[call->n_arguments - 1], FALSE);
      push_text (pieces, " otherwise ");
      for (guint i = call->n_arguments - 1; i > 0; i -= 2)
        {
          push_node (pieces, arguments[i - 1], FALSE);
          push_text (pieces, " then ");
          push_node (pieces, arguments[i - 2], FALSE);
          push_text (pieces, i > 2 ? " when " : "when ");
        }
      break;
    }
}

static void
append_element (const ArborPath *path, ArborBuffer *out)
{
  g_autofree char *text = arbor_path_to_string (path);

  arbor_buffer_append_byte (out, '@');
  if (path->n_steps > 0 && text[0] != '[')
    arbor_buffer_append_byte (out, '.');
  if (path->n_steps > 0)
    arbor_buffer_append_literal (out, text);
}

/* A path that begins with a word of the language is written from the tree on: $.not */
static void
append_path (const ArborPath *path, ArborBuffer *out)
{
  const ArborStep *first = path->steps;

  if (path->n_steps > 0 && first->kind == ARBOR_STEP_KEY &&
      arbor_node_is_reserved (first->key, first->length))
    arbor_buffer_append_literal (out, "$.");
  arbor_path_append (path, out);
}

/* An array of one string or integer would read as a step of a path: a comma tells them apart. */
static void
append_literal (const ArborNode *literal, ArborBuffer *out)
{
  gsize length;
  const char *json = g_bytes_get_data (literal->json, &length);
  gboolean is_single = literal->tape.words[ARBOR_TAPE_ROOT] >> 32 == ((guint64)'[' << 24 | 1) &&
                       strchr ("\"luN", arbor_tape_tag (&literal->tape, ARBOR_TAPE_ROOT + 1));

  arbor_buffer_append (out, json, is_single ? length - 1 : length);
  if (is_single)
    arbor_buffer_append_literal (out, ",]");
}

char *
arbor_node_to_string (const ArborNode *self)
{
  g_autoptr (GArray) pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  ArborBuffer out = { 0 };

  push_node (pieces, self, FALSE);
  while (pieces->len > 0)
    {
      Piece piece = g_array_index (pieces, Piece, pieces->len - 1);

      g_array_set_size (pieces, pieces->len - 1);
      if (piece.node == NULL)
        arbor_buffer_append_literal (&out, piece.text);
      else if (piece.node->kind == ARBOR_NODE_CALL)
        push_call (pieces, piece.node);
      else if (piece.node->kind == ARBOR_NODE_LITERAL)
        append_literal (piece.node, &out);
      else if (piece.node->kind == ARBOR_NODE_PATH)
        append_path (piece.node->path, &out);
      else
        append_element (piece.node->path, &out);
    }

  arbor_buffer_append_byte (&out, 0);
  return (char *)out.data;
}
