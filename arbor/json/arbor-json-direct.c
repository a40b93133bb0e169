/* Reading lines by prediction. See arbor-json-direct.h.
 *
 * A newline ends every line and is nowhere allowed inside: it stops each loop here, so none looks
 * for the end of the text. Loops that take several bytes at a time may look up to 16 bytes past it.
 *
 * Of each open object the field that came last is known, and which one followed it last time is the
 * guess for the next key. Is it another, then the follower of the guess is tried, for optional
 * members, and then the table of fields.
 */

#include "json/arbor-json-direct.h"

#include "base/arbor-number.h"
#include "base/arbor-simdjson.h"
#include "batch/arbor-batch-cells.h"
#include "json/arbor-json-direct-private.h"

#define MAX_CELLS (256u * 1024u)

/* After so many lines refused in a row, more and more lines are not even tried. */
#define PATIENCE  8u
#define MAX_PAUSE 64u

typedef struct
{
  guint32 column;
  guint32 previous; /* object: the field that came last */
  guint32 cell;
  guint32 n;        /* members or elements so far */
  gboolean is_object;
  guint64 serial;   /* object: stamps fields */
} Level;

struct _ArborJsonDirect
{
  ArborBatchBuilder *builder;
  ArborCell *cells;
  guint32 n_cells;
  guint32 n_allocated;
  guint depth; /* of levels */
  Level levels[ARBOR_CELL_MAX_DEPTH];
  ArborBuffer unescaped; /* of this line; room for all of it is made at its first escape */
  guint n_refused; /* in a row */
  guint pause;     /* lines not to try */
};

ArborJsonDirect *
arbor_json_direct_new (ArborBatchBuilder *builder)
{
  ArborJsonDirect *self = g_new0 (ArborJsonDirect, 1);

  self->builder = builder;
  self->n_allocated = 1024;
  self->cells = g_new (ArborCell, self->n_allocated);
  return self;
}

void
arbor_json_direct_free (ArborJsonDirect *self)
{
  arbor_buffer_free (&self->unescaped);
  g_free (self->cells);
  g_free (self);
}

static inline ArborCell *
add_cell (ArborJsonDirect *self, guint32 column, guint8 kind)
{
  ArborCell *cell;

  if (G_UNLIKELY (self->n_cells == self->n_allocated))
    {
      self->n_allocated *= 2;
      self->cells = g_renew (ArborCell, self->cells, self->n_allocated);
    }
  cell = &self->cells[self->n_cells++];
  cell->column = column;
  cell->kind = kind;
  return cell;
}

static inline const char *
skip_space (const char *at)
{
  while (*at == ' ' || *at == '\t' || *at == '\r')
    at++;
  return at;
}

/* Keys. */

static inline guint64
load (const char *at)
{
  guint64 word;

  memcpy (&word, at, 8);
  return word;
}

/* Whether @at is the key of @field and its closing quote; returns what follows, or NULL. The key
 * has no control characters, so nothing is looked at behind the 8 bytes that hold the newline. */
static inline const char *
match_key (const ArborBatchBuilder *builder, guint32 field, const char *at)
{
  const ArborColumnBuilder *column;
  const char *key;
  guint32 left;

  if (field == ARBOR_NO_COLUMN)
    return NULL;
  column = &builder->columns[field];
  key = (const char *) builder->key_bytes.data + column->key_start;
  left = column->plain_length;
  if (left == ARBOR_KEY_NOT_PLAIN)
    return NULL;
  for (; left >= 8; left -= 8, at += 8, key += 8)
    if (load (at) != load (key))
      return NULL;
  if (left > 0 && (GUINT64_FROM_LE (load (at) ^ load (key)) << (64 - left * 8)) != 0)
    return NULL;
  return at[left] == '"' ? at + left + 1 : NULL;
}

/* Finds the field of a key that is not the one expected. */
static G_GNUC_NO_INLINE const char *
find_key (ArborJsonDirect *self, Level *level, guint32 guess, const char *at, guint32 *field)
{
  ArborBatchBuilder *builder = self->builder;
  const char *end;

  if (guess != ARBOR_NO_COLUMN)
    {
      *field = builder->columns[guess].follower;
      end = match_key (builder, *field, at);
      if (end != NULL)
        return end;
    }
  end = arbor_find_special (at);
  if (*end != '"' || end - at > G_MAXINT32)
    return NULL;
  *field = arbor_batch_builder_find_field (builder, level->column, at, (guint32) (end - at));
  if (*field == ARBOR_NO_COLUMN)
    return NULL;
  if (level->previous == ARBOR_NO_COLUMN)
    builder->columns[level->column].opener = *field;
  else
    builder->columns[level->previous].follower = *field;
  return end + 1;
}

/* A key and its colon, up to the value. */
static inline const char *
read_key (ArborJsonDirect *self, Level *level, const char *at, guint32 *field)
{
  ArborColumnBuilder *columns = self->builder->columns;
  const char *end;

  if (*at != '"')
    return NULL;
  *field = level->previous == ARBOR_NO_COLUMN ? columns[level->column].opener
                                              : columns[level->previous].follower;
  end = match_key (self->builder, *field, at + 1);
  if (end == NULL)
    end = find_key (self, level, *field, at + 1, field);
  if (end == NULL || columns[*field].stamp == level->serial)
    return NULL;
  columns[*field].stamp = level->serial;
  level->previous = *field;
  end = skip_space (end);
  return *end == ':' ? skip_space (end + 1) : NULL;
}

/* Scalars. Each returns what follows the value, or NULL. */

static inline const char *
read_string (ArborJsonDirect *self, const char *at, guint32 column)
{
  const char *text = at + 1;
  const char *end = arbor_find_special (text);
  gsize length = (gsize) (end - text);
  ArborCell *cell;

  if (*end == '\\')
    {
      end = arbor_unescape (&self->unescaped, text, end, &text, &length);
      if (end == NULL)
        return NULL;
    }
  if (*end != '"' || length > G_MAXINT32)
    return NULL;
  cell = add_cell (self, column, ARBOR_KIND_STRING);
  cell->of.text = text;
  cell->length = (guint32) length;
  return end + 1;
}

static inline gboolean
is_digit (char c)
{
  return c >= '0' && c <= '9';
}

/* Appends the digits at @at to *@digits, modulo 2^64, and returns what follows them. Eight at a
 * time: how many there are is what a processor guesses worst. */
static inline const char *
read_digits (const char *at, guint64 *digits)
{
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
  static const guint32 tens[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000 };

  for (;;)
    {
      guint64 values = load (at) ^ G_GUINT64_CONSTANT (0x3030303030303030);
      guint64 others = (values | (values + G_GUINT64_CONSTANT (0x7676767676767676))) &
                       G_GUINT64_CONSTANT (0x8080808080808080);
      guint n = others != 0 ? (guint) __builtin_ctzll (others) / 8 : 8;

      if (n == 0)
        return at;
      values <<= 64 - 8 * n; /* as if zeros were before them */
      values = (values * 10 + (values >> 8)) & G_GUINT64_CONSTANT (0x00FF00FF00FF00FF);
      values = (values * 100 + (values >> 16)) & G_GUINT64_CONSTANT (0x0000FFFF0000FFFF);
      values = (values * 10000 + (values >> 32)) & G_MAXUINT32;
      if (n < 8)
        {
          *digits = *digits * tens[n] + values;
          return at + n;
        }
      *digits = *digits * 100000000 + values;
      at += 8;
    }
#else
  for (; is_digit (*at); at++)
    *digits = *digits * 10 + (guint64) (*at - '0');
  return at;
#endif
}

/* 10^0 to 10^22, the powers that are exact. */
static const double powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };

/* @at is at the point or at the exponent of a number that begins at @begin and has @digits of
 * @n_digits before. Digits below 2^53 and an exact power of ten: one correctly rounded
 * operation. */
static const char *
read_double (ArborJsonDirect *self, const char *begin, const char *at, guint64 digits,
             gsize n_digits, guint32 column)
{
  int exponent = 0;
  double number;

  if (*at == '.')
    {
      const char *first = ++at;

      at = read_digits (at, &digits);
      if (at == first)
        return NULL;
      n_digits += (gsize) (at - first);
      exponent = (int) -MIN (at - first, 1000);
    }
  if (*at == 'e' || *at == 'E')
    {
      gboolean is_negative = at[1] == '-';
      const char *first = at + 1 + (at[1] == '-' || at[1] == '+');
      int n = 0;

      for (at = first; is_digit (*at); at++)
        n = MIN (n * 10 + (*at - '0'), 10000);
      if (at == first)
        return NULL;
      exponent += is_negative ? -n : n;
    }

  if (n_digits <= 19 && digits <= G_GUINT64_CONSTANT (1) << 53 && ABS (exponent) <= 22)
    {
      number = exponent < 0 ? (double) digits / powers[-exponent]
                            : (double) digits * powers[exponent];
      number = *begin == '-' ? -number : number;
    }
  else if (!arbor_cxx_read_double (begin, (gsize) (at - begin), &number))
    return NULL;
  memcpy (&add_cell (self, column, ARBOR_KIND_DOUBLE)->of.word, &number, 8);
  return at;
}

static inline const char *
read_number (ArborJsonDirect *self, const char *at, guint32 column)
{
  const char *begin = at;
  const char *first = at + (*at == '-');
  guint64 digits = 0;
  gsize n_digits;

  at = read_digits (first, &digits);
  n_digits = (gsize) (at - first);
  if (n_digits == 0 || (*first == '0' && n_digits > 1))
    return NULL;
  if (*at == '.' || *at == 'e' || *at == 'E')
    return read_double (self, begin, at, digits, n_digits, column);
  if (n_digits > 19 || digits > G_MAXINT64 || (digits == 0 && first != begin))
    return NULL;
  add_cell (self, column, ARBOR_KIND_INT64)->of.word = first == begin ? digits : 0 - digits;
  return at;
}

static inline const char *
read_scalar (ArborJsonDirect *self, const char *at, guint32 column)
{
  switch (*at)
    {
    case '"':
      return read_string (self, at, column);
    case 't':
      if (memcmp (at, "true", 4) != 0)
        return NULL;
      add_cell (self, column, ARBOR_KIND_BOOL)->of.word = 1;
      return at + 4;
    case 'f':
      if (memcmp (at, "false", 5) != 0)
        return NULL;
      add_cell (self, column, ARBOR_KIND_BOOL)->of.word = 0;
      return at + 5;
    case 'n':
      if (memcmp (at, "null", 4) != 0)
        return NULL;
      add_cell (self, column, ARBOR_KIND_NULL);
      return at + 4;
    default:
      return read_number (self, at, column);
    }
}

/* Arrays and objects. */

/* Whether the batch takes an array of @column in its columns, and not as text. */
static gboolean
takes_array (const ArborBatchBuilder *builder, guint32 column)
{
  return builder->columns[column].elements != ARBOR_NO_COLUMN ||
         (builder->n_columns < ARBOR_BATCH_MAX_COLUMNS &&
          builder->columns[column].depth + 1 < ARBOR_BATCH_MAX_DEPTH);
}

static inline gboolean
open_level (ArborJsonDirect *self, guint32 column, gboolean is_object)
{
  if (self->depth == ARBOR_CELL_MAX_DEPTH || self->n_cells > MAX_CELLS ||
      (!is_object && !takes_array (self->builder, column)))
    return FALSE;
  self->levels[self->depth++] =
      (Level){ .column = column,
               .previous = ARBOR_NO_COLUMN,
               .cell = self->n_cells,
               .is_object = is_object,
               .serial = is_object ? ++self->builder->serial : 0 };
  add_cell (self, column, is_object ? ARBOR_KIND_OBJECT : ARBOR_KIND_ARRAY);
  return TRUE;
}

static inline gboolean
close_level (ArborJsonDirect *self, const Level *level)
{
  ArborCell *cell;

  if (level->is_object && level->n > ARBOR_BATCH_MAX_OBJECT_FIELDS)
    return FALSE;
  cell = add_cell (self, level->column,
                   level->is_object ? ARBOR_CELL_END_OBJECT : ARBOR_CELL_END_ARRAY);
  cell->length = level->n;
  self->cells[level->cell].length = level->n;
  self->depth--;
  return TRUE;
}

/* Reads a value into cells; returns what follows it, or NULL. */
static const char *
read_tree (ArborJsonDirect *self, const char *at)
{
  guint32 column = 0;

  for (;;)
    {
      Level *level;

      if (*at == '{' || *at == '[')
        at = open_level (self, column, *at == '{') ? at + 1 : NULL;
      else
        at = read_scalar (self, at, column);
      if (at == NULL)
        return NULL;

      /* After a value or an opening bracket. */
      at = skip_space (at);
      for (;;)
        {
          if (self->depth == 0)
            return at;
          level = &self->levels[self->depth - 1];
          if (*at != (level->is_object ? '}' : ']'))
            break;
          if (!close_level (self, level))
            return NULL;
          at = skip_space (at + 1);
        }
      if (level->n++ > 0)
        {
          if (*at != ',')
            return NULL;
          at = skip_space (at + 1);
        }
      if (level->is_object)
        at = read_key (self, level, at, &column);
      else
        column = self->builder->columns[level->column].elements;
      if (at == NULL || column == ARBOR_NO_COLUMN || self->n_cells > MAX_CELLS)
        return NULL;
    }
}

gsize
arbor_json_direct_read (ArborJsonDirect *self, const char *text, gsize max_length)
{
  const char *end;

  if (self->pause > 0)
    {
      self->pause--;
      return 0;
    }
  self->n_cells = self->depth = 0;
  arbor_buffer_clear (&self->unescaped);
  end = read_tree (self, skip_space (text));
  if (end == NULL || *end != '\n' || (gsize) (end - text) >= max_length)
    {
      if (++self->n_refused > PATIENCE)
        self->pause = MIN (self->n_refused - PATIENCE, MAX_PAUSE);
      return 0;
    }
  self->n_refused = 0;
  arbor_batch_builder_add_cells (self->builder, self->cells, self->n_cells);
  return (gsize) (end - text) + 1;
}
