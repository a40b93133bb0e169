/* The parts of arbor import. */

#pragma once

#include "arbor-cli.h"

G_BEGIN_DECLS

/* What becomes of the trees. */
typedef enum
{
  IMPORT_REPLACE, /* they are the arbor */
  IMPORT_APPEND,  /* they come behind those that it has */
  IMPORT_UPSERT,  /* they take the place of those with the same keys, or come behind */
} ImportWay;

/* What was read from @path, on standard output; what was odd in it, on standard error. */
gboolean arbor_command_import_report (ArborLoadReport *report, const char *name, const char *path,
                                      GError **error);

/* Trees of several files, or such as are added to an arbor: all are read into memory first, and come to the
 * store in one commit. @key: of upserting; NULL: what is declared. */
gboolean arbor_command_import_several (const char *store_path, const char *name, char **paths,
                                       ArborLoadOptions *options, ImportWay way, const char *key,
                                       GCancellable *cancellable, GError **error);

G_END_DECLS
