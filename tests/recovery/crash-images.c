/* See crash-images.h. */

#include "crash-images.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "recorder.h"

typedef struct
{
  RecordHead head;
  const guint8 *bytes;
} Record;

struct _CrashLog
{
  GHashTable *files; /* GByteArray by inode: before anything was done */
  GArray *records;   /* Record */
  char *data;        /* of the log */
};

static void
read_files (CrashLog *self, const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      char *data;
      GStatBuf info;
      gsize length;

      g_assert_cmpint (g_stat (path, &info), ==, 0);
      g_assert_true (g_file_get_contents (path, &data, &length, NULL));
      g_hash_table_insert (self->files, g_memdup2 (&(guint64){ info.st_ino }, sizeof (guint64)),
                           g_byte_array_new_take ((guint8 *) data, length));
    }
}

CrashLog *
crash_log_new (const char *folder)
{
  CrashLog *self = g_new0 (CrashLog, 1);

  self->files = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, (GDestroyNotify) g_byte_array_unref);
  self->records = g_array_new (FALSE, FALSE, sizeof (Record));
  read_files (self, folder);
  return self;
}

void
crash_log_read (CrashLog *self, const char *log)
{
  gsize length;

  g_assert_true (g_file_get_contents (log, &self->data, &length, NULL));
  for (gsize at = 0; at < length;)
    {
      Record record;

      memcpy (&record.head, self->data + at, sizeof record.head);
      at += sizeof record.head;
      record.bytes = (const guint8 *) self->data + at;
      if (record.head.kind == RECORD_WRITE || record.head.kind == RECORD_NAMES)
        at += record.head.size;
      g_array_append_val (self->records, record);
    }
}

void
crash_log_free (CrashLog *self)
{
  g_hash_table_unref (self->files);
  g_array_unref (self->records);
  g_free (self->data);
  g_free (self);
}

#define RECORD(self, i) (&g_array_index ((self)->records, Record, i))

guint
crash_log_get_n_records (CrashLog *self)
{
  return self->records->len;
}

guint
crash_log_get_n_marks (CrashLog *self)
{
  return crash_log_count_marks (self, self->records->len);
}

guint
crash_log_count_marks (CrashLog *self, guint n)
{
  guint n_marks = 0;

  for (guint i = 0; i < n; i++)
    n_marks += RECORD (self, i)->head.kind == RECORD_MARK;
  return n_marks;
}

guint
crash_log_find_mark (CrashLog *self, guint mark)
{
  for (guint i = 0, n = 0; i < self->records->len; i++)
    if (RECORD (self, i)->head.kind == RECORD_MARK && n++ == mark)
      return i + 1;
  g_assert_not_reached ();
}

/* Whether record @at is on the disk by the time of @n. */
static gboolean
is_durable (CrashLog *self, guint at, guint n)
{
  const RecordHead *head = &RECORD (self, at)->head;

  if (head->is_durable)
    return TRUE;
  for (guint i = at + 1; i < n; i++)
    {
      const RecordHead *later = &RECORD (self, i)->head;

      if (head->kind == RECORD_NAMES ? later->kind == RECORD_SYNC_FOLDER
                                     : later->kind == RECORD_SYNC && later->inode == head->inode)
        return TRUE;
    }
  return FALSE;
}

static GByteArray *
get_file (GHashTable *files, guint64 inode)
{
  GByteArray *file = g_hash_table_lookup (files, &inode);

  if (file == NULL)
    {
      file = g_byte_array_new ();
      g_hash_table_insert (files, g_memdup2 (&inode, sizeof inode), file);
    }
  return file;
}

static void
set_length (GByteArray *file, gsize length)
{
  gsize old = file->len;

  g_byte_array_set_size (file, (guint) length);
  if (length > old)
    memset (file->data + old, 0, length - old);
}

static void
put_bytes (GByteArray *file, guint64 offset, const guint8 *bytes, gsize size)
{
  if (file->len < offset + size)
    set_length (file, offset + size);
  memcpy (file->data + offset, bytes, size);
}

/* Some of its sectors. They lie at multiples of their size in the file. */
static void
put_torn (GByteArray *file, const Record *record, guint sector, GRand *random)
{
  for (guint64 at = 0; at < record->head.size;)
    {
      guint64 offset = record->head.offset + at;
      guint64 size = MIN (record->head.size - at, sector - offset % sector);

      if (g_rand_boolean (random))
        put_bytes (file, offset, record->bytes + at, size);
      at += size;
    }
}

static void
punch (GByteArray *file, guint64 offset, guint64 size)
{
  if (offset < file->len)
    memset (file->data + offset, 0, MIN (size, file->len - offset));
}

typedef enum
{
  PART_WHOLE,
  PART_NOTHING,
  PART_TORN,
} Part;

static Part
choose_part (CrashKind kind, gboolean is_last, GRand *random)
{
  switch (kind)
    {
    case CRASH_NONE:
      return PART_NOTHING;
    case CRASH_LAST:
      return is_last ? PART_TORN : PART_WHOLE;
    case CRASH_SOME:
      return g_rand_boolean (random) ? PART_WHOLE : PART_NOTHING;
    case CRASH_TORN:
      return (Part) g_rand_int_range (random, 0, 3);
    default:
      return PART_WHOLE;
    }
}

static void
do_record (GHashTable *files, const Record *record, Part part, guint sector, GRand *random)
{
  GByteArray *file = get_file (files, record->head.inode);

  if (part == PART_NOTHING)
    return;
  if (record->head.kind == RECORD_WRITE && part == PART_TORN)
    put_torn (file, record, sector, random);
  else if (record->head.kind == RECORD_WRITE)
    put_bytes (file, record->head.offset, record->bytes, record->head.size);
  else if (record->head.kind == RECORD_TRUNCATE)
    set_length (file, record->head.offset);
  else
    punch (file, record->head.offset, record->head.size);
}

static guint
find_last (CrashLog *self, guint n)
{
  while (n > 0 && RECORD (self, n - 1)->head.kind != RECORD_WRITE)
    n--;
  return n - 1;
}

static void
write_names (const Record *names, GHashTable *files, const char *into)
{
  for (guint i = 0; i < names->head.size / sizeof (RecordName); i++)
    {
      RecordName name;
      g_autofree char *path = NULL;
      GByteArray *file;

      memcpy (&name, names->bytes + i * sizeof name, sizeof name);
      path = g_build_filename (into, name.name, NULL);
      file = get_file (files, name.inode);
      g_assert_true (g_file_set_contents_full (path, (const char *) file->data, file->len,
                                               G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    }
}

void
crash_log_make (CrashLog *self, guint n, CrashKind kind, guint sector, GRand *random, const char *into)
{
  g_autoptr (GHashTable) files = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                                        (GDestroyNotify) g_byte_array_unref);
  const Record *names = NULL;
  gboolean may_change = TRUE;
  guint last = find_last (self, n);
  GHashTableIter iter;
  gpointer inode, file;

  g_hash_table_iter_init (&iter, self->files);
  while (g_hash_table_iter_next (&iter, &inode, &file))
    {
      GByteArray *bytes = file;
      GByteArray *copy = g_byte_array_sized_new (bytes->len);

      g_byte_array_append (copy, bytes->data, bytes->len);
      g_hash_table_insert (files, g_memdup2 (inode, sizeof (guint64)), copy);
    }
  for (guint i = 0; i < n; i++)
    {
      const Record *record = RECORD (self, i);
      gboolean must_be = names == NULL || is_durable (self, i, n);

      if (record->head.kind == RECORD_NAMES)
        {
          may_change = must_be || (may_change && choose_part (kind, FALSE, random) == PART_WHOLE);
          names = may_change ? record : names;
        }
      else if (record->head.kind <= RECORD_PUNCH)
        do_record (files, record, must_be ? PART_WHOLE : choose_part (kind, i == last, random), sector, random);
    }
  write_names (names, files, into);
}
