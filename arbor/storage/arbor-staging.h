/* Stagings: writing. A staging collects the batches of one or more names, writes them in short transactions
 * of about 10 MB as they come, and lets the catalogue list them in one last short transaction.
 * Freed without commit, what it wrote is swept. Batches that the name's current record has already
 * (same digest and size) are not written again but listed by their old id.
 */

#pragma once

#include "storage/arbor-session.h"

G_BEGIN_DECLS

typedef struct _ArborStaging ArborStaging;

ArborStaging *arbor_staging_new (ArborSession *session, GCancellable *cancellable, GError **error);
void arbor_staging_free (ArborStaging *self);

/* What follows is the new content of @name, until the next begin. Checks the name. */
gboolean arbor_staging_begin_arbor (ArborStaging *self, const char *name, GError **error);
gboolean arbor_staging_add_batch (ArborStaging *self, GBytes *batch, GCancellable *cancellable,
                                  GError **error);
/* What was staged for the name so far is set aside: it is looked through again, in order, each batch
 * once. Its bytes are asked for, and then it is gone, or it is kept as it is; what takes the place of
 * those that are gone is added as ever. */
void arbor_staging_set_aside (ArborStaging *self);
GBytes *arbor_staging_take_aside (ArborStaging *self, guint32 index, GError **error);
void arbor_staging_keep_aside (ArborStaging *self, guint32 index);

/* The new content goes on with batch @index of @record, by its id: nothing is read or written, but
 * the commit expects the record's name to have the record's generation. A batch belongs to one
 * name: content with batches of another name's record goes with that name's deletion or with new
 * content for it. */
void arbor_staging_keep_batch (ArborStaging *self, const ArborRecord *record, guint32 index);
/* The same with another mend: the batch is mended, and its base not written again. The mend may name patches of
 * the record, and such as are added to the content, at any time before the commit. A base must not be
 * listed by the content twice. */
void arbor_staging_mend_batch (ArborStaging *self, const ArborRecord *record, guint32 index,
                               ArborMend *mend);
/* A new batch that is mended from the start. */
gboolean arbor_staging_add_mended_batch (ArborStaging *self, GBytes *batch, ArborMend *mend,
                                         GCancellable *cancellable, GError **error);
/* A patch that mends of the content name by @id, which is provisional. It is not written when none does. */
gboolean arbor_staging_add_patch (ArborStaging *self, GBytes *batch, guint64 id,
                                  GCancellable *cancellable, GError **error);
/* What is to be declared of keys, which is else what the name has, or had before it was renamed. */
void arbor_staging_set_keys (ArborStaging *self, ArborKeys *keys);
/* The content is what so many changes have made one after the other: each has a generation. */
void arbor_staging_set_steps (ArborStaging *self, guint n);
/* The table of keys of a batch that the content keeps. */
void arbor_staging_add_key_table (ArborStaging *self, guint64 id, ArborKeyTable *table);
/* The caller has found that no tree of the content, all of which he kept, has the key of another, or an array
 * or object for one. */
void arbor_staging_set_distinct (ArborStaging *self);
/* All of the content: the batches of @record, which the name has, and @keys declared (NULL: none). Reads the keys
 * of all trees before the commit does; @progress may be NULL, it is told in trees. */
gboolean arbor_staging_declare_keys (ArborStaging *self, ArborSnapshot *snapshot,
                                     const ArborRecord *record, ArborKeys *keys,
                                     ArborSessionProgressFunc progress, gpointer progress_data,
                                     GCancellable *cancellable, GError **error);
/* @name is to be deleted. */
gboolean arbor_staging_delete_arbor (ArborStaging *self, const char *name, GError **error);
/* @name is to be called @new_name: both as they are stored, not as they are staged. NOT_FOUND,
 * EXISTS; the staging is then good for nothing but to be freed. */
gboolean arbor_staging_rename_arbor (ArborStaging *self, const char *name, const char *new_name,
                                     GError **error);
/* The commit changes nothing and fails with ARBOR_ERROR_CONFLICT, which names each such name,
 * unless @name has @generation then; 0: there must be none. */
gboolean arbor_staging_expect (ArborStaging *self, const char *name, guint64 generation,
                               GError **error);
/* All or nothing; afterwards the session's snapshot holds it (as after refresh). A commit that changes
 * nothing commits nothing and keeps generations. */
gboolean arbor_staging_commit (ArborStaging *self, GCancellable *cancellable, GError **error);
/* The same. Where the session has moved, @changed (may be NULL) gets the names that differ between its
 * last snapshot and the new one, as by a refresh; else it is left alone. */
gboolean arbor_staging_commit_listing (ArborStaging *self, char ***changed,
                                       GCancellable *cancellable, GError **error);
/* Batches written and skipped so far. */
void arbor_staging_get_counts (ArborStaging *self, guint64 *written, guint64 *skipped);
guint64 arbor_staging_get_bytes_written (ArborStaging *self); /* of batches */

/* How many names the commit changed: replaced, made or deleted. */
guint arbor_staging_get_n_changed (ArborStaging *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborStaging, arbor_staging_free)

G_END_DECLS
