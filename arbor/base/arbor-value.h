/* ArborValue: one JSON value, by value, wherever it lies. Scalars carry themselves; strings and
 * number texts point into a batch, a tape or a scope; arrays and objects say where their children
 * are. A value owns nothing: it is valid as long as what it points into.
 */

#pragma once

#include "base/arbor-kind.h"

G_BEGIN_DECLS

/* The values of ArborKind are the numbers below it. */
#define ARBOR_N_KINDS 10

/* Where the children of an ARRAY or OBJECT lie. */
typedef enum
{
  ARBOR_HOLDER_NONE = 0,
  ARBOR_HOLDER_BATCH, /* holder: const ArborBatch *, column, index: the index in its array or object lane */
  ARBOR_HOLDER_TAPE,  /* holder: const ArborTape *, index: of the '[' or '{' word */
  ARBOR_HOLDER_TEXT,  /* text: JSON text of the value (the overflow lane), length bytes */
  /* holder: const ArborValue *, index elements or members; a member is two values, its key, a
   * STRING that no other one equals, and what it has */
  ARBOR_HOLDER_LIST,
} ArborHolder;

typedef struct
{
  guint8 kind;    /* ArborKind */
  guint8 holder_kind; /* ArborHolder, for ARRAY and OBJECT */
  guint32 length; /* bytes, of STRING, NUMBER and of ARBOR_HOLDER_TEXT */
  guint32 column;
  guint32 index;
  union
  {
    gboolean boolean;
    gint64 int64;
    guint64 uint64;
    double real;
    const char *text; /* not terminated */
    gconstpointer holder;
  };
} ArborValue;

#define ARBOR_VALUE_MISSING ((ArborValue){ .kind = ARBOR_KIND_MISSING })
#define ARBOR_VALUE_NULL ((ArborValue){ .kind = ARBOR_KIND_NULL })
#define ARBOR_VALUE_BOOL(b) ((ArborValue){ .kind = ARBOR_KIND_BOOL, .boolean = (b) })
#define ARBOR_VALUE_INT64(i) ((ArborValue){ .kind = ARBOR_KIND_INT64, .int64 = (i) })
#define ARBOR_VALUE_UINT64(u) ((ArborValue){ .kind = ARBOR_KIND_UINT64, .uint64 = (u) })
#define ARBOR_VALUE_DOUBLE(d) ((ArborValue){ .kind = ARBOR_KIND_DOUBLE, .real = (d) })
#define ARBOR_VALUE_STRING(s, n)                                                                   \
  ((ArborValue){ .kind = ARBOR_KIND_STRING, .text = (s), .length = (n) })
#define ARBOR_VALUE_NUMBER(s, n)                                                                   \
  ((ArborValue){ .kind = ARBOR_KIND_NUMBER, .text = (s), .length = (n) })

static inline gboolean
arbor_kind_is_number (ArborKind kind)
{
  return kind >= ARBOR_KIND_INT64 && kind <= ARBOR_KIND_NUMBER;
}

/* Null for the rules of three-valued logic: JSON null or nothing at all. */
static inline gboolean
arbor_value_is_null (const ArborValue *value)
{
  return value->kind <= ARBOR_KIND_NULL;
}

static inline gboolean
arbor_value_is_true (const ArborValue *value)
{
  return value->kind == ARBOR_KIND_BOOL && value->boolean;
}

G_END_DECLS
