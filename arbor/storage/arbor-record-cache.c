/* Records that this process has read or written: a record is decoded once, as long as the name has it. They
 * are told apart by the digest of the value of the name, which has the generation.
 */

#include "storage/arbor-catalog.h"

/* Of more names some records are forgotten. */
#define MOST_NAMES 64u

typedef struct
{
  guint64 seal;
  ArborRecord *record;
} Known;

static void
known_free (gpointer data)
{
  Known *self = data;

  arbor_record_unref (self->record);
  g_free (self);
}

GHashTable *
arbor_environment_make_records (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, NULL, known_free);
}

ArborRecord *
arbor_environment_find_record (ArborEnvironment *self, const char *name, guint64 seal)
{
  ArborRecord *record = NULL;
  Known *known;

  pthread_mutex_lock (&self->records_mutex);
  known = g_hash_table_lookup (self->records, name);
  if (known != NULL && known->seal == seal)
    record = arbor_record_ref (known->record);
  pthread_mutex_unlock (&self->records_mutex);
  return record;
}

static gboolean
drop_any (gpointer key, gpointer value, gpointer data)
{
  guint *left = data;

  return (*left)++ % 2 == 0;
}

void
arbor_environment_note_record (ArborEnvironment *self, guint64 seal, ArborRecord *record)
{
  Known *known = g_new (Known, 1);
  guint n = 0;

  known->seal = seal;
  known->record = arbor_record_ref (record);
  pthread_mutex_lock (&self->records_mutex);
  if (g_hash_table_size (self->records) >= MOST_NAMES)
    g_hash_table_foreach_remove (self->records, drop_any, &n);
  g_hash_table_replace (self->records, record->name, known);
  pthread_mutex_unlock (&self->records_mutex);
}
