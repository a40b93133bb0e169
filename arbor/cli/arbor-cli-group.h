/* --group and --agg of arbor query. */

#pragma once

#include "arbor-cli.h"

G_BEGIN_DECLS

/* A tree for each group; without @group, one tree of @agg over all trees. */
ArborArbor *arbor_cli_group (ArborArbor *trees, const char *group, char **agg, GError **error);

G_END_DECLS
