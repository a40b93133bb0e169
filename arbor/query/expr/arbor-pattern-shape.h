/* What the text of a regular expression tells about the work of its searches. See
 * arbor-pattern-shape.c. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gboolean is_known;  /* nothing in it whose work cannot be told from the rest of this */
  gboolean has_loops; /* a repetition may give back what it took: a match tries one text often */
  guint n_parts;
  guint n_ways; /* alternatives of groups with a number, multiplied; G_MAXUINT: more than that */

  /* A plain text, maybe with anchors, and nothing else. */
  gboolean is_literal;
  gboolean is_at_start; /* ^ or \A */
  gboolean is_at_end;   /* $: also before a last line end; \z */
  gboolean is_strict;   /* \z */
  GString *literal; /* of another one that is known: what every match begins with */
} ArborPatternShape;

/* @has_numbers: groups in plain parentheses are groups to be asked for. */
void arbor_pattern_shape_read (ArborPatternShape *self, const char *text, gsize length,
                               gboolean has_numbers);
void arbor_pattern_shape_clear (ArborPatternShape *self);

/* Steps that compiled code may take from one place of a text of @length bytes so that the
 * interpreter takes at most @n_steps; -1: it must not be asked. */
gint64 arbor_pattern_shape_get_limit (const ArborPatternShape *self, gsize length, guint64 n_steps);

G_END_DECLS
