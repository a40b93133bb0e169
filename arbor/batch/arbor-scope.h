/* A scope: what lives for one evaluation or one call. It owns the strings that are computed, the
 * lists that functions make, and the tapes of overflow text that was parsed on the way (each text
 * once, known by where it lies: a text must stay there until the scope is reset). Reset keeps the
 * memory. A text that does not parse makes the scope corrupt: values read from it are MISSING, and
 * whoever owns the scope reports ARBOR_ERROR_CORRUPT. Not thread-safe.
 */

#pragma once

#include "base/arbor-tape.h"

G_BEGIN_DECLS

typedef struct _ArborScope ArborScope;

ArborScope *arbor_scope_new (void);
void arbor_scope_free (ArborScope *self);
void arbor_scope_reset (ArborScope *self);

gpointer arbor_scope_alloc (ArborScope *self, gsize size); /* aligned to 16, not cleared */
char *arbor_scope_copy (ArborScope *self, const char *bytes, gsize length);

/* For sizes that come from data: begin_budget says how many bytes try_alloc may give beyond what it has
 * given and was not released; it gives NULL where that would be passed, and is_over_budget tells that it
 * did. Nothing else counts, which depends on how values lie. */
void arbor_scope_begin_budget (ArborScope *self, gsize size);
gpointer arbor_scope_try_alloc (ArborScope *self, gsize size);
gboolean arbor_scope_is_over_budget (ArborScope *self);
/* A budget within another one, which takes nothing of it: what comes between is to be saved before, and
 * restored behind. */
typedef struct
{
  gsize taken;
  gsize limit;
  gboolean is_over;
} ArborScopeBudget;
void arbor_scope_save_budget (const ArborScope *self, ArborScopeBudget *budget);
void arbor_scope_restore_budget (ArborScope *self, const ArborScopeBudget *budget);

/* For what lives shorter than the scope: release drops what was allocated since the mark was
 * taken (parsed tapes stay). Marks are released in the reverse order of taking. */
typedef struct
{
  guint32 chunk;
  gsize used;
  gsize taken;
} ArborScopeMark;

ArborScopeMark arbor_scope_mark (ArborScope *self);
void arbor_scope_release (ArborScope *self, ArborScopeMark mark);
/* Bytes that have been allocated since then, and in all. */
gsize arbor_scope_get_used_since (const ArborScope *self, ArborScopeMark mark);
gsize arbor_scope_get_used (const ArborScope *self);

/* What searches for regular expressions keep from text to text (query/expr/arbor-pattern.h): the scope
 * frees it in the end. */
gpointer arbor_scope_get_matcher (const ArborScope *self);
void arbor_scope_set_matcher (ArborScope *self, gpointer matcher, GDestroyNotify free_func);

/* An empty buffer, until the next call. */
ArborBuffer *arbor_scope_get_scratch (ArborScope *self);

/* The tape of JSON @text; NULL when it is damaged. */
const ArborTape *arbor_scope_parse (ArborScope *self, const char *text, gsize length);

/* Whether the call that reads through the scope is to stop (arbor-stop.h): loops over what a tree
 * holds ask, and end with any result; check () tells the caller. */
gboolean arbor_scope_is_stopped (ArborScope *self);
/* For who asks but seldom: looked up each time. */
gboolean arbor_scope_look_whether_stopped (ArborScope *self);

/* Says that something read through the scope was damaged. */
void arbor_scope_set_corrupt (ArborScope *self);
/* Says that a value was left open because searching for @pattern takes too much work, in one text or
 * in all that the call searches, and for which tree (its number, where it is known): the first one
 * counts. */
void arbor_scope_set_limited (ArborScope *self, const char *pattern, gboolean is_in_all);
void arbor_scope_set_limited_tree (ArborScope *self, guint64 tree);
/* Whether either was said since this was asked before, which is forgotten: for who has another way to
 * the value, that will say it again. */
gboolean arbor_scope_take_trouble (ArborScope *self);
/* FALSE and CORRUPT or LIMIT when something read through the scope was damaged, or a value left open,
 * since the last check, CANCELLED when the call is to stop: resets in between do
 * not forget it. */
gboolean arbor_scope_check (ArborScope *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborScope, arbor_scope_free)

G_END_DECLS
