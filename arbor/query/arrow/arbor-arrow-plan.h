/* How columns of somebody else's types become values: a tree of plans, made of an ArrowSchema once, and
 * columns, which are what an ArrowArray has for a plan. What can be checked is checked: numbers of
 * buffers and children, lengths, and by whoever reads, each offset, index, run and text. How long a
 * buffer is nobody says in the C data interface, so that is taken on trust.
 *
 * Both are nested ARBOR_ARROW_MAX_LEVELS deep at most, so what follows them calls itself.
 */

#pragma once

#include "base/arbor-arrow-abi.h"
#include "query/arrow/arbor-arrow-scalar.h"

#include <glib.h>

G_BEGIN_DECLS

#define ARBOR_ARROW_MAX_LEVELS 64u

typedef enum
{
  ARBOR_ARROW_READ_NULL,
  ARBOR_ARROW_READ_BOOL,
  ARBOR_ARROW_READ_INTEGER,
  ARBOR_ARROW_READ_REAL,
  ARBOR_ARROW_READ_DECIMAL,
  ARBOR_ARROW_READ_DAYS,         /* date */
  ARBOR_ARROW_READ_DATE,         /* date, in milliseconds */
  ARBOR_ARROW_READ_TIME,
  ARBOR_ARROW_READ_TIMESTAMP,
  ARBOR_ARROW_READ_DURATION,
  ARBOR_ARROW_READ_MONTHS,
  ARBOR_ARROW_READ_DAY_TIME,
  ARBOR_ARROW_READ_MONTH_DAY_NANO,
  ARBOR_ARROW_READ_TEXT,         /* strings and binary: offsets */
  ARBOR_ARROW_READ_VIEW,         /* the same: views */
  ARBOR_ARROW_READ_FIXED_BINARY,
  ARBOR_ARROW_READ_LIST,
  ARBOR_ARROW_READ_LIST_VIEW,
  ARBOR_ARROW_READ_FIXED_LIST,
  ARBOR_ARROW_READ_STRUCT,
  ARBOR_ARROW_READ_MAP,
  ARBOR_ARROW_READ_SPARSE_UNION,
  ARBOR_ARROW_READ_DENSE_UNION,
  ARBOR_ARROW_READ_RUNS,
} ArborArrowRead;

typedef struct _ArborArrowPlan ArborArrowPlan;
struct _ArborArrowPlan
{
  ArborArrowRead read;
  guint width;          /* bytes of an item, or of an offset */
  gboolean is_signed;
  gboolean is_binary;   /* of strings and binary */
  gboolean is_json;     /* text that is parsed */
  gboolean is_zoned;
  gboolean is_plain;    /* neither arrays nor objects nor JSON, nor a dictionary of such */
  ArborArrowUnit unit;
  gint32 scale;
  gint64 n_fixed;       /* bytes, or elements */
  gint8 children_of_ids[128]; /* of a union; -1: none has that id */
  char *key;            /* of a field of an object */
  char *path;           /* for messages */
  gint64 n_children;
  ArborArrowPlan **children;
  ArborArrowPlan *dictionary;
};

/* NOT_SUPPORTED for a type that is not known, SCHEMA for one that cannot be; they name the column. */
ArborArrowPlan *arbor_arrow_plan_new (const struct ArrowSchema *schema, GError **error);
void arbor_arrow_plan_free (ArborArrowPlan *self);

/* An array, as long as that. */
typedef struct _ArborArrowColumn ArborArrowColumn;
struct _ArborArrowColumn
{
  const ArborArrowPlan *plan;
  const struct ArrowArray *array;
  const guint8 *valid;  /* NULL: all are */
  const guint8 *items;  /* offsets, indices, views, type ids */
  const guint8 *others; /* bytes, sizes, offsets of a union */
  guint64 length;
  guint64 offset;
  gint64 n_children;
  ArborArrowColumn **children;
  ArborArrowColumn *dictionary;
};

/* SCHEMA where it is no such array. */
ArborArrowColumn *arbor_arrow_column_new (const ArborArrowPlan *plan,
                                          const struct ArrowArray *array, GError **error);
void arbor_arrow_column_free (ArborArrowColumn *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborArrowPlan, arbor_arrow_plan_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborArrowColumn, arbor_arrow_column_free)

G_END_DECLS
