/* What replaces the matches of a regular expression: text with \1 or \g<name> for what groups have,
 * \n and its kin, \x{...} and octal digits for characters, and \l \u \L \U \E for their case. */

#pragma once

#include "query/expr/arbor-pattern.h"

G_BEGIN_DECLS

typedef struct _ArborReplacement ArborReplacement;

/* EXPRESSION when @text is none. */
ArborReplacement *arbor_replacement_new (const char *text, GError **error);
void arbor_replacement_free (ArborReplacement *self);

/* Appends it for the match that was found last in the scope, in @text. */
void arbor_replacement_append (const ArborReplacement *self, const ArborPattern *pattern,
                               const char *text, ArborScope *scope, GString *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborReplacement, arbor_replacement_free)

G_END_DECLS
