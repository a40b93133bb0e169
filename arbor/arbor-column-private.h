/* How columns are made, and what their files share. */

#pragma once

#include "arbor-column.h"
#include "query/column/arbor-column-data.h"

G_BEGIN_DECLS

struct _ArborColumn
{
  GObject parent_instance;

  char *path;
  ArborColumnData *data;
};

/* Takes over both: a path, or an expression's text, for messages, and finished data. */
ArborColumn *arbor_column_new (char *path, ArborColumnData *data);

/* NULL, and what getters of an ArborTree say of the value of @row: with @type that it is not
 * exactly such a number, otherwise that it is not what was @expected. */
GBytes *arbor_column_set_bad_row (ArborColumn *self, gsize row, const char *type,
                                  const char *expected, GError **error);

G_END_DECLS
