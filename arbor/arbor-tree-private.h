/* How trees are made, and how their values are reached. */

#pragma once

#include "arbor-tree.h"
#include "base/arbor-path.h"
#include "batch/arbor-scope.h"
#include "query/view/arbor-source.h"

G_BEGIN_DECLS

/* A tree that lies in @source (read through @pin, NULL without leaves) or, where it was computed, in
 * @memory, an in-memory source; @source still says which store it belongs to. */
ArborTree *arbor_tree_new (ArborSource *source, ArborPin *pin, ArborCloseToken *token,
                           ArborSource *memory, const ArborValue *value);
/* The tree of a batch that has no other, which is taken over and may be NULL after an error. @source,
 * which may be NULL, says which store it belongs to. */
ArborTree *arbor_tree_new_take_batch (ArborSource *source, ArborPin *pin, ArborCloseToken *token,
                                      GBytes *batch, GError **error);
/* Of a tree that nobody else has yet. */
void arbor_tree_take_notes (ArborTree *self, char **notes);
/* A tree that carries @token and nothing else: what a closed model hands out. */
ArborTree *arbor_tree_new_closed (ArborSource *source, ArborCloseToken *token);

/* A tree that belongs to the store of @self, inside. Its value lies where that of @self does, unless
 * @is_passing: then it lies in what the scope parsed or somebody computed, and gets a batch of its
 * own. */
ArborTree *arbor_tree_derive (ArborTree *self, const ArborValue *value, gboolean is_passing,
                              ArborScope *scope, GError **error);

/* A tree that belongs to the stores of both, for arbor_tree_derive to derive what was made of both;
 * of its value nothing is said. */
ArborTree *arbor_tree_join (ArborTree *self, ArborTree *other, GError **error);

/* Enters; the value is valid until arbor_access_end. */
gboolean arbor_tree_enter (ArborTree *self, ArborAccess *access, ArborValue *value, GError **error);

/* A path to one value: EXPRESSION when it is malformed, CARDINALITY when it has [*]. */
ArborPath *arbor_tree_parse_path (const char *text, GError **error);

/* A look at one value of a tree: inside from begin to end. */
typedef struct
{
  ArborAccess access;
  ArborScope *scope;
  ArborValue value;
  gboolean is_passing; /* the value lies in what the scope parsed, not in a batch */
} ArborLook;

/* Enters and finds the value at @path, MISSING when there is none. */
gboolean arbor_tree_look_begin (ArborTree *self, const char *path, ArborLook *look, GError **error);
/* Leaves. FALSE unless @is_good and nothing that was read is damaged. */
gboolean arbor_tree_look_end (ArborLook *look, gboolean is_good, GError **error);
/* To be called before a step from the value to a child. */
void arbor_tree_look_note_step (ArborLook *look);
/* The JSON text of the value. */
char *arbor_tree_look_to_json (ArborLook *look);
/* FALSE, and an error: NOT_FOUND for MISSING, else TYPE. */
gboolean arbor_tree_set_wrong_kind (const char *path, const char *expected, const ArborValue *value,
                                    GError **error);

G_END_DECLS
