/* What ArborStore makes of its options. */

#pragma once

#include "arbor-store-options.h"
#include "storage/arbor-session.h"

G_BEGIN_DECLS

struct _ArborStoreOptions
{
  GObject parent_instance;

  gboolean create;
  gboolean read_only;
  gboolean immutable;
  gboolean verify_checksums;
  gboolean untrusted;
  guint64 map_size;
  guint max_readers;
  guint busy_timeout;
  guint mode;
  ArborDurability durability;
  ArborStaleness staleness;
};

/* A copy that nobody else changes, for an open in another thread; defaults for NULL. */
ArborStoreOptions *arbor_store_options_copy (ArborStoreOptions *options);
/* What open works with: the settings of @options, or the defaults when it is NULL, checked. */
gboolean arbor_store_options_fill (ArborStoreOptions *options, ArborSessionOptions *out,
                                   ArborStaleness *staleness, GError **error);

G_END_DECLS
