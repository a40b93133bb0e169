/* See arbor-staging-joint.h. */

#include "storage/arbor-staging-joint.h"

#include "storage/arbor-staging-write.h"

typedef struct
{
  ArborSession *session;
  const ArborJointVerbs *verbs;
  gpointer data;
} Member;

typedef struct
{
  const ArborJointVerbs *verbs;
  gpointer data;
  GPtrArray *sessions; /* of the members, each once */
  ArborStaging *staging; /* NULL until there is something to write */
  ArborStagingWrite write;
} Group;

static gpointer
begin (gpointer first_member)
{
  Group *self = g_new0 (Group, 1);

  self->verbs = ((Member *) first_member)->verbs;
  self->data = self->verbs->begin ();
  self->sessions = g_ptr_array_new ();
  return self;
}

static gboolean
is_full (gpointer group)
{
  Group *self = group;

  return self->verbs->is_full (self->data);
}

static gboolean
prepare (gpointer group, gpointer member, GError **error)
{
  Group *self = group;
  Member *one = member;

  if (!self->verbs->prepare (self->data, one->data, error))
    return FALSE;
  if (!g_ptr_array_find (self->sessions, one->session, NULL))
    g_ptr_array_add (self->sessions, one->session);
  return TRUE;
}

static gboolean
stage (gpointer group, gboolean *has_changes, GError **error)
{
  Group *self = group;
  g_autoptr (GError) local_error = NULL;

  self->staging = self->verbs->stage (self->data, &local_error);
  *has_changes = self->staging != NULL;
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (self->staging != NULL)
    arbor_staging_write_begin (&self->write, self->staging);
  return TRUE;
}

/* It is every member's own commit. */
static gboolean
write_all (ArborTxn txn, gpointer group, GError **error)
{
  Group *self = group;

  if (!arbor_staging_write_commit (txn, &self->write, error))
    return FALSE;
  for (guint i = 0; i < self->sessions->len; i++)
    arbor_session_note_own (g_ptr_array_index (self->sessions, i), self->staging,
                            self->write.first_generation, self->write.counters.next_generation);
  return TRUE;
}

static void
end (gpointer group, gboolean is_written)
{
  Group *self = group;

  if (self->staging != NULL)
    {
      arbor_staging_write_end (&self->write, is_written);
      for (guint i = 0; i < self->sessions->len && !is_written; i++)
        arbor_session_forget_own (g_ptr_array_index (self->sessions, i), self->staging);
      arbor_staging_free (self->staging);
    }
  self->verbs->end (self->data);
  g_ptr_array_unref (self->sessions);
  g_free (self);
}

static const ArborWriteGroup write_verbs = {
  .begin = begin, .is_full = is_full, .prepare = prepare, .stage = stage, .write = write_all, .end = end
};

gboolean
arbor_staging_join (ArborSession *session, const ArborJointVerbs *verbs, gpointer member,
                    char ***changed, GCancellable *cancellable, GError **error)
{
  Member one = { .session = session, .verbs = verbs, .data = member };

  if (arbor_session_is_read_only (session))
    {
      arbor_session_set_read_only_error (session, error);
      return FALSE;
    }
  if (!arbor_writer_join (arbor_session_get_environment (session), &write_verbs, &one,
                          arbor_session_get_write_options (session), cancellable, error))
    return FALSE;
  arbor_session_move_on (session, changed);
  return TRUE;
}
