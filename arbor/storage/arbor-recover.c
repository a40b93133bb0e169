/* See arbor-recover.h.
 *
 * What is left of an entry is a mend of it: the same parts without the rows that are touched. So partly damaged
 * batches, and such as were changed, are gathered as readers gather them.
 */

#include "storage/arbor-recover.h"

#include "base/arbor-stop.h"
#include "storage/arbor-new-store.h"
#include "storage/arbor-staging.h"

typedef struct
{
  ArborInspection *inspection;
  const ArborInspector *inspector;
  ArborStaging *staging;
  GCancellable *cancellable;
  guint64 done, total;
} Recovery;

/* The batches of an entry: its base and its patches. */
typedef struct
{
  guint32 n;
  GBytes **bytes; /* NULL: cannot be used */
  ArborBatch **batches;
  const ArborBatchDamage **damages;
  guint64 *ids;
} Sources;

static void
sources_clear (Sources *self)
{
  for (guint32 i = 0; i < self->n; i++)
    {
      g_clear_pointer (&self->batches[i], arbor_batch_free);
      g_clear_pointer (&self->bytes[i], g_bytes_unref);
    }
  g_free (self->bytes);
  g_free (self->batches);
  g_free (self->damages);
  g_free (self->ids);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Sources, sources_clear)

static gboolean
load_sources (Recovery *self, const ArborRecord *record, const ArborBatchEntry *entry,
              Sources *sources, GError **error)
{
  sources->n = 1 + (entry->mend != NULL ? entry->mend->n_patches : 0);
  sources->bytes = g_new0 (GBytes *, sources->n);
  sources->batches = g_new0 (ArborBatch *, sources->n);
  sources->damages = g_new0 (const ArborBatchDamage *, sources->n);
  sources->ids = g_new0 (guint64, sources->n);
  for (guint32 i = 0; i < sources->n; i++)
    {
      const ArborBatchEntry *batch =
          i == 0 ? entry : arbor_record_find_patch (record, entry->mend->patches[i - 1]);
      g_autoptr (GError) local_error = NULL;

      sources->ids[i] = batch->id;
      sources->bytes[i] = arbor_inspection_load (self->inspection, batch, &sources->damages[i],
                                                 &local_error);
      if (local_error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      if (sources->bytes[i] == NULL)
        continue;
      sources->batches[i] = arbor_batch_open (g_bytes_get_data (sources->bytes[i], NULL),
                                              g_bytes_get_size (sources->bytes[i]), error);
      if (sources->batches[i] == NULL)
        return FALSE;
      arbor_batch_damage_shield (sources->batches[i]);
    }
  return TRUE;
}

static gboolean
is_sound (const Sources *sources, guint32 batch, guint32 row)
{
  return sources->batches[batch] != NULL &&
         (sources->damages[batch] == NULL || !arbor_batch_damage_touches (sources->damages[batch], row));
}

/* The rows of a part that are sound, as parts. */
static void
add_sound (GArray *parts, const Sources *sources, const ArborMendPart *part)
{
  for (guint32 i = 0; i < part->n_rows;)
    {
      ArborMendPart run = { part->batch, part->first_row + i, 0 };

      while (i + run.n_rows < part->n_rows && is_sound (sources, part->batch, run.first_row + run.n_rows))
        run.n_rows++;
      if (run.n_rows > 0)
        g_array_append_val (parts, run);
      i += run.n_rows + 1;
    }
}

/* What is left of an entry; NULL: nothing. */
static ArborMend *
find_left (const ArborBatchEntry *entry, const Sources *sources)
{
  const ArborMendPart whole = { 0, 0, entry->n_rows };
  const ArborMendPart *all = entry->mend != NULL ? entry->mend->parts : &whole;
  guint32 n = entry->mend != NULL ? entry->mend->n_parts : 1;
  g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (ArborMendPart));

  for (guint32 i = 0; i < n; i++)
    add_sound (parts, sources, &all[i]);
  return arbor_mend_new ((const ArborMendPart *) (gconstpointer) parts->data, parts->len,
                         sources->ids + 1, sources->n - 1);
}

static const ArborBatch *
find_batch (const Sources *sources, guint64 id)
{
  for (guint32 i = 1; i < sources->n; i++)
    if (sources->ids[i] == id)
      return sources->batches[i];
  return NULL;
}

static GBytes *
gather (const ArborMend *left, const Sources *sources, GError **error)
{
  g_autofree const ArborBatch **batches = g_new0 (const ArborBatch *, (gsize) left->n_patches + 1);

  for (guint32 i = 0; i < left->n_patches; i++)
    batches[i + 1] = find_batch (sources, left->patches[i]);
  /* Where the base cannot be read, no part is of it. */
  batches[0] = sources->batches[0] != NULL ? sources->batches[0] : batches[1];
  return arbor_mend_gather (left, batches, error);
}

static gboolean
copy_entry (Recovery *self, const ArborRecord *record, guint32 index, GError **error)
{
  const ArborBatchEntry *entry = &record->batches[index];
  g_auto (Sources) sources = { 0 };
  g_autoptr (ArborMend) left = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (!load_sources (self, record, entry, &sources, error))
    return FALSE;
  self->done += entry->n_bytes;
  if (self->inspector->tell != NULL &&
      !self->inspector->tell (self->inspector->data, self->done, MAX (self->done, self->total), error))
    return FALSE;
  left = find_left (entry, &sources);
  if (left == NULL)
    return TRUE;
  if (entry->mend == NULL && sources.damages[0] == NULL)
    bytes = g_bytes_ref (sources.bytes[0]);
  else
    bytes = gather (left, &sources, error);
  return bytes != NULL && arbor_staging_add_batch (self->staging, bytes, self->cancellable, error);
}

static gboolean
copy_arbor (Recovery *self, const ArborInspectedArbor *arbor, GError **error)
{
  /* A name of which nothing is left says nothing. */
  if (!arbor->is_sound && arbor->n_sound == 0)
    return TRUE;
  if (!arbor_staging_begin_arbor (self->staging, arbor->name, error))
    return FALSE;
  if (arbor->record->keys != NULL)
    arbor_staging_set_keys (self->staging, arbor->record->keys);
  for (guint32 i = 0; i < arbor->record->n_batches; i++)
    if (!arbor_stop_check (self->cancellable, error) || !copy_entry (self, arbor->record, i, error))
      return FALSE;
  return TRUE;
}

static gboolean
copy_all (Recovery *self, ArborSession *session, GError **error)
{
  const GPtrArray *arbors = arbor_inspection_get_arbors (self->inspection);
  g_autoptr (ArborStaging) staging = arbor_staging_new (session, self->cancellable, error);

  if (staging == NULL)
    return FALSE;
  self->staging = staging;
  for (guint i = 0; i < arbors->len; i++)
    if (!copy_arbor (self, g_ptr_array_index (arbors, i), error))
      return FALSE;
  return arbor_staging_commit (staging, self->cancellable, error);
}

gboolean
arbor_recover (ArborInspection *inspection, const char *path, const ArborInspector *inspector,
               GCancellable *cancellable, GError **error)
{
  Recovery self = { .inspection = inspection, .inspector = inspector, .cancellable = cancellable };
  const GPtrArray *arbors = arbor_inspection_get_arbors (inspection);
  g_autoptr (ArborNewStore) store = arbor_new_store_begin (path, cancellable, error);

  if (store == NULL)
    return FALSE;
  for (guint i = 0; i < arbors->len; i++)
    self.total += ((const ArborInspectedArbor *) g_ptr_array_index (arbors, i))->record->n_bytes;
  return copy_all (&self, arbor_new_store_get_session (store), error) &&
         arbor_new_store_finish (store, error);
}
