/* See arbor-keys.h.
 *
 *   0 flags u32 (1: unique), 4 paths u32, then for each path its bytes u32 and its canonical text
 */

#include "storage/arbor-keys.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <xxhash.h>

#include "base/arbor-error.h"

#define IS_UNIQUE 1u
#define HEADER    8u

static void
put_u32 (GByteArray *out, guint32 value)
{
  value = GUINT32_TO_LE (value);
  g_byte_array_append (out, (const guint8 *) &value, sizeof value);
}

static guint32
get_u32 (const guint8 *at)
{
  guint32 value;

  memcpy (&value, at, sizeof value);
  return GUINT32_FROM_LE (value);
}

static ArborKeys *
keys_alloc (gboolean is_unique, guint n)
{
  ArborKeys *self = g_new0 (ArborKeys, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->is_unique = is_unique;
  self->n_paths = n;
  self->paths = g_new0 (ArborPath *, n + 1);
  self->texts = g_new0 (char *, n + 1);
  return self;
}

ArborKeys *
arbor_keys_ref (ArborKeys *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
arbor_keys_unref (ArborKeys *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  for (guint i = 0; i < self->n_paths; i++)
    g_clear_pointer (&self->paths[i], arbor_path_free);
  g_free (self->paths);
  g_strfreev (self->texts);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self);
}

/* The path at @index: one value at most, and none of those before. */
static gboolean
set_path (ArborKeys *self, guint index, const char *text, GError **error)
{
  self->paths[index] = arbor_path_parse (text, error);
  if (self->paths[index] == NULL)
    return FALSE;
  self->texts[index] = arbor_path_to_string (self->paths[index]);
  if (self->paths[index]->is_vector || self->paths[index]->n_steps == 0)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                   _("A key is one value of a tree; the path '%s' leads to %s"), self->texts[index],
                   self->paths[index]->is_vector ? _("several") : _("all of it"));
      return FALSE;
    }
  self->digest = XXH3_64bits_withSeed (self->texts[index], strlen (self->texts[index]), self->digest);
  for (guint i = 0; i < index; i++)
    if (strcmp (self->texts[i], self->texts[index]) == 0)
      {
        g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                     _("The path '%s' of a key is given twice"), self->texts[index]);
        return FALSE;
      }
  return TRUE;
}

static gboolean
write_bytes (ArborKeys *self, GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();

  put_u32 (out, self->is_unique ? IS_UNIQUE : 0);
  put_u32 (out, self->n_paths);
  for (guint i = 0; i < self->n_paths; i++)
    {
      gsize length = strlen (self->texts[i]);

      put_u32 (out, (guint32) MIN (length, G_MAXUINT32));
      g_byte_array_append (out, (const guint8 *) self->texts[i],
                           (guint) MIN (length, ARBOR_KEYS_MAX + 1));
    }
  if (out->len > ARBOR_KEYS_MAX)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                   _("The paths of a key take %u bytes; at most %u can be declared"), out->len,
                   ARBOR_KEYS_MAX);
      return FALSE;
    }
  self->bytes = g_bytes_new (out->data, out->len);
  return TRUE;
}

ArborKeys *
arbor_keys_new (const char *const *paths, gboolean is_unique, GError **error)
{
  guint n = g_strv_length ((char **) paths);
  g_autoptr (ArborKeys) self = NULL;

  if (n == 0 || n > ARBOR_KEYS_MAX_PATHS)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                   _("A key has 1 to %u paths, not %u"), ARBOR_KEYS_MAX_PATHS, n);
      return NULL;
    }
  self = keys_alloc (is_unique, n);
  for (guint i = 0; i < n; i++)
    if (!set_path (self, i, paths[i], error))
      return NULL;
  return write_bytes (self, error) ? g_steal_pointer (&self) : NULL;
}

/* Whether the paths fill @size bytes. */
static gboolean
read_paths (ArborKeys *self, const guint8 *data, gsize size)
{
  gsize at = HEADER;

  for (guint i = 0; i < self->n_paths; i++)
    {
      g_autofree char *text = NULL;
      guint32 length;

      if (size - at < 4)
        return FALSE;
      length = get_u32 (data + at);
      at += 4;
      if (length > size - at || memchr (data + at, 0, length) != NULL)
        return FALSE;
      text = g_strndup ((const char *) data + at, length);
      if (!g_utf8_validate (text, -1, NULL) || !set_path (self, i, text, NULL) ||
          strcmp (text, self->texts[i]) != 0)
        return FALSE;
      at += length;
    }
  return at == size;
}

ArborKeys *
arbor_keys_read (const guint8 *data, gsize size, GError **error)
{
  g_autoptr (ArborKeys) self = NULL;

  if (size >= HEADER && size <= ARBOR_KEYS_MAX && get_u32 (data) <= IS_UNIQUE &&
      get_u32 (data + 4) >= 1 && get_u32 (data + 4) <= ARBOR_KEYS_MAX_PATHS)
    {
      self = keys_alloc (get_u32 (data) == IS_UNIQUE, get_u32 (data + 4));
      self->bytes = g_bytes_new (data, size);
      if (read_paths (self, data, size))
        return g_steal_pointer (&self);
    }
  g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT,
                       _("What is declared of the keys of an arbor is damaged"));
  return NULL;
}

gboolean
arbor_keys_equal (const ArborKeys *a, const ArborKeys *b)
{
  return a == b || (a != NULL && b != NULL && g_bytes_equal (a->bytes, b->bytes));
}

gboolean
arbor_keys_same_paths (const ArborKeys *a, const ArborKeys *b)
{
  return a == b || (a != NULL && b != NULL &&
                    g_strv_equal ((const char *const *) a->texts, (const char *const *) b->texts));
}

char *
arbor_keys_describe (const ArborKeys *self)
{
  return g_strjoinv (", ", self->texts);
}
