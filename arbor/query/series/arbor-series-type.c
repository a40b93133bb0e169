/* What kinds the places of a series have, and making one kind of another. */

#include <math.h>

#include "base/arbor-number.h"
#include "base/arbor-simd.h"
#include "base/arbor-text.h"
#include "query/expr/arbor-function-private.h"
#include "query/expr/arbor-function-series.h"
#include "query/series/arbor-series-numbers.h"
#include "query/series/arbor-series-strings.h"

/* Whether a place has one of @kinds. */
ARBOR_TARGET_CLONES
static void
test_kinds (const guint8 *kind, guint32 kinds, guint32 n, guint8 *truths)
{
  for (guint32 i = 0; i < n; i++)
    truths[i] = kind[i] == ARBOR_KIND_OPEN ? ARBOR_TRUTH_OPEN
                : kinds >> kind[i] & 1      ? ARBOR_TRUTH_TRUE
                                            : ARBOR_TRUTH_FALSE;
}

static gboolean
run_test (const ArborSeriesCall *call, guint32 kinds, ArborSeries *result)
{
  guint8 *truths = arbor_series_call_new_truths (call, result);

  test_kinds (arbor_series_call_list_kinds (call, &call->arguments[0]), kinds, call->n, truths);
  result->kinds = ARBOR_KINDS (ARBOR_KIND_BOOL);
  arbor_series_call_finish_truths (call, result);
  return TRUE;
}

#define DEFINE_TEST(name, kinds)                                                                   \
  ARBOR_SERIES (name)                                                                              \
  {                                                                                                \
    return run_test (call, kinds, result);                                                         \
  }

#define IS(kind) ARBOR_KINDS (ARBOR_KIND_##kind)

DEFINE_TEST (is_null, IS (NULL))
DEFINE_TEST (is_missing, IS (MISSING))
DEFINE_TEST (exists, ~IS (MISSING))
DEFINE_TEST (is_bool, IS (BOOL))
DEFINE_TEST (is_number, IS (INT64) | IS (UINT64) | IS (DOUBLE) | IS (NUMBER))
DEFINE_TEST (is_string, IS (STRING))
DEFINE_TEST (is_array, IS (ARRAY))
DEFINE_TEST (is_object, IS (OBJECT))

/* The text of a NUMBER tells. */
ARBOR_SERIES (is_int)
{
  if (arbor_series_may_be (&call->arguments[0], ARBOR_KIND_NUMBER))
    return FALSE;
  return run_test (call, IS (INT64) | IS (UINT64), result);
}

ARBOR_SERIES (type_of)
{
  const guint8 *kind = arbor_series_call_list_kinds (call, &call->arguments[0]);
  gboolean has_open = arbor_series_has_open (&call->arguments[0]);
  ArborString *strings = arbor_series_call_new_strings (call, has_open, result);
  ArborString names[ARBOR_N_KINDS];

  for (guint k = 0; k < ARBOR_N_KINDS; k++)
    {
      const char *name = arbor_kind_to_string ((ArborKind) k);

      names[k] = (ArborString){ name, (guint32) strlen (name) };
    }
  for (guint32 i = 0; i < call->n; i++)
    strings[i] = names[kind[i] < ARBOR_N_KINDS ? kind[i] : 0];
  for (guint32 i = 0; has_open && i < call->n; i++)
    ((guint8 *) result->kind)[i] = kind[i] == ARBOR_KIND_OPEN ? ARBOR_KIND_OPEN : ARBOR_KIND_STRING;
  arbor_series_call_finish_kinds (call, result);
  return TRUE;
}

/* Casts */

/* A place gets a value that fits words, or null. */
static inline void
put (guint64 *words, guint8 *kind, guint32 i, const ArborValue *value)
{
  kind[i] = value->kind;
  words[i] = value->kind == ARBOR_KIND_BOOL ? value->boolean != 0 : value->uint64;
}

/* Numbers and truth values, as doubles or integers. */
static gboolean
cast_words (const ArborSeriesCall *call, gboolean to_double, ArborSeries *result)
{
  ArborNumberSeries from;
  const guint8 *kind_of;
  guint64 *words;
  guint8 *kind;

  if (!arbor_number_series_init (&from, call, &call->arguments[0]))
    return FALSE;
  kind_of = arbor_number_series_list_kinds (&from, call);
  words = arbor_series_call_new_words (call, TRUE, result);
  kind = (guint8 *) result->kind;
  for (guint32 i = 0; i < call->n; i++)
    {
      ArborValue value = { .kind = kind_of[i], .uint64 = from.words[i] };

      if (value.kind == ARBOR_KIND_BOOL)
        value.kind = ARBOR_KIND_INT64;
      if (to_double && value.kind == ARBOR_KIND_INT64)
        value = ARBOR_VALUE_DOUBLE ((double) value.int64);
      else if (!to_double && value.kind == ARBOR_KIND_DOUBLE && fabs (value.real) < 0x1p62)
        value = ARBOR_VALUE_INT64 ((gint64) value.real);
      else if (!to_double && value.kind == ARBOR_KIND_DOUBLE)
        {
          ArborValue number = value;

          if (!arbor_number_truncate (&number, &value))
            value = ARBOR_VALUE_NULL;
        }
      if (value.kind == ARBOR_KIND_MISSING)
        value.kind = ARBOR_KIND_NULL;
      put (words, kind, i, &value);
    }
  result->kinds = 0;
  arbor_series_call_finish_kinds (call, result);
  return TRUE;
}

/* Decimal digits alone, few enough to fit: what most texts of numbers are. */
static inline gboolean
read_digits (const ArborString *string, gint64 *integer)
{
  guint32 i = string->length > 0 && string->bytes[0] == '-';
  guint32 n = string->length - i;
  guint64 number = 0;

  if (n == 0 || n > 18 || (n > 1 && string->bytes[i] == '0'))
    return FALSE;
  for (; i < string->length; i++)
    {
      guint digit = (guint) (guchar) string->bytes[i] - '0';

      if (digit > 9)
        return FALSE;
      number = number * 10 + digit;
    }
  *integer = string->bytes[0] == '-' ? -(gint64) number : (gint64) number;
  return string->bytes[0] != '-' || number != 0; /* -0 is a double */
}

/* Strings as numbers: what is not an integer by itself is left to the row code, whose numbers have to
 * fit words. */
static gboolean
read_numbers (const ArborSeriesCall *call, gboolean to_double, ArborSeries *result)
{
  ArborValue *arguments =
      arbor_scope_alloc (call->arrays, (gsize) call->n_arguments * sizeof *arguments);
  ArborSeries from;
  guint64 *words;
  guint8 *kind;

  if (!arbor_series_to_strings (&call->arguments[0], call->arrays, &from))
    return FALSE;
  words = arbor_series_call_new_words (call, TRUE, result);
  kind = (guint8 *) result->kind;
  for (guint32 i = 0; i < call->n; i++)
    {
      guint8 of = arbor_series_get_kind (&from, i);
      ArborValue value = ARBOR_VALUE_NULL;

      if (of == ARBOR_KIND_OPEN)
        value.kind = of;
      else if (of == ARBOR_KIND_STRING && read_digits (&from.strings[i], &value.int64))
        value = to_double ? ARBOR_VALUE_DOUBLE ((double) value.int64)
                          : ARBOR_VALUE_INT64 (value.int64);
      else if (of == ARBOR_KIND_STRING)
        arbor_series_call_place (call, i, arguments, &value);
      if (value.kind == ARBOR_KIND_NUMBER)
        return FALSE;
      put (words, kind, i, &value);
    }
  result->kinds = 0;
  arbor_series_call_finish_kinds (call, result);
  return TRUE;
}

/* Room for the text of a number. */
#define NUMBER_SIZE 32u

/* The text of a number of 64 bits; FALSE: another value, or there is no room. */
static gboolean
write_number (const ArborSeriesCall *call, const ArborValue *value, char **room, gsize *n_room,
              ArborString *string)
{
  ArborBuffer *digits;

  if (*n_room < NUMBER_SIZE)
    return FALSE;
  digits = arbor_scope_get_scratch (call->texts);
  if (value->kind == ARBOR_KIND_INT64)
    arbor_text_append_int64 (digits, value->int64);
  else
    arbor_text_append_double (digits, value->real);
  *string = (ArborString){ *room, (guint32) digits->length };
  memcpy (*room, digits->data, digits->length);
  *room += digits->length;
  *n_room -= digits->length;
  return TRUE;
}

/* Numbers as text; all else as the row code writes it. */
static gboolean
write_texts (const ArborSeriesCall *call, ArborSeries *result)
{
  ArborString *strings = arbor_series_call_new_strings (call, TRUE, result);
  guint8 *kind = (guint8 *) result->kind;
  char *room = NULL;
  gsize n_room = 0;

  memset (kind, ARBOR_KIND_STRING, call->n);
  for (guint32 i = 0; i < call->n; i++)
    {
      ArborValue value;

      arbor_series_get (&call->arguments[0], i, &value);
      if (n_room < NUMBER_SIZE && arbor_kind_is_word_number (value.kind))
        {
          n_room = MIN (call->bound, (gsize) (call->n - i) * NUMBER_SIZE);
          room = arbor_series_call_new_text (call, n_room);
          n_room = room != NULL ? n_room : 0;
        }
      strings[i] = (ArborString){ "", 0 };
      if (call->wanted != NULL && !call->wanted[i])
        kind[i] = ARBOR_KIND_NULL;
      else if (value.kind == ARBOR_KIND_STRING)
        strings[i] = (ArborString){ value.text, value.length };
      else if (!arbor_kind_is_word_number (value.kind) ||
               !write_number (call, &value, &room, &n_room, &strings[i]))
        arbor_series_call_put_string (call, i, strings, result);
    }
  arbor_series_call_finish_kinds (call, result);
  return TRUE;
}

static gboolean
is_name (const ArborValue *value, const char *name)
{
  return value->length == strlen (name) && memcmp (value->text, name, value->length) == 0;
}

ARBOR_SERIES (cast)
{
  const ArborValue *name = arbor_series_call_get_constant (call, 1);
  gboolean are_strings;

  if (name == NULL || name->kind != ARBOR_KIND_STRING)
    return FALSE;
  are_strings = arbor_series_may_be (&call->arguments[0], ARBOR_KIND_STRING);
  if (is_name (name, "string"))
    return write_texts (call, result);
  if (is_name (name, "int") || is_name (name, "double"))
    return are_strings ? read_numbers (call, is_name (name, "double"), result)
                       : cast_words (call, is_name (name, "double"), result);
  return FALSE;
}

ARBOR_SERIES (to_number)
{
  return read_numbers (call, FALSE, result);
}

ARBOR_SERIES (to_string)
{
  return write_texts (call, result);
}
