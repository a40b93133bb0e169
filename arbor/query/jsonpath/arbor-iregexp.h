/* I-Regexp (RFC 9485), the regular expressions of JSONPath: checked against their grammar, rewritten
 * for PCRE2 and run by GRegex, with limits on the work of one match. `^` and `$` outside of a class
 * are anchors, as the rewriting rules of the RFC leave them; its grammar alone would have them stand
 * for themselves.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The PCRE2 pattern for @pattern, or NULL when that is no I-Regexp. @is_whole: it must match a
 * text from beginning to end. */
char *arbor_iregexp_translate (const char *pattern, gsize length, gboolean is_whole);

/* Patterns met so far, each compiled once. */
typedef struct _ArborIregexpCache ArborIregexpCache;

ArborIregexpCache *arbor_iregexp_cache_new (void);
void arbor_iregexp_cache_free (ArborIregexpCache *self);

/* Sets *@is_match; never for a pattern that is no I-Regexp, nor for text that is not UTF-8.
 * FALSE with ARBOR_ERROR_LIMIT when the match takes more work than is allowed. */
gboolean arbor_iregexp_match (ArborIregexpCache *self, const char *pattern, gsize pattern_length,
                              const char *text, gsize length, gboolean is_whole,
                              gboolean *is_match, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborIregexpCache, arbor_iregexp_cache_free)

G_END_DECLS
