/* What the files of a cursor share: arbor-cursor.c (moving), arbor-cursor-values.c (getters).
 *
 * A cursor pins the snapshots that it began on, as an iterator does, and reads ahead a run of
 * indices. Each path is bound to the batch at hand (query/series/arbor-row-reader.h), so a step is an
 * addition and a getter a load, most of the time. Whatever else happens, each call first enters the
 * gate: what was bound points into the batch and is touched inside only. With one stored source,
 * the usual case, that is the gate alone; the snapshot is held by the pin, as long as there is one.
 */

#pragma once

#include "arbor-cursor.h"

#include "arbor-arbor-private.h"
#include "arbor-close-token.h"
#include "query/series/arbor-row-reader.h"

G_BEGIN_DECLS

struct _ArborCursor
{
  GObject parent_instance;

  ArborSource *source; /* NULL when never opened */
  ArborSelection *selection;
  ArborPin *pin; /* pinned; NULL in memory and when closed */
  ArborCloseToken *token;
  ArborSession *session; /* of the source; NULL unless that is stored */
  gboolean is_closed;    /* by arbor_cursor_close; atomic */

  guint n_paths;
  char **paths;
  ArborRowReader **readers; /* bound to the batch */
  ArborScope *scope;

  guint64 run_position; /* of the first tree of the run */
  guint32 run_size;     /* trees in the next run */
  guint32 *run;         /* indices in the source at hand; room for LARGEST_RUN */
  gint64 n_run;
  gint64 at;            /* in the run: -1 before it, n_run past the last tree of all */

  ArborSource *at_hand; /* has the trees of the run; see query/view/arbor-pick.h */
  ArborPlace place;  /* in the source at hand, of the trees whose batch is bound; all zero: none yet */
  guint32 row;       /* of the tree at hand, in the batch */
  gboolean has_tree; /* there is one at hand */
};

/* One stay inside. */
typedef struct
{
  int stripe;         /* of a stored source's gate */
  ArborAccess access; /* otherwise */
} ArborStay;

/* Where it is no stored source that is open. */
gboolean arbor_cursor_enter_slowly (ArborCursor *self, ArborStay *stay, GError **error);
/* FALSE, and the error that the cursor itself is closed. */
gboolean arbor_cursor_leave_closed (ArborCursor *self, ArborStay *stay, GError **error);

static inline gboolean
arbor_cursor_enter (ArborCursor *self, ArborStay *stay, GError **error)
{
  stay->stripe = -1;
  if (self->session != NULL)
    {
      if (!arbor_session_check_process (self->session, error))
        return FALSE;
      stay->stripe = arbor_gate_enter (arbor_session_get_gate (self->session));
    }
  if (G_UNLIKELY (stay->stripe < 0) && !arbor_cursor_enter_slowly (self, stay, error))
    return FALSE;
  if (G_UNLIKELY (g_atomic_int_get (&self->is_closed)))
    return arbor_cursor_leave_closed (self, stay, error);
  return TRUE;
}

static inline void
arbor_cursor_leave (ArborCursor *self, ArborStay *stay, GError **error)
{
  if (self->session != NULL)
    arbor_gate_leave (arbor_session_get_gate (self->session), stay->stripe);
  else
    arbor_access_leave (&stay->access, error);
}

/* Before leaving: whether what was read is not known to be damaged. */
static inline gboolean
arbor_cursor_check_damage (ArborCursor *self, GError **error)
{
  return self->pin == NULL || arbor_pin_check_damage (self->pin, self->source, error);
}

G_END_DECLS
