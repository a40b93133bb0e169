/* Normalized paths (section 2.7). See arbor-jsonpath-run-private.h.
 *
 * Most paths begin as the one before does, so the text of that one is kept with where each of its
 * steps ends, and only what differs is written.
 */

#include "base/arbor-text.h"
#include "batch/arbor-batch-format.h"
#include "query/jsonpath/arbor-jsonpath-columns.h"
#include "query/jsonpath/arbor-jsonpath-run-private.h"

typedef struct
{
  ArborJsonpathStep step;
  gsize end; /* in the text */
} Written;

/* Single quotes, and only the escapes that are needed. */
static void
append_name (const char *name, guint32 length, ArborBuffer *out)
{
  static const char letters[] = "btn\vfr"; /* of U+0008 to U+000D; \v has none */
  static const char digits[] = "0123456789abcdef";

  arbor_buffer_append_literal (out, "['");
  for (guint32 i = 0; i < length; i++)
    {
      guchar c = (guchar)name[i];

      if (c >= 0x20)
        {
          if (c == '\'' || c == '\\')
            arbor_buffer_append_byte (out, '\\');
          arbor_buffer_append_byte (out, c);
        }
      else if (c >= '\b' && c <= '\r' && c != '\v')
        {
          arbor_buffer_append_byte (out, '\\');
          arbor_buffer_append_byte (out, (guint8)letters[c - '\b']);
        }
      else
        {
          arbor_buffer_append_literal (out, c < 0x10 ? "\\u000" : "\\u001");
          arbor_buffer_append_byte (out, (guint8)digits[c & 0xF]);
        }
    }
  arbor_buffer_append_literal (out, "']");
}

static void
append_step (const ArborJsonpathStep *step, ArborBuffer *out)
{
  if (step->kind == ARBOR_CHILD_MEMBER)
    {
      append_name (step->key, step->length, out);
    }
  else
    {
      arbor_buffer_append_byte (out, '[');
      arbor_text_append_int64 (out, step->index);
      arbor_buffer_append_byte (out, ']');
    }
}

static gboolean
is_same (const ArborJsonpathStep *a, const ArborJsonpathStep *b)
{
  return a->kind == b->kind &&
         (a->kind == ARBOR_CHILD_MEMBER ? a->key == b->key && a->length == b->length
                                        : a->index == b->index);
}

static Written *
get_written (ArborJsonpathRun *self, guint i)
{
  return &g_array_index (self->written, Written, i);
}

/* Forgets what is written from step @n on. */
static void
cut (ArborJsonpathRun *self, guint n)
{
  g_array_set_size (self->written, n);
  self->text.length = n > 0 ? get_written (self, n - 1)->end : 1;
}

void
arbor_jsonpath_run_init_text (ArborJsonpathRun *self)
{
  self->written = g_array_new (FALSE, FALSE, sizeof (Written));
  arbor_buffer_append_byte (&self->text, '$');
}

void
arbor_jsonpath_run_clear_text (ArborJsonpathRun *self)
{
  g_array_unref (self->written);
  arbor_buffer_free (&self->text);
}

void
arbor_jsonpath_run_begin_text (ArborJsonpathRun *self)
{
  guint n = 0;

  while (n < self->written->len && (get_written (self, n)->step.is_fixed ||
                                    get_written (self, n)->step.kind == ARBOR_CHILD_ELEMENT))
    n++;
  cut (self, n);
}

void
arbor_jsonpath_run_append_path (ArborJsonpathRun *self, ArborBuffer *out)
{
  const ArborJsonpathStep *steps = self->steps;
  guint n = 0;

  while (n < self->written->len && n < self->n_steps &&
         is_same (&get_written (self, n)->step, &steps[n]))
    n++;
  cut (self, n);
  for (; n < self->n_steps; n++)
    {
      Written written = { .step = steps[n] };

      append_step (&steps[n], &self->text);
      written.end = self->text.length;
      g_array_append_val (self->written, written);
    }
  arbor_buffer_append (out, self->text.data, self->text.length);
}

/* Columns of elements have no key. */
void
arbor_jsonpath_site_append_path (const ArborJsonpathSite *site, const guint32 *numbers,
                                 ArborBuffer *out)
{
  g_autofree guint32 *columns = NULL;
  guint32 n = 0;

  for (guint32 column = site->column; column != 0; column = site->batch->columns[column].parent)
    n++;
  columns = g_new (guint32, n);
  for (guint32 i = n, column = site->column; i-- > 0; column = site->batch->columns[column].parent)
    columns[i] = column;
  arbor_buffer_append_byte (out, '$');
  for (guint32 i = 0; i < n; i++)
    {
      ArborJsonpathStep step = { .kind = ARBOR_CHILD_MEMBER };

      step.key = arbor_batch_get_key (site->batch, columns[i], &step.length);
      if (step.key == NULL)
        {
          step.kind = ARBOR_CHILD_ELEMENT;
          step.index = *numbers++;
        }
      append_step (&step, out);
    }
}
