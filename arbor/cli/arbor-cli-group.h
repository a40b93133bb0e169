/* --group and --agg of arbor query. */

#pragma once

#include "arbor-cli.h"

G_BEGIN_DECLS

/* A tree for each group; without @group, one tree of @agg over all trees, which is computed at once
 * unless @is_lazy. @columns get the fields; @told is for arbor_cli_note_paths(). */
ArborArbor *arbor_cli_group (ArborArbor *trees, const char *group, char **agg, gboolean is_lazy,
                             GHashTable *told, GStrv *columns, GError **error);

G_END_DECLS
