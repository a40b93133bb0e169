/* Expressions as trees of nodes: immutable, refcounted, checked when made. The public ArborExpr
 * wraps one; the parser, the printer, the evaluators and the optimiser work on these.
 *
 * A node is vector valued (0..N values for one tree) when a path below it has [*] and nothing
 * between reduces it; the makers refuse a vector where one value is needed.
 */

#pragma once

#include "base/arbor-path.h"
#include "base/arbor-tape.h"

G_BEGIN_DECLS

typedef enum
{
  ARBOR_NODE_PATH,
  ARBOR_NODE_ELEMENT, /* @, inside map and filter */
  ARBOR_NODE_LITERAL,
  ARBOR_NODE_CALL, /* operator or function: everything else */
} ArborNodeKind;

/* One row an operator or function in the table of arbor-function.c: the single list from which
 * the parser knows names and arity, the printer precedence, the evaluator code. */
typedef struct _ArborFunction ArborFunction;

typedef struct _ArborNode ArborNode;
struct _ArborNode
{
  gatomicrefcount ref_count;
  guint8 kind;      /* ArborNodeKind */
  guint8 is_vector;
  guint16 depth;    /* of the subtree; at most ARBOR_NODE_MAX_DEPTH */
  guint32 n_arguments;
  const ArborFunction *function;
  ArborNode **arguments;
  ArborPath *path;
  GBytes *json;        /* LITERAL: its JSON text, compact */
  ArborTape tape;      /* LITERAL: parsed; memory owned by the node */
  ArborValue literal;
  gpointer tape_owner;
};

#define ARBOR_NODE_MAX_DEPTH 1000

ArborNode *arbor_node_ref (ArborNode *self);
void arbor_node_unref (ArborNode *self);

ArborNode *arbor_node_new_path (const char *path, GError **error);
ArborNode *arbor_node_new_path_take (ArborPath *path);
ArborNode *arbor_node_new_literal (const ArborValue *scalar);
ArborNode *arbor_node_new_literal_json (const char *json, gsize length, GError **error);
/* @name is that of the text form: "==", "and", "is_null", "starts_with", "any", "neg", ...
 * EXPRESSION: unknown function, wrong number of arguments, a vector where one value is needed. */
ArborNode *arbor_node_new_call (const char *name, ArborNode **arguments, guint n, GError **error);

/* The text form; errors are ARBOR_ERROR_EXPRESSION with the byte position and a caret line. */
ArborNode *arbor_node_parse (const char *text, GError **error);
char *arbor_node_to_string (const ArborNode *self);
gboolean arbor_node_equal (const ArborNode *a, const ArborNode *b);
guint arbor_node_hash (const ArborNode *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborNode, arbor_node_unref)

G_END_DECLS
