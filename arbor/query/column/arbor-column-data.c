/* Adding rows one by one, and what a row has. See arbor-column-data.h. */

#include "query/column/arbor-column-data.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/arbor-error.h"
#include "base/arbor-number.h"
#include "batch/arbor-value-access.h"

#define OPERATION "get_column"
/* Room of this size at least is made of whole huge pages: touching it first in pages of 4 KiB takes
 * longer than filling it. */
#define LARGE     (1024u * 1024u)
#define HUGE_PAGE (2u * 1024u * 1024u)

ArborColumnData *
arbor_column_data_new (void)
{
  ArborColumnData *self = g_new0 (ArborColumnData, 1);

  self->charge.operation = OPERATION;
  arbor_group_table_init (&self->texts, 1, OPERATION);
  return self;
}

void
arbor_column_data_free (ArborColumnData *self)
{
  if (self == NULL)
    return;

  arbor_charge_release (&self->charge);
  arbor_group_table_clear (&self->texts);
  if (self->kinds_bytes == NULL)
    {
      g_free (self->kinds);
      g_free (self->items);
    }
  g_clear_pointer (&self->kinds_bytes, g_bytes_unref);
  g_clear_pointer (&self->items_bytes, g_bytes_unref);
  g_free (self);
}

gsize
arbor_data_layout_get_size (ArborDataLayout layout)
{
  switch (layout)
    {
    case ARBOR_DATA_LAYOUT_NONE:
      return 0;
    case ARBOR_DATA_LAYOUT_BOOL:
      return 1;
    case ARBOR_DATA_LAYOUT_STRING:
    case ARBOR_DATA_LAYOUT_MIXED:
      return sizeof (gint32);
    default:
      return sizeof (guint64);
    }
}

static ArborDataLayout
get_own_layout (ArborKind kind)
{
  switch (kind)
    {
    case ARBOR_KIND_BOOL:
      return ARBOR_DATA_LAYOUT_BOOL;
    case ARBOR_KIND_INT64:
      return ARBOR_DATA_LAYOUT_INT64;
    case ARBOR_KIND_UINT64:
      return ARBOR_DATA_LAYOUT_UINT64;
    case ARBOR_KIND_DOUBLE:
      return ARBOR_DATA_LAYOUT_DOUBLE;
    case ARBOR_KIND_STRING:
      return ARBOR_DATA_LAYOUT_STRING;
    default:
      return ARBOR_DATA_LAYOUT_MIXED;
    }
}

ArborDataLayout
arbor_column_data_join (const ArborColumnData *self, ArborKind kind, gboolean is_negative,
                        gboolean is_large)
{
  ArborDataLayout layout = (ArborDataLayout)self->layout;
  ArborDataLayout own = get_own_layout (kind);
  ArborDataLayout both = MAX (layout, own);

  if (layout == own || layout == ARBOR_DATA_LAYOUT_NONE)
    return own;
  if (MIN (layout, own) == ARBOR_DATA_LAYOUT_INT64 &&
      ((both == ARBOR_DATA_LAYOUT_UINT64 && !self->has_negative && !is_negative) ||
       (both == ARBOR_DATA_LAYOUT_DOUBLE && !self->has_large && !is_large)))
    return both;
  return ARBOR_DATA_LAYOUT_MIXED;
}

/* Whole huge pages; NULL when there is no such room. */
static gpointer
alloc_huge (gsize n_bytes)
{
  gpointer memory = NULL;

  if (posix_memalign (&memory, HUGE_PAGE, n_bytes) != 0)
    return NULL;
#ifdef MADV_HUGEPAGE
  /* Advice that need not be taken. */
  madvise (memory, n_bytes, MADV_HUGEPAGE);
#endif
  return memory;
}

static gsize
round_up (gsize n_bytes)
{
  return n_bytes > G_MAXSSIZE ? n_bytes : (n_bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
}

gpointer
arbor_column_data_alloc (gsize n, gsize size)
{
  gpointer memory = n > LARGE / size ? alloc_huge (round_up (n * size)) : NULL;

  return memory != NULL ? memory : g_malloc_n (MAX (n, 1), size);
}

/* The first room for @n items of @size, if that is much. FALSE: LIMIT. */
static gboolean
make_large_room (ArborColumnData *self, gpointer *memory, gsize *capacity, gsize n, gsize size,
                 GError **error)
{
  gsize n_bytes = round_up (n * size);

  if (n <= LARGE / size || n > G_MAXSSIZE / size)
    return TRUE;
  if (!arbor_charge_add (&self->charge, n_bytes, error))
    return FALSE;
  *memory = alloc_huge (n_bytes);
  if (*memory == NULL)
    arbor_charge_subtract (&self->charge, n_bytes);
  else
    *capacity = n_bytes / size;
  return TRUE;
}

/* Room for @n items of @size in the array at @location. */
static gboolean
make_room (ArborColumnData *self, gpointer location, gsize *capacity, gsize n, gsize size,
           GError **error)
{
  gpointer *memory = location;

  if (n <= *capacity || size == 0)
    return TRUE;
  n = MAX (n, self->n_expected);
  if (*memory == NULL && !make_large_room (self, memory, capacity, n, size, error))
    return FALSE;
  return arbor_charge_grow (&self->charge, memory, capacity, n, size, error);
}

gboolean
arbor_column_data_reserve (ArborColumnData *self, gsize n_rows, GError **error)
{
  self->n_expected = MAX (self->n_expected, n_rows);
  return make_room (self, &self->kinds, &self->kinds_capacity, n_rows, 1, error) &&
         make_room (self, &self->items, &self->items_capacity, n_rows,
                    arbor_data_layout_get_size ((ArborDataLayout)self->layout), error);
}

void
arbor_column_data_blank (ArborColumnData *self, gsize from, gsize to)
{
  gsize size = arbor_data_layout_get_size ((ArborDataLayout)self->layout);
  double *reals = self->items;

  if (self->layout == ARBOR_DATA_LAYOUT_DOUBLE)
    for (gsize i = from; i < to; i++)
      reals[i] = NAN;
  else if (size > 0 && to > from)
    memset ((guint8 *)self->items + from * size, size == sizeof (gint32) ? 0xFF : 0,
            (to - from) * size);
}

gboolean
arbor_column_data_add_text (ArborColumnData *self, const char *text, gsize length,
                            ArborScope *scope, gint32 *code, GError **error)
{
  ArborValue value = ARBOR_VALUE_STRING (text, (guint32)length);
  guint32 group;

  if (!arbor_group_table_add (&self->texts, &value, scope, &group, error))
    return FALSE;
  if (group <= G_MAXINT32)
    {
      *code = (gint32)group;
      return TRUE;
    }
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
               _ ("A column can have at most %d different texts"), G_MAXINT32);
  return FALSE;
}

static gboolean
get_json_code (ArborColumnData *self, const ArborValue *value, ArborScope *scope, gint32 *code,
               GError **error)
{
  ArborBuffer json = { 0 };
  gboolean is_done;

  arbor_value_write_json (value, scope, &json);
  is_done = arbor_column_data_add_text (self, (const char *)json.data, json.length, scope, code,
                                        error);
  arbor_buffer_free (&json);
  return is_done;
}

/* Layouts */

static void
integers_to_reals (ArborColumnData *self)
{
  gint64 *integers = self->items;
  double *reals = self->items;

  for (gsize i = 0; i < self->n_rows; i++)
    reals[i] = self->kinds[i] == ARBOR_KIND_INT64 ? (double)integers[i] : NAN;
}

/* All rows again, as codes of their JSON texts. */
static gboolean
mix (ArborColumnData *self, ArborScope *scope, GError **error)
{
  ArborColumnData mixed = { .layout = ARBOR_DATA_LAYOUT_MIXED };
  gsize old_size = arbor_data_layout_get_size ((ArborDataLayout)self->layout);
  gboolean is_done;

  arbor_group_table_init (&mixed.texts, 1, OPERATION);
  mixed.charge.operation = OPERATION;
  is_done = make_room (self, &mixed.items, &mixed.items_capacity, MAX (self->n_rows, 1),
                       sizeof (gint32), error);
  for (gsize i = 0; is_done && i < self->n_rows; i++)
    {
      gint32 *codes = mixed.items;
      ArborScopeMark mark = arbor_scope_mark (scope);
      ArborValue value;

      arbor_column_data_get (self, i, scope, &value);
      codes[i] = -1;
      if (value.kind > ARBOR_KIND_NULL)
        is_done = get_json_code (&mixed, &value, scope, &codes[i], error);
      arbor_scope_release (scope, mark);
    }
  if (!is_done)
    {
      arbor_charge_subtract (&self->charge, mixed.items_capacity * sizeof (gint32));
      arbor_group_table_clear (&mixed.texts);
      g_free (mixed.items);
      return FALSE;
    }
  arbor_charge_subtract (&self->charge, self->items_capacity * old_size);
  arbor_group_table_clear (&self->texts);
  g_free (self->items);
  self->items = mixed.items;
  self->items_capacity = mixed.items_capacity;
  self->texts = mixed.texts;
  self->layout = ARBOR_DATA_LAYOUT_MIXED;
  return TRUE;
}

gboolean
arbor_column_data_set_layout (ArborColumnData *self, ArborDataLayout layout, ArborScope *scope,
                              GError **error)
{
  if (layout == (ArborDataLayout)self->layout)
    return TRUE;
  if (self->layout == ARBOR_DATA_LAYOUT_NONE)
    {
      if (!make_room (self, &self->items, &self->items_capacity, MAX (self->n_rows, 1),
                      arbor_data_layout_get_size (layout), error))
        return FALSE;
      self->layout = (guint8)layout;
      arbor_column_data_blank (self, 0, self->n_rows);
      return TRUE;
    }
  if (layout == ARBOR_DATA_LAYOUT_MIXED)
    return mix (self, scope, error);
  if (layout == ARBOR_DATA_LAYOUT_DOUBLE)
    integers_to_reals (self);
  self->layout = (guint8)layout;
  return TRUE;
}

/* Rows */

static gboolean
set_item (ArborColumnData *self, gsize row, const ArborValue *value, ArborScope *scope,
          GError **error)
{
  switch ((ArborDataLayout)self->layout)
    {
    case ARBOR_DATA_LAYOUT_NONE:
      return TRUE;
    case ARBOR_DATA_LAYOUT_BOOL:
      ((guint8 *)self->items)[row] = !!value->boolean;
      return TRUE;
    case ARBOR_DATA_LAYOUT_INT64:
    case ARBOR_DATA_LAYOUT_UINT64:
      ((guint64 *)self->items)[row] = value->uint64;
      return TRUE;
    case ARBOR_DATA_LAYOUT_DOUBLE:
      ((double *)self->items)[row] =
          value->kind == ARBOR_KIND_INT64 ? (double)value->int64 : value->real;
      return TRUE;
    case ARBOR_DATA_LAYOUT_STRING:
      return arbor_column_data_add_text (self, value->text, value->length, scope,
                                         (gint32 *)self->items + row, error);
    default:
      return get_json_code (self, value, scope, (gint32 *)self->items + row, error);
    }
}

gboolean
arbor_column_data_append (ArborColumnData *self, const ArborValue *value, ArborScope *scope,
                          GError **error)
{
  gsize row = self->n_rows;

  if (value->kind > ARBOR_KIND_NULL)
    {
      gboolean is_integer = value->kind == ARBOR_KIND_INT64;
      gboolean is_negative = is_integer && value->int64 < 0;
      gboolean is_large = is_integer && arbor_data_is_large (value->int64);

      if (!arbor_column_data_set_layout (
              self,
              arbor_column_data_join (self, (ArborKind)value->kind, is_negative, is_large), scope,
              error))
        return FALSE;
      self->has_negative |= is_negative;
      self->has_large |= is_large;
    }
  if (row + 1 > MIN (self->kinds_capacity, self->items_capacity) &&
      !arbor_column_data_reserve (self, row + 1, error))
    return FALSE;
  if (value->kind <= ARBOR_KIND_NULL)
    arbor_column_data_blank (self, row, row + 1);
  else if (!set_item (self, row, value, scope, error))
    return FALSE;
  self->kinds[row] = value->kind;
  self->n_kind[value->kind]++;
  self->n_rows++;
  return TRUE;
}

void
arbor_column_data_finish (ArborColumnData *self)
{
  gsize size = self->n_rows * arbor_data_layout_get_size ((ArborDataLayout)self->layout);

  /* From here on the memory belongs to the result. */
  arbor_charge_release (&self->charge);
  arbor_charge_release (&self->texts.charge);
  if (self->n_rows < self->n_expected)
    {
      self->kinds = g_realloc (self->kinds, self->n_rows);
      self->items = g_realloc (self->items, size);
    }
  self->kinds_bytes = g_bytes_new_take (self->kinds, self->n_rows);
  self->items_bytes = g_bytes_new_take (self->items, size);
}

/* A MIXED row's text is JSON that this library wrote. */
static void
parse_text (const char *text, guint32 length, ArborScope *scope, ArborValue *value)
{
  const ArborTape *tape = arbor_scope_parse (scope, text, length);

  *value = ARBOR_VALUE_MISSING;
  if (tape != NULL)
    arbor_tape_get_value (tape, ARBOR_TAPE_ROOT, value);
}

static gint64
to_integer (double real)
{
  /* Statistics of a damaged batch may have let others in. */
  return real >= -0x1p63 && real < 0x1p63 ? (gint64)real : 0;
}

const char *
arbor_column_data_get_text (const ArborColumnData *self, guint32 code, guint32 *length)
{
  const ArborGroupKey *key = &self->texts.keys[code];

  if (arbor_group_key_get_class (key) == ARBOR_GROUP_KEY_LONG)
    {
      *length = arbor_group_key_get_long_length (key);
      return key->text;
    }
  *length = key->bytes[ARBOR_GROUP_KEY_LENGTH];
  return (const char *)key->bytes;
}

void
arbor_column_data_get (const ArborColumnData *self, gsize row, ArborScope *scope, ArborValue *value)
{
  guint8 kind = self->kinds[row];
  const char *text;
  guint32 length;
  double real;

  *value = (ArborValue){ .kind = kind };
  if (kind <= ARBOR_KIND_NULL)
    return;
  switch ((ArborDataLayout)self->layout)
    {
    case ARBOR_DATA_LAYOUT_NONE:
      break;
    case ARBOR_DATA_LAYOUT_BOOL:
      value->boolean = ((const guint8 *)self->items)[row];
      break;
    case ARBOR_DATA_LAYOUT_INT64:
    case ARBOR_DATA_LAYOUT_UINT64:
      value->uint64 = ((const guint64 *)self->items)[row];
      break;
    case ARBOR_DATA_LAYOUT_DOUBLE:
      real = ((const double *)self->items)[row];
      if (kind == ARBOR_KIND_INT64)
        value->int64 = to_integer (real);
      else
        value->real = real;
      break;
    case ARBOR_DATA_LAYOUT_STRING:
      *value = ARBOR_VALUE_STRING (NULL, 0);
      value->text = arbor_column_data_get_text (
          self, (guint32)((const gint32 *)self->items)[row], &value->length);
      break;
    case ARBOR_DATA_LAYOUT_MIXED:
      text = arbor_column_data_get_text (self, (guint32)((const gint32 *)self->items)[row],
                                         &length);
      parse_text (text, length, scope, value);
      break;
    }
}
