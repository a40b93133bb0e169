/* Which process this is, as cheaply as one load: a serial that a fork changes in the child. What
 * belongs to the parent (an LMDB environment, a thread) remembers the serial that it was made
 * under and does nothing in any other.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Never 0. */
guint arbor_process_get_serial (void);
/* Whether @serial, which get_serial gave somewhen, is that of this process: one load. */
gboolean arbor_process_is (guint serial);

/* The number of this thread, which no other thread of the process has or will have. */
guint64 arbor_thread_get_number (void);

G_END_DECLS
