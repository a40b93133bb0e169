/* An environment: one store file as this process has it open. There is one for each file, found by
 * device and inode, shared by all sessions on the file and closed with the last of them.
 *
 * For arbor/storage alone. Locks are taken in this order, none while holding a later one: the
 * registry's, clients_mutex, a session's, a snapshot's, mutex, the writer's, that of known.
 */

#pragma once

#include <gio/gio.h>
#include <lmdb.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "storage/arbor-key-tables.h"
#include "storage/arbor-known.h"
#include "storage/arbor-session.h"

G_BEGIN_DECLS

typedef enum
{
  ARBOR_TABLE_INFO,
  ARBOR_TABLE_CATALOG,
  ARBOR_TABLE_BATCHES,
  ARBOR_TABLE_STAGING,
  ARBOR_N_TABLES,
} ArborTable;

/* Bytes of the data file, far past its end, that OFD locks are taken on. One of ARBOR_LOCK_OPEN is
 * that of a lock file: see arbor-lock-file.c. */
#define ARBOR_LOCK_OPEN        (G_GINT64_CONSTANT (1) << 61)
#define ARBOR_LOCK_OPEN_LENGTH (G_GINT64_CONSTANT (1) << 60)
#define ARBOR_LOCK_WRITER  (G_GINT64_CONSTANT (1) << 62)
#define ARBOR_LOCK_TURN    (ARBOR_LOCK_WRITER - 1)
#define ARBOR_LOCK_STAGING (ARBOR_LOCK_WRITER + 1) /* plus the id of the staging */

typedef struct _ArborWriter ArborWriter;

/* Who uses an environment: a session. What the environment asks of each, with clients_mutex held. */
typedef struct _ArborClient ArborClient;

typedef struct
{
  /* Moves the client's current snapshot, when nobody uses it, past transactions that changed nothing
   * in the catalogue: as far as anybody can see it stays the same, but pages that were freed since
   * can be used again. */
  void (*catch_up) (ArborClient *self);
  /* Lets go of the client's current snapshot when nobody uses it. */
  void (*drop_idle) (ArborClient *self);
  /* Whether it was not closed yet. */
  gboolean (*is_open) (ArborClient *self);
} ArborClientVerbs;

struct _ArborClient
{
  const ArborClientVerbs *verbs;
};

typedef struct
{
  dev_t device;
  ino_t inode;
  char *path;        /* real path */
  char *lock_path;
  guint process;     /* the process it belongs to: in a forked child nothing here is touched */
  int fd;            /* the data file, open for the locks of ours and for reading */
  gboolean writable; /* the file permits it */
  gboolean immutable;
  guint max_readers;
  guint n_uses; /* guarded by the registry */
  /* The lock file; no inode: none yet, or immutable. Guarded by the registry, too. */
  dev_t lock_device;
  ino_t lock_inode;

  pthread_mutex_t mutex; /* guards what follows up to writer */
  MDB_env *env;          /* NULL when opening it again failed */
  gint is_behind;        /* atomic: fd is not yet of the file that an exchange has put in place */
  MDB_dbi tables[ARBOR_N_TABLES];
  const guint8 *map; /* where page 0 lies */
  guint32 page_size;
  guint64 map_size;
  guint n_transactions; /* read and write; env is opened again only when there are none */
  guint64 file_size; /* atomic, whoever holds mutex or not: as last seen; it never shrinks */

  pthread_mutex_t clients_mutex;
  GPtrArray *clients; /* ArborClient *, guarded by clients_mutex */

  ArborKnown *known; /* of the bytes of batches */
  ArborKeyTables *key_tables;

  pthread_mutex_t records_mutex;
  GHashTable *records; /* name -> what arbor-record-cache.c has of it, guarded by it */

  int write_failure; /* atomic: what the system said of the last commit that failed; an errno or 0 */

  int turn; /* atomic: 1 while an edit of this process has the turn, see arbor-turn.c */

  ArborWriter *writer;
  /* Of whoever has the writer's byte. */
  gboolean has_checked; /* for dead readers, */
  gsize checked_page;   /* when this was the last page */
  guint64 catalog_bytes; /* keys and values that were put into the catalogue */
} ArborEnvironment;

/* Values of a table that were found without LMDB, by their keys (GBytes both), and which of them somebody has
 * asked for. */
typedef struct
{
  GHashTable *values;
  GHashTable *used; /* keys of values */
} ArborFoundValues;

/* A transaction of an environment, to read or to write. Passed as it is. Where neither is there, the values
 * of the catalogue are those that were found (arbor-inspection.h). */
typedef struct
{
  ArborEnvironment *env;
  MDB_txn *mdb;
  const ArborFoundValues *found;
} ArborTxn;

ArborEnvironment *arbor_environment_acquire (const char *path, const ArborSessionOptions *options,
                                             GCancellable *cancellable, GError **error);
/* Gives up a use; the last one closes the file. FALSE, and nothing is given up, when that would have
 * to wait, for a file that is being opened or a writer at work, and it may not. */
gboolean arbor_environment_release (ArborEnvironment *self, gboolean may_wait);

/* A read transaction, on an LMDB code. */
int arbor_environment_begin_read (ArborEnvironment *self, MDB_txn **txn, GError **error);
/* Renews a reset one. On failure it has been aborted. */
int arbor_environment_renew_read (ArborEnvironment *self, MDB_txn *txn, GError **error);
void arbor_environment_end_read (ArborEnvironment *self, MDB_txn *txn);

/* Closes LMDB and opens it again, with a larger map or after it gave up the environment
 * (MDB_PANIC), when no transaction is left once the clients have let go of what they do not use;
 * ARBOR_ERROR_FULL or the like otherwise. Takes clients_mutex. */
gboolean arbor_environment_reopen (ArborEnvironment *self, gboolean larger, GError **error);
/* Whether that cures a failure, and with a larger map. */
gboolean arbor_environment_is_curable (int code, gboolean *larger);

/* Has all clients catch up. Takes clients_mutex. */
void arbor_environment_catch_up (ArborEnvironment *self);

guint64 arbor_environment_get_last_txnid (ArborEnvironment *self);
gboolean arbor_environment_get_stats (ArborEnvironment *self, ArborSessionStats *stats,
                                      GError **error);

/* Whether the file is open in this process, but all who used it have closed it: it is let go any moment. */
gboolean arbor_environment_is_leaving (const struct stat *info);

/* The number of the oldest transaction that anybody reads, in any process; G_MAXUINT64 when nobody does. */
guint64 arbor_environment_find_oldest_reader (ArborEnvironment *self);

/* Reads file_size; CORRUPT when the file was cut off under us. One system call. */
gboolean arbor_environment_read_file_size (ArborEnvironment *self, GError **error);
/* As it was last seen, by any thread. */
static inline guint64
arbor_environment_get_file_size (ArborEnvironment *self)
{
  return __atomic_load_n (&self->file_size, __ATOMIC_RELAXED);
}

/* CORRUPT when the file was deleted, replaced or cut off under us. */
gboolean arbor_environment_check_file (ArborEnvironment *self, GError **error);

/* Sets @error from an LMDB code. Always FALSE. */
gboolean arbor_environment_fail (ArborEnvironment *self, int code, GError **error);
/* The code of the last arbor_environment_fail on this thread. */
int arbor_environment_get_last_failure (void);

/* One try for the OFD lock on a byte: 0, EAGAIN when another process has it, another errno. */
int arbor_environment_try_lock (ArborEnvironment *self, gint64 byte);
int arbor_environment_try_lock_shared (ArborEnvironment *self, gint64 byte);
void arbor_environment_unlock (ArborEnvironment *self, gint64 byte);
/* Of @n bytes from @byte on, which it may have shared locks of; what it had is lost when it has them. */
int arbor_environment_try_lock_range (ArborEnvironment *self, gint64 byte, gint64 n);
void arbor_environment_unlock_range (ArborEnvironment *self, gint64 byte, gint64 n);
/* Whether another process has one of @n bytes locked, shared or not. */
gboolean arbor_environment_is_locked (ArborEnvironment *self, gint64 byte, gint64 n);

/* Where the pages of a value are looked at, so many bytes of it at most are brought in as a whole. */
#define ARBOR_ENVIRONMENT_SMALL_VALUE 32768u
/* Whether the pages of @value, of @length bytes under a key of 8, are what they should be. */
gboolean arbor_environment_check_value (ArborEnvironment *self, const guint8 *value, gsize length);
/* The same under a key of @n_key_bytes. */
gboolean arbor_environment_check_value_of (ArborEnvironment *self, gsize n_key_bytes,
                                           const guint8 *value, gsize length);

/* Batches whose bytes were found to have their digest. An id is never used again. */

/* The writer thread. */

typedef gboolean (*ArborWriteFunc) (ArborTxn txn, gpointer data, GError **error);

typedef struct
{
  guint busy_timeout; /* milliseconds */
  gboolean no_meta_sync;
} ArborWriteOptions;

ArborWriter *arbor_writer_new (ArborEnvironment *environment);
void arbor_writer_free (ArborWriter *self); /* joins the thread; what waits is dropped */
gboolean arbor_writer_is_idle (ArborWriter *self);
guint arbor_writer_get_n_waiting (ArborWriter *self); /* for tests */

/* Runs @func in a write transaction on the writer thread and commits it when it returns TRUE. Waits
 * for it. @func may run again from the start when the map had to grow. */
gboolean arbor_writer_run (ArborEnvironment *environment, ArborWriteFunc func, gpointer data,
                           const ArborWriteOptions *options, GCancellable *cancellable,
                           GError **error);

/* Writes that one transaction may make durable together. All on the writer's thread, while no other process
 * writes. */
typedef struct
{
  gpointer (*begin) (gpointer first_member);
  gboolean (*is_full) (gpointer group);
  /* What @member is to write, on top of what those before it write. FALSE: it has failed, and changed nothing.
   * May come again, for another group, when the group could not be written. */
  gboolean (*prepare) (gpointer group, gpointer member, GError **error);
  /* After the last of them; without changes nothing is written. */
  gboolean (*stage) (gpointer group, gboolean *has_changes, GError **error);
  ArborWriteFunc write; /* gets the group */
  void (*end) (gpointer group, gboolean is_written);
} ArborWriteGroup;

/* Prepares and writes @member, and waits for it. */
gboolean arbor_writer_join (ArborEnvironment *environment, const ArborWriteGroup *group,
                            gpointer member, const ArborWriteOptions *options,
                            GCancellable *cancellable, GError **error);

/* Nobody writes, in any process, from here to the end, which the same thread says. */
gboolean arbor_writer_pause (ArborEnvironment *environment, const ArborWriteOptions *options,
                             GCancellable *cancellable, GError **error);
void arbor_writer_resume (ArborEnvironment *environment);

/* Asks for dead batches to be deleted when nothing else is to be done. */
void arbor_writer_request_sweep (ArborEnvironment *environment);

/* Waits for the writer byte, polling. */
gboolean arbor_writer_lock_file (ArborEnvironment *environment, gint64 deadline,
                                 GCancellable *cancellable, GError **error);

/* The stagings of this process, by id: the sweep leaves them alone, other processes see the lock
 * that each has. Called on the writer thread (add) and on any (remove). */
gboolean arbor_writer_add_staging (ArborEnvironment *environment, guint64 id, GError **error);
void arbor_writer_remove_staging (ArborEnvironment *environment, guint64 id);
gboolean arbor_writer_has_staging (ArborEnvironment *environment, guint64 id);
gboolean arbor_writer_has_stagings (ArborEnvironment *environment); /* any at all */

G_END_DECLS
