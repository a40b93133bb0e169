/* Paths as text: steps into a tree. The grammar is in semantics.md section 3: a.b.c, a[0], a[-1],
 * a[*], ["any \"key\""] or "any \"key\"" (a."any \"key\"".b), an optional leading "$." (or "$" alone), the empty path is the tree itself.
 * In a path that stands alone a key is any run without . [ ] "; keys after a dot are keys, never
 * indices. A path is immutable and flat.
 */

#pragma once

#include <glib.h>

#include "base/arbor-buffer.h"

G_BEGIN_DECLS

typedef enum
{
  ARBOR_STEP_KEY,
  ARBOR_STEP_INDEX,
  ARBOR_STEP_EACH, /* [*] */
  ARBOR_STEP_ANY,  /* any key of a dictionary: for texts only, no path that is read has it */
} ArborStepKind;

typedef struct
{
  ArborStepKind kind;
  guint32 length; /* of key, bytes */
  char *key;      /* terminated, may hold NUL bytes before the end */
  gint64 index;
} ArborStep;

typedef struct
{
  ArborStep *steps;
  guint n_steps;
  gboolean is_vector; /* has an ARBOR_STEP_EACH */
} ArborPath;

/* ARBOR_ERROR_EXPRESSION with the position (bytes from 0) in the message when malformed. */
ArborPath *arbor_path_parse (const char *text, GError **error);
ArborPath *arbor_path_copy (const ArborPath *self);
void arbor_path_free (ArborPath *self);
gboolean arbor_step_equal (const ArborStep *a, const ArborStep *b);
gboolean arbor_path_equal (const ArborPath *a, const ArborPath *b);

/* The key of a path that is nothing but one, which names what lies there without its quotes; NULL
 * for all others, and for keys that are empty or hold U+0000. */
const char *arbor_path_get_name (const ArborPath *self);

/* Appends the canonical text: identifiers bare, every other key quoted as JSON string in
 * brackets, the empty path "$", so that it reads back equal both alone and inside an expression. */
void arbor_path_append (const ArborPath *self, ArborBuffer *out);
char *arbor_path_to_string (const ArborPath *self);

/* For parsers that meet path steps inside a larger text: reads one bracket step, "[...]" at
 * *@position (which is at the '['), and moves *@position past it. */
gboolean arbor_path_parse_bracket (const char *text, gsize length, gsize *position, ArborStep *step,
                                   GError **error);
void arbor_step_clear (ArborStep *step);
/* Takes over the steps. */
ArborPath *arbor_path_new_take (ArborStep *steps, guint n_steps);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborPath, arbor_path_free)

G_END_DECLS
