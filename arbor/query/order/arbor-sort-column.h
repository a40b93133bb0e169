/* The values of one sort key, row by row, in the narrowest layout that all of them fit:
 *
 *   EMPTY    nothing but null and MISSING so far
 *   BOOLEAN  words 0 and 1
 *   INTEGER  words are gint64
 *   REAL     words are doubles: also integers, where each is exactly a double
 *   TEXT     strings
 *   VALUE    anything: ArborValue
 *
 * A value that does not fit widens the column. Null and MISSING are a rank beside the values, made
 * by the first of them; their place among the values is zero. What a value points to is copied,
 * unless the caller says where bytes lie that outlive the column.
 */

#pragma once

#include "base/arbor-texts.h"
#include "batch/arbor-scope.h"

G_BEGIN_DECLS

/* Makes the order of words that are gint64 the order of unsigned ones. */
#define ARBOR_SORT_SIGN (G_GUINT64_CONSTANT (1) << 63)

typedef enum
{
  ARBOR_SORT_LAYOUT_EMPTY,
  ARBOR_SORT_LAYOUT_BOOLEAN,
  ARBOR_SORT_LAYOUT_INTEGER,
  ARBOR_SORT_LAYOUT_REAL,
  ARBOR_SORT_LAYOUT_TEXT,
  ARBOR_SORT_LAYOUT_VALUE,
} ArborSortLayout;

typedef struct
{
  const char *bytes;
  guint32 length;
} ArborSortText;

/* Of a row. */
typedef enum
{
  ARBOR_SORT_RANK_VALUE,
  ARBOR_SORT_RANK_NULL,
  ARBOR_SORT_RANK_MISSING,
} ArborSortRank;

typedef struct
{
  guint8 layout;     /* ArborSortLayout */
  gboolean is_exact; /* INTEGER: all are exactly doubles */
  guint32 skip;      /* TEXT, when ordering: all begin with the same so many bytes */
  gsize n_rows;
  gsize n_expected; /* rows that there will be, as far as is known */
  gsize capacity; /* of the one that the layout uses */
  guint64 *words;
  ArborSortText *texts;
  ArborValue *values;
  guint8 *ranks; /* NULL while every row has a value */
  gsize ranks_capacity;
  ArborTexts kept;              /* copied bytes */
  ArborScope *scope;            /* VALUE: what was parsed for comparing; never reset */
} ArborSortColumn;

/* Bytes that outlive the column: texts in them are not copied. */
typedef struct
{
  const guint8 *start, *end;
} ArborSortStable;

void arbor_sort_column_clear (ArborSortColumn *self);
/* LIMIT: no row was added. @scope is what @value may lie in. */
gboolean arbor_sort_column_append (ArborSortColumn *self, const ArborValue *value,
                                   const ArborSortStable *stable, ArborScope *scope,
                                   ArborCharge *charge, GError **error);
/* Makes room for @n more rows of one layout, which the caller writes before he counts them: where
 * the column has none yet, or this one. @has_nulls: also for their ranks, which the caller writes
 * when there are ranks. */
gboolean arbor_sort_column_make_room (ArborSortColumn *self, ArborSortLayout layout, gsize n,
                                      gboolean has_nulls, ArborCharge *charge, GError **error);
/* Adds all rows of @other, and takes over what it has kept, which is charged to @other_charge. FALSE: the two
 * have not, or get not, one layout other than VALUE, or LIMIT; part of it may have been done. */
gboolean arbor_sort_column_take (ArborSortColumn *self, ArborSortColumn *other, ArborCharge *charge,
                                 ArborCharge *other_charge, GError **error);
/* A value that compares, and hashes, as the one that was added; valid as long as the column. */
void arbor_sort_column_get (const ArborSortColumn *self, gsize row, ArborValue *value);

static inline ArborSortRank
arbor_sort_column_get_rank (const ArborSortColumn *self, gsize row)
{
  return self->ranks != NULL ? (ArborSortRank)self->ranks[row] : ARBOR_SORT_RANK_VALUE;
}

/* Ascending, of rows that both have a value. */
int arbor_sort_column_compare (const ArborSortColumn *self, gsize a, gsize b);

/* Before words are asked for. */
void arbor_sort_column_prepare (ArborSortColumn *self);
/* A number for the value of @row whose order is that of the values as far as it goes. Texts have
 * one for each @level, of seven bytes behind what all of them begin with, and the count of what is
 * left in the low byte. */
guint64 arbor_sort_column_get_word (const ArborSortColumn *self, gsize row, guint32 level);
/* Rows of equal texts so far go on at the next level when the word says so. */
#define ARBOR_SORT_TEXT_GOES_ON(word) (((word)&0xFF) == 8)

G_END_DECLS
