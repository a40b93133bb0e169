/* Regular expressions, PCRE2's, for UTF-8 with Unicode's classes and line ends.
 *
 * A pattern is immutable: any thread may search with it. What a search writes to (match data) lies
 * in the scope, one for each thread, so nothing is allocated for a text.
 *
 * Every search ends soon, and what it says depends on pattern and text alone, not on whether
 * code can be made of the pattern at run time. The interpreter of PCRE2 decides, in two rounds:
 *
 *  1. From each place of the text it may take so many steps that those from all places together are
 *     STEPS + STEPS_A_BYTE * length.
 *  2. Where that is too few from one place: as many as that from all places together.
 *
 * Past both there is no answer: ARBOR_SEARCH_OPEN, and the scope is told (LIMIT). Compiled code
 * stands in for the first round where the interpreter is known to come to an end, too
 * (arbor-pattern-shape.h); a pattern that is a plain text is looked for as such.
 *
 * The limit of one search is no limit of a million of them. So what searches cost that are not over
 * at once is counted for all of a call (arbor-stop.h), and past a limit the call ends with LIMIT.
 */

#pragma once

#include "batch/arbor-scope.h"

G_BEGIN_DECLS

#define ARBOR_PATTERN_MAX_LENGTH   65536u
#define ARBOR_PATTERN_STEPS        G_GUINT64_CONSTANT (2000000)
#define ARBOR_PATTERN_STEPS_A_BYTE 64u
/* Processor time of all slow searches of a call: so much, and so much for each, in nanoseconds. */
#define ARBOR_PATTERN_EFFORT      G_GINT64_CONSTANT (10000000000)
#define ARBOR_PATTERN_EFFORT_EACH G_GINT64_CONSTANT (50000)

typedef struct _ArborPattern ArborPattern;

typedef enum
{
  ARBOR_SEARCH_NONE,
  ARBOR_SEARCH_FOUND,
  ARBOR_SEARCH_OPEN, /* too much work; the scope is told */
} ArborSearch;

/* @needs_groups: whoever searches asks for more than where the match is. NULL and EXPRESSION, with
 * the place, when @text is none. */
ArborPattern *arbor_pattern_new (const char *text, gsize length, gboolean needs_groups,
                                 GError **error);
void arbor_pattern_free (ArborPattern *self);
/* Makes code of it, where that is allowed and pays. Before other threads know the pattern. */
void arbor_pattern_optimize (ArborPattern *self);

/* How a text that data says becomes a pattern. */
typedef struct
{
  gboolean needs_groups;
  /* To a regular expression, NULL where it is none. NULL: it is one as it stands. */
  char *(*translate) (const char *text, gsize length);
} ArborPatternKind;

/* The pattern that data says: kept in the scope with others, NULL where it is none. Until the next
 * call. @kind is one of a few that are there forever. */
const ArborPattern *arbor_pattern_get (const ArborPatternKind *kind, const char *text, gsize length,
                                       ArborScope *scope);

guint arbor_pattern_get_n_groups (const ArborPattern *self);
gboolean arbor_pattern_has_group (const ArborPattern *self, const char *name);

/* The first place at or behind @from. @text must be valid UTF-8, shorter than 2 GiB, and not NULL.
 */
ArborSearch arbor_pattern_search (const ArborPattern *self, const char *text, gsize length,
                                  gsize from, ArborScope *scope);
/* After FOUND, until the next search in the scope. FALSE: the group has no part in it, or there is
 * none. Group 0 is all of it. */
gboolean arbor_pattern_get_group (const ArborPattern *self, ArborScope *scope, guint group,
                                  gsize *start, gsize *end);
/* The first of the groups with the name that has a part in it. */
gboolean arbor_pattern_get_named (const ArborPattern *self, ArborScope *scope, const char *name,
                                  gsize *start, gsize *end);

/* For tests: whether code is made at run time, and the limits, 0 for those above. Not while a
 * thread searches. */
void arbor_pattern_set_limits (gboolean has_code, guint64 n_steps, gint64 effort);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborPattern, arbor_pattern_free)

G_END_DECLS
