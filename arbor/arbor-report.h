/* What verifying or recovering a store found. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_REPORT (arbor_report_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborReport, arbor_report, ARBOR, REPORT, GObject)

ARBOR_AVAILABLE_IN_1_0
gboolean arbor_report_is_sound (ArborReport *self);
ARBOR_AVAILABLE_IN_1_0
guint arbor_report_get_n_findings (ArborReport *self);
ARBOR_AVAILABLE_IN_1_0
ArborFinding *arbor_report_dup_finding (ArborReport *self, guint index);
ARBOR_AVAILABLE_IN_1_0
char **arbor_report_dup_names (ArborReport *self);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_report_is_arbor_sound (ArborReport *self, const char *name);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_report_get_n_trees (ArborReport *self, const char *name);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_report_get_n_sound_trees (ArborReport *self, const char *name);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_report_get_n_batches (ArborReport *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_report_get_n_pages (ArborReport *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_report_get_n_free_pages (ArborReport *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_report_get_n_lost_pages (ArborReport *self);
ARBOR_AVAILABLE_IN_1_0
guint arbor_report_get_format_version (ArborReport *self);
ARBOR_AVAILABLE_IN_1_0
char *arbor_report_to_json (ArborReport *self);

G_END_DECLS
