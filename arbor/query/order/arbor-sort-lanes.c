/* Filling a table a column at a time, where a key has values of one kind, nulls aside; any other
 * value by value. See arbor-sort-table.h.
 */

#include "query/order/arbor-sort-table.h"

#include "base/arbor-simd.h"

#define MOST_EXACT (G_GINT64_CONSTANT (1) << 53)

#define ADD_NUMBERS(type)                                                                          \
  ARBOR_TARGET_CLONES static void add_numbers_##type (guint64 *words, const type *numbers,         \
                                                      guint32 n, guint64 min)                      \
  {                                                                                                \
    for (guint32 i = 0; i < n; i++)                                                                \
      words[i] = min + numbers[i];                                                                 \
  }

ADD_NUMBERS (guint8)
ADD_NUMBERS (guint16)
ADD_NUMBERS (guint32)
ADD_NUMBERS (guint64)

static void
add_numbers (guint64 *words, const ArborNumbers *numbers, guint32 n, guint64 min)
{
  switch (numbers->width)
    {
    case 1:
      add_numbers_guint8 (words, numbers->data, n, min);
      break;
    case 2:
      add_numbers_guint16 (words, numbers->data, n, min);
      break;
    case 4:
      add_numbers_guint32 (words, numbers->data, n, min);
      break;
    default:
      add_numbers_guint64 (words, numbers->data, n, min);
      break;
    }
}

/* Whether all @words, taken as gint64, are exactly doubles. */
ARBOR_TARGET_CLONES
static gboolean
are_exact (const guint64 *words, guint32 n)
{
  guint32 n_not = 0;

  for (guint32 i = 0; i < n; i++)
    n_not += words[i] + MOST_EXACT > 2 * (guint64)MOST_EXACT;
  return n_not == 0;
}

/* EMPTY: the column cannot take them as they are. */
static ArborSortLayout
choose_layout (const ArborSortColumn *column, const ArborPathRows *values, ArborScope *scope,
               ArborNumbers *numbers)
{
  const ArborPart *part = arbor_path_rows_get_single (values);
  ArborSortLayout layout;

  if (part == NULL)
    return ARBOR_SORT_LAYOUT_EMPTY;
  switch (part->lane->kind)
    {
    case ARBOR_KIND_BOOL:
      layout = ARBOR_SORT_LAYOUT_BOOLEAN;
      break;
    case ARBOR_KIND_INT64:
      layout = ARBOR_SORT_LAYOUT_INTEGER;
      break;
    case ARBOR_KIND_DOUBLE:
      layout = ARBOR_SORT_LAYOUT_REAL;
      break;
    case ARBOR_KIND_STRING:
      layout = ARBOR_SORT_LAYOUT_TEXT;
      break;
    default:
      return ARBOR_SORT_LAYOUT_EMPTY;
    }
  if (column->layout != ARBOR_SORT_LAYOUT_EMPTY && column->layout != layout)
    return ARBOR_SORT_LAYOUT_EMPTY;
  if (layout != ARBOR_SORT_LAYOUT_TEXT && !arbor_part_get_numbers (part, scope, numbers))
    return ARBOR_SORT_LAYOUT_EMPTY;
  if (layout == ARBOR_SORT_LAYOUT_REAL && !arbor_bits_are_finite (numbers->data, part->n))
    return ARBOR_SORT_LAYOUT_EMPTY;
  return layout;
}

static void
set_ranks (ArborSortColumn *self, const ArborPathRows *values)
{
  const ArborPart *part = arbor_path_rows_get_single (values);
  guint8 *ranks = self->ranks + self->n_rows;

  if (self->ranks == NULL)
    return;
  memset (ranks, ARBOR_SORT_RANK_MISSING, values->n_rows);
  if (part != NULL && part->positions == NULL)
    memset (ranks, ARBOR_SORT_RANK_VALUE, values->n_rows);
  else if (part != NULL)
    for (guint32 i = 0; i < part->n; i++)
      ranks[part->positions[i]] = ARBOR_SORT_RANK_VALUE;
  for (guint32 i = 0; i < values->n_nulls; i++)
    ranks[values->nulls[i]] = ARBOR_SORT_RANK_NULL;
}

static void
set_texts (ArborSortColumn *self, const ArborPathRows *values, ArborScope *scope)
{
  const ArborPart *part = arbor_path_rows_get_single (values);
  const ArborString *strings = arbor_part_get_strings (part, scope);
  ArborSortText *texts = self->texts + self->n_rows;

  if (part->positions != NULL)
    memset (texts, 0, values->n_rows * sizeof *texts);
  for (guint32 i = 0; i < part->n; i++)
    texts[part->positions != NULL ? part->positions[i] : i] =
        (ArborSortText){ .bytes = strings[i].bytes, .length = strings[i].length };
}

static void
set_words (ArborSortColumn *self, const ArborPathRows *values, const ArborNumbers *numbers,
           ArborScope *scope)
{
  const ArborPart *part = arbor_path_rows_get_single (values);
  guint64 *words = self->words + self->n_rows;
  guint64 min = part->lane->kind == ARBOR_KIND_INT64 ? part->lane->record->min : 0;
  guint64 *dense = words;

  if (part->positions != NULL)
    {
      memset (words, 0, values->n_rows * sizeof *words);
      dense = arbor_scope_alloc (scope, part->n * sizeof *dense);
    }
  add_numbers (dense, numbers, part->n, min);
  if (part->positions != NULL)
    for (guint32 i = 0; i < part->n; i++)
      words[part->positions[i]] = dense[i];
  if (self->layout == ARBOR_SORT_LAYOUT_INTEGER)
    self->is_exact = self->is_exact && are_exact (dense, part->n);
}

/* *@is_added stays FALSE where the lanes do not do. */
static gboolean
add_lane (ArborSortTable *self, guint32 key, const ArborRows *rows, gboolean *is_added,
          GError **error)
{
  ArborSortColumn *column = &self->columns[key];
  ArborSeriesReader *reader = self->readers[key];
  const guint8 *data = rows->batch != NULL ? rows->batch->data : NULL;
  ArborPathRows values;
  ArborSortLayout layout;
  ArborNumbers numbers;

  /* What points into the batch must outlive the access. */
  if ((data != NULL && arbor_series_reader_get_path (reader) != NULL &&
       (data < self->stable.start || data >= self->stable.end)) ||
      !arbor_series_reader_get_parts (reader, rows, self->scope, &values))
    return TRUE;
  if (!arbor_series_reader_check (reader, error))
    return FALSE;
  layout = values.n_parts == 0 ? (ArborSortLayout)column->layout
                               : choose_layout (column, &values, self->scope, &numbers);
  if (layout == ARBOR_SORT_LAYOUT_EMPTY || layout == ARBOR_SORT_LAYOUT_VALUE ||
      (layout == ARBOR_SORT_LAYOUT_TEXT && values.n_parts > 0 && values.parts[0].is_computed))
    return TRUE;
  if (!arbor_sort_column_make_room (column, layout, rows->n,
                                    values.n_nulls + values.n_missing > 0, &self->charge, error))
    return FALSE;
  set_ranks (column, &values);
  if (values.n_parts == 0 && layout == ARBOR_SORT_LAYOUT_TEXT)
    memset (column->texts + column->n_rows, 0, rows->n * sizeof (ArborSortText));
  else if (values.n_parts == 0)
    memset (column->words + column->n_rows, 0, rows->n * sizeof (guint64));
  else if (layout == ARBOR_SORT_LAYOUT_TEXT)
    set_texts (column, &values, self->scope);
  else
    set_words (column, &values, &numbers, self->scope);
  column->n_rows += rows->n;
  *is_added = TRUE;
  return TRUE;
}

static gboolean
add_values (ArborSortTable *self, guint32 key, const ArborRows *rows, GError **error)
{
  ArborSeriesReader *reader = self->readers[key];
  ArborSeries chunk;

  arbor_series_reader_begin (reader, rows);
  while (arbor_series_reader_next (reader, &chunk) > 0)
    {
      if (!arbor_series_reader_check (reader, error))
        return FALSE;
      for (guint32 i = 0; i < chunk.n; i++)
        {
          ArborValue value;

          arbor_scope_reset (self->scope);
          arbor_series_get (&chunk, i, &value);
          if (!arbor_sort_column_append (&self->columns[key], &value,
                                         &self->stable, self->scope,
                                         &self->charge, error) ||
              !arbor_scope_check (self->scope, error))
            return FALSE;
        }
    }
  return TRUE;
}

gboolean
arbor_sort_table_add_rows (ArborSortTable *self, ArborAccess *access, const ArborRows *rows,
                           GError **error)
{
  if (!arbor_charge_grow (&self->charge, &self->indices, &self->capacity, self->n_rows + rows->n,
                          sizeof (guint32), error) ||
      !arbor_sort_table_seek (self, access, (guint32)arbor_rows_get_tree (rows, 0),
                              error))
    return FALSE;
  for (guint32 i = 0; i < rows->n; i++)
    self->indices[self->n_rows + i] = (guint32)arbor_rows_get_tree (rows, i);
  for (guint32 key = 0; key < self->keys->n; key++)
    {
      gboolean is_added = FALSE;

      arbor_scope_reset (self->scope);
      if (!add_lane (self, key, rows, &is_added, error) ||
          (!is_added && !add_values (self, key, rows, error)))
        return FALSE;
    }
  self->n_rows += rows->n;
  return TRUE;
}
