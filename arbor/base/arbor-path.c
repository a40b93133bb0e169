/* Reading and writing paths. See arbor-path.h. The text is read from left to right, once; the first
 * byte that cannot stand where it does gives the error its position.
 */

#include "base/arbor-path.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/arbor-error.h"
#include "base/arbor-tape.h"
#include "base/arbor-text.h"

typedef struct
{
  const char *text;
  gsize length;
  gsize at;
  const char *reason; /* translated; when something failed at @at */
} Reader;

static gboolean
fail (Reader *self, const char *reason)
{
  self->reason = reason;
  return FALSE;
}

/* The byte at @at, -1 at the end. */
static inline int
peek (const Reader *self)
{
  return self->at < self->length ? (guint8) self->text[self->at] : -1;
}

static void
skip_space (Reader *self)
{
  while (peek (self) == ' ' || peek (self) == '\t' || peek (self) == '\n' || peek (self) == '\r')
    self->at++;
}

/* The length of the JSON string that begins at @at, quotes included; 0 when it does not end. */
static gsize
measure_string (const Reader *self)
{
  for (gsize end = self->at + 1; end < self->length; end++)
    if (self->text[end] == '\\')
      end++;
    else if (self->text[end] == '"')
      return end + 1 - self->at;
  return 0;
}

static gboolean
read_quoted_key (Reader *self, ArborStep *step)
{
  g_autoptr (ArborParser) parser = arbor_parser_new ();
  g_autofree char *padded = NULL;
  gsize length = measure_string (self);
  ArborTape tape;
  gsize offset;
  const char *reason;
  const char *key;

  if (length == 0)
    {
      self->at = self->length;
      return fail (self, _("expected '\"' at the end of the key"));
    }

  padded = g_malloc0 (length + ARBOR_PARSER_PADDING);
  memcpy (padded, self->text + self->at, length);
  if (!arbor_parser_parse (parser, padded, length, &tape, &offset, &reason))
    {
      self->at += offset;
      return fail (self, reason);
    }
  self->at += length;
  key = arbor_tape_string (&tape, ARBOR_TAPE_ROOT, &step->length);
  step->kind = ARBOR_STEP_KEY;
  step->key = g_malloc ((gsize) step->length + 1);
  memcpy (step->key, key, (gsize) step->length + 1);
  return TRUE;
}

static gboolean
read_index (Reader *self, ArborStep *step)
{
  gsize start = self->at;
  gboolean negative = peek (self) == '-';
  guint64 magnitude = 0;
  guint64 limit = negative ? (guint64) G_MAXINT64 + 1 : G_MAXINT64;

  self->at += negative;
  if (peek (self) < '0' || peek (self) > '9')
    {
      return fail (self, negative ? _("expected the digits of an index")
                                  : _("expected an index, '*' or a key in quotes"));
    }
  for (; peek (self) >= '0' && peek (self) <= '9'; self->at++)
    if (!g_uint64_checked_mul (&magnitude, magnitude, 10) ||
        !g_uint64_checked_add (&magnitude, magnitude, (guint64) (peek (self) - '0')) ||
        magnitude > limit)
      {
        self->at = start;
        return fail (self, _("an index beyond 64 bits"));
      }
  step->kind = ARBOR_STEP_INDEX;
  step->index = (gint64) (negative ? 0 - magnitude : magnitude);
  return TRUE;
}

/* At a '['. */
static gboolean
read_bracket (Reader *self, ArborStep *step)
{
  gboolean ok = TRUE;

  *step = (ArborStep){ .kind = ARBOR_STEP_EACH };
  self->at++;
  skip_space (self);
  if (peek (self) == '*')
    self->at++;
  else
    ok = peek (self) == '"' ? read_quoted_key (self, step) : read_index (self, step);
  if (!ok)
    return FALSE;

  skip_space (self);
  if (peek (self) != ']')
    {
      arbor_step_clear (step);
      return fail (self, _("expected ']'"));
    }
  self->at++;
  return TRUE;
}

/* A key that stands without quotes. */
static gboolean
read_bare_key (Reader *self, ArborStep *step)
{
  gsize start = self->at;

  while (peek (self) >= 0 && strchr (".[]\"", peek (self)) == NULL)
    self->at++;
  if (self->at == start)
    return fail (self, _("expected a key"));
  *step = (ArborStep){ .kind = ARBOR_STEP_KEY,
                       .length = (guint32) (self->at - start),
                       .key = g_strndup (self->text + start, self->at - start) };
  return TRUE;
}

static gboolean
read_step (Reader *self, gboolean is_first, ArborStep *step)
{
  if (peek (self) == '[')
    return read_bracket (self, step);
  if (!is_first && peek (self) != '.')
    return fail (self, _("expected '.', '[' or the end"));
  if (!is_first)
    self->at++;
  if (peek (self) != '"')
    return read_bare_key (self, step);
  *step = (ArborStep){ .kind = ARBOR_STEP_KEY };
  return read_quoted_key (self, step);
}

static gboolean
read_path (Reader *self, GArray *steps)
{
  gboolean is_first = TRUE;
  const char *end;

  if (!g_utf8_validate_len (self->text, self->length, &end))
    {
      self->at = (gsize) (end - self->text);
      return fail (self, _("invalid UTF-8"));
    }
  if (self->length > G_MAXUINT32)
    return fail (self, _("a path of 4 GiB or more"));

  /* A '$' is the tree itself where nothing else of a key follows. */
  if (peek (self) == '$' &&
      (self->length == 1 || self->text[1] == '.' || self->text[1] == '['))
    {
      self->at++;
      is_first = FALSE;
    }
  while (self->at < self->length)
    {
      ArborStep step;

      if (steps->len == ARBOR_TAPE_MAX_DEPTH)
        return fail (self, _("a path of more steps than trees are deep"));
      if (!read_step (self, is_first, &step))
        return FALSE;
      g_array_append_val (steps, step);
      is_first = FALSE;
    }
  return TRUE;
}

void
arbor_step_clear (ArborStep *step)
{
  g_clear_pointer (&step->key, g_free);
}

static void
clear_step (gpointer step)
{
  arbor_step_clear (step);
}

ArborPath *
arbor_path_new_take (ArborStep *steps, guint n_steps)
{
  ArborPath *self = g_new0 (ArborPath, 1);

  self->steps = steps;
  self->n_steps = n_steps;
  for (guint i = 0; i < n_steps; i++)
    self->is_vector |= steps[i].kind == ARBOR_STEP_EACH;
  return self;
}

ArborPath *
arbor_path_parse (const char *text, GError **error)
{
  g_autoptr (GArray) steps = g_array_new (FALSE, FALSE, sizeof (ArborStep));
  Reader reader = { .text = text, .length = strlen (text) };
  gsize n_steps;
  ArborStep *data;

  g_array_set_clear_func (steps, clear_step);
  if (!read_path (&reader, steps))
    {
      g_autofree char *valid = g_utf8_make_valid (text, -1);

      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                   _("Malformed path '%s': %s at byte %zu"), valid, reader.reason,
                   reader.at);
      return NULL;
    }
  data = g_array_steal (steps, &n_steps);
  return arbor_path_new_take (data, (guint) n_steps);
}

gboolean
arbor_path_parse_bracket (const char *text, gsize length, gsize *position, ArborStep *step,
                          GError **error)
{
  Reader reader = { .text = text, .length = length, .at = *position };

  if (!read_bracket (&reader, step))
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                   _("Malformed path: %s at byte %zu"), reader.reason, reader.at);
      return FALSE;
    }
  *position = reader.at;
  return TRUE;
}

ArborPath *
arbor_path_copy (const ArborPath *self)
{
  ArborStep *steps = g_memdup2 (self->steps, self->n_steps * sizeof (ArborStep));

  for (guint i = 0; i < self->n_steps; i++)
    if (steps[i].key != NULL)
      steps[i].key = g_memdup2 (steps[i].key, (gsize) steps[i].length + 1);
  return arbor_path_new_take (steps, self->n_steps);
}

void
arbor_path_free (ArborPath *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n_steps; i++)
    arbor_step_clear (&self->steps[i]);
  g_free (self->steps);
  g_free (self);
}

gboolean
arbor_step_equal (const ArborStep *a, const ArborStep *b)
{
  if (a->kind != b->kind)
    return FALSE;
  if (a->kind == ARBOR_STEP_INDEX)
    return a->index == b->index;
  return a->kind == ARBOR_STEP_EACH ||
         (a->length == b->length && memcmp (a->key, b->key, a->length) == 0);
}

gboolean
arbor_path_equal (const ArborPath *a, const ArborPath *b)
{
  if (a->n_steps != b->n_steps)
    return FALSE;
  for (guint i = 0; i < a->n_steps; i++)
    if (!arbor_step_equal (&a->steps[i], &b->steps[i]))
      return FALSE;
  return TRUE;
}

const char *
arbor_path_get_name (const ArborPath *self)
{
  if (self->n_steps != 1 || self->steps[0].kind != ARBOR_STEP_KEY || self->steps[0].length == 0 ||
      memchr (self->steps[0].key, '\0', self->steps[0].length) != NULL)
    return NULL;
  return self->steps[0].key;
}

static gboolean
is_identifier (const char *key, gsize length)
{
  if (length == 0 || g_ascii_isdigit (key[0]))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (key[i]) && key[i] != '_')
      return FALSE;
  return TRUE;
}

void
arbor_path_append (const ArborPath *self, ArborBuffer *out)
{
  if (self->n_steps == 0)
    arbor_buffer_append_byte (out, '$');
  for (guint i = 0; i < self->n_steps; i++)
    {
      const ArborStep *step = &self->steps[i];

      if (step->kind == ARBOR_STEP_KEY && is_identifier (step->key, step->length))
        {
          if (i > 0)
            arbor_buffer_append_byte (out, '.');
          arbor_buffer_append (out, step->key, step->length);
          continue;
        }
      if (step->kind == ARBOR_STEP_ANY)
        {
          arbor_buffer_append (out, ".*" + (i == 0), i == 0 ? 1 : 2);
          continue;
        }
      arbor_buffer_append_byte (out, '[');
      if (step->kind == ARBOR_STEP_KEY)
        arbor_text_append_string (out, step->key, step->length);
      else if (step->kind == ARBOR_STEP_INDEX)
        arbor_text_append_int64 (out, step->index);
      else
        arbor_buffer_append_byte (out, '*');
      arbor_buffer_append_byte (out, ']');
    }
}

char *
arbor_path_to_string (const ArborPath *self)
{
  ArborBuffer out = { NULL };

  arbor_path_append (self, &out);
  arbor_buffer_append_byte (&out, '\0');
  return (char *) out.data;
}
