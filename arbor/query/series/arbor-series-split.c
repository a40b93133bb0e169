/* Parts of strings over series: runs of strings, which lie where the strings lie. */

#include "query/series/arbor-series-strings.h"

#include <string.h>

#include "query/expr/arbor-function-private.h"
#include "query/expr/arbor-function-series.h"

/* Parts of all places together. */
#define MAX_PARTS (4u * 1024u * 1024u)

typedef struct
{
  const ArborSeriesCall *call;
  ArborSeries strings;
  const ArborValue *separator;
  guint32 *starts;
  guint8 *kind;
} Splitter;

/* The parts of a string of one byte between them: from @at to *@next less that byte. */
static inline const char *
find_byte (const char *at, const char *end, char byte, const char **next)
{
  const char *found = at < end ? memchr (at, byte, (gsize) (end - at)) : NULL;

  *next = found != NULL ? found + 1 : NULL;
  return found != NULL ? found : end;
}

/* Writes the parts of a string, where @parts is not NULL; returns how many there are. */
static gsize
split_one (const Splitter *self, const ArborString *string, ArborString *parts)
{
  const ArborValue *separator = self->separator;
  const ArborValue text = ARBOR_VALUE_STRING (string->bytes, string->length);
  const char *first = arbor_function_find_first_part (&text, separator);
  /* Nothing lies where its first part is said to lie. */
  const char *end = text.length > 0 ? text.text + text.length : first;
  gboolean is_byte = separator != NULL && separator->length == 1;
  const char *next;
  gsize n = 0;

  for (const char *at = first; at != NULL; at = next, n++)
    {
      const char *part_end = is_byte ? find_byte (at, end, separator->text[0], &next)
                                     : arbor_function_find_part_end (at, end, separator, &next);

      if (parts != NULL)
        parts[n] = (ArborString){ at, (guint32) (part_end - at) };
    }
  return n;
}

/* Where the parts of each place begin. What is too much for a place is open. */
static guint32
count_parts (Splitter *self)
{
  const ArborSeriesCall *call = self->call;
  guint32 n_all = 0;

  for (guint32 i = 0; i < call->n; i++)
    {
      gsize n = 0;

      self->starts[i] = n_all;
      self->kind[i] = arbor_series_get_kind (&self->strings, i) == ARBOR_KIND_OPEN
                          ? ARBOR_KIND_OPEN
                          : ARBOR_KIND_NULL;
      if (!arbor_strings_has (call, &self->strings, i))
        continue;
      n = split_one (self, &self->strings.strings[i], NULL);
      self->kind[i] = ARBOR_KIND_ARRAY;
      if (n > call->bound / sizeof (ArborValue) || n > MAX_PARTS - n_all)
        self->kind[i] = ARBOR_KIND_OPEN;
      else
        n_all += (guint32) n;
    }
  self->starts[call->n] = n_all;
  return n_all;
}

ARBOR_SERIES (split)
{
  Splitter self = { .call = call };
  ArborString *parts;
  ArborSeries *inner;
  guint32 n;

  if (call->n_arguments > 1)
    {
      self.separator = arbor_series_call_get_constant (call, 1);
      if (self.separator == NULL || self.separator->kind != ARBOR_KIND_STRING)
        return FALSE;
    }
  if (!arbor_series_to_strings (&call->arguments[0], call->arrays, &self.strings))
    return FALSE;
  self.starts = arbor_scope_alloc (call->arrays, ((gsize) call->n + 1) * sizeof (guint32));
  self.kind = arbor_scope_alloc (call->arrays, MAX (call->n, 1));
  n = count_parts (&self);
  parts = arbor_scope_alloc (call->arrays, MAX ((gsize) n, 1) * sizeof *parts);
  for (guint32 i = 0; i < call->n; i++)
    if (self.starts[i + 1] > self.starts[i])
      split_one (&self, &self.strings.strings[i], parts + self.starts[i]);
  inner = arbor_scope_alloc (call->arrays, sizeof *inner);
  *inner = (ArborSeries){ .form = ARBOR_SERIES_STRINGS,
                          .n = n,
                          .kinds = ARBOR_KINDS (ARBOR_KIND_STRING),
                          .strings = parts };
  *result = (ArborSeries){ .form = ARBOR_SERIES_RUNS,
                           .n = call->n,
                           .kinds = ARBOR_KINDS (ARBOR_KIND_ARRAY),
                           .kind = self.kind,
                           .starts = self.starts,
                           .inner = inner };
  return TRUE;
}
