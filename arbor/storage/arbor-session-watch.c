/* Noticing what others commit. The counter of generations moves with each change of the catalogue, so
 * news is a counter beyond what this session knows: what it found when it looked last, what it moved
 * to by a refresh, and what its own commits made of it. Own commits are noted before they take
 * effect, as steps from one value of the counter to the next; a look walks over them.
 *
 * A look reads the number of the last transaction, and begins a transaction only when that moved.
 */

#include "storage/arbor-session-private.h"

#include "base/arbor-gate.h"
#include "storage/arbor-catalog.h"

#define MOST_NOTED 64u

static gboolean
read_generation (ArborSession *self, MDB_txn *txn, guint64 *generation)
{
  ArborCounters counters;

  if (!arbor_catalog_read_counters ((ArborTxn){ .env = self->environment, .mdb = txn }, &counters, NULL))
    return FALSE;
  *generation = counters.next_generation;
  return TRUE;
}

static void
know (ArborSession *self, guint64 generation)
{
  self->known_generation = MAX (self->known_generation, generation);
  for (guint i = self->own_commits->len; i-- > 0;)
    if (g_array_index (self->own_commits, ArborOwnCommit, i).after <= self->known_generation)
      g_array_remove_index_fast (self->own_commits, i);
}

void
arbor_session_know_current (ArborSession *self)
{
  guint64 generation;

  if (self->is_watching && self->current != NULL &&
      read_generation (self, self->current->txn, &generation))
    know (self, generation);
}

void
arbor_session_set_watching (ArborSession *self, gboolean is_watching)
{
  pthread_mutex_lock (&self->mutex);
  self->is_watching = is_watching;
  self->known_generation = 0;
  self->seen_txnid = 0;
  g_array_set_size (self->own_commits, 0);
  arbor_session_know_current (self);
  pthread_mutex_unlock (&self->mutex);
}

/* Own commits */

static void
forget_own (ArborSession *self, gconstpointer key)
{
  for (guint i = self->own_commits->len; i-- > 0;)
    if (g_array_index (self->own_commits, ArborOwnCommit, i).key == key)
      g_array_remove_index_fast (self->own_commits, i);
}

void
arbor_session_forget_own (ArborSession *self, gconstpointer key)
{
  pthread_mutex_lock (&self->mutex);
  forget_own (self, key);
  pthread_mutex_unlock (&self->mutex);
}

/* Over the own commits that follow on what is known. */
static void
walk_own (ArborSession *self, guint64 newest)
{
  gboolean has_moved = TRUE;

  while (has_moved)
    {
      has_moved = FALSE;
      for (guint i = 0; i < self->own_commits->len && !has_moved; i++)
        {
          const ArborOwnCommit *commit = &g_array_index (self->own_commits, ArborOwnCommit, i);

          has_moved = commit->before == self->known_generation && commit->after <= newest;
          if (has_moved)
            know (self, commit->after);
        }
    }
}

/* All that were noted and end at @before have taken effect: one writes at a time. When many do not
 * follow on what is known, others have written between, and what comes after does not matter. */
void
arbor_session_note_own (ArborSession *self, gconstpointer key, guint64 before, guint64 after)
{
  ArborOwnCommit commit = { key, before, after };

  pthread_mutex_lock (&self->mutex);
  forget_own (self, key);
  walk_own (self, before);
  if (self->own_commits->len >= MOST_NOTED)
    g_array_set_size (self->own_commits, 0);
  if (self->is_watching && after != before)
    g_array_append_val (self->own_commits, commit);
  pthread_mutex_unlock (&self->mutex);
}

/* With the mutex held. What cannot be read here is for others to tell: a refresh says why. What was
 * seen is the transaction that was read: LMDB writes the page that names a new one before it lets
 * readers begin on it, and then the next look must look again. */
static gboolean
look (ArborSession *self)
{
  guint64 newest;
  gboolean is_read, has_news;
  MDB_txn *txn;

  if (arbor_environment_begin_read (self->environment, &txn, NULL) != 0)
    {
      self->seen_txnid = arbor_environment_get_last_txnid (self->environment);
      return TRUE;
    }
  self->seen_txnid = mdb_txn_id (txn);
  is_read = read_generation (self, txn, &newest);
  arbor_environment_end_read (self->environment, txn);
  if (!is_read)
    return TRUE;
  walk_own (self, newest);
  has_news = newest > self->known_generation;
  know (self, newest);
  return has_news;
}

gboolean
arbor_session_find_news (ArborSession *self)
{
  gboolean has_news = FALSE;
  guint64 txnid;

  pthread_mutex_lock (&self->mutex);
  if (self->environment != NULL && self->is_watching)
    {
      txnid = arbor_environment_get_last_txnid (self->environment);
      has_news = txnid != self->seen_txnid && look (self);
    }
  pthread_mutex_unlock (&self->mutex);
  return has_news;
}
