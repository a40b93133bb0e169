/* Mended entries (arbor-mend.h), as those read them who are inside. Whoever reads tree by tree, or keeps
 * what he reads, is told in which batch of an entry each tree lies. Whoever says what he looks at of trees, and reads
 * whole batches, is given a batch of just that, spliced, which the access holds until it ends. The session
 * keeps some of them for the next access. Whoever says nothing has the entry gathered by its snapshot.
 */

#include "query/view/arbor-source-private.h"

#include <pthread.h>

#include "batch/arbor-spliced.h"
#include "query/view/arbor-narrow.h"
#include "query/view/arbor-patched.h"

/* A mended entry: its batches. */
typedef struct
{
  guint32 entry;
  const ArborBatch *batches[]; /* the base, then the patches */
} Run;

/* Who looks at few trees in an access has no use for all batches of an entry. */
#define FEW_TREES 16u
/* ... and who reads few entries none for all patches, unless these have most of them. */
#define FEW_ENTRIES 2u

/* All patches of the arbor, with what is wanted. */
typedef struct
{
  const ArborWanted *wanted;
  ArborPatched *patched; /* NULL: entries are to be tried by themselves */
} Together;

struct _ArborHeld
{
  pthread_mutex_t mutex; /* guards what follows */
  GHashTable *runs;      /* Run, by entry */
  Run *last;             /* that was asked for; NULL: none yet */
  guint n_found;         /* single trees that were found without one */
  GPtrArray *wanted;     /* ArborWanted * */
  GHashTable *spliced;   /* Key * -> ArborSpliced * */
  guint n_made;          /* entries that were spliced */

  pthread_mutex_t patches_mutex; /* guards what follows; taken before the snapshot's */
  GHashTable *patches;   /* guint64 * -> ArborBatch *, that were looked up */
  GArray *together;      /* Together */
};

typedef struct
{
  guint32 entry;
  const ArborWanted *wanted;
} Key;

static guint
hash_key (gconstpointer data)
{
  const Key *key = data;

  return key->entry * 2654435761u ^ g_direct_hash (key->wanted);
}

static gboolean
equal_keys (gconstpointer a, gconstpointer b)
{
  const Key *left = a, *right = b;

  return left->entry == right->entry && left->wanted == right->wanted;
}

static void
clear_together (gpointer data)
{
  g_clear_pointer (&((Together *) data)->patched, arbor_patched_free);
}

ArborHeld *
arbor_held_new (void)
{
  ArborHeld *self = g_new0 (ArborHeld, 1);

  pthread_mutex_init (&self->mutex, NULL);
  pthread_mutex_init (&self->patches_mutex, NULL);
  self->patches = g_hash_table_new (g_int64_hash, g_int64_equal);
  self->together = g_array_new (FALSE, FALSE, sizeof (Together));
  g_array_set_clear_func (self->together, clear_together);
  self->runs = g_hash_table_new_full (g_int_hash, g_int_equal, NULL, g_free);
  self->wanted = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_wanted_free);
  self->spliced = g_hash_table_new_full (hash_key, equal_keys, g_free,
                                         (GDestroyNotify) arbor_spliced_unref);
  return self;
}

void
arbor_held_free (ArborHeld *self)
{
  g_hash_table_unref (self->runs);
  g_hash_table_unref (self->spliced);
  g_ptr_array_unref (self->wanted);
  g_array_unref (self->together);
  g_hash_table_unref (self->patches);
  pthread_mutex_destroy (&self->patches_mutex);
  pthread_mutex_destroy (&self->mutex);
  g_free (self);
}

/* Stands for all there is. */
static const ArborWanted everything;

const ArborWanted *
arbor_held_keep (ArborHeld *self, const ArborWanted *wanted)
{
  const ArborWanted *kept = NULL;

  if (wanted == NULL)
    return &everything;
  pthread_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->wanted->len && kept == NULL; i++)
    if (arbor_wanted_covers (self->wanted->pdata[i], wanted) &&
        arbor_wanted_covers (wanted, self->wanted->pdata[i]))
      kept = self->wanted->pdata[i];
  if (kept == NULL)
    {
      kept = arbor_wanted_copy (wanted);
      g_ptr_array_add (self->wanted, (gpointer) kept);
    }
  pthread_mutex_unlock (&self->mutex);
  return kept;
}

/* Under the mutex of patches. Looking one up in the snapshot costs more than what is read of it. */
static const ArborBatch *
get_patch (ArborAccess *self, guint64 id, GError **error)
{
  const ArborBatchEntry *entry = arbor_record_find_patch (self->source->record, id);
  const ArborBatch *patch = g_hash_table_lookup (self->held->patches, &id);

  if (patch != NULL)
    return patch;
  patch = arbor_access_get_patch (self, id, error);
  if (patch != NULL && entry != NULL)
    g_hash_table_insert (self->held->patches, (gpointer) &entry->id, (gpointer) patch);
  return patch;
}

static Run *
make_run (ArborAccess *self, guint32 entry, const ArborMend *mend, GError **error)
{
  Run *run = g_malloc0 (sizeof *run + ((gsize) mend->n_patches + 1) * sizeof run->batches[0]);

  run->entry = entry;
  run->batches[0] = arbor_access_get_base (self, entry, error);
  pthread_mutex_lock (&self->held->patches_mutex);
  for (guint32 i = 0; run->batches[i] != NULL && i < mend->n_patches; i++)
    run->batches[i + 1] = get_patch (self, mend->patches[i], error);
  pthread_mutex_unlock (&self->held->patches_mutex);
  if (run->batches[mend->n_patches] == NULL)
    {
      g_free (run);
      return NULL;
    }
  return run;
}

/* What a mended entry consists of. Looking a batch up costs more than reading a few trees. */
static const Run *
get_run (ArborAccess *self, guint32 entry, const ArborMend *mend, GError **error)
{
  ArborHeld *held = self->held;
  Run *run, *other;

  pthread_mutex_lock (&held->mutex);
  run = held->last != NULL && held->last->entry == entry ? held->last
                                                         : g_hash_table_lookup (held->runs, &entry);
  held->last = run;
  pthread_mutex_unlock (&held->mutex);
  if (run != NULL)
    return run;
  run = make_run (self, entry, mend, error);
  if (run == NULL)
    return NULL;
  pthread_mutex_lock (&held->mutex);
  other = g_hash_table_lookup (held->runs, &entry);
  if (other == NULL)
    g_hash_table_insert (held->runs, &run->entry, run);
  else
    g_free (run);
  held->last = other != NULL ? other : run;
  run = held->last;
  pthread_mutex_unlock (&held->mutex);
  return run;
}

static const ArborWanted *
get_wanted (const ArborAccess *self)
{
  return self->wanted == &everything ? NULL : self->wanted;
}

/* Under the mutex of patches. NULL: they cannot be, or not all of them are there, which those who need the one
 * will tell. */
static ArborPatched *
put_together (ArborAccess *self)
{
  const ArborRecord *record = self->source->record;
  g_autofree const ArborBatch **batches = g_new (const ArborBatch *, (gsize) record->n_patches + 1);

  for (guint32 i = 0; i < record->n_patches; i++)
    {
      batches[i] = get_patch (self, record->patches[i].id, NULL);
      if (batches[i] == NULL)
        return NULL;
    }
  return arbor_patched_new (record, batches, get_wanted (self),
                            arbor_session_get_spliced (self->session));
}

/* NULL: it is not worth it for an entry of @n_patches, or cannot be. */
static const ArborPatched *
get_together (ArborAccess *self, guint32 n_patches)
{
  ArborHeld *held = self->held;
  Together together = { .wanted = self->wanted };
  gboolean is_found = FALSE;

  pthread_mutex_lock (&held->mutex);
  held->n_made++;
  is_found = held->n_made <= FEW_ENTRIES && 2 * n_patches < self->source->record->n_patches;
  pthread_mutex_unlock (&held->mutex);
  if (is_found)
    return NULL;
  pthread_mutex_lock (&held->patches_mutex);
  for (guint i = 0; i < held->together->len && !is_found; i++)
    if (g_array_index (held->together, Together, i).wanted == self->wanted)
      {
        together = g_array_index (held->together, Together, i);
        is_found = TRUE;
      }
  if (!is_found)
    {
      together.patched = put_together (self);
      g_array_append_val (held->together, together);
    }
  pthread_mutex_unlock (&held->patches_mutex);
  return together.patched;
}

/* A reference; NULL without an error: it cannot be. */
static ArborSpliced *
make_of_all (ArborAccess *self, const ArborPatched *patched, guint32 entry, GError **error)
{
  const ArborBatch *base = arbor_access_get_base (self, entry, error);

  return base != NULL ? arbor_patched_splice (patched, self->source->record, entry, base) : NULL;
}

static ArborSpliced *
make_of_its_own (ArborAccess *self, guint32 entry, ArborMend *mend, GError **error)
{
  const Run *run = get_run (self, entry, mend, error);

  return run != NULL ? arbor_spliced_new (self->source->record->batches[entry].id, mend, run->batches,
                                          get_wanted (self))
                     : NULL;
}

static ArborSpliced *
make (ArborAccess *self, guint32 entry, GError **error)
{
  ArborMend *mend = arbor_source_get_mend (self->source, entry);
  guint64 base = self->source->record->batches[entry].id;
  ArborSplicedCache *cache = arbor_session_get_spliced (self->session);
  ArborSpliced *spliced = NULL;
  const ArborPatched *patched;

  if (base != 0)
    spliced = arbor_spliced_cache_find (cache, base, mend, get_wanted (self));
  if (spliced != NULL)
    return spliced;
  patched = get_together (self, mend->n_patches);
  spliced = patched != NULL ? make_of_all (self, patched, entry, error)
                            : make_of_its_own (self, entry, mend, error);
  if (spliced != NULL && base != 0)
    arbor_spliced_cache_add (cache, spliced);
  return spliced;
}

const ArborBatch *
arbor_access_splice (ArborAccess *self, guint32 entry, GError **error)
{
  g_autoptr (GError) failure = NULL;
  Key key = { entry, self->wanted };
  ArborHeld *held = self->held;
  ArborSpliced *spliced;
  ArborSpliced *other;

  pthread_mutex_lock (&held->mutex);
  spliced = g_hash_table_lookup (held->spliced, &key);
  pthread_mutex_unlock (&held->mutex);
  if (spliced != NULL)
    return spliced->batch;
  spliced = make (self, entry, &failure);
  if (spliced == NULL && failure == NULL)
    return arbor_snapshot_get_batch (self->snapshot, self->source->record, entry, error);
  if (spliced == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }
  pthread_mutex_lock (&held->mutex);
  other = g_hash_table_lookup (held->spliced, &key);
  if (other != NULL)
    arbor_spliced_unref (spliced);
  else
    g_hash_table_insert (held->spliced, g_memdup2 (&key, sizeof key), spliced);
  pthread_mutex_unlock (&held->mutex);
  return (other != NULL ? other : spliced)->batch;
}

ArborAccess *
arbor_access_splice_all (ArborAccess *self, ArborAccess *access)
{
  if (access->held == NULL)
    return access;
  *self = *access;
  self->is_borrowed = TRUE;
  self->wanted = &everything;
  return self;
}

/* Single trees */

static gboolean
finds_few (ArborHeld *held)
{
  gboolean is_few;

  pthread_mutex_lock (&held->mutex);
  is_few = held->last == NULL && held->n_found++ < FEW_TREES;
  pthread_mutex_unlock (&held->mutex);
  return is_few;
}

/* The batch that a part is of. */
static const ArborBatch *
find_batch (ArborAccess *self, guint32 entry, const ArborMend *mend, guint32 number, GError **error)
{
  const Run *run;

  if (finds_few (self->held))
    return number == 0 ? arbor_access_get_base (self, entry, error)
                       : arbor_access_get_patch (self, mend->patches[number - 1], error);
  run = get_run (self, entry, mend, error);
  return run != NULL ? run->batches[number] : NULL;
}

static gboolean
find_in_mend (ArborAccess *self, guint32 entry, const ArborMend *mend, guint32 offset, ArborPlace *place,
              GError **error)
{
  guint32 number = arbor_mend_find_part (mend, offset);
  const ArborMendPart *part = &mend->parts[number];

  *place = (ArborPlace){ .batch = find_batch (self, entry, mend, part->batch, error),
                         .first = mend->starts[number],
                         .row = part->first_row,
                         .next = mend->starts[number + 1] };
  return place->batch != NULL;
}

gboolean
arbor_access_find_tree (ArborAccess *self, guint64 tree, ArborPlace *place, GError **error)
{
  guint32 entry = arbor_source_find_batch (self->source, tree);
  guint64 first = arbor_source_get_first_tree (self->source, entry);
  const ArborBatchPlace *at;
  const ArborMend *mend;
  ArborAccess origin;

  *place = (ArborPlace){ .first = first,
                         .next = arbor_source_get_first_tree (self->source, entry + 1) };
  if (G_LIKELY (self->held == NULL))
    {
      place->batch = arbor_access_get_batch (self, entry, error);
      return place->batch != NULL;
    }
  mend = arbor_source_get_mend (self->source, entry);
  if (mend != NULL)
    {
      if (!find_in_mend (self, entry, mend, (guint32) (tree - first), place, error))
        return FALSE;
      place->first += first;
      place->next += first;
      return TRUE;
    }
  at = self->session == NULL ? &__atomic_load_n (&self->source->list, __ATOMIC_ACQUIRE)->places[entry]
                             : NULL;
  if (at == NULL || at->batch != NULL)
    {
      place->batch = arbor_access_get_batch (self, entry, error);
      return place->batch != NULL;
    }
  /* Its trees are those of an entry of another source, in the same order. */
  arbor_access_borrow (&origin, self, at->origin);
  {
    guint64 there = arbor_source_get_first_tree (at->origin, at->index);

    if (!arbor_access_find_tree (&origin, there + (tree - first), place, error))
      return FALSE;
    place->first = place->first - there + first;
    place->next = place->next - there + first;
  }
  return TRUE;
}
