/* See arbor-key-tables.h. */

#include "storage/arbor-key-tables.h"

#include <pthread.h>

/* Of more bytes what nobody uses is forgotten. */
#define MOST_BYTES (64u * 1024u * 1024u)

typedef struct
{
  guint64 batch;
  guint64 paths; /* digest of what is declared */
  ArborKeyTable *table;
} Entry;

struct _ArborKeyTables
{
  pthread_mutex_t mutex; /* guards what follows; the last lock that anybody takes */
  GHashTable *entries;   /* Entry, by itself */
  gsize n_bytes;         /* of the tables */
  gsize limit;
};

static guint
hash_entry (gconstpointer data)
{
  const Entry *entry = data;

  return g_int64_hash (&entry->batch) ^ (guint) entry->paths;
}

static gboolean
equal_entries (gconstpointer a, gconstpointer b)
{
  const Entry *left = a, *right = b;

  return left->batch == right->batch && left->paths == right->paths;
}

static void
free_entry (gpointer data)
{
  Entry *entry = data;

  arbor_key_table_unref (entry->table);
  g_free (entry);
}

ArborKeyTables *
arbor_key_tables_new (void)
{
  ArborKeyTables *self = g_new0 (ArborKeyTables, 1);

  pthread_mutex_init (&self->mutex, NULL);
  self->entries = g_hash_table_new_full (hash_entry, equal_entries, free_entry, NULL);
  self->limit = MOST_BYTES;
  return self;
}

void
arbor_key_tables_free (ArborKeyTables *self)
{
  g_hash_table_unref (self->entries);
  pthread_mutex_destroy (&self->mutex);
  g_free (self);
}

ArborKeyTable *
arbor_key_tables_find (ArborKeyTables *self, guint64 batch, const ArborKeys *keys)
{
  const Entry wanted = { .batch = batch, .paths = keys->digest };
  ArborKeyTable *table = NULL;
  Entry *entry;

  pthread_mutex_lock (&self->mutex);
  entry = g_hash_table_lookup (self->entries, &wanted);
  if (entry != NULL)
    table = arbor_key_table_ref (entry->table);
  pthread_mutex_unlock (&self->mutex);
  return table;
}

/* Whether nobody else has it; it is gone then. */
static gboolean
drop_unused (gpointer key, gpointer value, gpointer data)
{
  ArborKeyTables *self = data;
  Entry *entry = key;

  if (!arbor_key_table_is_last (entry->table))
    return FALSE;
  self->n_bytes -= arbor_key_table_get_size (entry->table);
  return TRUE;
}

void
arbor_key_tables_note (ArborKeyTables *self, guint64 batch, const ArborKeys *keys,
                       ArborKeyTable *table)
{
  Entry *entry = g_new (Entry, 1);

  *entry = (Entry){ batch, keys->digest, arbor_key_table_ref (table) };
  pthread_mutex_lock (&self->mutex);
  if (g_hash_table_contains (self->entries, entry))
    {
      free_entry (entry);
    }
  else
    {
      self->n_bytes += arbor_key_table_get_size (table);
      g_hash_table_add (self->entries, entry);
    }
  if (self->n_bytes > self->limit)
    {
      g_hash_table_foreach_remove (self->entries, drop_unused, self);
      self->limit = MAX (MOST_BYTES, self->n_bytes * 2);
    }
  pthread_mutex_unlock (&self->mutex);
}

ArborKeyTable *
arbor_key_tables_make (const ArborBatch *batch, const ArborKeys *keys, GError **error)
{
  g_autoptr (GBytes) bytes = arbor_key_table_build (batch, keys->paths, keys->n_paths, error);

  return bytes != NULL ? arbor_key_table_open (bytes, arbor_batch_get_digest (batch),
                                               arbor_batch_get_n_trees (batch), keys->paths,
                                               keys->n_paths, error)
                       : NULL;
}
