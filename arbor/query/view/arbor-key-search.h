/* Which keys the objects at a place have, over all trees of a source: for telling people that no tree
 * has a path, and which one they may have meant. Answered from the directories of batches, and
 * for computed trees from how they are computed, so no tree is read or made.
 *
 * The answer is never wrong but it may be open: where values lie as text, or an operator cannot say
 * what comes out of it, there may be any key.
 */

#pragma once

#include "query/expr/arbor-node.h"
#include "query/view/arbor-source.h"

G_BEGIN_DECLS

typedef struct _ArborKeySearch ArborKeySearch;

typedef struct
{
  gboolean is_found; /* the key that was asked for is there */
  gboolean is_open;  /* it may be there */
} ArborKeyAnswer;

/* Whether an object at @steps of some tree has the key of @key, which may be NULL. @names (set of
 * char *, owned by it, may be NULL) gets the keys that are known. FALSE: closed or damaged. */
gboolean arbor_key_search_run (ArborSource *source, ArborAccess *access, const ArborStep *steps,
                               guint n_steps, const ArborStep *key, GHashTable *names,
                               ArborKeyAnswer *answer, GError **error);

/* The keys of all trees of a source, in order, as far as its operator alone says which they are: of fields
 * that were selected. To @names, which frees them; FALSE: it does not. */
gboolean arbor_key_search_list_made (ArborSource *source, GPtrArray *names);

/* For operators, which answer for the trees that they make (ArborOperator.keys). */

/* An object there has this key. */
void arbor_key_search_add (ArborKeySearch *self, const char *name);
/* Objects there may have any key. */
void arbor_key_search_set_open (ArborKeySearch *self);
/* Where the first key of the place, or the one that is asked for, ends with @suffix. */
void arbor_key_search_set_open_for (ArborKeySearch *self, const ArborStep *steps, guint n_steps,
                                    const char *suffix);
/* Objects there have the keys of those at @steps of an input, except @without (or NULL), which lives
 * as long as the operator. */
void arbor_key_search_ask (ArborKeySearch *self, guint input, const ArborStep *steps, guint n_steps,
                           char *const *without);
/* The same for what lies at @steps of the value that @node has for a tree of the input. */
void arbor_key_search_ask_of (ArborKeySearch *self, guint input, const ArborNode *node,
                              const ArborStep *steps, guint n_steps);
/* For an object of these fields only. */
void arbor_key_search_ask_fields (ArborKeySearch *self, guint input, char *const *names,
                                  ArborNode *const *nodes, gsize n, const ArborStep *steps,
                                  guint n_steps);

static inline gboolean
arbor_step_is_key (const ArborStep *self, const char *name)
{
  return self->kind == ARBOR_STEP_KEY && self->length == strlen (name) &&
         memcmp (self->key, name, self->length) == 0;
}

G_END_DECLS
