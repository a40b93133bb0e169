/* From public load options and reports to those of the JSON layer and back: shared by arbor-load.c
 * and ArborStore's import. */

#pragma once

#include "arbor-load.h"
#include "json/arbor-json-reader.h"

G_BEGIN_DECLS

/* A copy that nobody else changes, for a read that goes on in another thread; defaults for NULL. */
ArborLoadOptions *arbor_load_options_copy (ArborLoadOptions *options);
/* Fills format, skip_bad and at, which belongs to @options; @options may be NULL. INVALID_OPTIONS
 * where they contradict, EXPRESSION where the path is malformed. */
gboolean arbor_load_options_fill (ArborLoadOptions *options, ArborJsonReadOptions *out,
                                  GError **error);
/* Takes the contents of @counts. */
ArborLoadReport *arbor_load_report_new_take (ArborJsonReport *counts, guint64 n_batches_written,
                                             guint64 n_batches_skipped);

G_END_DECLS
