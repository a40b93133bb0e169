/* Random trees of every sort, for tests that compare two ways of computing: regular ones, such with
 * gaps, such with values of other kinds, and wild ones, whose maps and deep arrays no lane holds.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  RANDOM_TREES_REGULAR, /* each field is there, in one kind; of dictionaries */
  RANDOM_TREES_GAPS,    /* some are null or missing */
  RANDOM_TREES_MIXED,   /* of several kinds, besides */
  RANDOM_TREES_WILD,    /* overflow text, besides: huge maps, deep arrays; whole trees that are none */
  N_RANDOM_TREES,
} RandomTrees;

/* Adds tree @i as JSON, without a line's end; the field "n" is @i. */
void random_trees_append (GRand *random, RandomTrees sort, guint i, GString *out);

G_END_DECLS
