/* See arbor-known.h.
 *
 * A column of a batch is compared with its digest at its first use, by whoever reads values, far below any
 * error. What is damaged there reads as MISSING, after it was noted here; and whoever reads stored batches
 * looks here when he is done (arbor_access_end). Damage is never forgotten, all else may be: it would be
 * read once more.
 */

#include "storage/arbor-known.h"

#include <pthread.h>

#define MOST_FORGOTTEN 65536u

typedef struct
{
  guint64 id;
  ArborBatchChecks *checks; /* NULL: never opened */
  gboolean is_verified;
  char *damage; /* NULL: none */
} Known;

struct _ArborKnown
{
  guint n_damaged; /* atomic */

  pthread_mutex_t mutex; /* guards what follows; the last lock that anybody takes */
  GHashTable *batches;   /* guint64 id -> Known */
  guint limit;           /* so many batches, and those that nobody has open are forgotten */
};

static void
known_free (gpointer data)
{
  Known *self = data;

  g_clear_pointer (&self->checks, arbor_batch_checks_unref);
  g_free (self->damage);
  g_free (self);
}

ArborKnown *
arbor_known_new (void)
{
  ArborKnown *self = g_new0 (ArborKnown, 1);

  pthread_mutex_init (&self->mutex, NULL);
  self->batches = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, known_free);
  self->limit = MOST_FORGOTTEN;
  return self;
}

void
arbor_known_free (ArborKnown *self)
{
  g_hash_table_unref (self->batches);
  pthread_mutex_destroy (&self->mutex);
  g_free (self);
}

static gboolean
may_be_forgotten (gpointer key, gpointer value, gpointer data)
{
  Known *known = value;

  return known->damage == NULL &&
         (known->checks == NULL || arbor_batch_checks_is_last (known->checks));
}

/* With the mutex held. */
static Known *
get (ArborKnown *self, guint64 id)
{
  Known *known = g_hash_table_lookup (self->batches, &id);

  if (known != NULL)
    return known;
  if (g_hash_table_size (self->batches) >= self->limit)
    {
      g_hash_table_foreach_remove (self->batches, may_be_forgotten, NULL);
      self->limit = MAX (MOST_FORGOTTEN, 2 * g_hash_table_size (self->batches));
    }
  known = g_new0 (Known, 1);
  known->id = id;
  g_hash_table_insert (self->batches, &known->id, known);
  return known;
}

gboolean
arbor_known_is_verified (ArborKnown *self, guint64 id)
{
  Known *known;
  gboolean is_verified;

  pthread_mutex_lock (&self->mutex);
  known = g_hash_table_lookup (self->batches, &id);
  is_verified = known != NULL && known->is_verified;
  pthread_mutex_unlock (&self->mutex);
  return is_verified;
}

void
arbor_known_note_verified (ArborKnown *self, guint64 id)
{
  pthread_mutex_lock (&self->mutex);
  get (self, id)->is_verified = TRUE;
  pthread_mutex_unlock (&self->mutex);
}

static void
note_damage (gpointer data, guint64 id, const char *column)
{
  ArborKnown *self = data;
  Known *known;

  pthread_mutex_lock (&self->mutex);
  known = get (self, id);
  if (known->damage == NULL)
    {
      known->damage = g_strdup (column);
      __atomic_add_fetch (&self->n_damaged, 1, __ATOMIC_SEQ_CST);
    }
  pthread_mutex_unlock (&self->mutex);
}

void
arbor_known_set_checks (ArborKnown *self, guint64 id, ArborBatch *batch)
{
  Known *known;

  pthread_mutex_lock (&self->mutex);
  known = get (self, id);
  if (known->checks == NULL || !arbor_batch_set_checks (batch, known->checks))
    {
      g_clear_pointer (&known->checks, arbor_batch_checks_unref);
      known->checks = arbor_batch_checks_new (batch, id, note_damage, self);
      arbor_batch_set_checks (batch, known->checks);
    }
  pthread_mutex_unlock (&self->mutex);
}

/* The fence goes with the release of arbor_batch_column_is_good: a reader that saw its state sees what
 * was noted before. */
gboolean
arbor_known_has_damage (ArborKnown *self)
{
  __atomic_thread_fence (__ATOMIC_ACQUIRE);
  return __atomic_load_n (&self->n_damaged, __ATOMIC_RELAXED) > 0;
}

char *
arbor_known_dup_damage (ArborKnown *self, guint64 id)
{
  Known *known;
  char *damage;

  pthread_mutex_lock (&self->mutex);
  known = g_hash_table_lookup (self->batches, &id);
  damage = known != NULL ? g_strdup (known->damage) : NULL;
  pthread_mutex_unlock (&self->mutex);
  return damage;
}
