/* Making reports of what an inspection finds. */

#pragma once

#include "arbor-finding.h"
#include "arbor-report.h"
#include "storage/arbor-inspection.h"

G_BEGIN_DECLS

ArborFinding *arbor_finding_new (const ArborFindingInfo *info);

ArborReport *arbor_report_new (void);
/* Of the report in the making. */
void arbor_report_add_finding (ArborReport *self, const ArborFindingInfo *info);
void arbor_report_take_inspection (ArborReport *self, ArborInspection *inspection);

G_END_DECLS
