/* What a process does to the files of a folder, in order, so that a test can make of it what a crash might leave.
 * The functions of libc that change files are defined in recorder.c, which the test program links; each is done, and
 * noted. Which names lead to which files is looked up whenever something is done. Lock files, and names that nobody
 * asks for after a crash, are left out.
 */

#pragma once

#include <glib.h>
#include <sys/types.h>

typedef enum
{
  RECORD_WRITE,       /* bytes at offset */
  RECORD_TRUNCATE,    /* to offset */
  RECORD_PUNCH,       /* size bytes at offset become zero */
  RECORD_SYNC,        /* the file */
  RECORD_NAMES,       /* bytes: a RecordName for each */
  RECORD_SYNC_FOLDER,
  RECORD_MARK,        /* a step was acknowledged */
} RecordKind;

typedef struct
{
  guint32 kind;
  guint32 is_durable; /* the write came back when it was on the disk */
  guint64 inode;
  guint64 offset;
  guint64 size;       /* of the bytes that follow, or of the hole */
} RecordHead;

typedef struct
{
  char name[48];
  guint64 inode;
} RecordName;

/* From now on, into @log, what is done in @folder, by all threads. */
void recorder_begin (const char *folder, const char *log);
void recorder_mark (void);
void recorder_end (void);
