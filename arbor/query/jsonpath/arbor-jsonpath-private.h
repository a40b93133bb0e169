/* What a parsed JSONPath query is made of, for its parser and its evaluator.
 *
 * Queries are chains of segments, segments chains of selectors, all in the scope of the
 * ArborJsonpath. A filter is a program: instructions that work on a stack of values, one after the
 * other, with jumps over what a decided "and" or "or" need not look at. The parser has checked all
 * types, so a program never finds anything on the stack but what it expects; logical values
 * are BOOL there, and MISSING is the standard's Nothing.
 */

#pragma once

#include "base/arbor-comparison.h"
#include "query/jsonpath/arbor-jsonpath.h"

G_BEGIN_DECLS

typedef struct _ArborJsonpathQuery ArborJsonpathQuery;
typedef struct _ArborJsonpathSegment ArborJsonpathSegment;
typedef struct _ArborJsonpathSelector ArborJsonpathSelector;

typedef enum
{
  ARBOR_SELECTOR_NAME,
  ARBOR_SELECTOR_WILDCARD,
  ARBOR_SELECTOR_INDEX,
  ARBOR_SELECTOR_SLICE,
  ARBOR_SELECTOR_FILTER,
} ArborSelectorKind;

/* Which functions there are; indices into arbor_jsonpath_functions. */
typedef enum
{
  ARBOR_JSONPATH_LENGTH,
  ARBOR_JSONPATH_COUNT,
  ARBOR_JSONPATH_MATCH,
  ARBOR_JSONPATH_SEARCH,
  ARBOR_JSONPATH_VALUE,
  ARBOR_JSONPATH_N_FUNCTIONS,
} ArborJsonpathFunction;

/* The standard's types of expressions (section 2.4.1), and what an argument or operand can be. */
typedef enum
{
  ARBOR_JSONPATH_TYPE_NONE,
  ARBOR_JSONPATH_TYPE_VALUE,
  ARBOR_JSONPATH_TYPE_LOGICAL,
  ARBOR_JSONPATH_TYPE_NODES,
} ArborJsonpathType;

typedef struct
{
  const char *name;
  guint n_arguments;
  ArborJsonpathType arguments[2];
  ArborJsonpathType result;
} ArborJsonpathFunctionInfo;

extern const ArborJsonpathFunctionInfo arbor_jsonpath_functions[ARBOR_JSONPATH_N_FUNCTIONS];

/* What a query inside a filter is asked for. */
typedef enum
{
  ARBOR_JSONPATH_ASK_EXISTS, /* BOOL: whether it selects anything */
  ARBOR_JSONPATH_ASK_ONE,    /* the value when it selects exactly one, else MISSING */
  ARBOR_JSONPATH_ASK_COUNT,  /* INT64: how many */
} ArborJsonpathAsk;

typedef enum
{
  ARBOR_OP_LITERAL,       /* pushes value */
  ARBOR_OP_QUERY,         /* pushes the answer to query, asked for argument */
  ARBOR_OP_COMPARE,       /* two values -> BOOL; argument is an ArborComparison */
  ARBOR_OP_CALL,          /* arguments -> result; argument is an ArborJsonpathFunction */
  ARBOR_OP_NOT,
  ARBOR_OP_JUMP_IF_FALSE, /* to target, keeping the value; else drops it */
  ARBOR_OP_JUMP_IF_TRUE,
} ArborJsonpathOp;

typedef struct
{
  guint8 op;
  guint8 argument;
  guint32 target;
  union
  {
    ArborValue value;
    const ArborJsonpathQuery *query;
  };
} ArborJsonpathInstruction;

struct _ArborJsonpathSelector
{
  ArborJsonpathSelector *next;
  ArborSelectorKind kind;
  /* SLICE: which of its parts are given */
  gboolean has_start;
  gboolean has_end;
  guint32 length;     /* of name, bytes */
  guint32 slot;       /* NAME: its number among those of the path, from 0 */
  const char *name;
  gint64 start;       /* INDEX: the index */
  gint64 end;
  gint64 step;
  GArray *program;    /* FILTER: of ArborJsonpathInstruction */
};

struct _ArborJsonpathSegment
{
  ArborJsonpathSegment *next;
  ArborJsonpathSelector *selectors;
  gboolean is_descendant;
};

struct _ArborJsonpathQuery
{
  ArborJsonpathSegment *segments;
  gsize position;         /* in the text */
  gboolean is_absolute;   /* $, not @ */
  gboolean is_singular;   /* names and indices only */
  gboolean is_spaced;     /* has white space inside of brackets, which operands may not have */
  guint32 cache;          /* number of an absolute query among those of filters, from 0 */
};

struct _ArborJsonpath
{
  ArborScope *scope;      /* owns everything but the programs */
  GPtrArray *programs;    /* owns them */
  ArborJsonpathQuery *query;
  guint32 n_cached;
  guint32 n_slots;        /* names */
};

/* The lexer: text under a cursor. Readers return FALSE with self->error set. */
typedef struct
{
  const char *text;
  gsize length;
  gsize position;
  ArborScope *scope; /* of names and literals */
  GError **error;
} ArborJsonpathLexer;

gboolean arbor_jsonpath_fail (ArborJsonpathLexer *self, gsize position, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
/* "Expected ..., found ...": @expected is translated. */
gboolean arbor_jsonpath_fail_expected (ArborJsonpathLexer *self, const char *expected);
void arbor_jsonpath_skip_space (ArborJsonpathLexer *self);
gboolean arbor_jsonpath_read_string (ArborJsonpathLexer *self, const char **bytes, guint32 *length);
gboolean arbor_jsonpath_read_shorthand (ArborJsonpathLexer *self, const char **bytes,
                                        guint32 *length);
gboolean arbor_jsonpath_read_int (ArborJsonpathLexer *self, gint64 *result);
gboolean arbor_jsonpath_read_number (ArborJsonpathLexer *self, ArborValue *value);

/* NUL at the end. */
static inline char
arbor_jsonpath_peek (const ArborJsonpathLexer *self, gsize ahead)
{
  return ahead < self->length - self->position ? self->text[self->position + ahead] : '\0';
}

/* Comparison by section 2.3.5.2.2. */
gboolean arbor_jsonpath_compare (ArborComparison comparison, const ArborValue *a,
                                 const ArborValue *b, ArborScope *scope);
/* What length() gives: MISSING where there is none. */
ArborValue arbor_jsonpath_get_length (const ArborValue *value, ArborScope *scope);

G_END_DECLS
