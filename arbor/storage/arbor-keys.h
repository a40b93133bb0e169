/* What is declared of the keys of a stored arbor: the paths that lead to a tree's key, and whether it may be
 * there once only. A record carries it (ArborRecord.keys), and whatever makes a record of another carries it
 * on. The bytes are told in docs/dev/storage.md.
 *
 * Immutable, refcounted; any thread.
 */

#pragma once

#include "base/arbor-path.h"

G_BEGIN_DECLS

#define ARBOR_KEYS_MAX       1024u /* bytes */
#define ARBOR_KEYS_MAX_PATHS 16u

typedef struct
{
  gatomicrefcount ref_count;
  gboolean is_unique;
  guint n_paths; /* at least one */
  ArborPath **paths;
  char **texts; /* canonical, terminated by NULL */
  GBytes *bytes;
  guint64 digest; /* of the paths: their tables are told apart by it */
} ArborKeys;

/* INVALID_ARGUMENT (the paths, which name none twice) or EXPRESSION (one of them). */
ArborKeys *arbor_keys_new (const char *const *paths, gboolean is_unique, GError **error);
/* As a record has it: keys->bytes. CORRUPT. */
ArborKeys *arbor_keys_read (const guint8 *data, gsize size, GError **error);
ArborKeys *arbor_keys_ref (ArborKeys *self);
void arbor_keys_unref (ArborKeys *self);

/* NULL equals NULL. */
gboolean arbor_keys_equal (const ArborKeys *a, const ArborKeys *b);
/* Whether the paths are the same, so that tables of one are tables of the other. */
gboolean arbor_keys_same_paths (const ArborKeys *a, const ArborKeys *b);
/* "id", "year, number": for people. */
char *arbor_keys_describe (const ArborKeys *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborKeys, arbor_keys_unref)

G_END_DECLS
