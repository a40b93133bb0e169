/* A cursor over the trees of an arbor that makes no object a tree. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_CURSOR (arbor_cursor_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborCursor, arbor_cursor, ARBOR, CURSOR, GObject)

ARBOR_AVAILABLE_IN_1_0
ArborCursor *arbor_cursor_new (ArborArbor *arbor, const char *const *paths, GError **error);

ARBOR_AVAILABLE_IN_1_0
gboolean arbor_cursor_next (ArborCursor *self, gboolean *has_tree, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_cursor_seek (ArborCursor *self, guint64 index, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_cursor_rewind (ArborCursor *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_cursor_get_n_ready (ArborCursor *self);
ARBOR_AVAILABLE_IN_1_0
gint64 arbor_cursor_get_position (ArborCursor *self, GError **error);

ARBOR_AVAILABLE_IN_1_0
ArborKind arbor_cursor_get_kind (ArborCursor *self, guint path, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_cursor_get_boolean (ArborCursor *self, guint path, GError **error);
ARBOR_AVAILABLE_IN_1_0
gint64 arbor_cursor_get_int64 (ArborCursor *self, guint path, GError **error);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_cursor_get_uint64 (ArborCursor *self, guint path, GError **error);
ARBOR_AVAILABLE_IN_1_0
double arbor_cursor_get_double (ArborCursor *self, guint path, GError **error);
ARBOR_AVAILABLE_IN_1_0
char *arbor_cursor_dup_string (ArborCursor *self, guint path, GError **error);
ARBOR_AVAILABLE_IN_1_0
GBytes *arbor_cursor_dup_bytes (ArborCursor *self, guint path, GError **error);
ARBOR_AVAILABLE_IN_1_0
char *arbor_cursor_dup_number_text (ArborCursor *self, guint path, GError **error);
ARBOR_AVAILABLE_IN_1_0
char *arbor_cursor_dup_json (ArborCursor *self, guint path, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_cursor_get_tree (ArborCursor *self, GError **error);

ARBOR_AVAILABLE_IN_1_0
guint arbor_cursor_get_n_paths (ArborCursor *self);
ARBOR_AVAILABLE_IN_1_0
char *arbor_cursor_dup_path (ArborCursor *self, guint path);
ARBOR_AVAILABLE_IN_1_0
void arbor_cursor_close (ArborCursor *self);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_cursor_is_closed (ArborCursor *self);
ARBOR_AVAILABLE_IN_1_0
ArborCloseToken *arbor_cursor_dup_close_token (ArborCursor *self);

G_END_DECLS
