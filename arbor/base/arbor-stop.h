/* Who may stop the call at work in this thread: the cancellable that it was given, and the one that
 * its thread has as the current one (g_cancellable_push_current), which serves calls that take none.
 * Loops ask here; threads that work for a call adopt its stop. What all of them have spent on
 * something that has a limit is counted with the call.
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Added to atomically. */
typedef struct
{
  gint64 nanoseconds; /* of processor time */
  gint64 n;           /* on so many */
} ArborEffort;

/* Told how far a call is, in what it counts; a total of 0 is not known. */
typedef void (*ArborStopTell) (guint64 done, guint64 total, gpointer data);

typedef struct _ArborStop ArborStop;
/* Lies on the stack of who began it. */
struct _ArborStop
{
  GCancellable *cancellable; /* may be NULL */
  const ArborStop *outer;
  ArborEffort effort; /* of the outermost one counts */
  struct _ArborTally *tally; /* of whoever counts what the call does; may be NULL */
  ArborStopTell tell; /* whoever wants to know how far it is; may be NULL */
  gpointer tell_data;
};

/* From here to the end @cancellable stops all that this thread does. Nested. */
void arbor_stop_begin (ArborStop *self, GCancellable *cancellable);
void arbor_stop_end (ArborStop *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ArborStop, arbor_stop_end)

/* What stops this thread now, for another that is to work for it, and to be over before it goes on:
 * that one adopts it, and adopts what it had before again. */
void arbor_stop_capture (ArborStop *self);
const ArborStop *arbor_stop_adopt (const ArborStop *stop);

/* Whether to end; @cancellable is one more that is asked. */
gboolean arbor_stop_is_asked (GCancellable *cancellable);
/* FALSE and CANCELLED when so. */
gboolean arbor_stop_check (GCancellable *cancellable, GError **error);
void arbor_stop_set_error (GError **error);
/* That of the call at work in this thread; NULL where none has begun. */
ArborEffort *arbor_stop_get_effort (void);
/* That of the innermost one that has some; NULL: nobody counts. */
struct _ArborTally *arbor_stop_get_tally (void);
/* Tells whoever wants to know, in any thread. */
void arbor_stop_tell (guint64 done, guint64 total);
/* The one to hand to who takes a single one: @cancellable, or else the innermost. */
GCancellable *arbor_stop_pick (GCancellable *cancellable);

G_END_DECLS
