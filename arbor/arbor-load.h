/* Reading JSON text into arbors: functions, options and what they report. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_LOAD_OPTIONS (arbor_load_options_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborLoadOptions, arbor_load_options, ARBOR, LOAD_OPTIONS, GObject)

/**
 * ArborDecimals:
 * @ARBOR_DECIMALS_NEAREST: a number with a fraction or an exponent is the nearest double
 * @ARBOR_DECIMALS_EXACT: a number whose text is not what the nearest double is written as (`1.10`,
 *   `1e2`, more digits than a double has) is kept digit for digit, and so is `-0`
 *
 * How decimals of JSON text are read.
 *
 * Since: 1.0
 */
typedef enum
{
  ARBOR_DECIMALS_NEAREST = 0,
  ARBOR_DECIMALS_EXACT = 1,
} ArborDecimals;

ARBOR_AVAILABLE_IN_1_0
ArborLoadOptions *arbor_load_options_new (void);
ARBOR_AVAILABLE_IN_1_0
ArborFormat arbor_load_options_get_format (ArborLoadOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_load_options_set_format (ArborLoadOptions *self, ArborFormat format);
ARBOR_AVAILABLE_IN_1_0
char *arbor_load_options_dup_at (ArborLoadOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_load_options_set_at (ArborLoadOptions *self, const char *at);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_load_options_get_skip_bad (ArborLoadOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_load_options_set_skip_bad (ArborLoadOptions *self, gboolean skip_bad);
ARBOR_AVAILABLE_IN_1_0
char *arbor_load_options_dup_delimiter (ArborLoadOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_load_options_set_delimiter (ArborLoadOptions *self, const char *delimiter);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_load_options_get_has_header (ArborLoadOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_load_options_set_has_header (ArborLoadOptions *self, gboolean has_header);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_load_options_get_infer_numbers (ArborLoadOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_load_options_set_infer_numbers (ArborLoadOptions *self, gboolean infer_numbers);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_load_options_get_whole (ArborLoadOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_load_options_set_whole (ArborLoadOptions *self, gboolean whole);
ARBOR_AVAILABLE_IN_1_0
char *arbor_load_options_dup_as_object (ArborLoadOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_load_options_set_as_object (ArborLoadOptions *self, const char *as_object);
ARBOR_AVAILABLE_IN_1_0
ArborDecimals arbor_load_options_get_decimals (ArborLoadOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_load_options_set_decimals (ArborLoadOptions *self, ArborDecimals decimals);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_load_options_get_memory_limit (ArborLoadOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_load_options_set_memory_limit (ArborLoadOptions *self, guint64 memory_limit);
ARBOR_AVAILABLE_IN_1_0
char **arbor_load_options_dup_types (ArborLoadOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_load_options_set_types (ArborLoadOptions *self, const char *const *types);
ARBOR_AVAILABLE_IN_1_0
char **arbor_load_options_dup_keys (ArborLoadOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_load_options_set_keys (ArborLoadOptions *self, const char *const *keys);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_load_options_get_keys_unique (ArborLoadOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_load_options_set_keys_unique (ArborLoadOptions *self, gboolean keys_unique);

#define ARBOR_TYPE_LOAD_REPORT (arbor_load_report_get_type ())

ARBOR_AVAILABLE_IN_1_0
GType arbor_load_report_get_type (void);
ARBOR_AVAILABLE_IN_1_0
ArborLoadReport *arbor_load_report_copy (ArborLoadReport *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_load_report_free (ArborLoadReport *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_load_report_get_n_trees (ArborLoadReport *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_load_report_get_n_bytes (ArborLoadReport *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_load_report_get_n_bad (ArborLoadReport *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_load_report_get_n_repeated_keys (ArborLoadReport *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_load_report_get_n_batches_written (ArborLoadReport *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_load_report_get_n_batches_skipped (ArborLoadReport *self);
ARBOR_AVAILABLE_IN_1_0
guint64 *arbor_load_report_dup_bad_lines (ArborLoadReport *self, gsize *n_lines);
ARBOR_AVAILABLE_IN_1_0
char **arbor_load_report_dup_bad_messages (ArborLoadReport *self);
ARBOR_AVAILABLE_IN_1_0
char *arbor_load_report_dup_delimiter (ArborLoadReport *self);
ARBOR_AVAILABLE_IN_1_0
char **arbor_load_report_dup_columns (ArborLoadReport *self);
ARBOR_AVAILABLE_IN_1_0
char **arbor_load_report_dup_column_types (ArborLoadReport *self);
ARBOR_AVAILABLE_IN_1_0
char **arbor_load_report_dup_column_reasons (ArborLoadReport *self);
ARBOR_AVAILABLE_IN_1_0
char **arbor_load_report_dup_notes (ArborLoadReport *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborLoadReport, arbor_load_report_free)

ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_read_jsonl (GBytes *data, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_read_json (GBytes *data, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_read_csv (GBytes *data, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_load_bytes (GBytes *data, ArborLoadOptions *options, ArborLoadReport **report,
                              GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_load_file (const char *path, ArborLoadOptions *options, ArborLoadReport **report,
                             GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_load_gfile (GFile *file, ArborLoadOptions *options, ArborLoadReport **report,
                              GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_load_stream (GInputStream *stream, ArborLoadOptions *options,
                               ArborLoadReport **report, GCancellable *cancellable,
                               GError **error);

G_END_DECLS
