/* What the files share that change a part of a stored arbor: arbor-store-edit.c (by range, and the
 * way of all edits) and arbor-store-where.c (by content).
 *
 * An edit reads the newest content of its name, makes new batches where the content changes, lists
 * the others by their ids, and commits under the expectation that the name was not written
 * meanwhile. When it was, the edit begins anew on what is there then.
 *
 * A small edit joins others (arbor-store-joint.c): it is staged as a draft, on the newest content with all that
 * those before it have made, on the writer's thread, so nobody can come in between.
 */

#pragma once

#include "arbor-arbor-private.h"
#include "arbor-store-private.h"
#include "query/content/arbor-content.h"
#include "storage/arbor-staging.h"

G_BEGIN_DECLS

typedef struct _ArborStoreEdit ArborStoreEdit;
struct _ArborStoreEdit
{
  ArborStore *store;
  const char *name;
  ArborArbor *arbor; /* NULL: nothing comes in */
  GCancellable *cancellable;
  gboolean may_create; /* a name that does not exist has no trees; else it is NOT_FOUND */
  gboolean may_join;   /* it only makes new content of one name, where it is small: */
  gboolean looks_at_all; /* of few trees, when it looks at all of them */

  /* Tests what was given, once, inside; NULL: nothing to test. */
  gboolean (*check) (ArborStoreEdit *self, GError **error);
  /* Stages what is to be; once for each try. */
  gboolean (*stage) (ArborStoreEdit *self, GError **error);

  /* Set while it runs. */
  ArborAccess *access;      /* of the store */
  ArborAccess arbor_access; /* of arbor */
  ArborStaging *staging;    /* of this try */
  ArborContent *content;    /* after begin: what the name has now */
  ArborContentSink sink;    /* stages the new content */
  gboolean is_draft;        /* as a draft: begin has nothing to do */
  gboolean is_large;        /* it turned out to be too much to join others */
  char **changed;           /* to be announced */
};

/* Enters, and stages and commits until it succeeds. */
gboolean arbor_store_edit_run (ArborStoreEdit *self, GError **error);

/* Whether it is small by what comes in; and joins others, unless is_large says so afterwards. */
gboolean arbor_store_edit_is_small (ArborStoreEdit *self);
gboolean arbor_store_edit_join (ArborStoreEdit *self, GError **error);

/* For stage: reads the content, expects it to be still the same at the commit, and begins the new
 * one. */
gboolean arbor_store_edit_begin (ArborStoreEdit *self, GError **error);

G_END_DECLS
