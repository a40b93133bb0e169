/* What a crash may leave of recorded writes (recorder.h). A sync makes durable what was done to its file before; a
 * write that is durable by itself makes only itself so. Of all else, any part may be there: each write whole, not at
 * all, or some of its sectors; each truncation and hole or not. Names change in order, and are durable when their
 * folder was synced; until then any number of the last changes may be missing.
 */

#pragma once

#include <glib.h>

typedef enum
{
  CRASH_ALL,    /* all that was done is there */
  CRASH_NONE,   /* nothing but what must be */
  CRASH_LAST,   /* all, of the last write some sectors */
  CRASH_SOME,   /* each whole or not at all */
  CRASH_TORN,   /* each whole, not at all, or some sectors */
  N_CRASH_KINDS,
} CrashKind;

typedef struct _CrashLog CrashLog;

/* What the files in @folder are before anything of @log was done is read now. */
CrashLog *crash_log_new (const char *folder);
void crash_log_read (CrashLog *self, const char *log);
void crash_log_free (CrashLog *self);
guint crash_log_get_n_records (CrashLog *self);
guint crash_log_get_n_marks (CrashLog *self);
/* How many marks there are among the first @n records. */
guint crash_log_count_marks (CrashLog *self, guint n);
/* How many records there are up to mark @mark, itself included. */
guint crash_log_find_mark (CrashLog *self, guint mark);
/* The files in @into, as a crash after the first @n records may leave them. */
void crash_log_make (CrashLog *self, guint n, CrashKind kind, guint sector, GRand *random, const char *into);
