/* One thing that is wrong with a store file: what a report consists of. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_FINDING (arbor_finding_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborFinding, arbor_finding, ARBOR, FINDING, GObject)

ARBOR_AVAILABLE_IN_1_0
ArborFindingKind arbor_finding_get_kind (ArborFinding *self);
ARBOR_AVAILABLE_IN_1_0
char *arbor_finding_dup_message (ArborFinding *self);
ARBOR_AVAILABLE_IN_1_0
char *arbor_finding_dup_arbor_name (ArborFinding *self);
ARBOR_AVAILABLE_IN_1_0
char *arbor_finding_dup_column (ArborFinding *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_finding_get_page (ArborFinding *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_finding_get_batch (ArborFinding *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_finding_get_first_tree (ArborFinding *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_finding_get_n_trees (ArborFinding *self);

G_END_DECLS
