/* Reading the records and batches that were found. See arbor-inspection.h. */

#include "storage/arbor-inspection-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "base/arbor-error.h"
#include "base/arbor-stop.h"
#include "batch/arbor-batch-format.h"

/* Batches */

static GBytes *
read_entry (ArborInspection *self, const ArborBatchEntry *entry, ArborBatch **batch, char **problem,
            GError **error)
{
  const ArborExtent *extent = arbor_inspection_locate (self, entry);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GBytes) bytes = NULL;

  *batch = NULL;
  *problem = NULL;
  if (extent == NULL)
    {
      *problem = g_strdup (_("it is not in the file"));
      return NULL;
    }
  if (extent->id == 0)
    g_hash_table_add (self->used_strays, g_memdup2 (&entry->digest, sizeof entry->digest));
  bytes = arbor_inspection_read (self, extent, extent->id == 0 ? 0 : entry->n_bytes, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  if (bytes == NULL || (extent->id != 0 && extent->size != entry->n_bytes))
    *problem = g_strdup (_("its pages are cut off, or are not as many as are listed"));
  else
    {
      *batch = arbor_batch_open (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &local_error);
      if (*batch == NULL)
        *problem = g_strdup (local_error->message);
      else if (arbor_batch_get_digest (*batch) != entry->digest ||
               arbor_batch_get_n_trees (*batch) != entry->n_rows)
        *problem = g_strdup (_("it is another batch than the one that is listed"));
    }
  if (*problem == NULL)
    return g_steal_pointer (&bytes);
  g_clear_pointer (batch, arbor_batch_free);
  return NULL;
}

/* Reads each batch once. NULL with error only. */
static const ArborBatchState *
get_state (ArborInspection *self, const ArborBatchEntry *entry, GError **error)
{
  ArborBatchState *state = g_hash_table_lookup (self->states, &entry->id);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (ArborBatch) batch = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *problem = NULL;

  if (state != NULL)
    return state;
  if (!arbor_stop_check (self->cancellable, error))
    return NULL;
  bytes = read_entry (self, entry, &batch, &problem, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  state = g_new0 (ArborBatchState, 1);
  state->id = entry->id;
  state->is_there = bytes != NULL;
  state->problem = g_steal_pointer (&problem);
  if (batch != NULL)
    {
      arbor_batch_damage_shield (batch);
      state->damage = arbor_batch_damage_find (batch);
      if (state->damage->n_columns == 0 && state->damage->touched == NULL)
        g_clear_pointer (&state->damage, arbor_batch_damage_free);
    }
  g_hash_table_insert (self->states, &state->id, state);
  self->counts.n_batches++;
  self->done += entry->n_bytes;
  return self->inspector.tell == NULL ||
                 self->inspector.tell (self->inspector.data, self->done, MAX (self->done, self->total), error)
             ? state
             : NULL;
}

GBytes *
arbor_inspection_load (ArborInspection *self, const ArborBatchEntry *entry,
                       const ArborBatchDamage **damage, GError **error)
{
  const ArborBatchState *state = get_state (self, entry, error);
  g_autoptr (ArborBatch) batch = NULL;
  g_autofree char *problem = NULL;

  *damage = state != NULL ? state->damage : NULL;
  return state != NULL && state->is_there ? read_entry (self, entry, &batch, &problem, error) : NULL;
}

static gboolean
is_row_sound (const ArborBatchState *state, guint32 row)
{
  return state->is_there && (state->damage == NULL || !arbor_batch_damage_touches (state->damage, row));
}

/* Entries */

/* The parts that an entry consists of. */
static const ArborMendPart *
get_parts (const ArborBatchEntry *entry, ArborMendPart *whole, guint32 *n)
{
  *whole = (ArborMendPart){ 0, 0, entry->n_rows };
  *n = entry->mend != NULL ? entry->mend->n_parts : 1;
  return entry->mend != NULL ? entry->mend->parts : whole;
}

/* The trees of an entry that batch @number of it touches. */
static guint64
count_touched (const ArborBatchEntry *entry, guint32 number, const ArborBatchState *state,
               guint64 *first)
{
  ArborMendPart whole;
  guint32 n_parts;
  const ArborMendPart *parts = get_parts (entry, &whole, &n_parts);
  guint64 tree = 0, n = 0;

  for (guint32 i = 0; i < n_parts; tree += parts[i++].n_rows)
    for (guint32 j = 0; parts[i].batch == number && j < parts[i].n_rows; j++)
      if (!is_row_sound (state, parts[i].first_row + j))
        {
          if (n++ == 0)
            *first = tree + j;
        }
  return n;
}

static void
tell_batch (ArborInspection *self, const ArborInspectedArbor *arbor, guint32 index, guint32 number,
            const ArborBatchState *state)
{
  const ArborBatchEntry *entry = &arbor->record->batches[index];
  ArborFindingInfo finding = { .kind = ARBOR_FINDING_BATCH, .name = arbor->name, .batch = state->id };
  g_autofree char *message = NULL;
  guint64 first = 0;

  if (state->is_there && state->damage == NULL)
    return;
  finding.n_trees = count_touched (entry, number, state, &first);
  finding.first_tree = arbor->record->first_tree[index] + first;
  if (!state->is_there || state->damage->n_columns == 0)
    {
      message = g_strdup_printf (_("batch %" PRIu64 " cannot be read: %s"), state->id,
                                 state->problem != NULL ? state->problem
                                                        : _("its values do not fit its directory"));
      finding.message = message;
      arbor_inspection_find (self, &finding);
    }
  for (guint32 i = 0; state->is_there && i < state->damage->n_columns; i++)
    {
      g_autofree char *text = g_strdup_printf (_("column '%s' of batch %" PRIu64 " has not the bytes "
                                                 "that were written"),
                                               state->damage->columns[i], state->id);

      finding.kind = ARBOR_FINDING_COLUMN;
      finding.column = state->damage->columns[i];
      finding.message = text;
      arbor_inspection_find (self, &finding);
    }
}

static gboolean
check_entry (ArborInspection *self, ArborInspectedArbor *arbor, guint32 index, GError **error)
{
  const ArborBatchEntry *entry = &arbor->record->batches[index];
  guint32 n_patches = entry->mend != NULL ? entry->mend->n_patches : 0;
  g_autofree const ArborBatchState **states = g_new0 (const ArborBatchState *, (gsize) n_patches + 1);
  ArborMendPart whole;
  guint32 n_parts;
  const ArborMendPart *parts = get_parts (entry, &whole, &n_parts);

  for (guint32 i = 0; i <= n_patches; i++)
    {
      const ArborBatchEntry *batch =
          i == 0 ? entry : arbor_record_find_patch (arbor->record, entry->mend->patches[i - 1]);

      states[i] = get_state (self, batch, error);
      if (states[i] == NULL)
        return FALSE;
      tell_batch (self, arbor, index, i, states[i]);
      arbor_inspection_check_key_table (self, arbor, batch);
      arbor->is_sound &= states[i]->is_there && states[i]->damage == NULL;
    }
  for (guint32 i = 0; i < n_parts; i++)
    for (guint32 j = 0; j < parts[i].n_rows; j++)
      arbor->n_sound += is_row_sound (states[parts[i].batch], parts[i].first_row + j);
  return TRUE;
}

/* Arbors */

static void
tell_record (ArborInspection *self, const ArborInspectedArbor *arbor, const ArborSalvage *salvage)
{
  ArborFindingInfo finding = { .kind = ARBOR_FINDING_RECORD, .name = arbor->name };
  guint64 n_left = salvage->record->n_trees;
  g_autofree char *message = NULL;

  if (!salvage->is_known)
    message = g_strdup_printf (_("the record of arbor '%s' is damaged"), arbor->name);
  else if (salvage->n_lost_entries > 0)
    message = g_strdup_printf (_("%u entries of the record of arbor '%s' are damaged or missing"),
                               salvage->n_lost_entries, arbor->name);
  else if (salvage->n_lost_mends == 0)
    message = g_strdup_printf (_("the record of arbor '%s' does not count what it lists"), arbor->name);
  if (message != NULL)
    {
      finding.message = message;
      finding.n_trees = salvage->n_trees - MIN (salvage->n_trees, n_left + salvage->n_lost_trees);
      arbor_inspection_find (self, &finding);
    }
  if (salvage->n_lost_mends > 0)
    {
      g_autofree char *text =
          g_strdup_printf (_("of %u batches of arbor '%s' it cannot be read how they were changed"),
                           salvage->n_lost_mends, arbor->name);

      finding.kind = ARBOR_FINDING_MEND;
      finding.message = text;
      finding.n_trees = MIN (salvage->n_trees - MIN (salvage->n_trees, n_left), salvage->n_lost_trees);
      arbor_inspection_find (self, &finding);
    }
}

static void
add_arbor (ArborInspection *self, const char *name)
{
  const ArborTxn txn = { .found = &self->catalog };
  ArborInspectedArbor *arbor = g_new0 (ArborInspectedArbor, 1);
  ArborSalvage salvage;

  arbor_record_salvage (txn, name, &salvage);
  arbor->name = g_strdup (name);
  arbor->record = arbor_record_ref (salvage.record);
  arbor->n_trees = MAX (salvage.n_trees, salvage.record->n_trees);
  arbor->is_sound = salvage.is_whole;
  self->total += salvage.record->n_bytes;
  g_ptr_array_add (self->arbors, arbor);
  if (!salvage.is_whole)
    tell_record (self, arbor, &salvage);
  arbor_salvage_clear (&salvage);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* Names in order of their bytes: the keys that can be one, and those that only pieces are left of. */
static GPtrArray *
list_names (ArborInspection *self)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GPtrArray *sorted = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->catalog.values);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      gsize size;
      const char *bytes = g_bytes_get_data (key, &size);
      gsize length = size > 5 && bytes[size - 5] == 0 ? size - 5 : size;
      g_autofree char *name = NULL;

      if (length > ARBOR_NAME_MAX || bytes[0] == 0 || memchr (bytes, 0, length) != NULL)
        continue;
      name = g_strndup (bytes, length);
      if (arbor_name_check (name, NULL))
        g_hash_table_add (names, g_steal_pointer (&name));
    }
  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_ptr_array_add (sorted, g_strdup (key));
  g_ptr_array_sort (sorted, compare_names);
  return sorted;
}

/* What nothing leads to */

static void
note_staged (GHashTable *known, GBytes *key, GBytes *value, gboolean *is_damaged)
{
  gsize size, key_size;
  const guint8 *bytes = g_bytes_get_data (value, &size);
  MDB_val key_value = { 0, (void *) g_bytes_get_data (key, &key_size) };
  MDB_val sealed = { size, (void *) bytes };
  guint32 n;

  key_value.mv_size = key_size;
  *is_damaged = !arbor_catalog_is_sealed (&key_value, &sealed, 16);
  n = *is_damaged ? 0 : arbor_bytes_get_u32 (bytes + 12);
  *is_damaged |= n > ARBOR_STAGING_PIECE || size < 16 + (gsize) n * 8;
  for (guint32 i = 0; !*is_damaged && i < n; i++)
    {
      guint64 id = arbor_bytes_get_u64 (bytes + 16 + (gsize) i * 8);

      g_hash_table_add (known, g_memdup2 (&id, sizeof id));
    }
}

static GHashTable *
list_staged (ArborInspection *self)
{
  GHashTable *known = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, self->staging);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      gboolean is_damaged;

      note_staged (known, key, value, &is_damaged);
      if (is_damaged)
        arbor_inspection_find_at (self, ARBOR_FINDING_RECORD, 0,
                                  _("a list of staged batches is damaged"));
    }
  return known;
}

/* Where each value is one that somebody wrote, and together they are not what was written last. */
static void
check_sum (ArborInspection *self, const guint8 *counters, gsize size)
{
  GHashTableIter iter;
  gpointer key, value;
  guint64 sum = 0;

  if (size < 40 || self->is_torn)
    return;
  g_hash_table_iter_init (&iter, self->catalog.values);
  while (g_hash_table_iter_next (&iter, &key, &value))
    sum += g_bytes_get_size (value) >= 8 ? arbor_bytes_get_u64 (g_bytes_get_data (value, NULL)) : 0;
  if (sum != arbor_bytes_get_u64 (counters + 32))
    arbor_inspection_find_at (self, ARBOR_FINDING_RECORD, 0,
                              _("a page of the catalogue is an older one, or values of it are damaged"));
}

static void
check_values (ArborInspection *self)
{
  GHashTableIter iter;
  gpointer key;
  guint64 n = 0;

  g_hash_table_iter_init (&iter, self->catalog.values);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    n += !g_hash_table_contains (self->catalog.used, key);
  if (n > 0)
    {
      g_autofree char *message = g_strdup_printf (
          g_dngettext (GETTEXT_PACKAGE, "%" PRIu64 " value of the catalogue belongs to no arbor, or is damaged",
                       "%" PRIu64 " values of the catalogue belong to no arbor, or are damaged", n),
          n);

      arbor_inspection_find_at (self, ARBOR_FINDING_REFERENCE, 0, message);
    }
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  guint64 left = *(const guint64 *) a, right = *(const guint64 *) b;

  return (left > right) - (left < right);
}

/* Batches of the file that neither a name nor a staging has, by id; those without an id come last. */
static GArray *
list_unlisted (ArborInspection *self)
{
  g_autoptr (GHashTable) staged = list_staged (self);
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->extents);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (!g_hash_table_contains (self->states, key) && !g_hash_table_contains (staged, key))
      g_array_append_val (ids, *(guint64 *) key);
  g_array_sort (ids, compare_ids);
  return ids;
}

/* An entry for a batch as it says itself. */
static gboolean
make_entry (ArborInspection *self, const ArborExtent *extent, guint64 id, ArborBatchEntry *entry)
{
  g_autoptr (GBytes) bytes = arbor_inspection_read (self, extent, 0, NULL);
  const guint8 *data;
  gsize size;

  if (bytes == NULL)
    return FALSE;
  data = g_bytes_get_data (bytes, &size);
  *entry = (ArborBatchEntry){ .id = id,
                              .digest = arbor_batch_peek_digest (data, size),
                              .n_bytes = size };
  entry->n_trees = entry->n_rows = arbor_batch_peek_n_trees (data, size);
  return entry->n_rows > 0 && entry->n_rows <= ARBOR_BATCH_MAX_TREES;
}

/* A name that no arbor has. */
static char *
draw_name (ArborInspection *self)
{
  for (guint number = 1;; number++)
    {
      g_autofree char *name = number == 1 ? g_strdup ("recovered") : g_strdup_printf ("recovered-%u", number);
      gboolean is_free = TRUE;

      for (guint i = 0; i < self->arbors->len && is_free; i++)
        is_free = !g_str_equal (((ArborInspectedArbor *) g_ptr_array_index (self->arbors, i))->name, name);
      if (is_free)
        return g_steal_pointer (&name);
    }
}

static void
append_entry (ArborInspection *self, const ArborExtent *extent, guint64 id, GArray *entries)
{
  ArborBatchEntry entry;

  if (make_entry (self, extent, id, &entry))
    g_array_append_val (entries, entry);
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const ArborExtent *left = *(ArborExtent *const *) a, *right = *(ArborExtent *const *) b;

  return (left->page > right->page) - (left->page < right->page);
}

/* Batches without an id that nobody lists, as they lie in the file. */
static GPtrArray *
list_strays (ArborInspection *self)
{
  GPtrArray *strays = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer digest, extent;

  g_hash_table_iter_init (&iter, self->strays);
  while (g_hash_table_iter_next (&iter, &digest, &extent))
    if (!g_hash_table_contains (self->used_strays, digest))
      g_ptr_array_add (strays, extent);
  g_ptr_array_sort (strays, compare_places);
  return strays;
}

/* Where the catalogue is damaged, batches that nothing lists may be what it listed: an arbor of their own,
 * under another name. */
static gboolean
add_strays (ArborInspection *self, GArray *ids, GError **error)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (ArborBatchEntry));
  ArborInspectedArbor *arbor;
  g_autoptr (GPtrArray) strays = list_strays (self);
  guint64 number = ARBOR_PROVISIONAL;

  for (guint i = 0; i < ids->len; i++)
    append_entry (self, g_hash_table_lookup (self->extents, &g_array_index (ids, guint64, i)),
                  g_array_index (ids, guint64, i), entries);
  for (guint i = 0; i < strays->len; i++)
    append_entry (self, g_ptr_array_index (strays, i), number++, entries);
  if (entries->len == 0)
    return TRUE;
  arbor = g_new0 (ArborInspectedArbor, 1);
  arbor->name = draw_name (self);
  arbor->record = arbor_record_new_draft (
      arbor->name, 1, (const ArborBatchEntry *) (gconstpointer) entries->data, entries->len);
  arbor->n_trees = arbor->record->n_trees;
  arbor->is_stray = TRUE;
  g_ptr_array_add (self->arbors, arbor);
  for (guint32 i = 0; i < arbor->record->n_batches; i++)
    if (!check_entry (self, arbor, i, error))
      return FALSE;
  return TRUE;
}

static gboolean
check_unlisted (ArborInspection *self, gboolean is_catalog_whole, GError **error)
{
  g_autoptr (GArray) ids = list_unlisted (self);

  for (guint i = 0; i < ids->len; i++)
    {
      guint64 id = g_array_index (ids, guint64, i);
      g_autofree char *message = g_strdup_printf (_("batch %" PRIu64 " is listed by nobody"), id);
      const ArborFindingInfo finding = { .kind = ARBOR_FINDING_REFERENCE, .batch = id, .message = message };

      arbor_inspection_find (self, &finding);
    }
  return is_catalog_whole || add_strays (self, ids, error);
}

/* The store */

static void
check_counters (ArborInspection *self)
{
  g_autoptr (GBytes) key = g_bytes_new_static ("counters", 8);
  GBytes *found = g_hash_table_lookup (self->info, key);
  MDB_val key_value = { 8, (void *) "counters" };
  MDB_val value = { 0, NULL };
  const guint8 *bytes;
  guint64 next_batch, next_generation;
  gboolean is_good;

  if (found != NULL)
    value.mv_data = (void *) g_bytes_get_data (found, &value.mv_size);
  bytes = value.mv_data;
  is_good = found != NULL && arbor_catalog_is_sealed (&key_value, &value, 32);
  next_batch = is_good ? arbor_bytes_get_u64 (bytes + 8) : G_MAXUINT64;
  next_generation = is_good ? arbor_bytes_get_u64 (bytes + 16) : G_MAXUINT64;
  for (guint i = 0; i < self->arbors->len; i++)
    {
      const ArborInspectedArbor *arbor = g_ptr_array_index (self->arbors, i);

      is_good &= arbor->record->generation < next_generation;
      for (guint32 j = 0; j < arbor->record->n_batches; j++)
        is_good &= arbor->record->batches[j].id < next_batch;
    }
  if (!is_good)
    arbor_inspection_find_at (self, ARBOR_FINDING_RECORD, 0,
                              _("the counters of the store are damaged"));
  else
    check_sum (self, bytes, value.mv_size);
}

gboolean
arbor_inspection_check (ArborInspection *self, GError **error)
{
  g_autoptr (GPtrArray) names = list_names (self);
  gboolean is_catalog_whole = !self->is_torn;

  for (guint i = 0; i < names->len; i++)
    add_arbor (self, g_ptr_array_index (names, i));
  check_counters (self);
  for (guint i = 0; i < self->arbors->len; i++)
    {
      ArborInspectedArbor *arbor = g_ptr_array_index (self->arbors, i);

      is_catalog_whole &= arbor->is_sound;
      for (guint32 j = 0; j < arbor->record->n_batches; j++)
        if (!check_entry (self, arbor, j, error))
          return FALSE;
    }
  check_values (self);
  arbor_inspection_check_unused_key_tables (self);
  return check_unlisted (self, is_catalog_whole, error);
}
