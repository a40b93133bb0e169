/* Figures of a store. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_STATS (arbor_stats_get_type ())

ARBOR_AVAILABLE_IN_1_0
GType arbor_stats_get_type (void);
ARBOR_AVAILABLE_IN_1_0
ArborStats *arbor_stats_copy (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_stats_free (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_stats_get_file_bytes (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_stats_get_disk_bytes (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_stats_get_reclaimable_bytes (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_stats_get_can_shrink (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_stats_get_map_bytes (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_stats_get_page_size (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_stats_get_n_free_pages (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_stats_get_n_held_pages (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_stats_get_n_readers (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_stats_get_max_readers (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_stats_get_oldest_reader_age (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_stats_get_n_snapshots (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_stats_get_n_pinned (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_stats_get_n_dead_batches (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_stats_get_n_staged_batches (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_stats_get_n_mended_batches (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_stats_get_n_patch_batches (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_stats_get_n_dead_trees (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_stats_get_n_batches_written (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_stats_get_n_batches_skipped (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_stats_get_n_bytes_written (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_stats_get_n_catalog_bytes_written (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_stats_get_n_last_batches_written (ArborStats *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_stats_get_n_last_batches_skipped (ArborStats *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborStats, arbor_stats_free)

G_END_DECLS
