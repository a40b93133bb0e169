/* Patches: descriptions of edits that are JSON themselves. JSON Patch (RFC 6902, with the JSON
 * Pointers of RFC 6901), JSON Merge Patch (RFC 7396), and the difference of two values as a JSON Patch.
 * Values are equal by the one equality (docs/dev/semantics.md, section 2).
 */

#pragma once

#include "query/edit/arbor-edit.h"

G_BEGIN_DECLS

/* The first operation that fails ends the patch; its error names it by its index. INVALID_ARGUMENT
 * for what is no patch, NOT_FOUND, OUT_OF_RANGE and TYPE for places that are not there, CONFLICT
 * for a test that fails, LIMIT. @patch must live as long as the scope of @edit. */
gboolean arbor_patch_apply (ArborEdit *edit, const ArborValue *patch, ArborScope *scope,
                            GError **error);

/* @patch must live as long as the scope of @edit. */
void arbor_patch_merge (ArborEdit *edit, const ArborValue *patch, ArborScope *scope);

/* Writes a JSON Patch that makes of @from something equal to @to: @patch lies in @out. LIMIT when it is
 * too large or too deep for a tree. */
gboolean arbor_patch_diff (const ArborValue *from, const ArborValue *to, ArborScope *scope,
                           ArborTapeWriter *out, ArborTape *patch, GError **error);

G_END_DECLS
