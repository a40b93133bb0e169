/* What verify and recover print: a line for each arbor, a line for each finding, and what it comes to. */

#pragma once

#include "arbor-cli.h"

G_BEGIN_DECLS

gboolean arbor_cli_report_print (ArborReport *report, gboolean is_json, GError **error);
/* FALSE and ARBOR_CLI_ERROR_DAMAGED unless all is sound. */
gboolean arbor_cli_report_check (ArborReport *report, const char *path, GError **error);

G_END_DECLS
