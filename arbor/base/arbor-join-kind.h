/* How trees of two arbors come together, and what becomes of keys that come twice. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

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
  ARBOR_DUPLICATES_ERROR = 0,
  ARBOR_DUPLICATES_FIRST = 1,
  ARBOR_DUPLICATES_LAST = 2,
  ARBOR_DUPLICATES_COLLECT = 3,
} ArborDuplicates;

/**
 * ArborNestKind:
 * @ARBOR_NEST_KIND_MANY: an array of all matches, which may be empty
 * @ARBOR_NEST_KIND_ONE: the one match; without a match the field is left out
 *
 * What [method@Arbor.Arbor.nest] puts into a tree.
 *
 * Since: 1.0
 */
typedef enum
{
  ARBOR_NEST_KIND_MANY = 0,
  ARBOR_NEST_KIND_ONE = 1,
} ArborNestKind;

/**
 * ArborJoinKind:
 * @ARBOR_JOIN_KIND_INNER: a tree for each pair that matches
 * @ARBOR_JOIN_KIND_LEFT: the same, and the trees that match nothing
 * @ARBOR_JOIN_KIND_SEMI: the trees that match something, as they are
 * @ARBOR_JOIN_KIND_ANTI: the trees that match nothing, as they are
 *
 * Which trees [method@Arbor.Arbor.join] gives.
 *
 * Since: 1.0
 */
typedef enum
{
  ARBOR_JOIN_KIND_INNER = 0,
  ARBOR_JOIN_KIND_LEFT = 1,
  ARBOR_JOIN_KIND_SEMI = 2,
  ARBOR_JOIN_KIND_ANTI = 3,
} ArborJoinKind;

G_END_DECLS
