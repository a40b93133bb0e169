/* How far a long command is: a line on standard error that is drawn again and again, when that is a
 * terminal.
 */

#pragma once

#include "arbor-cli.h"

G_BEGIN_DECLS

typedef struct
{
  const char *name; /* of what is done, clean */
  gint64 drawn_at;  /* monotonic microseconds; 0: nothing is on the screen */
} ArborCliBar;

/* For a call with a bar as its data; NULL when nobody looks. */
ArborProgressFunc arbor_cli_bar_get_progress (void);
void arbor_cli_bar_wipe (const ArborCliBar *self);

G_END_DECLS
