/* The gate: the one way into anything that a store's map backs.
 *
 * enter counts the caller in, then tests the latch; close sets the latch, then sums the counts.
 * That is a store followed by a load on both sides, so both are sequentially consistent: either
 * the one that enters sees the latch, or the one that closes sees the count. Counts are striped
 * over cache lines so that threads do not slow each other; enter returns its stripe and leave
 * takes it, so no stripe ever goes below zero. Whoever finds the latch set and all stripes zero
 * claims the teardown with one compare-and-swap; it runs once: in place, in the thread that closed
 * or left, when nothing has to be waited for, else on a service thread.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _ArborGate ArborGate;

ArborGate *arbor_gate_new (void);
ArborGate *arbor_gate_ref (ArborGate *self);
void arbor_gate_unref (ArborGate *self);

/* The work to do when the latch is set and nobody is inside. It is called without @may_wait first,
 * in the thread that closed or left, and then takes no lock that somebody may hold for long. FALSE:
 * something is left to do that must wait; it is then called once more, with @may_wait.
 */
typedef gboolean (*ArborGateTeardown) (gpointer data, gboolean may_wait);

/* Set before the gate is shared. It does not run in a forked child, nor when the gate is freed
 * without having been closed.
 */
void arbor_gate_set_teardown (ArborGate *self, ArborGateTeardown func, gpointer data);

/* Counts the caller in. Returns its stripe, or -1 when the gate is closed. Nests freely. The caller
 * holds a reference to the gate until leave has returned. */
int arbor_gate_enter (ArborGate *self);
void arbor_gate_leave (ArborGate *self, int stripe);

/* Sets the latch. Never waits for those inside. TRUE for the one caller that set it. */
gboolean arbor_gate_close (ArborGate *self);
gboolean arbor_gate_is_closed (ArborGate *self);

/* TRUE once the teardown has run. */
gboolean arbor_gate_is_torn_down (ArborGate *self);
/* Calls @func once, after the teardown of a gate that is closed: in the thread that ran it, or at
 * once when it has run. In a forked child, functions added by the parent are not called. */
void arbor_gate_add_torn_down_func (ArborGate *self, GDestroyNotify func, gpointer data);

/* FALSE and ARBOR_ERROR_CLOSED when closed: the test inside long scans. */
gboolean arbor_gate_check (ArborGate *self, GError **error);
void arbor_gate_set_closed_error (GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborGate, arbor_gate_unref)

G_END_DECLS
