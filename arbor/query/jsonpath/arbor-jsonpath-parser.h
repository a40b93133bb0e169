/* What the two halves of the JSONPath parser share: arbor-jsonpath-parser.c (queries, segments,
 * selectors) and arbor-jsonpath-filter.c (what stands behind `?`).
 *
 * The parser is a stack of frames, each a construct that is not complete yet: a query, a logical
 * expression, a function call. Only the top frame reads; it may push a frame, and one that is
 * complete goes and leaves what it made in the frame below.
 */

#pragma once

#include "query/jsonpath/arbor-jsonpath-private.h"

G_BEGIN_DECLS

typedef enum
{
  ARBOR_FRAME_QUERY,
  ARBOR_FRAME_LOGIC,
  ARBOR_FRAME_CALL,
} ArborJsonpathFrameKind;

/* Where a logical expression stands. */
typedef enum
{
  ARBOR_LOGIC_FILTER,      /* behind ? */
  ARBOR_LOGIC_PARENTHESES,
  ARBOR_LOGIC_ARGUMENT,    /* may be a value or a query, too */
} ArborJsonpathPlace;

/* What was read last in a logical expression. Its code is at the end of the program. */
typedef struct
{
  enum
  {
    ARBOR_OPERAND_NONE,
    ARBOR_OPERAND_LITERAL,
    ARBOR_OPERAND_QUERY,
    ARBOR_OPERAND_CALL,
    ARBOR_OPERAND_LOGICAL, /* parentheses, or anything with an operator */
  } form;
  ArborJsonpathType type;  /* of CALL */
  gsize position;
} ArborJsonpathOperand;

typedef struct
{
  ArborJsonpathFrameKind kind;
  gsize position; /* where it begins */

  /* QUERY */
  ArborJsonpathQuery *query;
  ArborJsonpathSegment **segment_end;   /* where the next segment goes */
  ArborJsonpathSelector **selector_end; /* where the next selector goes, inside of brackets */
  gboolean expects_selector;

  /* LOGIC */
  ArborJsonpathPlace place;
  GArray *program;
  ArborJsonpathOperand operand;
  gboolean is_negated;     /* a ! waits for its operand */
  gboolean has_comparison; /* an operator waits for its right operand */
  ArborComparison comparison;
  guint32 and_chain;       /* jumps to patch, the last one's index + 1, linked by their targets */
  guint32 or_chain;

  /* CALL, whose program is that of the logic around it */
  ArborJsonpathFunction function;
  guint n_arguments;
  gboolean expects_argument; /* after a comma */
} ArborJsonpathFrame;

typedef struct
{
  ArborJsonpathLexer lexer;
  ArborJsonpath *path;
  GArray *frames; /* of ArborJsonpathFrame */
} ArborJsonpathParser;

static inline ArborJsonpathFrame *
arbor_jsonpath_parser_top (ArborJsonpathParser *self)
{
  return &g_array_index (self->frames, ArborJsonpathFrame, self->frames->len - 1);
}

/* A frame that begins at the cursor; NULL and LIMIT when too many are open. It moves the others. */
ArborJsonpathFrame *arbor_jsonpath_push (ArborJsonpathParser *self, ArborJsonpathFrameKind kind);
/* At $ or @. */
gboolean arbor_jsonpath_push_query (ArborJsonpathParser *self);
gboolean arbor_jsonpath_push_logic (ArborJsonpathParser *self, ArborJsonpathPlace place,
                                    GArray *program);

/* Let the top frame read on. */
gboolean arbor_jsonpath_step_logic (ArborJsonpathParser *self);
gboolean arbor_jsonpath_step_call (ArborJsonpathParser *self);
/* A query inside of a filter is complete: it becomes the operand of the logic on top. */
void arbor_jsonpath_add_query (ArborJsonpathParser *self, ArborJsonpathQuery *query);

G_END_DECLS
