#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_ROW (arbor_row_get_type ())

ARBOR_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (ArborRow, arbor_row, ARBOR, ROW, GObject)

/**
 * ArborRowClass:
 *
 * The class of rows. [method@Arbor.ListModel.set_columns] makes classes that derive from it.
 *
 * Since: 1.0
 */
struct _ArborRowClass
{
  /*< private >*/
  GObjectClass parent_class;
  gpointer padding[8];
};

ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_row_get_tree (ArborRow *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_row_is_closed (ArborRow *self);
ARBOR_AVAILABLE_IN_1_0
ArborCloseToken *arbor_row_dup_close_token (ArborRow *self);

G_END_DECLS
