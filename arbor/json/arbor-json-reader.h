/* JSON, JSON Lines and CSV to batches. JSON Lines are read in pieces into one reused buffer, split
 * at line ends and parsed line by line, so memory does not grow with the input; so are the elements
 * of an array, and the members of an object, that is all of the input (arbor-json-values.h). A
 * document that becomes one tree, or in which a path is followed, is read and parsed whole. A batch
 * goes to the sink as soon as it is full.
 *
 * What a tree costs is estimated before it is parsed, and more than the limit is an error: memory is
 * bounded whatever the input looks like.
 *
 * UTF-16 is read where it begins with a byte order mark. One BOM at the start is skipped, CRLF is
 * fine, blank lines are skipped. An empty input is an arbor of no trees, but as a JSON document it
 * is an error. Errors name line, byte offset and tree index, and the file where there is one.
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  ARBOR_JSON_AUTO, /* an array that is all of the input: an element a tree; else documents, a tree
                      each: JSON Lines, or with anything or nothing between them */
  ARBOR_JSON_LINES,
  ARBOR_JSON_DOCUMENT, /* one document, one tree; with at: the array or object at that path, an
                          element or member a tree */
  ARBOR_JSON_CSV,      /* a record a tree: see arbor-csv.h */
} ArborJsonFormat;

typedef struct
{
  guint64 line;   /* from 1 */
  guint64 offset; /* of the byte at which it stops being JSON, from the start of the input */
  char *message;  /* complete, with file, line, byte and tree */
} ArborBadLine;

#define ARBOR_JSON_MAX_BAD_LINES 10000 /* so many are described; all are counted */
#define ARBOR_JSON_MAX_TEXT      (1024u * 1024u * 1024u) /* bytes of one line, or of one document */

typedef struct
{
  guint64 n_trees;
  guint64 n_bytes;
  guint64 n_batches;
  guint64 n_bad;
  guint64 n_repeated; /* members left out because their key came again */
  GArray *bad_lines; /* of ArborBadLine; NULL when there are none */
  char delimiter;    /* CSV: the one that was used */
  gboolean is_delimiter_found; /* it was not asked for */
  GArray *columns;   /* CSV: of ArborCsvColumn; NULL before the first record */
} ArborJsonReport;

void arbor_json_report_clear (ArborJsonReport *report);

/* A full batch, owned by the caller of the sink until it returns; FALSE stops with that error. */
typedef gboolean (*ArborJsonSink) (GBytes *batch, guint32 n_trees, gpointer data, GError **error);
/* Bytes done and bytes in all (0 when unknown). */
typedef void (*ArborJsonProgress) (guint64 done, guint64 total, gpointer data);

typedef enum
{
  ARBOR_CSV_TYPE_AUTO, /* found out */
  ARBOR_CSV_TYPE_TEXT,
  ARBOR_CSV_TYPE_NUMBER,
} ArborCsvType;

/* What a column is said to be. */
typedef struct
{
  char *name;
  ArborCsvType type;
} ArborCsvTypeOption;

typedef struct
{
  ArborJsonFormat format;
  gboolean whole; /* an array that is all of the input is one tree, too, and so is what is at @at */
  const char *as_object; /* the members of the object at @at, or of the root, are trees, and their
                            keys are in this field; NULL: "key", where @at leads to an object */
  gboolean exact;        /* numbers keep every digit */
  guint64 memory;        /* bytes that reading one tree may take; 0: as much as a query */
  gboolean skip_bad;  /* JSON Lines, CSV: leave out lines that do not parse, and report them */
  const char *at;     /* a path (see arbor-path.h), implies ARBOR_JSON_DOCUMENT; NULL for none */
  char delimiter;     /* CSV: an ASCII character; 0: found out */
  gboolean no_header; /* CSV: the first record is a tree; columns are column1, column2, ... */
  gboolean text_only; /* CSV: numbers, too, are strings */
  const GArray *types; /* CSV: of ArborCsvTypeOption; NULL for none */
  const char *name;   /* the file, for messages; NULL for none */
  guint64 n_lines_before; /* of the input, for messages: others have read them */
  guint64 total;      /* bytes, for progress; 0 when unknown */
  gsize max_text;     /* another limit than ARBOR_JSON_MAX_TEXT; 0 for that one */
  gboolean any_thread; /* the stream may be read in other threads than the caller's */
  ArborJsonSink sink;
  gpointer sink_data;
  ArborJsonProgress progress; /* NULL for none; called between batches and at the end */
  gpointer progress_data;
} ArborJsonReadOptions;

/* Errors: PARSE; LIMIT for a line, document or batch that is too long; EXPRESSION for a malformed
 * @at, NOT_FOUND and TYPE where there is no array or object at it; INVALID_OPTIONS where a member has
 * the field for its key already; those of GIO and of the sink. @report may
 * be NULL; it is filled in either case. */
gboolean arbor_json_read_stream (GInputStream *stream, const ArborJsonReadOptions *options,
                                 ArborJsonReport *report, GCancellable *cancellable,
                                 GError **error);
gboolean arbor_json_read_bytes (const char *text, gsize length, const ArborJsonReadOptions *options,
                                ArborJsonReport *report, GCancellable *cancellable, GError **error);

G_END_DECLS
