/* How trees of two arbors come together, and what becomes of keys that come twice. */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * ArborDuplicates:
 * @ARBOR_DUPLICATES_ERROR: a key that comes twice is %ARBOR_ERROR_CARDINALITY
 * @ARBOR_DUPLICATES_FIRST: the first tree of a key counts
 * @ARBOR_DUPLICATES_LAST: the last tree of a key counts
 * @ARBOR_DUPLICATES_COLLECT: all trees of a key count
 *
 * What [method@Arbor.Arbor.index_by] does with a key that several trees have.
 *
 * Since: 1.0
 */
typedef enum
{
  ARBOR_DUPLICATES_ERROR,
  ARBOR_DUPLICATES_FIRST,
  ARBOR_DUPLICATES_LAST,
  ARBOR_DUPLICATES_COLLECT,
} ArborDuplicates;

/**
 * ArborNest:
 * @ARBOR_NEST_MANY: an array of all matches, which may be empty
 * @ARBOR_NEST_ONE: the one match; without a match the field is left out
 *
 * What [method@Arbor.Arbor.nest] puts into a tree.
 *
 * Since: 1.0
 */
typedef enum
{
  ARBOR_NEST_MANY,
  ARBOR_NEST_ONE,
} ArborNest;

/**
 * ArborJoin:
 * @ARBOR_JOIN_INNER: a tree for each pair that matches
 * @ARBOR_JOIN_LEFT: the same, and the trees that match nothing
 * @ARBOR_JOIN_SEMI: the trees that match something, as they are
 * @ARBOR_JOIN_ANTI: the trees that match nothing, as they are
 *
 * Which trees [method@Arbor.Arbor.join] gives.
 *
 * Since: 1.0
 */
typedef enum
{
  ARBOR_JOIN_INNER,
  ARBOR_JOIN_LEFT,
  ARBOR_JOIN_SEMI,
  ARBOR_JOIN_ANTI,
} ArborJoin;

G_END_DECLS
