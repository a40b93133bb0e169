/* ArborStore: small edits that are committed together, see storage/arbor-staging-joint.h. For each name that the
 * members change there is a draft: the first one begins on what is stored, each other on what the one before
 * made. A member that fails leaves the draft as it is. Members may be of several stores of the file: each is
 * evaluated inside his own.
 */

#include "arbor-store-edit-private.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "base/arbor-stop.h"
#include "query/content/arbor-content-draft.h"
#include "storage/arbor-staging-joint.h"

/* What comes in and is looked at while others wait. */
#define MOST_BYTES_IN  (1024u * 1024u)
#define MOST_LOOKED_AT (1024u * 1024u)
/* New batches of one edit; with MOST_BYTES of the members before it, less than a joint commit may have. */
#define MOST_BYTES     (ARBOR_JOINT_MOST_BYTES / 4)
#define MOST_BYTES_OUT (ARBOR_JOINT_MOST_BYTES - MOST_BYTES)

typedef struct
{
  ArborSource *draft;
  guint n_steps;
} Named;

typedef struct
{
  GHashTable *names;     /* char * -> Named, of those that change */
  ArborSession *session; /* of the first member that changes something; NULL: none does */
  guint64 n_bytes;
} Joint;

static void
free_named (gpointer data)
{
  Named *self = data;

  arbor_source_unref (self->draft);
  g_free (self);
}

static gpointer
begin (void)
{
  Joint *self = g_new0 (Joint, 1);

  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_named);
  return self;
}

static void
end (gpointer joint)
{
  Joint *self = joint;

  g_hash_table_unref (self->names);
  g_free (self);
}

static gboolean
is_full (gpointer joint)
{
  return ((Joint *) joint)->n_bytes >= MOST_BYTES;
}

/* What others have changed is told by whoever finds it. */
static gboolean
move_to_newest (ArborStoreEdit *edit, GError **error)
{
  g_auto (GStrv) names = NULL;

  if (!arbor_session_refresh (edit->store->session,
                              arbor_store_has_listener (edit->store) ? &names : NULL, error))
    return FALSE;
  if (names != NULL)
    arbor_store_add_changed (&edit->changed, names);
  return TRUE;
}

/* Keys are compared at the commit: of several edits of a group, one might make good again what another may not
 * do. So of such a name each is committed by itself. */
static gboolean
has_unique_keys (ArborSource *source)
{
  const ArborKeys *keys = arbor_source_get_record (source)->keys;

  return keys != NULL && keys->is_unique;
}

/* What the edit finds, for its own store; *@old is NULL where there is no such name yet. */
static gboolean
find_old (Joint *self, ArborStoreEdit *edit, ArborSource **old, GError **error)
{
  ArborSession *session = edit->store->session;
  g_autoptr (ArborSnapshot) snapshot = arbor_session_dup_snapshot (session, error);
  const Named *named = g_hash_table_lookup (self->names, edit->name);
  g_autoptr (ArborRecord) record = NULL;
  g_autoptr (GError) local_error = NULL;

  *old = NULL;
  if (snapshot == NULL)
    return FALSE;
  if (named != NULL && has_unique_keys (named->draft))
    {
      edit->is_large = TRUE;
      arbor_stop_set_error (error);
      return FALSE;
    }
  if (named != NULL)
    {
      *old = arbor_source_copy_pinned_in (named->draft, session, snapshot);
      return TRUE;
    }
  record = arbor_snapshot_lookup (snapshot, edit->name, &local_error);
  if (record != NULL)
    *old = arbor_source_new_stored (session, record, snapshot, snapshot);
  if (record != NULL ||
      (edit->may_create && g_error_matches (local_error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND)))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static void
note_draft (Joint *self, ArborStoreEdit *edit, ArborDraft *draft)
{
  Named *named = g_hash_table_lookup (self->names, edit->name);

  if (!arbor_draft_is_changed (draft))
    return;
  if (named == NULL)
    {
      named = g_new0 (Named, 1);
      g_hash_table_insert (self->names, g_strdup (edit->name), named);
    }
  g_clear_pointer (&named->draft, arbor_source_unref);
  named->draft = arbor_draft_finish (draft);
  named->n_steps++;
  self->n_bytes += arbor_draft_get_n_bytes (draft);
  if (self->session == NULL)
    self->session = edit->store->session;
}

/* Stages the edit into a draft of what is old. */
static gboolean
stage_draft (Joint *self, ArborStoreEdit *edit, ArborSource *old, ArborAccess *access, GError **error)
{
  g_autoptr (ArborDraft) draft = arbor_draft_begin (edit->store->session, edit->name, old,
                                                    edit->arbor != NULL ? edit->arbor->view : NULL);
  ArborAccess *own_access = edit->access;
  gboolean is_good;

  arbor_draft_limit (draft, MOST_BYTES_OUT);
  edit->sink = arbor_draft_get_sink (draft);
  edit->content = arbor_content_new (old != NULL ? arbor_source_get_record (old) : NULL);
  edit->access = access;
  edit->is_draft = TRUE;
  is_good = edit->stage (edit, error);
  edit->is_draft = FALSE;
  edit->access = own_access;
  g_clear_pointer (&edit->content, arbor_content_free);
  edit->is_large = arbor_draft_is_over (draft);
  if (is_good)
    note_draft (self, edit, draft);
  return is_good;
}

static gboolean
prepare_inside (Joint *self, ArborStoreEdit *edit, ArborSource *old, GError **error)
{
  ArborAccess access = { .stripe = -1 };
  gboolean is_good;

  if (old != NULL && edit->looks_at_all && arbor_source_get_n_trees (old) > MOST_LOOKED_AT)
    {
      edit->is_large = TRUE;
      arbor_stop_set_error (error);
      return FALSE;
    }
  if (old != NULL && !arbor_access_begin (&access, old, NULL, error))
    return FALSE;
  is_good = stage_draft (self, edit, old, &access, error);
  arbor_access_leave (&access, error);
  return is_good;
}

static gboolean
prepare (gpointer joint, gpointer member, GError **error)
{
  ArborStoreEdit *edit = member;
  g_autoptr (ArborSource) old = NULL;

  return arbor_access_check (edit->access, edit->cancellable, error) &&
         move_to_newest (edit, error) && find_old (joint, edit, &old, error) &&
         prepare_inside (joint, edit, old, error);
}

static ArborStaging *
stage (gpointer joint, GError **error)
{
  Joint *self = joint;
  g_autoptr (ArborStaging) staging = NULL;
  GHashTableIter iter;
  gpointer name, value;

  if (self->session == NULL)
    return NULL;
  staging = arbor_staging_new (self->session, NULL, error);
  g_hash_table_iter_init (&iter, self->names);
  while (staging != NULL && g_hash_table_iter_next (&iter, &name, &value))
    {
      const Named *named = value;

      if (!arbor_staging_expect (staging, name, arbor_source_get_record (named->draft)->generation,
                                 error) ||
          !arbor_draft_stage (named->draft, name, staging, NULL, error))
        return NULL;
      arbor_staging_set_steps (staging, named->n_steps);
    }
  return g_steal_pointer (&staging);
}

static const ArborJointVerbs joint_verbs = {
  .begin = begin, .is_full = is_full, .prepare = prepare, .stage = stage, .end = end
};

/* A derived arbor may take any time to compute. */
gboolean
arbor_store_edit_is_small (ArborStoreEdit *self)
{
  ArborSource *source = self->arbor != NULL ? self->arbor->view->source : NULL;

  return self->may_join &&
         (source == NULL || (!arbor_source_is_derived (source) &&
                             arbor_source_get_n_bytes (source) <= MOST_BYTES_IN));
}

gboolean
arbor_store_edit_join (ArborStoreEdit *self, GError **error)
{
  g_auto (GStrv) names = NULL;
  gboolean is_done = arbor_staging_join (self->store->session, &joint_verbs, self,
                                         arbor_store_has_listener (self->store) ? &names : NULL,
                                         self->cancellable, error);

  if (names != NULL)
    arbor_store_add_changed (&self->changed, names);
  return is_done;
}
