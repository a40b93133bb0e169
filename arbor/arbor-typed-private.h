/* One value as one type: what the getters of trees and of cursors share. Each fails with TYPE (or
 * NOT_FOUND for MISSING) when the value is of another kind, with OUT_OF_RANGE when it is a number
 * that is not exactly one of the type; @path is for the message. What is returned is a copy. */

#pragma once

#include <gio/gio.h>

#include "base/arbor-value.h"

G_BEGIN_DECLS

gboolean arbor_typed_get_boolean (const char *path, const ArborValue *value, gboolean *result,
                                  GError **error);
gboolean arbor_typed_get_int64 (const char *path, const ArborValue *value, gint64 *result,
                                GError **error);
gboolean arbor_typed_get_uint64 (const char *path, const ArborValue *value, guint64 *result,
                                 GError **error);
/* The nearest double: only what is beyond all of them is OUT_OF_RANGE. */
gboolean arbor_typed_get_double (const char *path, const ArborValue *value, double *result,
                                 GError **error);
/* TYPE also for a string that holds U+0000. */
char *arbor_typed_dup_string (const char *path, const ArborValue *value, GError **error);
GBytes *arbor_typed_dup_bytes (const char *path, const ArborValue *value, GError **error);
char *arbor_typed_dup_number_text (const char *path, const ArborValue *value, GError **error);

/* FALSE, and the error that the number @value is not exactly a @type, or that it is no number. */
gboolean arbor_typed_set_no_number (const char *path, const char *type, const ArborValue *value,
                                    GError **error);

G_END_DECLS
