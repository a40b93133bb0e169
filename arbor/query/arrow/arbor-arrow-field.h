/* What an arbor is in Arrow's types: a tree of fields, made by rule from how many values of which kind
 * stand at each path of all its trees (never from some of them), or as somebody asks for it.
 *
 *   only null, or nothing              NULL
 *   truth values                       BOOL
 *   integers that all fit gint64       INT64
 *   integers, some of 2^63 and more,
 *     none negative                    UINT64
 *   doubles, and integers from -2^53
 *     to 2^53 among them               DOUBLE
 *   strings                            STRING
 *   objects with fields                STRUCT, of the fields that any of them has
 *   arrays                             LIST
 *   anything else                      JSON: the text, marked as the extension type arrow.json
 *
 * Anything else are several kinds, numbers of which only the text tells all, values that lie as overflow
 * text, objects without fields or with more than ARBOR_ARROW_MAX_FIELDS or with a key that holds U+0000,
 * and whatever is nested deeper than ARBOR_ARROW_MAX_DEPTH. Null and MISSING are both null.
 *
 * A table has a column for each field of the trees when all of them are objects; otherwise one column,
 * ARBOR_ARROW_VALUE, which is the trees. Immutable once made; refcounted; any thread.
 */

#pragma once

#include "base/arbor-arrow-abi.h"
#include "batch/arbor-batch.h"

G_BEGIN_DECLS

#define ARBOR_ARROW_MAX_FIELDS 4096u
#define ARBOR_ARROW_MAX_DEPTH 60u /* readers follow 64 levels */
#define ARBOR_ARROW_VALUE "value"
/* Metadata of the schema that says so: trees are the values of its only column. */
#define ARBOR_ARROW_TREES_KEY "arbor.trees"
#define ARBOR_ARROW_TREES_VALUE "values"

typedef enum
{
  ARBOR_ARROW_NULL,
  ARBOR_ARROW_BOOL,
  ARBOR_ARROW_INT64,
  ARBOR_ARROW_UINT64,
  ARBOR_ARROW_DOUBLE,
  ARBOR_ARROW_STRING,
  ARBOR_ARROW_JSON,
  ARBOR_ARROW_STRUCT,
  ARBOR_ARROW_LIST,
} ArborArrowType;

typedef struct _ArborArrowField ArborArrowField;
struct _ArborArrowField
{
  ArborArrowType type;
  gboolean has_negative;  /* INT64: some are, so it is no UINT64 */
  gboolean has_large;     /* INT64: some are beyond 2^53 on either side, so it is no DOUBLE */
  gboolean is_large;      /* STRING, JSON: offsets of 64 bits */
  gboolean is_dictionary; /* STRING: indices of 32 bits into different strings, batch by batch */
  char *key;              /* of a STRUCT's field; NULL for elements and for trees */
  guint n_children;       /* of a STRUCT; 1 of a LIST */
  ArborArrowField **children;
};

typedef struct
{
  gatomicrefcount ref_count;
  ArborArrowField *root; /* a STRUCT: its fields are the columns */
  gboolean is_values;    /* the only column is the trees, and the root stands for nothing */
} ArborArrowTable;

ArborArrowTable *arbor_arrow_table_ref (ArborArrowTable *self);
void arbor_arrow_table_unref (ArborArrowTable *self);
ArborArrowField *arbor_arrow_field_new (ArborArrowType type, const char *key);
void arbor_arrow_field_free (ArborArrowField *self);

/* Counts what trees are: batch by batch, then the table. One thread at a time. */
typedef struct _ArborArrowCount ArborArrowCount;

ArborArrowCount *arbor_arrow_count_new (void);
void arbor_arrow_count_free (ArborArrowCount *self);
void arbor_arrow_count_add_batch (ArborArrowCount *self, const ArborBatch *batch);
ArborArrowTable *arbor_arrow_count_finish (ArborArrowCount *self);

/* The table that is wanted instead: its columns, in their order, which @table need not have. TYPE where a
 * column of that type cannot hold what @table has, NOT_SUPPORTED for a type that is not made. */
ArborArrowTable *arbor_arrow_table_request (const ArborArrowTable *table,
                                            const struct ArrowSchema *requested, GError **error);

/* As the C data interface has it. */
void arbor_arrow_table_export (const ArborArrowTable *self, struct ArrowSchema *out);
void arbor_arrow_field_export (const ArborArrowField *self, struct ArrowSchema *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborArrowTable, arbor_arrow_table_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborArrowField, arbor_arrow_field_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborArrowCount, arbor_arrow_count_free)

G_END_DECLS
