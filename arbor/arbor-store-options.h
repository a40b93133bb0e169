/* How a store is opened. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_STORE_OPTIONS (arbor_store_options_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborStoreOptions, arbor_store_options, ARBOR, STORE_OPTIONS, GObject)

/**
 * ArborDurability:
 * @ARBOR_DURABILITY_FULL: a commit is on the disk when the call returns
 * @ARBOR_DURABILITY_NO_META_SYNC: a crash of the system may undo the last commit, and damages
 *   nothing
 *
 * What a commit waits for.
 *
 * Since: 1.0
 */
typedef enum
{
  ARBOR_DURABILITY_FULL = 0,
  ARBOR_DURABILITY_NO_META_SYNC = 1,
} ArborDurability;

/**
 * ArborStaleness:
 * @ARBOR_STALENESS_STRICT: an arbor whose name was changed or deleted answers with
 *   %ARBOR_ERROR_STALE
 * @ARBOR_STALENESS_PINNED: an arbor keeps what it was when it was fetched, and the pages that hold
 *   it, as long as it lives
 *
 * What becomes of stored arbors in hand when their name changes.
 *
 * Since: 1.0
 */
typedef enum
{
  ARBOR_STALENESS_STRICT = 0,
  ARBOR_STALENESS_PINNED = 1,
} ArborStaleness;

ARBOR_AVAILABLE_IN_1_0
ArborStoreOptions *arbor_store_options_new (void);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_options_validate (ArborStoreOptions *self, GError **error);

ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_options_get_create (ArborStoreOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_store_options_set_create (ArborStoreOptions *self, gboolean create);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_options_get_read_only (ArborStoreOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_store_options_set_read_only (ArborStoreOptions *self, gboolean read_only);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_options_get_immutable (ArborStoreOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_store_options_set_immutable (ArborStoreOptions *self, gboolean immutable);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_options_get_verify_checksums (ArborStoreOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_store_options_set_verify_checksums (ArborStoreOptions *self, gboolean verify_checksums);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_options_get_untrusted (ArborStoreOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_store_options_set_untrusted (ArborStoreOptions *self, gboolean untrusted);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_store_options_get_map_size (ArborStoreOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_store_options_set_map_size (ArborStoreOptions *self, guint64 map_size);
ARBOR_AVAILABLE_IN_1_0
guint arbor_store_options_get_max_readers (ArborStoreOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_store_options_set_max_readers (ArborStoreOptions *self, guint max_readers);
ARBOR_AVAILABLE_IN_1_0
guint arbor_store_options_get_busy_timeout (ArborStoreOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_store_options_set_busy_timeout (ArborStoreOptions *self, guint busy_timeout);
ARBOR_AVAILABLE_IN_1_0
guint arbor_store_options_get_mode (ArborStoreOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_store_options_set_mode (ArborStoreOptions *self, guint mode);
ARBOR_AVAILABLE_IN_1_0
ArborDurability arbor_store_options_get_durability (ArborStoreOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_store_options_set_durability (ArborStoreOptions *self, ArborDurability durability);
ARBOR_AVAILABLE_IN_1_0
ArborStaleness arbor_store_options_get_staleness (ArborStoreOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_store_options_set_staleness (ArborStoreOptions *self, ArborStaleness staleness);

G_END_DECLS
