/* From public load options and reports to those of the JSON layer and back: shared by arbor-load.c
 * and ArborStore's import. */

#pragma once

#include "arbor-load.h"
#include "json/arbor-json-reader.h"

G_BEGIN_DECLS

struct _ArborLoadOptions
{
  GObject parent_instance;

  ArborFormat format;
  char *at;
  gboolean skip_bad;
  char *delimiter;
  gboolean has_header;
  gboolean infer_numbers;
  gboolean whole;
  char *as_object;
  ArborDecimals decimals;
  guint64 memory_limit;
  char **types;
  char **keys; /* NULL: as the name has them */
  gboolean keys_unique;
  GArray *parsed_types; /* of ArborCsvTypeOption: types, as they were filled in last */
};

/* A copy that nobody else changes, for a read that goes on in another thread; defaults for NULL. */
ArborLoadOptions *arbor_load_options_copy (ArborLoadOptions *options);
/* Fills format, skip_bad, at and types, which belong to @options, and those of CSV; @options may be NULL.
 * @path is the file's, which may tell its format, or NULL. INVALID_OPTIONS where they contradict,
 * EXPRESSION where the path is malformed. */
gboolean arbor_load_options_fill (ArborLoadOptions *options, const char *path,
                                  ArborJsonReadOptions *out, GError **error);
/* Whether the name of a file, which may be NULL, ends with one of two, in small letters or large, before
 * what says how it is compressed. */
gboolean arbor_is_named (const char *path, const char *ending, const char *other_ending);
/* Takes the contents of @counts. */
ArborLoadReport *arbor_load_report_new_take (ArborJsonReport *counts, guint64 n_batches_written,
                                             guint64 n_batches_skipped);
const ArborJsonReport *arbor_load_report_get_counts (ArborLoadReport *self);

G_END_DECLS
