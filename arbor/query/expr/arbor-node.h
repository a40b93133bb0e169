/* Expressions as trees of nodes: immutable, refcounted, checked when made. The public ArborExpr
 * wraps one; the parser, the printer, the evaluators and the optimiser work on these.
 *
 * A node is vector valued (0..N values for one tree) when a path below it has [*] and nothing
 * between reduces it; the makers refuse a vector where one value is needed.
 *
 * A path that begins at the element, @, is bound by the nearest call around it that walks an array,
 * if it stands in its second argument. Where it is free, the node is not whole: it can only be made
 * part of a larger one.
 *
 * Always: no node is deeper than ARBOR_NODE_MAX_DEPTH or has more than ARBOR_NODE_MAX_NODES below
 * it (sharing could make its text and its work exponential otherwise); a literal's JSON text is the
 * shortest, so two literals are equal when their texts are.
 */

#pragma once

#include "base/arbor-path.h"
#include "base/arbor-tape.h"

G_BEGIN_DECLS

typedef enum
{
  ARBOR_NODE_PATH,
  ARBOR_NODE_ELEMENT, /* @, or a path from there */
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
  guint8 has_element; /* an @ in it is free */
  guint8 counts_trees; /* has a count() in it, which only a group of trees can answer */
  guint8 field;     /* CALL: of ARBOR_NODE_FIELD; see arbor_node_new_field */
  guint16 depth;    /* of the subtree; at most ARBOR_NODE_MAX_DEPTH */
  guint32 n_arguments;
  guint32 hash;     /* of the subtree */
  guint32 n_nodes;  /* of the subtree, shared ones as often as they stand in it */
  const ArborFunction *function;
  ArborNode **arguments;
  ArborPath *path;     /* PATH, ELEMENT: from the element on, with no steps for @ alone */
  gpointer prepared;   /* CALL: what its function made of literal arguments, see arbor-function.h */
  GBytes *json;        /* LITERAL: its JSON text, compact */
  ArborTape tape;      /* LITERAL: parsed; memory owned by the node */
  ArborValue literal;
  gpointer tape_owner; /* ArborTapeWriter */
};

/* The call stands for a field that has its value: it may take what memory an expression may, and not a share
 * of what the one around it takes. OF_OBJECT: where the tree is no object, there is no such field. */
#define ARBOR_NODE_FIELD           1u
#define ARBOR_NODE_FIELD_OF_OBJECT 2u

#define ARBOR_NODE_MAX_DEPTH 1000
#define ARBOR_NODE_MAX_NODES 100000

ArborNode *arbor_node_ref (ArborNode *self);
void arbor_node_unref (ArborNode *self);

ArborNode *arbor_node_new_path (const char *path, GError **error);
ArborNode *arbor_node_new_path_take (ArborPath *path);
ArborNode *arbor_node_new_element (const char *path, GError **error);
ArborNode *arbor_node_new_element_take (ArborPath *path);
ArborNode *arbor_node_new_literal (const ArborValue *scalar); /* not MISSING; doubles finite */
ArborNode *arbor_node_new_literal_json (const char *json, gsize length, GError **error);
/* The same for parsers, which say themselves where in their text the error is. */
ArborNode *arbor_node_new_literal_at (const char *json, gsize length, gsize *error_offset,
                                      const char **reason);
/* Of a part of a literal, at @index of its tape. */
ArborNode *arbor_node_new_literal_part (const ArborNode *literal, guint32 index);
/* @name is that of the text form: "==", "and", "is_null", "starts_with", "any", "neg", ...
 * EXPRESSION: unknown function, wrong number of arguments, a vector where one value is needed.
 * Takes references of its own. "and" and "or" of their own kind become one: a chain of calls
 * stays as flat as a chain in a text. */
ArborNode *arbor_node_new_call (const char *name, ArborNode **arguments, guint n, GError **error);
/* As it is, for parsers: a text keeps its parentheses. */
ArborNode *arbor_node_new_call_of (const ArborFunction *function, ArborNode **arguments, guint n,
                                   GError **error);

/* What a field of a tree that was made with @value, which is no vector, has in it: equal to @value but for
 * the flags of ARBOR_NODE_FIELD. NULL: too large. */
ArborNode *arbor_node_new_field (ArborNode *value, gboolean of_object);

/* For what needs one value a tree (filters, conditions): EXPRESSION when the node is a vector, or
 * not whole. */
gboolean arbor_node_check_whole (const ArborNode *self, GError **error); /* no free @ */
/* For what is evaluated tree by tree: whole, and no count() of trees. check_scalar asks this, too. */
gboolean arbor_node_check_row (const ArborNode *self, GError **error);
gboolean arbor_node_check_scalar (const ArborNode *self, GError **error);
/* The same of a condition, for which a message says how several values become one. */
gboolean arbor_node_check_condition (const ArborNode *self, GError **error);

/* The path of a node that is one of keys alone, otherwise NULL, as for NULL. */
const ArborPath *arbor_node_get_key_path (const ArborNode *self);

static inline gboolean
arbor_node_is_null_literal (const ArborNode *self)
{
  return self->kind == ARBOR_NODE_LITERAL && self->literal.kind == ARBOR_KIND_NULL;
}

/* The text form (docs/expressions.md); errors are ARBOR_ERROR_EXPRESSION with the byte position and
 * a caret line. */
ArborNode *arbor_node_parse (const char *text, GError **error);
/* The same with places, written `?`, for values in their order, as many as there are. */
ArborNode *arbor_node_parse_with (const char *text, ArborNode *const *values, guint n_values,
                                  GError **error);
char *arbor_node_to_string (const ArborNode *self);
gboolean arbor_node_equal (const ArborNode *a, const ArborNode *b);
guint arbor_node_hash (const ArborNode *self);

/* Words that begin no path in the text form; as a first key they are quoted or follow "$.". */
gboolean arbor_node_is_reserved (const char *word, gsize length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborNode, arbor_node_unref)

G_END_DECLS
