/* I-Regexp (RFC 9485), the regular expressions of JSONPath: checked against their grammar and
 * rewritten for PCRE2 (query/expr/arbor-pattern.h). `^` and `$` outside of a class
 * are anchors, as the rewriting rules of the RFC leave them; its grammar alone would have them stand
 * for themselves.
 */

#pragma once

#include "batch/arbor-scope.h"

G_BEGIN_DECLS

/* The PCRE2 pattern for @pattern, or NULL when that is no I-Regexp. @is_whole: it must match a
 * text from beginning to end. */
char *arbor_iregexp_translate (const char *pattern, gsize length, gboolean is_whole);

/* Whether @text matches; never for a pattern that is no I-Regexp, nor for text that is not UTF-8.
 * Patterns are kept in the scope, which is told where the match takes too much work. */
gboolean arbor_iregexp_match (const char *pattern, gsize pattern_length, const char *text,
                              gsize length, gboolean is_whole, ArborScope *scope);

G_END_DECLS
