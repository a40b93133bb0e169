/* What the files of the parser of expressions share. See arbor-node-parser.c.
 *
 * Positions are bytes from 0. The text ends with a NUL byte, which no token holds, so looking at
 * the byte after a token is always allowed.
 */

#pragma once

#include "query/expr/arbor-function.h"
#include "query/expr/arbor-node.h"

G_BEGIN_DECLS

/* What a frame waits for. */
typedef enum
{
  ARBOR_FRAME_OPERATOR,  /* its last operand */
  ARBOR_FRAME_BRACKET,   /* the closing bracket */
  ARBOR_FRAME_CONDITION, /* the "then" of a "when" */
  ARBOR_FRAME_VALUE,     /* the next "when" or "otherwise" */
} ArborFrameState;

/* An operator or bracket that waits for operands. */
typedef struct
{
  const ArborFunction *function; /* NULL: plain parentheses */
  guint8 state;                  /* ArborFrameState */
  char close;                    /* BRACKET: ')' or ']' */
  gboolean is_list;              /* BRACKET: of an operator such as in [...] */
  gboolean is_negated;           /* not in [...] */
  gboolean binds_element;        /* it is at the argument in which @ is the element */
  guint first;                   /* its first operand */
  guint n_commas;
  gsize position; /* of the operator, name or bracket */
} ArborFrame;

typedef struct
{
  const char *text;
  gsize length;
  gsize position;
  gboolean expects_operand;
  gboolean is_after_list; /* the last operand is an in-list without parentheses */
  guint n_operands;       /* read so far */
  guint n_bindings;       /* frames that bind the element */
  GPtrArray *operands;    /* of ArborNode */
  GArray *frames;         /* of ArborFrame */
  ArborNode *const *values; /* for the places; NULL: a text without any */
  guint n_values;
  guint n_places; /* read so far */
  GError **error;
} ArborNodeParser;

/* arbor-node-token.c */
gboolean arbor_node_parser_fail (ArborNodeParser *self, gsize position, const char *format, ...)
    G_GNUC_PRINTF (3, 4); /* FALSE */
gboolean arbor_node_parser_fail_with (ArborNodeParser *self, gsize position, const char *message);
char *arbor_node_parser_describe_place (ArborNodeParser *self); /* for messages */
char arbor_node_parser_peek (ArborNodeParser *self, gsize ahead);
gsize arbor_node_parser_skip_space (const char *text, gsize position);
/* Lengths of what stands at @position; 0 when it does not, or does not end. */
gsize arbor_node_parser_measure_word (const char *text, gsize position);
gsize arbor_node_parser_measure_number (const char *text, gsize position);
gsize arbor_node_parser_measure_string (const char *text, gsize position);
gsize arbor_node_parser_measure_container (const char *text, gsize position);
gboolean arbor_node_parser_is_word (const char *text, gsize length, const char *word);

/* arbor-node-operand.c: literals and paths; each moves on behind what it read. */
gboolean arbor_node_parser_count_operand (ArborNodeParser *self); /* FALSE: one too many */
void arbor_node_parser_push_operand (ArborNodeParser *self, ArborNode *node);
/* A literal of @length bytes; @json is that as JSON, where it differs. */
gboolean arbor_node_parser_read_literal (ArborNodeParser *self, gsize length, const char *json,
                                         gsize json_length);
gboolean arbor_node_parser_read_number (ArborNodeParser *self);
gboolean arbor_node_parser_read_string (ArborNodeParser *self);
gboolean arbor_node_parser_read_container (ArborNodeParser *self);
gboolean arbor_node_parser_read_place (ArborNodeParser *self);
gboolean arbor_node_parser_read_list_place (ArborNodeParser *self);
/* Whether the bracket at the position is a step of a path: ["key"], [0], [-1], [*]. */
gboolean arbor_node_parser_is_step (ArborNodeParser *self);
gboolean arbor_node_parser_read_step (ArborNodeParser *self, const char **function);
/* At a word, a '$', an '@' or a bracket that is a step. */
gboolean arbor_node_parser_read_path (ArborNodeParser *self);

G_END_DECLS
