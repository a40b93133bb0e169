/* What the files of explode share: arbor-explode.c makes trees one by one, arbor-explode-columns.c those of
 * many rows at once.
 */

#pragma once

#include "batch/arbor-compose.h"
#include "batch/arbor-value-access.h"
#include "query/make/arbor-fields.h"
#include "query/view/arbor-derived.h"

G_BEGIN_DECLS

/* The children of a container on the way to the array. */
typedef struct
{
  ArborValueIter iter;
  gboolean is_object;
  guint32 position; /* of the next child */
  guint32 target;   /* ARRAY: position of the child on the way */
} ArborExplodeFrame;

typedef struct
{
  char *text;
  ArborPath *path;
  char *as;  /* NULL: in place of the array */
  char *key; /* the field for keys of members */
  const char *member; /* the key at hand; NULL: an element */
  guint32 length;
  ArborExplodeFrame *frames; /* one a step */
  ArborWindows windows;

  /* Where only some fields are made. */
  ArborWanted *wanted; /* NULL: all are */
  ArborCompose *compose;
  ArborGather *gather; /* where all are; or NULL */
} ArborExplode;

/* Whether the name is that of the array or object, which is left out. */
static inline gboolean
arbor_explode_is_own_name (ArborExplode *self, const char *name)
{
  return self->as != NULL && self->path->n_steps == 1 && arbor_step_is_key (self->path->steps, name);
}

/* The tree, which has the array or object, with one of its elements. */
void arbor_explode_write_element (ArborExplode *self, const ArborValue *tree,
                                  const ArborValue *element, ArborScope *scope,
                                  ArborTapeWriter *out);

/* ArborMapping.count and map_rows */
gboolean arbor_explode_count (gpointer data, const ArborRows *rows, ArborScope *scope, guint32 *counts,
                              gboolean *is_known, GError **error);
gboolean arbor_explode_map_rows (gpointer data, const ArborRows *rows, ArborScope *scope,
                                 ArborOutput *output, gboolean *is_done, GError **error);

G_END_DECLS
