/* The values of one expression over many trees, row by row, in the narrowest layout that all fit.
 * The layout depends on the values alone, not on their order or on where they were read:
 *
 *   NONE     nothing but null and MISSING
 *   BOOL     bytes 0 and 1
 *   INT64    gint64
 *   UINT64   guint64: some integer is 2^63 or more, none is negative
 *   DOUBLE   doubles, and INT64 of up to 2^53 on either side of 0 among them
 *   STRING   codes: indices into the different strings, in the order of the first row of each
 *   MIXED    anything: codes of JSON texts
 *
 * Beside the items, the kind of each row's value is kept, so nothing is lost: 1 and 1.0 of a DOUBLE
 * column stay what they were. A row without a value has 0, NaN in DOUBLE, or -1 for a code.
 *
 * One owner adds rows and finishes; from then on it is immutable, and any thread may read it. What
 * is handed out as GBytes is its own memory, never that of a map.
 */

#pragma once

#include "batch/arbor-lanes.h"
#include "batch/arbor-group-table.h"
#include "query/expr/arbor-node.h"
#include "query/view/arbor-selection.h"

G_BEGIN_DECLS

typedef enum
{
  ARBOR_DATA_LAYOUT_NONE,
  ARBOR_DATA_LAYOUT_BOOL,
  ARBOR_DATA_LAYOUT_INT64,
  ARBOR_DATA_LAYOUT_UINT64,
  ARBOR_DATA_LAYOUT_DOUBLE,
  ARBOR_DATA_LAYOUT_STRING,
  ARBOR_DATA_LAYOUT_MIXED,
} ArborDataLayout;

typedef struct
{
  guint8 layout;         /* ArborDataLayout */
  gboolean has_negative; /* of the INT64 so far */
  gboolean has_large;    /* of the INT64 so far: one beyond 2^53 on either side */
  gsize n_rows;
  gsize n_expected;      /* rows that room was asked for */
  guint64 n_kind[ARBOR_N_KINDS];
  ArborCharge charge;    /* of kinds and items, until it is finished */
  gsize kinds_capacity;
  guint8 *kinds;         /* ArborKind of each row */
  gsize items_capacity;
  gpointer items;        /* NULL in layout NONE */
  ArborGroupTable texts; /* STRING, MIXED */

  /* When finished: the same memory. */
  GBytes *kinds_bytes;
  GBytes *items_bytes; /* empty in layout NONE */
} ArborColumnData;

ArborColumnData *arbor_column_data_new (void);
void arbor_column_data_free (ArborColumnData *self);

/* Room for @n_rows in all, where that is known. LIMIT: as before. */
gboolean arbor_column_data_reserve (ArborColumnData *self, gsize n_rows, GError **error);
/* LIMIT: no row was added, but the layout may have changed. @scope is what @value may lie in. */
gboolean arbor_column_data_append (ArborColumnData *self, const ArborValue *value,
                                   ArborScope *scope, GError **error);
/* All rows of a batch at once. *@is_done is FALSE, and nothing was added, where they must be
 * appended one by one. @scope is for working memory. */
gboolean arbor_column_data_append_lanes (ArborColumnData *self, const ArborLanes *lanes,
                                         ArborScope *scope, gboolean *is_done, GError **error);
void arbor_column_data_finish (ArborColumnData *self);

/* What @node, which is scalar, is for each tree of a selection, in order. Finished. */
ArborColumnData *arbor_column_data_read (ArborNode *node, ArborSelection *selection,
                                         ArborAccess *access, GCancellable *cancellable,
                                         GError **error);

/* For those who append: the layout of what is there and a value of @kind. */
ArborDataLayout arbor_column_data_join (const ArborColumnData *self, ArborKind kind,
                                        gboolean is_negative, gboolean is_large);
gboolean arbor_column_data_set_layout (ArborColumnData *self, ArborDataLayout layout,
                                       ArborScope *scope, GError **error);
/* The code of a text, which may be the JSON text of something else. */
gboolean arbor_column_data_add_text (ArborColumnData *self, const char *text, gsize length,
                                     ArborScope *scope, gint32 *code, GError **error);
/* Rows [@from, @to) get what rows without a value have. */
void arbor_column_data_blank (ArborColumnData *self, gsize from, gsize to);
gsize arbor_data_layout_get_size (ArborDataLayout layout); /* bytes of an item */

#define ARBOR_DATA_MOST_EXACT (G_GINT64_CONSTANT (1) << 53)

static inline gboolean
arbor_data_is_large (gint64 integer)
{
  return integer < -ARBOR_DATA_MOST_EXACT || integer > ARBOR_DATA_MOST_EXACT;
}

/* Looking into one that is finished (the first also before). Values are valid as long as @self and
 * until @scope is reset. */
void arbor_column_data_get (const ArborColumnData *self, gsize row, ArborScope *scope,
                            ArborValue *value);
/* One of texts. */
const char *arbor_column_data_get_text (const ArborColumnData *self, guint32 code, guint32 *length);

/* Typed copies. NULL: the value of row *@bad_row does not fit; numbers fit when they are exactly
 * one of the type. */
GBytes *arbor_column_data_to_bools (const ArborColumnData *self, gsize *bad_row);
GBytes *arbor_column_data_to_int64s (const ArborColumnData *self, gsize *bad_row);
GBytes *arbor_column_data_to_uint64s (const ArborColumnData *self, gsize *bad_row);
GBytes *arbor_column_data_to_doubles (const ArborColumnData *self, gsize *bad_row);
/* A gint32 a row, -1 for none. */
GBytes *arbor_column_data_to_codes (const ArborColumnData *self, gsize *bad_row);
/* n + 1 gint64: where each string begins, and the last ends, in all of them one after the other. Of
 * all rows, or of the different ones. */
GBytes *arbor_column_data_to_offsets (const ArborColumnData *self, gboolean is_dictionary,
                                      gsize *bad_row);
GBytes *arbor_column_data_to_bytes (const ArborColumnData *self, gboolean is_dictionary,
                                    gsize *bad_row);
/* What is handed out: for g_free, not cleared. Never NULL. */
gpointer arbor_column_data_alloc (gsize n, gsize size);
/* A bit a row, the lowest first: whether its kind is more than @kind. */
GBytes *arbor_column_data_to_bits (const ArborColumnData *self, ArborKind kind);
/* One JSON array of all values, MISSING as null. */
void arbor_column_data_write_json (const ArborColumnData *self, ArborBuffer *out);

/* {"count", "nulls", "missing", "distinct", "min", "max", "sum", "mean"}, as the aggregates of
 * these names say. LIMIT: counting different values takes query memory. */
gboolean arbor_column_data_write_statistics (const ArborColumnData *self, ArborTapeWriter *out,
                                             GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborColumnData, arbor_column_data_free)

G_END_DECLS
