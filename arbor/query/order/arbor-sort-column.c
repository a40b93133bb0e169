/* See arbor-sort-column.h. */

#include "query/order/arbor-sort-column.h"

#include "base/arbor-buffer.h"
#include "base/arbor-number.h"
#include "batch/arbor-value-access.h"

#define MOST_EXACT (G_GINT64_CONSTANT (1) << 53)

void
arbor_sort_column_clear (ArborSortColumn *self)
{
  arbor_texts_clear (&self->kept);
  g_clear_pointer (&self->scope, arbor_scope_free);
  g_free (self->words);
  g_free (self->texts);
  g_free (self->values);
  g_free (self->ranks);
  *self = (ArborSortColumn){ 0 };
}

static gsize
get_item_size (ArborSortLayout layout)
{
  switch (layout)
    {
    case ARBOR_SORT_LAYOUT_TEXT:
      return sizeof (ArborSortText);
    case ARBOR_SORT_LAYOUT_VALUE:
      return sizeof (ArborValue);
    default:
      return sizeof (guint64);
    }
}

/* The array that the layout uses. */
static gpointer *
get_array (ArborSortColumn *self)
{
  if (self->layout == ARBOR_SORT_LAYOUT_TEXT)
    return (gpointer *)&self->texts;
  if (self->layout == ARBOR_SORT_LAYOUT_VALUE)
    return (gpointer *)&self->values;
  return (gpointer *)&self->words;
}

static gboolean
is_stable (const ArborSortStable *stable, gconstpointer bytes, gsize length)
{
  const guint8 *start = bytes;

  return start >= stable->start && start <= stable->end &&
         (gsize)(stable->end - start) >= length;
}

/* Lets @value point to nothing that does not outlive the column. */
static gboolean
keep (ArborSortColumn *self, ArborValue *value, const ArborSortStable *stable, ArborScope *scope,
      ArborCharge *charge, GError **error)
{
  if (value->kind == ARBOR_KIND_STRING || value->kind == ARBOR_KIND_NUMBER)
    return is_stable (stable, value->text, value->length) ||
           arbor_texts_copy (&self->kept, value->text, value->length, charge, &value->text, error);
  if (value->kind < ARBOR_KIND_ARRAY)
    return TRUE;
  if (value->holder_kind == ARBOR_HOLDER_BATCH)
    return TRUE;

  if (value->holder_kind == ARBOR_HOLDER_TEXT)
    {
      if (!is_stable (stable, value->text, value->length) &&
          !arbor_texts_copy (&self->kept, value->text, value->length, charge, &value->text, error))
        return FALSE;
    }
  else
    {
      ArborBuffer json = { 0 };
      gboolean is_copied;

      arbor_value_write_json (value, scope, &json);
      value->holder_kind = ARBOR_HOLDER_TEXT;
      value->length = (guint32)json.length;
      is_copied = arbor_texts_copy (&self->kept, json.data, json.length, charge, &value->text, error);
      arbor_buffer_free (&json);
      if (!is_copied)
        return FALSE;
    }
  return arbor_charge_add (charge, (guint64)value->length * ARBOR_TAPE_FACTOR, error);
}

/* Layouts */

static gboolean
fits_double (gint64 integer)
{
  return integer >= -MOST_EXACT && integer <= MOST_EXACT;
}

static ArborSortLayout
choose_layout (const ArborSortColumn *self, const ArborValue *value)
{
  static const guint8 layouts[ARBOR_N_KINDS] = {
    [ARBOR_KIND_BOOL] = ARBOR_SORT_LAYOUT_BOOLEAN, [ARBOR_KIND_INT64] = ARBOR_SORT_LAYOUT_INTEGER,
    [ARBOR_KIND_UINT64] = ARBOR_SORT_LAYOUT_VALUE, [ARBOR_KIND_DOUBLE] = ARBOR_SORT_LAYOUT_REAL,
    [ARBOR_KIND_NUMBER] = ARBOR_SORT_LAYOUT_VALUE, [ARBOR_KIND_STRING] = ARBOR_SORT_LAYOUT_TEXT,
    [ARBOR_KIND_ARRAY] = ARBOR_SORT_LAYOUT_VALUE,  [ARBOR_KIND_OBJECT] = ARBOR_SORT_LAYOUT_VALUE,
  };
  ArborSortLayout own = (ArborSortLayout)layouts[value->kind];

  if (self->layout == ARBOR_SORT_LAYOUT_EMPTY || self->layout == own)
    return own;
  if (self->layout == ARBOR_SORT_LAYOUT_REAL && own == ARBOR_SORT_LAYOUT_INTEGER)
    return fits_double (value->int64) ? ARBOR_SORT_LAYOUT_REAL : ARBOR_SORT_LAYOUT_VALUE;
  if (self->layout == ARBOR_SORT_LAYOUT_INTEGER && own == ARBOR_SORT_LAYOUT_REAL && self->is_exact)
    return ARBOR_SORT_LAYOUT_REAL;
  return ARBOR_SORT_LAYOUT_VALUE;
}

static void
words_to_reals (ArborSortColumn *self)
{
  for (gsize i = 0; i < self->n_rows; i++)
    {
      double real = (double)(gint64)self->words[i];

      memcpy (&self->words[i], &real, sizeof real);
    }
  self->layout = ARBOR_SORT_LAYOUT_REAL;
}

static gboolean
set_layout (ArborSortColumn *self, ArborSortLayout layout, ArborCharge *charge, GError **error)
{
  ArborSortColumn wide = { .layout = (guint8)layout };
  gpointer *array = get_array (&wide);

  if (self->layout == ARBOR_SORT_LAYOUT_INTEGER && layout == ARBOR_SORT_LAYOUT_REAL)
    {
      words_to_reals (self);
      return TRUE;
    }
  if (!arbor_charge_grow (charge, array, &wide.capacity,
                          MAX (MAX (self->n_rows, self->n_expected), 64), get_item_size (layout),
                          error))
    return FALSE;
  memset (*array, 0, self->n_rows * get_item_size (layout));
  if (layout == ARBOR_SORT_LAYOUT_VALUE)
    for (gsize i = 0; i < self->n_rows; i++)
      arbor_sort_column_get (self, i, &wide.values[i]);

  arbor_charge_subtract (charge, self->capacity * get_item_size (self->layout));
  g_free (*get_array (self));
  *get_array (self) = NULL;
  self->layout = (guint8)layout;
  self->is_exact = TRUE;
  *get_array (self) = *array;
  self->capacity = wide.capacity;
  return TRUE;
}

static guint64
text_to_word (const char *bytes, gsize length, gsize start)
{
  gsize n = length > start ? length - start : 0;
  guint64 word = 0;

  if (n >= 8)
    {
      memcpy (&word, bytes + start, 8);
      return (GUINT64_FROM_BE (word) & ~G_GUINT64_CONSTANT (0xFF)) | 8;
    }
  for (gsize i = 0; i < n; i++)
    word |= (guint64)(guint8)bytes[start + i] << (56 - 8 * i);
  return word | n;
}

static void
set_value (ArborSortColumn *self, gsize row, const ArborValue *value)
{
  double real;

  switch ((ArborSortLayout)self->layout)
    {
    case ARBOR_SORT_LAYOUT_EMPTY:
      break;
    case ARBOR_SORT_LAYOUT_BOOLEAN:
      self->words[row] = !!value->boolean;
      break;
    case ARBOR_SORT_LAYOUT_INTEGER:
      self->words[row] = (guint64)value->int64;
      self->is_exact &= fits_double (value->int64);
      break;
    case ARBOR_SORT_LAYOUT_REAL:
      real = value->kind == ARBOR_KIND_INT64 ? (double)value->int64 : value->real;
      memcpy (&self->words[row], &real, sizeof real);
      break;
    case ARBOR_SORT_LAYOUT_TEXT:
      self->texts[row] = (ArborSortText){ .bytes = value->text, .length = value->length };
      break;
    case ARBOR_SORT_LAYOUT_VALUE:
      self->values[row] = *value;
      break;
    }
}

static gboolean
append_null (ArborSortColumn *self, const ArborValue *value, ArborCharge *charge, GError **error)
{
  gboolean is_first = self->ranks == NULL;

  if (!arbor_charge_grow (charge, &self->ranks, &self->ranks_capacity, MAX (self->n_rows + 1, 64),
                          1, error))
    return FALSE;
  if (is_first)
    memset (self->ranks, ARBOR_SORT_RANK_VALUE, self->n_rows);
  self->ranks[self->n_rows] =
      value->kind == ARBOR_KIND_NULL ? ARBOR_SORT_RANK_NULL : ARBOR_SORT_RANK_MISSING;
  if (self->layout == ARBOR_SORT_LAYOUT_EMPTY)
    return TRUE;
  if (!arbor_charge_grow (charge, get_array (self), &self->capacity, self->n_rows + 1,
                          get_item_size (self->layout), error))
    return FALSE;
  memset ((guint8 *)*get_array (self) + self->n_rows * get_item_size (self->layout), 0,
          get_item_size (self->layout));
  return TRUE;
}

gboolean
arbor_sort_column_make_room (ArborSortColumn *self, ArborSortLayout layout, gsize n,
                             gboolean has_nulls, ArborCharge *charge, GError **error)
{
  gboolean is_first = self->ranks == NULL;
  gsize n_rows = self->n_rows + n;

  if (layout != self->layout && !set_layout (self, layout, charge, error))
    return FALSE;
  if (has_nulls || !is_first)
    {
      if (!arbor_charge_grow (charge, &self->ranks, &self->ranks_capacity,
                              MAX (MAX (n_rows, self->n_expected), 64), 1, error))
        return FALSE;
      if (is_first)
        memset (self->ranks, ARBOR_SORT_RANK_VALUE, self->n_rows);
    }
  return layout == ARBOR_SORT_LAYOUT_EMPTY ||
         arbor_charge_grow (charge, get_array (self), &self->capacity, n_rows,
                            get_item_size (layout), error);
}

/* The layout that both fit, EMPTY for both of them empty; VALUE: none, or none without a look at each. */
static ArborSortLayout
find_common_layout (const ArborSortColumn *a, const ArborSortColumn *b)
{
  if (a->layout == b->layout || b->layout == ARBOR_SORT_LAYOUT_EMPTY)
    return (ArborSortLayout)a->layout;
  if (a->layout == ARBOR_SORT_LAYOUT_EMPTY)
    return (ArborSortLayout)b->layout;
  if ((a->layout == ARBOR_SORT_LAYOUT_INTEGER && a->is_exact &&
       b->layout == ARBOR_SORT_LAYOUT_REAL) ||
      (a->layout == ARBOR_SORT_LAYOUT_REAL && b->layout == ARBOR_SORT_LAYOUT_INTEGER && b->is_exact))
    return ARBOR_SORT_LAYOUT_REAL;
  return ARBOR_SORT_LAYOUT_VALUE;
}

gboolean
arbor_sort_column_take (ArborSortColumn *self, ArborSortColumn *other, ArborCharge *charge,
                        ArborCharge *other_charge, GError **error)
{
  ArborSortLayout layout = find_common_layout (self, other);
  gsize n = other->n_rows;
  gsize size = get_item_size (layout);

  if (layout == ARBOR_SORT_LAYOUT_VALUE ||
      !arbor_sort_column_make_room (self, layout, n, other->ranks != NULL, charge, error) ||
      !arbor_texts_take (&self->kept, &other->kept, charge, other_charge, error))
    return FALSE;
  if (other->layout == ARBOR_SORT_LAYOUT_INTEGER && layout == ARBOR_SORT_LAYOUT_REAL)
    words_to_reals (other);
  if (other->layout == ARBOR_SORT_LAYOUT_INTEGER)
    self->is_exact &= other->is_exact;
  if (layout != ARBOR_SORT_LAYOUT_EMPTY && other->layout == ARBOR_SORT_LAYOUT_EMPTY)
    memset ((guint8 *)*get_array (self) + self->n_rows * size, 0, n * size);
  else if (layout != ARBOR_SORT_LAYOUT_EMPTY)
    memcpy ((guint8 *)*get_array (self) + self->n_rows * size, *get_array (other), n * size);
  if (other->ranks != NULL)
    memcpy (self->ranks + self->n_rows, other->ranks, n);
  else if (self->ranks != NULL)
    memset (self->ranks + self->n_rows, ARBOR_SORT_RANK_VALUE, n);
  self->n_rows += n;
  return TRUE;
}

gboolean
arbor_sort_column_append (ArborSortColumn *self, const ArborValue *value,
                          const ArborSortStable *stable, ArborScope *scope, ArborCharge *charge,
                          GError **error)
{
  ArborValue kept = *value;
  ArborSortLayout layout;

  if (arbor_value_is_null (value))
    {
      if (!append_null (self, value, charge, error))
        return FALSE;
      self->n_rows++;
      return TRUE;
    }

  layout = choose_layout (self, value);
  if ((layout != self->layout && !set_layout (self, layout, charge, error)) ||
      (self->ranks != NULL && !arbor_charge_grow (charge, &self->ranks, &self->ranks_capacity,
                                                  self->n_rows + 1, 1, error)) ||
      !arbor_charge_grow (charge, get_array (self), &self->capacity, self->n_rows + 1,
                          get_item_size (layout), error) ||
      !keep (self, &kept, stable, scope, charge, error))
    return FALSE;
  if (self->ranks != NULL)
    self->ranks[self->n_rows] = ARBOR_SORT_RANK_VALUE;
  set_value (self, self->n_rows, &kept);
  if (layout == ARBOR_SORT_LAYOUT_VALUE && self->scope == NULL)
    self->scope = arbor_scope_new ();
  self->n_rows++;
  return TRUE;
}

void
arbor_sort_column_get (const ArborSortColumn *self, gsize row, ArborValue *value)
{
  if (arbor_sort_column_get_rank (self, row) != ARBOR_SORT_RANK_VALUE)
    {
      *value = self->ranks[row] == ARBOR_SORT_RANK_NULL ? ARBOR_VALUE_NULL : ARBOR_VALUE_MISSING;
      return;
    }
  switch ((ArborSortLayout)self->layout)
    {
    case ARBOR_SORT_LAYOUT_EMPTY:
      *value = ARBOR_VALUE_MISSING;
      break;
    case ARBOR_SORT_LAYOUT_BOOLEAN:
      *value = ARBOR_VALUE_BOOL (self->words[row] != 0);
      break;
    case ARBOR_SORT_LAYOUT_INTEGER:
      *value = ARBOR_VALUE_INT64 ((gint64)self->words[row]);
      break;
    case ARBOR_SORT_LAYOUT_REAL:
      *value = ARBOR_VALUE_DOUBLE (0);
      memcpy (&value->real, &self->words[row], sizeof value->real);
      break;
    case ARBOR_SORT_LAYOUT_TEXT:
      *value = ARBOR_VALUE_STRING (self->texts[row].bytes, self->texts[row].length);
      break;
    case ARBOR_SORT_LAYOUT_VALUE:
      *value = self->values[row];
      break;
    }
}

/* Order */

void
arbor_sort_column_prepare (ArborSortColumn *self)
{
  const ArborSortText *first = NULL;

  self->skip = 0;
  if (self->layout != ARBOR_SORT_LAYOUT_TEXT)
    return;
  for (gsize i = 0; i < self->n_rows; i++)
    {
      const ArborSortText *text = &self->texts[i];

      if (self->ranks != NULL && self->ranks[i] != ARBOR_SORT_RANK_VALUE)
        continue;
      if (first == NULL)
        {
          first = text;
          self->skip = text->length;
          continue;
        }
      self->skip = MIN (self->skip, text->length);
      if (self->skip == 0)
        return;
      if (memcmp (text->bytes, first->bytes, self->skip) != 0)
        for (guint32 j = 0; j < self->skip; j++)
          if (text->bytes[j] != first->bytes[j])
            self->skip = j;
    }
}

/* The bits of a double in the order of doubles. */
static guint64
real_to_word (double real)
{
  guint64 bits;

  real += 0.0; /* -0.0 becomes 0.0 */
  memcpy (&bits, &real, sizeof bits);
  return (bits & ARBOR_SORT_SIGN) != 0 ? ~bits : bits ^ ARBOR_SORT_SIGN;
}

/* Classes in the top three bits, and as much of the value as has room below. */
static guint64
value_to_word (const ArborValue *value)
{
  guint64 class = value->kind == ARBOR_KIND_BOOL       ? 0
                  : arbor_kind_is_number (value->kind) ? 1
                  : value->kind == ARBOR_KIND_STRING   ? 2
                  : value->kind == ARBOR_KIND_ARRAY    ? 3
                                                       : 4;
  guint64 word = 0;

  if (class == 0)
    word = !!value->boolean;
  else if (class == 1)
    word = real_to_word (arbor_number_to_double (value)) >> 3;
  else if (class == 2)
    word = text_to_word (value->text, value->length, 0) >> 3;
  return class << 61 | word;
}

guint64
arbor_sort_column_get_word (const ArborSortColumn *self, gsize row, guint32 level)
{
  double real;

  switch ((ArborSortLayout)self->layout)
    {
    case ARBOR_SORT_LAYOUT_BOOLEAN:
      return self->words[row];
    case ARBOR_SORT_LAYOUT_INTEGER:
      return self->words[row] ^ ARBOR_SORT_SIGN;
    case ARBOR_SORT_LAYOUT_REAL:
      memcpy (&real, &self->words[row], sizeof real);
      return real_to_word (real);
    case ARBOR_SORT_LAYOUT_TEXT:
      return text_to_word (self->texts[row].bytes, self->texts[row].length,
                           self->skip + (gsize)level * 7);
    case ARBOR_SORT_LAYOUT_VALUE:
      return value_to_word (&self->values[row]);
    default:
      return 0;
    }
}

int
arbor_sort_column_compare (const ArborSortColumn *self, gsize a, gsize b)
{
  ArborValue value_a, value_b;

  if (self->layout != ARBOR_SORT_LAYOUT_VALUE && self->layout != ARBOR_SORT_LAYOUT_TEXT)
    {
      guint64 word_a = arbor_sort_column_get_word (self, a, 0);
      guint64 word_b = arbor_sort_column_get_word (self, b, 0);

      return (word_a > word_b) - (word_a < word_b);
    }
  arbor_sort_column_get (self, a, &value_a);
  arbor_sort_column_get (self, b, &value_b);
  return arbor_value_compare (&value_a, &value_b, self->scope);
}
