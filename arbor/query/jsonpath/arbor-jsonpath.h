/* JSONPath (RFC 9535): a query as text becomes an ArborJsonpath, immutable and complete; an
 * ArborJsonpathRun evaluates it on one value after the other. Nothing recurses, neither over a query
 * nor over data: parser and evaluator have their own stacks, so that any nesting costs memory only,
 * and that is bounded.
 *
 * Numbers are compared by exact value and structured values by the one equality
 * (batch/arbor-value-order.c), which is what the standard asks for; a missing value is its Nothing.
 */

#pragma once

#include "batch/arbor-value-access.h"

G_BEGIN_DECLS

/* Limits of a query: bytes of text, and filters, brackets and calls inside each other. */
#define ARBOR_JSONPATH_MAX_LENGTH (1024u * 1024u)
#define ARBOR_JSONPATH_MAX_NESTING 128u
/* Limit of one evaluation on one tree: values looked at and instructions of filters. */
#define ARBOR_JSONPATH_MAX_STEPS (G_GUINT64_CONSTANT (1) << 30)

typedef struct _ArborJsonpath ArborJsonpath;
typedef struct _ArborJsonpathRun ArborJsonpathRun;

/* ARBOR_ERROR_EXPRESSION with position and caret, or LIMIT. */
ArborJsonpath *arbor_jsonpath_parse (const char *text, GError **error);
void arbor_jsonpath_free (ArborJsonpath *self);

/* Called for each value that the query selects, in the standard's order. @is_passing: the value lies in
 * what the scope parsed, not where the root lies. FALSE with an error ends the evaluation. */
typedef gboolean (*ArborJsonpathFunc) (ArborJsonpathRun *run, const ArborValue *value,
                                       gboolean is_passing, gpointer data, GError **error);
/* Called now and then: FALSE with an error ends the evaluation. */
typedef gboolean (*ArborJsonpathCheck) (gpointer data, GError **error);

typedef struct
{
  ArborJsonpathFunc func;
  ArborJsonpathCheck check; /* may be NULL */
  gpointer data;
  guint64 max_steps;
} ArborJsonpathSink;

/* @query must outlive it. One thread at a time. */
ArborJsonpathRun *arbor_jsonpath_run_new (const ArborJsonpath *query, const ArborJsonpathSink *sink);
void arbor_jsonpath_run_free (ArborJsonpathRun *self);

/* Evaluates on @root. Damaged text marks the scope, as everywhere. */
gboolean arbor_jsonpath_run (ArborJsonpathRun *self, const ArborValue *root, ArborScope *scope,
                             GError **error);
/* Inside the sink's function: appends the normalized path (section 2.7) of the value at hand. */
void arbor_jsonpath_run_append_path (ArborJsonpathRun *self, ArborBuffer *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborJsonpath, arbor_jsonpath_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborJsonpathRun, arbor_jsonpath_run_free)

G_END_DECLS
