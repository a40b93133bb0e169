/* Joint commits: small writes of several threads are evaluated one after the other, each on top of those
 * before it, and one commit makes all of them durable. The evaluating is the caller's (verbs); it is done on
 * the writer's thread, while nobody else writes, so the newest content is what comes out of it.
 */

#pragma once

#include "storage/arbor-staging.h"

G_BEGIN_DECLS

typedef struct
{
  gpointer (*begin) (void); /* a group of members */
  gboolean (*is_full) (gpointer group);
  /* FALSE: the member has failed, and the others know nothing of it. It may come again in another group, when
   * that of the first time could not be written. */
  gboolean (*prepare) (gpointer group, gpointer member, GError **error);
  /* What all of them make; NULL without error: nothing changes. It must not be so much that staging it writes
   * already. */
  ArborStaging *(*stage) (gpointer group, GError **error);
  void (*end) (gpointer group);
} ArborJointVerbs;

/* What a joint commit may hold in memory until then; of more members the next one takes care. */
#define ARBOR_JOINT_MOST_BYTES (4u * 1024u * 1024u)

/* Returns when @member, who is inside @session, is durable, or has failed. Then the session's snapshot holds
 * it, and @changed (may be NULL) has the names that differ, as of arbor_staging_commit_listing. */
gboolean arbor_staging_join (ArborSession *session, const ArborJointVerbs *verbs, gpointer member,
                             char ***changed, GCancellable *cancellable, GError **error);

G_END_DECLS
