/* What tests of the storage layer share: a folder for store files, batches made from a seed, and
 * putting and reading arbors of such batches. The oracle is the seed: the batch that a name lists
 * must have the bytes that its seed makes.
 */

#pragma once

#include <string.h>

#include "base/arbor-error.h"
#include "batch/arbor-batch-builder.h"
#include "storage/arbor-staging.h"

#include "kit/files.h"

#define STORE_MAP_SIZE (G_GUINT64_CONSTANT (1) << 30)

/* One tree, a string of @size letters that @seed decides. */
static inline GBytes *
make_batch (guint32 seed, gsize size)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autofree char *text = g_malloc (size);
  guint64 state = seed;
  g_autoptr (GError) error = NULL;
  GBytes *batch;
  ArborValue value;

  /* Knuth's MMIX generator, five letters a step. */
  for (gsize i = 0; i < size; i++)
    {
      if (i % 5 == 0)
        state = state * G_GUINT64_CONSTANT (6364136223846793005) +
                G_GUINT64_CONSTANT (1442695040888963407);
      text[i] = (char) ('a' + (state >> (34 + i % 5 * 6)) % 26);
    }
  value = ARBOR_VALUE_STRING (text, (guint32) size);
  arbor_batch_builder_add_value (builder, &value, scope);
  batch = arbor_batch_builder_finish (builder, &error);
  g_assert_no_error (error);
  return batch;
}

/* A description of content: seeds, each with a size. Ends with a size of 0. */
typedef struct
{
  guint32 seed;
  gsize size;
} Part;

static inline ArborSessionOptions
default_options (void)
{
  ArborSessionOptions options = {
    .create = TRUE,
    .map_size = STORE_MAP_SIZE,
    .busy_timeout = 5000,
  };

  return options;
}

static inline ArborSession *
open_store (const char *path)
{
  ArborSessionOptions options = default_options ();
  g_autoptr (GError) error = NULL;
  ArborSession *session = arbor_session_open (path, &options, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (session);
  return session;
}

/* Closes and waits for the teardown. */
static inline void
close_store (ArborSession *session)
{
  g_autoptr (ArborGate) gate = arbor_gate_ref (arbor_session_get_gate (session));

  arbor_gate_close (gate);
  arbor_session_unref (session);
  while (!arbor_gate_is_torn_down (gate))
    g_usleep (200);
}

static inline gboolean
stage_parts (ArborStaging *staging, const char *name, const Part *parts, GError **error)
{
  if (!arbor_staging_begin_arbor (staging, name, error))
    return FALSE;
  for (; parts->size > 0; parts++)
    {
      g_autoptr (GBytes) batch = make_batch (parts->seed, parts->size);

      if (!arbor_staging_add_batch (staging, batch, NULL, error))
        return FALSE;
    }
  return TRUE;
}

static inline gboolean
try_put (ArborSession *session, const char *name, const Part *parts, GError **error)
{
  g_autoptr (ArborStaging) staging = arbor_staging_new (session, NULL, error);

  return staging != NULL && stage_parts (staging, name, parts, error) &&
         arbor_staging_commit (staging, NULL, error);
}

static inline void
put (ArborSession *session, const char *name, const Part *parts)
{
  g_autoptr (GError) error = NULL;
  gboolean is_good = try_put (session, name, parts, &error);

  g_assert_no_error (error);
  g_assert_true (is_good);
}

static inline void
delete_name (ArborSession *session, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStaging) staging = arbor_staging_new (session, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (arbor_staging_delete_arbor (staging, name, &error));
  g_assert_true (arbor_staging_commit (staging, NULL, &error));
}

/* Whether @name, in @snapshot, has exactly @parts. */
static inline gboolean
snapshot_has (ArborSnapshot *snapshot, const char *name, const Part *parts, GError **error)
{
  g_autoptr (ArborRecord) record = arbor_snapshot_lookup (snapshot, name, error);
  guint32 n = 0;

  if (record == NULL)
    return FALSE;
  while (parts[n].size > 0)
    n++;
  if (record->n_batches != n || record->n_trees != n)
    return FALSE;
  for (guint32 i = 0; i < n; i++)
    {
      g_autoptr (GBytes) wanted = make_batch (parts[i].seed, parts[i].size);
      gsize wanted_length, length;
      const guint8 *wanted_data = g_bytes_get_data (wanted, &wanted_length);
      const guint8 *data;
      const ArborBatch *batch;

      /* The batch first: where checksums are verified, that is here. */
      batch = arbor_snapshot_get_batch (snapshot, record, i, error);
      if (batch == NULL || !arbor_snapshot_get_bytes (snapshot, record, i, &data, &length, error))
        return FALSE;
      if (arbor_batch_get_n_trees (batch) != 1 || arbor_batch_get_size (batch) != length ||
          length != wanted_length || memcmp (data, wanted_data, length) != 0)
        return FALSE;
    }
  return TRUE;
}

static inline void
assert_content (ArborSession *session, const char *name, const Part *parts)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborSnapshot) snapshot = arbor_session_dup_snapshot (session, &error);
  gboolean has;

  g_assert_no_error (error);
  has = snapshot_has (snapshot, name, parts, &error);
  g_assert_no_error (error);
  g_assert_true (has);
}

static inline char *
list_names (ArborSession *session)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborSnapshot) snapshot = arbor_session_dup_snapshot (session, &error);
  g_auto (GStrv) names = NULL;

  g_assert_no_error (error);
  names = arbor_snapshot_list_names (snapshot, &error);
  g_assert_no_error (error);
  return g_strjoinv (",", names);
}

static inline guint64
get_generation (ArborSession *session, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborSnapshot) snapshot = arbor_session_dup_snapshot (session, &error);
  guint64 generation;

  g_assert_no_error (error);
  arbor_snapshot_get_generation (snapshot, name, &generation, &error);
  g_assert_no_error (error);
  return generation;
}
