/* Members of joint commits that put batches of a seed, and a writer that can be held up so that it is known which
 * of them go together.
 */

#pragma once

#include <fcntl.h>
#include <unistd.h>

#include "storage/arbor-environment.h"
#include "storage/arbor-snapshot-private.h"
#include "storage/arbor-staging-joint.h"

#include "kit/sessions.h"

typedef struct
{
  ArborSession *session;
  char *name;
  Part parts[2];
  gboolean is_refused; /* fails by itself */
  GCancellable *cancellable;
  guint n_prepared;
  guint place; /* among the members of its last group */
  gboolean result;
  GError *error;
  GThread *thread;
} Member;

static guint joint_room = G_MAXUINT;

static inline gpointer
joint_begin (void)
{
  return g_ptr_array_new ();
}

static inline gboolean
joint_is_full (gpointer group)
{
  return ((GPtrArray *) group)->len >= joint_room;
}

static inline gboolean
joint_prepare (gpointer group, gpointer member, GError **error)
{
  Member *self = member;

  self->n_prepared++;
  self->place = ((GPtrArray *) group)->len;
  if (self->is_refused)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_SCHEMA, "refused %s", self->name);
      return FALSE;
    }
  g_ptr_array_add (group, self);
  return TRUE;
}

static inline ArborStaging *
joint_stage (gpointer group, GError **error)
{
  GPtrArray *members = group;
  ArborStaging *staging = NULL;

  for (guint i = 0; i < members->len; i++)
    {
      Member *member = g_ptr_array_index (members, i);

      if (staging == NULL)
        staging = arbor_staging_new (member->session, NULL, error);
      g_assert_true (stage_parts (staging, member->name, member->parts, error));
    }
  return staging;
}

static inline void
joint_end (gpointer group)
{
  g_ptr_array_unref (group);
}

static const ArborJointVerbs joint_verbs = { .begin = joint_begin,
                                             .is_full = joint_is_full,
                                             .prepare = joint_prepare,
                                             .stage = joint_stage,
                                             .end = joint_end };

static inline gpointer
member_run (gpointer data)
{
  Member *self = data;
  int stripe = arbor_gate_enter (arbor_session_get_gate (self->session));

  g_assert_cmpint (stripe, >=, 0);
  self->result = arbor_staging_join (self->session, &joint_verbs, self, NULL, self->cancellable,
                                     &self->error);
  g_assert_cmpint (self->result, ==, self->error == NULL);
  arbor_gate_leave (arbor_session_get_gate (self->session), stripe);
  return NULL;
}

static inline Member *
member_new (ArborSession *session, guint number, gsize size)
{
  Member *self = g_new0 (Member, 1);

  self->session = session;
  self->name = g_strdup_printf ("m%u", number);
  self->parts[0] = (Part){ number + 1, size };
  return self;
}

static inline void
member_free (Member *self)
{
  g_clear_error (&self->error);
  g_clear_object (&self->cancellable);
  g_free (self->name);
  g_free (self);
}

/* Another file description of the store has the byte that a writer takes: no job begins. */
static inline int
hold_writer (const char *path)
{
  struct flock lock = { .l_type = F_WRLCK, .l_start = G_GINT64_CONSTANT (1) << 62, .l_len = 1 };
  int fd = open (path, O_RDWR | O_CLOEXEC);

  g_assert_cmpint (fcntl (fd, F_OFD_SETLKW, &lock), ==, 0);
  return fd;
}

/* Runs all of them while the writer is held: the first one waits for it, the others in the queue. */
static inline void
start_members (Member **members, guint n)
{
  ArborEnvironment *environment = arbor_session_get_environment (members[0]->session);

  for (guint i = 0; i < n; i++)
    {
      members[i]->thread = g_thread_new (members[i]->name, member_run, members[i]);
      while (arbor_writer_is_idle (environment->writer) ||
             arbor_writer_get_n_waiting (environment->writer) != i)
        g_usleep (200);
    }
}

static inline void
join_members (Member **members, guint n)
{
  for (guint i = 0; i < n; i++)
    if (members[i]->thread != NULL)
      g_thread_join (g_steal_pointer (&members[i]->thread));
}
