/* What the files that read a regular expression share: arbor-pattern-shape.c follows its groups and
 * repetitions, arbor-pattern-characters.c reads what stands for characters.
 */

#pragma once

#include "query/expr/arbor-pattern-shape.h"

G_BEGIN_DECLS

#define ARBOR_PATTERN_MAX_NESTING 64u

/* Characters, as far as it matters. */
typedef struct
{
  guint64 ascii[2];
  gboolean is_wide;    /* others may be among them */
  gboolean is_negated; /* line ends beyond ASCII may be among them */
} ArborPatternSet;

typedef struct
{
  gboolean has_number;
  guint n_alternatives;
  guint n_ways; /* of the groups inside */
  gsize n_literal; /* before it */
} ArborPatternGroup;

typedef struct
{
  ArborPatternShape *shape;
  const char *at;
  const char *end;
  gboolean has_numbers;
  gboolean is_caseless;
  ArborPatternGroup groups[ARBOR_PATTERN_MAX_NESTING];
  guint n_open;
  gboolean is_pending; /* a repetition waits for what follows it */
  ArborPatternSet pending;
  gboolean is_anchored; /* an end anchor was read: nothing literal may follow */
} ArborPatternReader;

/* Whether the text goes on so. */
gboolean arbor_pattern_reader_is_at (const ArborPatternReader *self, const char *text);
/* From here on nothing is known. Returns FALSE. */
gboolean arbor_pattern_reader_set_unknown (ArborPatternReader *self);

void arbor_pattern_set_add (const ArborPatternReader *self, gunichar c, ArborPatternSet *set);
gboolean arbor_pattern_set_has (const ArborPatternSet *set, gunichar c);
void arbor_pattern_set_negate (ArborPatternSet *set);
/* The letters of \d, \s, \w and their negations. */
gboolean arbor_pattern_is_class_letter (char c);
void arbor_pattern_set_add_class (const ArborPatternReader *self, char letter, ArborPatternSet *set);

/* The character at hand. */
gunichar arbor_pattern_reader_take (ArborPatternReader *self);
/* Behind a backslash: a character. FALSE, nothing taken: it is none that is known. */
gboolean arbor_pattern_reader_take_escaped (ArborPatternReader *self, gunichar *c);
/* Behind \p or \P: anything. */
gboolean arbor_pattern_reader_read_property (ArborPatternReader *self, ArborPatternSet *set);
/* Behind '['. */
gboolean arbor_pattern_reader_read_class (ArborPatternReader *self, ArborPatternSet *set);

G_END_DECLS
