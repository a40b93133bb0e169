/* Finding what there is in a file. See arbor-inspection.h.
 *
 * Where pages that lead to others are damaged, what lay below them is looked for in all pages that nothing
 * leads to and that are not free: a leaf page says by itself which values it has, and those of the catalogue
 * are sealed with their keys; a batch is known by its header. In pages that are free there is what was, so
 * they are looked at only where nobody can tell which ones are.
 */

#include "storage/arbor-inspection-private.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "base/arbor-error.h"
#include "base/arbor-memory.h"
#include "base/arbor-stop.h"
#include "batch/arbor-batch-builder-private.h"
#include "batch/arbor-batch-format.h"
#include "storage/arbor-pages-private.h"
#include "storage/arbor-storage-error.h"

#define USUAL_PAGE_SIZE 4096u

gssize
arbor_inspection_read_at (ArborInspection *self, guint8 *buffer, gsize size, guint64 offset)
{
  gssize n = arbor_pages_read_at (self->fd, buffer, size, offset);

  if (n < 0)
    self->failure = errno;
  return n;
}

int
arbor_inspection_get_failure (ArborInspection *self)
{
  return self->failure;
}

void
arbor_inspection_find (ArborInspection *self, const ArborFindingInfo *finding)
{
  self->inspector.find (self->inspector.data, finding);
}

void
arbor_inspection_find_at (ArborInspection *self, ArborFindingKind kind, guint64 page,
                          const char *message)
{
  const ArborFindingInfo finding = { .kind = kind, .page = page, .message = message };

  arbor_inspection_find (self, &finding);
}

static void
inspected_free (gpointer data)
{
  ArborInspectedArbor *arbor = data;

  g_free (arbor->name);
  g_clear_pointer (&arbor->record, arbor_record_unref);
  g_free (arbor);
}

static void
state_free (gpointer data)
{
  ArborBatchState *state = data;

  g_clear_pointer (&state->damage, arbor_batch_damage_free);
  g_free (state->problem);
  g_free (state);
}

static GHashTable *
make_values (void)
{
  return g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref,
                                (GDestroyNotify) g_bytes_unref);
}

ArborInspection *
arbor_inspection_new (int fd, const char *path, const ArborInspector *inspector,
                      GCancellable *cancellable)
{
  ArborInspection *self = g_new0 (ArborInspection, 1);

  self->fd = fd;
  self->path = g_strdup (path);
  self->inspector = *inspector;
  self->cancellable = cancellable;
  self->info = make_values ();
  self->staging = make_values ();
  self->catalog.values = make_values ();
  self->catalog.used = g_hash_table_new (g_bytes_hash, g_bytes_equal);
  self->key_tables = arbor_inspection_new_key_tables ();
  self->extents = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  self->strays = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  self->used_strays = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->arbors = g_ptr_array_new_with_free_func (inspected_free);
  self->states = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, state_free);
  return self;
}

void
arbor_inspection_free (ArborInspection *self)
{
  g_hash_table_unref (self->info);
  g_hash_table_unref (self->staging);
  g_hash_table_unref (self->catalog.used);
  g_hash_table_unref (self->catalog.values);
  g_hash_table_unref (self->extents);
  g_hash_table_unref (self->key_tables);
  g_hash_table_unref (self->strays);
  g_hash_table_unref (self->used_strays);
  g_ptr_array_unref (self->arbors);
  g_hash_table_unref (self->states);
  g_free (self->path);
  g_free (self);
}

const ArborInspectionCounts *
arbor_inspection_get_counts (ArborInspection *self)
{
  return &self->counts;
}

guint64
arbor_inspection_get_n_bytes (ArborInspection *self)
{
  return self->done;
}

const GPtrArray *
arbor_inspection_get_arbors (ArborInspection *self)
{
  return self->arbors;
}

/* What the walk tells */

static void
note_damage (gpointer data, ArborPagesTrouble trouble, const char *table, guint64 page)
{
  ArborInspection *self = data;
  gboolean is_free_list = g_str_equal (table, "free");
  g_autofree char *message = NULL;

  self->is_torn |= !is_free_list && trouble != ARBOR_PAGES_USED_TWICE;
  switch (trouble)
    {
    case ARBOR_PAGES_TREE:
      message = g_strdup_printf (_("page %" PRIu64 " of the table '%s' is not what it should be; what it "
                                   "led to is not found by it"),
                                 page, table);
      break;
    case ARBOR_PAGES_NODE:
      message = g_strdup_printf (_("an entry of page %" PRIu64 " of the table '%s' is not what it "
                                   "should be"),
                                 page, table);
      break;
    case ARBOR_PAGES_USED_TWICE:
      message = g_strdup_printf (_("page %" PRIu64 " is used twice, or is used and free: the second time "
                                   "by the table '%s'"),
                                 page, table);
      break;
    case ARBOR_PAGES_TABLE:
      message = g_strdup_printf (_("the table '%s' is not there, or its counts are not what it has"), table);
      break;
    default:
      g_assert_not_reached ();
    }
  arbor_inspection_find_at (self,
                            is_free_list || trouble == ARBOR_PAGES_USED_TWICE ? ARBOR_FINDING_FREE_LIST
                                                                              : ARBOR_FINDING_PAGE,
                            page, message);
}

static void
add_extent (ArborInspection *self, guint64 id, guint64 page, guint32 size)
{
  ArborExtent *extent = g_new (ArborExtent, 1);

  *extent = (ArborExtent){ id, page, size };
  g_hash_table_replace (self->extents, &extent->id, extent);
}

static void
add_value (GHashTable *values, const guint8 *key, gsize key_size, const guint8 *value, gsize size)
{
  g_hash_table_replace (values, g_bytes_new (key, key_size), g_bytes_new (value, size));
}

static gboolean
note_entry (gpointer data, guint table, const guint8 *key, gsize key_size, const guint8 *value,
            guint32 size, guint64 page, GError **error)
{
  ArborInspection *self = data;

  if (table == ARBOR_TABLE_BATCHES && key_size == 8 && value == NULL)
    add_extent (self, arbor_catalog_get_id_key (key), page, size);
  else if (table == ARBOR_TABLE_BATCHES && arbor_inspection_is_key_table (key, key_size))
    arbor_inspection_note_key_table (self, key, value, size, page);
  else if (table == ARBOR_TABLE_BATCHES || value == NULL)
    arbor_inspection_find_at (self, ARBOR_FINDING_RECORD, page,
                              _("a table has an entry that no store writes"));
  else
    add_value (table == ARBOR_TABLE_INFO      ? self->info
               : table == ARBOR_TABLE_CATALOG ? self->catalog.values
                                              : self->staging,
               key, key_size, value, size);
  return arbor_stop_check (self->cancellable, error);
}

/* What the scan tells */

/* A batch that lies in pages which nothing leads to. */
static void
note_stray_batch (ArborInspection *self, guint64 page, guint32 room)
{
  guint8 bytes[sizeof (ArborBatchHeader)];
  guint64 offset = page * self->counts.page_size + ARBOR_PAGE_HEADER;
  ArborExtent *extent;
  guint64 digest, size;

  if (arbor_inspection_read_at (self, bytes, sizeof bytes, offset) != (gssize) sizeof bytes ||
      memcmp (bytes, ARBOR_BATCH_MAGIC, 8) != 0)
    return;
  size = read_u64 (bytes + G_STRUCT_OFFSET (ArborBatchHeader, n_bytes));
  digest = arbor_batch_peek_digest (bytes, sizeof bytes);
  if (size > room || size < ARBOR_BATCH_MIN_BYTES)
    return;
  extent = g_new (ArborExtent, 1);
  *extent = (ArborExtent){ 0, page, (guint32) size };
  g_hash_table_replace (self->strays, g_memdup2 (&digest, sizeof digest), extent);
}

/* Of two records of one name the one with the later generation counts. */
static gboolean
is_known (GHashTable *values, const guint8 *key, gsize key_size, const guint8 *value, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (key, key_size);
  GBytes *known = g_hash_table_lookup (values, bytes);
  const guint8 *other = known != NULL ? g_bytes_get_data (known, NULL) : NULL;

  if (known == NULL)
    return FALSE;
  return size < RECORD_SIZE_1 || g_bytes_get_size (known) < RECORD_SIZE_1 || key[0] == 0 ||
         memchr (key, 0, key_size) != NULL ||
         arbor_bytes_get_u64 (other + 8) >= arbor_bytes_get_u64 (value + 8);
}

static gboolean
note_stray (gpointer data, guint table, const guint8 *key, gsize key_size, const guint8 *value,
            guint32 size, guint64 page, GError **error)
{
  ArborInspection *self = data;
  MDB_val key_value = { key_size, (void *) key };
  MDB_val sealed = { size, (void *) value };

  if (key == NULL)
    note_stray_batch (self, page, size);
  else if (value == NULL)
    {
      guint64 id = key_size == 8 ? arbor_catalog_get_id_key (key) : 0;

      if (id != 0 && !g_hash_table_contains (self->extents, &id))
        add_extent (self, id, page, size);
    }
  else if (size >= 16 && arbor_catalog_is_sealed (&key_value, &sealed, 16))
    {
      gboolean is_info = (key_size == 6 && memcmp (key, "format", 6) == 0 && size == 40) ||
                         (key_size == 8 && memcmp (key, "counters", 8) == 0 && size < RECORD_SIZE_1);
      GHashTable *values = is_info ? self->info : self->catalog.values;

      /* Lists of staged batches look like nothing else that counts, and are nobody's. */
      if (!is_known (values, key, key_size, value, size))
        add_value (values, key, key_size, value, size);
    }
  return arbor_stop_check (self->cancellable, error);
}

static gboolean
scan (ArborInspection *self, const ArborPagesCount *count, GError **error)
{
  const ArborPagesVisitor visitor = { .entry = note_stray, .data = self };

  return arbor_pages_scan (self->fd, self->path, arbor_table_names, (guint32) self->counts.page_size,
                           count != NULL && count->is_free_list_whole ? count->reached : NULL,
                           &visitor, error);
}

/* Nothing was found, which tells only of what could be read. */
static gboolean
set_nothing (ArborInspection *self, const GError *why, GError **error)
{
  if (why != NULL && error != NULL)
    *error = g_error_copy (why);
  if (why != NULL)
    return FALSE;
  return self->failure != 0
             ? arbor_storage_set_error (error, self->failure, self->path, self->fd)
             : arbor_pages_set_not_a_store (error, self->path, _("nothing in it is part of one"));
}

/* Both meta pages are gone: what else there is tells whether it was a store at all. */
static gboolean
scan_without_meta (ArborInspection *self, const GError *why, GError **error)
{
  self->counts.page_size = USUAL_PAGE_SIZE;
  self->is_torn = TRUE;
  arbor_inspection_find_at (self, ARBOR_FINDING_FILE, 0, why->message);
  if (!scan (self, NULL, error))
    return FALSE;
  if (g_hash_table_size (self->catalog.values) > 0 || g_hash_table_size (self->strays) > 0)
    return TRUE;
  return set_nothing (self, why->domain == G_IO_ERROR ? why : NULL, error);
}

static gboolean
take_count (ArborInspection *self, const ArborPagesCount *count, GError **error)
{
  self->counts.n_pages = count->n_pages;
  self->counts.n_free_pages = count->n_free;
  self->counts.n_lost_pages = count->n_lost;
  self->counts.page_size = count->page_size;
  if (count->n_lost > 0 && !self->is_torn)
    {
      g_autofree char *message = g_strdup_printf (
          g_dngettext (GETTEXT_PACKAGE, "%" PRIu64 " page is neither used nor listed as free",
                       "%" PRIu64 " pages are neither used nor listed as free", count->n_lost),
          count->n_lost);

      arbor_inspection_find_at (self, ARBOR_FINDING_LOST_PAGES, 0, message);
    }
  return !self->is_torn || scan (self, count, error);
}

/* What is no store at all, and what is one of somebody else. */
static gboolean
check_kind (ArborInspection *self, GError **error)
{
  g_autoptr (GBytes) key = g_bytes_new_static ("format", 6);
  GBytes *format = g_hash_table_lookup (self->info, key);
  MDB_val key_value = { 6, (void *) "format" };
  MDB_val value = { 0, NULL };
  const guint8 *bytes;

  if (format != NULL)
    value.mv_data = (void *) g_bytes_get_data (format, &value.mv_size);
  bytes = value.mv_data;
  if (format == NULL && g_hash_table_size (self->catalog.values) == 0 &&
      g_hash_table_size (self->extents) == 0 && g_hash_table_size (self->strays) == 0)
    return set_nothing (self, NULL, error);
  if (format == NULL || !arbor_catalog_is_sealed (&key_value, &value, 40) ||
      memcmp (bytes + 8, "ArborSto", 8) != 0)
    {
      arbor_inspection_find_at (self, ARBOR_FINDING_RECORD, 0,
                                _("the record that says which format the store has is damaged"));
      return TRUE;
    }
  self->counts.version = arbor_bytes_get_u32 (bytes + 16);
  if (self->counts.version == 0 || self->counts.version > ARBOR_FORMAT_VERSION ||
      (arbor_bytes_get_u32 (bytes + 20) & ~ARBOR_FORMAT_FLAGS) != 0)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_VERSION,
                   _("Store '%s' has format %u (features %#x); this library reads up to format %u: use a "
                     "newer one"),
                   self->path, self->counts.version, arbor_bytes_get_u32 (bytes + 20),
                   ARBOR_FORMAT_VERSION);
      return FALSE;
    }
  return TRUE;
}

/* Neither meta page can be used, but others may. */
static gboolean
may_be_left (const GError *why)
{
  return g_error_matches (why, ARBOR_ERROR, ARBOR_ERROR_CORRUPT) ||
         (why->domain == G_IO_ERROR && why->code != G_IO_ERROR_CANCELLED);
}

gboolean
arbor_inspection_walk (ArborInspection *self, guint64 txnid, GError **error)
{
  const ArborPagesVisitor visitor = { .damaged = note_damage, .entry = note_entry, .data = self };
  g_autoptr (GError) local_error = NULL;
  ArborPagesCount count;
  gboolean is_doubtful = FALSE;
  gboolean is_good;

  if (!arbor_pages_visit (self->fd, self->path, txnid, arbor_table_names, &visitor, &count,
                          &is_doubtful, &local_error))
    {
      if (txnid == G_MAXUINT64 && local_error != NULL && may_be_left (local_error))
        return scan_without_meta (self, local_error, error) && check_kind (self, error);
      if (local_error != NULL)
        g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (is_doubtful && txnid == G_MAXUINT64)
    arbor_inspection_find_at (self, ARBOR_FINDING_FILE, 0,
                              _("one of the two meta pages is damaged: what is found may be the state "
                                "before the last change"));
  self->failure = count.failure;
  is_good = take_count (self, &count, error) && check_kind (self, error);
  g_free (count.reached);
  return is_good;
}

/* Batches */

const ArborExtent *
arbor_inspection_locate (ArborInspection *self, const ArborBatchEntry *entry)
{
  const ArborExtent *extent = g_hash_table_lookup (self->extents, &entry->id);
  const ArborExtent *stray = g_hash_table_lookup (self->strays, &entry->digest);
  guint8 header[sizeof (ArborBatchHeader)];

  if (extent == NULL || stray == NULL)
    return extent != NULL ? extent : stray;
  if (arbor_inspection_read_at (self, header, sizeof header,
                           extent->page * self->counts.page_size + ARBOR_PAGE_HEADER) ==
          (gssize) sizeof header &&
      arbor_batch_peek_digest (header, sizeof header) == entry->digest)
    return extent;
  return stray;
}

GBytes *
arbor_inspection_read (ArborInspection *self, const ArborExtent *extent, guint64 n_bytes,
                       GError **error)
{
  gsize room = extent->size;
  guint8 *data;

  if (extent->size > ARBOR_BATCH_MAX_BYTES || extent->size < sizeof (ArborBatchHeader) ||
      (n_bytes != 0 && extent->size < n_bytes))
    return NULL;
  if (!arbor_memory_check (room, error))
    return NULL;
  data = arbor_batch_allocate (&room);
  if (arbor_inspection_read_at (self, data, extent->size,
                           extent->page * self->counts.page_size + ARBOR_PAGE_HEADER) !=
      (gssize) extent->size)
    {
      arbor_batch_deallocate (data);
      return NULL;
    }
  return arbor_batch_take_bytes (data, n_bytes != 0 ? n_bytes : extent->size);
}
