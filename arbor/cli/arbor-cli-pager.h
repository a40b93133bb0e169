/* Long output for people goes through a pager: PAGER, or less. Nothing of it where output goes to a file or a
 * pipe.
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A stream into the pager; NULL where nobody looks, @n_lines fit the terminal, or there is no pager. Whoever looks
 * may leave before the end: writing is a broken pipe then. */
GOutputStream *arbor_cli_pager_begin (guint64 n_lines);
/* Waits until the one who looks has done so. */
void arbor_cli_pager_end (GOutputStream *stream);

G_END_DECLS
