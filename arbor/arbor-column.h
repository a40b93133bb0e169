/* The values of one path over an arbor, as plain typed memory: a copy that nothing closes. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

/**
 * ArborColumnLayout:
 * @ARBOR_COLUMN_LAYOUT_NONE: there is no value, at most nulls
 * @ARBOR_COLUMN_LAYOUT_BOOL: true and false
 * @ARBOR_COLUMN_LAYOUT_INT64: integers that all fit #gint64
 * @ARBOR_COLUMN_LAYOUT_UINT64: integers that are not negative, of which some are 2^63 or more
 * @ARBOR_COLUMN_LAYOUT_DOUBLE: doubles, and maybe integers from -2^53 to 2^53 among them
 * @ARBOR_COLUMN_LAYOUT_STRING: strings
 * @ARBOR_COLUMN_LAYOUT_MIXED: anything else: several kinds, arrays, objects, numbers that only
 *   their text holds
 *
 * How a [class@Arbor.Column] keeps its values: one way for all rows, which depends on the values
 * alone.
 *
 * Since: 1.0
 */
typedef enum
{
  ARBOR_COLUMN_LAYOUT_NONE = 0,
  ARBOR_COLUMN_LAYOUT_BOOL = 1,
  ARBOR_COLUMN_LAYOUT_INT64 = 2,
  ARBOR_COLUMN_LAYOUT_UINT64 = 3,
  ARBOR_COLUMN_LAYOUT_DOUBLE = 4,
  ARBOR_COLUMN_LAYOUT_STRING = 5,
  ARBOR_COLUMN_LAYOUT_MIXED = 6,
} ArborColumnLayout;

#define ARBOR_TYPE_COLUMN (arbor_column_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborColumn, arbor_column, ARBOR, COLUMN, GObject)

ARBOR_AVAILABLE_IN_1_0
gsize arbor_column_get_n_rows (ArborColumn *self);
ARBOR_AVAILABLE_IN_1_0
ArborColumnLayout arbor_column_get_layout (ArborColumn *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_column_get_count (ArborColumn *self, ArborKind kind);
ARBOR_AVAILABLE_IN_1_0
char *arbor_column_dup_path (ArborColumn *self);

ARBOR_AVAILABLE_IN_1_0
GBytes *arbor_column_dup_booleans (ArborColumn *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
GBytes *arbor_column_dup_int64s (ArborColumn *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
GBytes *arbor_column_dup_uint64s (ArborColumn *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
GBytes *arbor_column_dup_doubles (ArborColumn *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
GBytes *arbor_column_dup_kinds (ArborColumn *self);
ARBOR_AVAILABLE_IN_1_0
GBytes *arbor_column_dup_presence (ArborColumn *self);
ARBOR_AVAILABLE_IN_1_0
GBytes *arbor_column_dup_validity (ArborColumn *self);

ARBOR_AVAILABLE_IN_1_0
GBytes *arbor_column_dup_codes (ArborColumn *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
char **arbor_column_dup_dictionary (ArborColumn *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
GBytes *arbor_column_dup_dictionary_offsets (ArborColumn *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
GBytes *arbor_column_dup_dictionary_bytes (ArborColumn *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
GBytes *arbor_column_dup_offsets (ArborColumn *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
GBytes *arbor_column_dup_bytes (ArborColumn *self, GError **error);

ARBOR_AVAILABLE_IN_1_0
char *arbor_column_dup_json (ArborColumn *self, gsize row, GError **error);
ARBOR_AVAILABLE_IN_1_0
char *arbor_column_to_json (ArborColumn *self);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_column_get_statistics (ArborColumn *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
char *arbor_column_to_string (ArborColumn *self);

G_END_DECLS
