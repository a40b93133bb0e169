/* Records in memory: what the table catalog says of an arbor, and names. */

#include "storage/arbor-catalog.h"

#include <string.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "storage/arbor-key-set.h"

gboolean
arbor_name_check (const char *name, GError **error)
{
  gsize length = strlen (name);
  const char *problem = NULL;

  if (length == 0)
    problem = _("it is empty");
  else if (length > ARBOR_NAME_MAX)
    problem = _("it is longer than 255 bytes");
  else if (!g_utf8_validate (name, -1, NULL))
    problem = _("it is not UTF-8");
  else
    for (const char *at = name; *at != '\0'; at = g_utf8_next_char (at))
      if (g_unichar_iscntrl (g_utf8_get_char (at)))
        problem = _("it has a control character");
  if (problem == NULL)
    return TRUE;

  {
    g_autofree char *printable = g_strescape (name, NULL);

    g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_NAME,
                 _("'%.300s' is not a name that an arbor can have: %s"), printable, problem);
  }
  return FALSE;
}

ArborRecord *
arbor_record_new (const char *name)
{
  ArborRecord *self = g_new0 (ArborRecord, 1);

  self->ref_count = 1;
  self->name = g_strdup (name);
  self->first_tree = g_new0 (guint64, 1);
  return self;
}

ArborRecord *
arbor_record_new_draft (const char *name, guint64 generation, const ArborBatchEntry *batches,
                        guint32 n)
{
  ArborRecord *self = arbor_record_new (name);

  self->generation = generation;
  arbor_record_set_batches (self, batches, n);
  return self;
}

ArborRecord *
arbor_record_ref (ArborRecord *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

static void
clear_batches (ArborRecord *self)
{
  for (guint32 i = 0; i < self->n_batches; i++)
    g_clear_pointer (&self->batches[i].mend, arbor_mend_unref);
  g_clear_pointer (&self->batches, g_free);
}

void
arbor_record_unref (ArborRecord *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  g_free (self->name);
  clear_batches (self);
  g_free (self->patches);
  g_clear_pointer (&self->keys, arbor_keys_unref);
  g_clear_pointer (&self->key_set, arbor_key_set_unref);
  g_free (self->first_tree);
  g_free (self);
}

void
arbor_record_set_batches (ArborRecord *self, const ArborBatchEntry *batches, guint32 n)
{
  clear_batches (self);
  g_free (self->first_tree);
  self->n_batches = n;
  self->batches = g_new (ArborBatchEntry, n);
  self->first_tree = g_new (guint64, (gsize) n + 1);
  self->n_trees = 0;
  self->n_bytes = 0;
  for (guint32 i = 0; i < n; i++)
    {
      self->batches[i] = batches[i];
      if (batches[i].mend != NULL)
        arbor_mend_ref (batches[i].mend);
      self->first_tree[i] = self->n_trees;
      /* Below 2^32 batches of below 2^32 each: neither sum can overflow. */
      self->n_trees += batches[i].n_trees;
      self->n_bytes += batches[i].n_bytes;
    }
  self->first_tree[n] = self->n_trees;
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const ArborBatchEntry *left = a, *right = b;

  return (left->id > right->id) - (left->id < right->id);
}

const ArborBatchEntry *
arbor_record_find_patch (const ArborRecord *self, guint64 id)
{
  const ArborBatchEntry key = { .id = id };

  return self->n_patches == 0 ? NULL
                              : bsearch (&key, self->patches, self->n_patches,
                                         sizeof *self->patches, compare_entries);
}

gboolean
arbor_record_has_mends (const ArborRecord *self)
{
  for (guint32 i = 0; i < self->n_batches; i++)
    if (self->batches[i].mend != NULL)
      return TRUE;
  return FALSE;
}

/* The ids that mends name, each once. */
static GHashTable *
list_named (const ArborRecord *self)
{
  GHashTable *named = g_hash_table_new (g_int64_hash, g_int64_equal);

  for (guint32 i = 0; i < self->n_batches; i++)
    {
      const ArborMend *mend = self->batches[i].mend;

      for (guint32 j = 0; mend != NULL && j < mend->n_patches; j++)
        g_hash_table_add (named, &mend->patches[j]);
    }
  return named;
}

/* Each once, and counts them. */
static void
drop_repeated (ArborRecord *self)
{
  guint32 n = 0;

  for (guint32 i = 0; i < self->n_patches; i++)
    if (n == 0 || self->patches[n - 1].id != self->patches[i].id)
      {
        self->patches[n++] = self->patches[i];
        self->n_bytes += self->patches[i].n_bytes;
      }
  self->n_patches = n;
}

void
arbor_record_set_patches (ArborRecord *self, const ArborBatchEntry *patches, guint32 n)
{
  g_autoptr (GHashTable) named = list_named (self);

  g_free (self->patches);
  self->patches = g_new (ArborBatchEntry, n);
  self->n_patches = 0;
  for (guint32 i = 0; i < n; i++)
    if (g_hash_table_contains (named, &patches[i].id))
      self->patches[self->n_patches++] = patches[i];
  if (self->n_patches > 1)
    qsort (self->patches, self->n_patches, sizeof *self->patches, compare_entries);
  drop_repeated (self);
}

ArborKeySet *
arbor_record_set_key_set (ArborRecord *self, ArborKeySet *set)
{
  ArborKeySet *first = NULL;

  if (__atomic_compare_exchange_n (&self->key_set, &first, set, FALSE, __ATOMIC_ACQ_REL,
                                   __ATOMIC_ACQUIRE))
    return set;
  arbor_key_set_unref (set);
  return first;
}
