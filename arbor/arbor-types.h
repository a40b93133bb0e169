/* The classes of the library, declared ahead so that their headers may name each other. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <gio/gio.h>

#include "arbor-error.h"
#include "arbor-finding-kind.h"
#include "arbor-kind.h"
#include "arbor-join-kind.h"
#include "arbor-sort-flags.h"
#include "arbor-version-macros.h"

G_BEGIN_DECLS

typedef struct _ArborArbor ArborArbor;
typedef struct _ArborBuilder ArborBuilder;
typedef struct _ArborCloseObserver ArborCloseObserver;
typedef struct _ArborCloseToken ArborCloseToken;
typedef struct _ArborColumn ArborColumn;
typedef struct _ArborCursor ArborCursor;
typedef struct _ArborExpr ArborExpr;
typedef struct _ArborFinding ArborFinding;
typedef struct _ArborGroups ArborGroups;
typedef struct _ArborIndex ArborIndex;
typedef struct _ArborIndexOptions ArborIndexOptions;
typedef struct _ArborIter ArborIter;
typedef struct _ArborJoinOptions ArborJoinOptions;
typedef struct _ArborListModel ArborListModel;
typedef struct _ArborLoadOptions ArborLoadOptions;
typedef struct _ArborLoadReport ArborLoadReport;
typedef struct _ArborMatches ArborMatches;
typedef struct _ArborNestOptions ArborNestOptions;
typedef struct _ArborObjectModel ArborObjectModel;
typedef struct _ArborQuery ArborQuery;
typedef struct _ArborReport ArborReport;
typedef struct _ArborSchema ArborSchema;
typedef struct _ArborSortOptions ArborSortOptions;
typedef struct _ArborStats ArborStats;
typedef struct _ArborStore ArborStore;
typedef struct _ArborStoreOptions ArborStoreOptions;
typedef struct _ArborTransaction ArborTransaction;
typedef struct _ArborTree ArborTree;

/* G_DECLARE_FINAL_TYPE without its typedef, which stands above: before C11 it may be there once. */
#define _ARBOR_DECLARE_FINAL_TYPE(TypeName, type_name, MODULE, OBJECT_NAME, ParentName)            \
  GType type_name##_get_type (void);                                                               \
  typedef struct                                                                                   \
  {                                                                                                \
    ParentName##Class parent_class;                                                                \
  } TypeName##Class;                                                                               \
  G_DEFINE_AUTOPTR_CLEANUP_FUNC (TypeName, g_object_unref)                                         \
  G_DEFINE_AUTOPTR_CLEANUP_FUNC (TypeName##Class, g_type_class_unref)                              \
  G_GNUC_UNUSED static inline TypeName *MODULE##_##OBJECT_NAME (gpointer object)                   \
  {                                                                                                \
    return G_TYPE_CHECK_INSTANCE_CAST (object, type_name##_get_type (), TypeName);                 \
  }                                                                                                \
  G_GNUC_UNUSED static inline gboolean MODULE##_IS_##OBJECT_NAME (gpointer object)                 \
  {                                                                                                \
    return G_TYPE_CHECK_INSTANCE_TYPE (object, type_name##_get_type ());                           \
  }

/**
 * ArborProgressFunc:
 * @done: what is done, in bytes where text is read, in trees where trees are computed
 * @total: the same of all, 0 when that is not known
 * @user_data: what was given with the function
 *
 * Told how far a long call has come: in the thread that called it, between batches, and once at
 * the end. The library holds no lock meanwhile; the function may close the store.
 *
 * Since: 1.0
 */
typedef void (*ArborProgressFunc) (guint64 done, guint64 total, gpointer user_data);

/**
 * ArborKeyFlags:
 * @ARBOR_KEY_NONE: several trees may have the same key
 * @ARBOR_KEY_UNIQUE: no two trees have the same key
 *
 * What [method@Arbor.Store.set_keys] declares of keys.
 *
 * Since: 1.0
 */
typedef enum /*< flags >*/
{
  ARBOR_KEY_NONE = 0,
  ARBOR_KEY_UNIQUE = 1 << 0,
} ArborKeyFlags;

/**
 * ArborCompactFlags:
 * @ARBOR_COMPACT_NONE: in place, beside readers and writers
 * @ARBOR_COMPACT_FULL: write the file anew, alone with it
 *
 * How [method@Arbor.Store.compact] makes a file smaller.
 *
 * Since: 1.0
 */
typedef enum /*< flags >*/
{
  ARBOR_COMPACT_NONE = 0,
  ARBOR_COMPACT_FULL = 1 << 0,
} ArborCompactFlags;

/**
 * ArborBackupFlags:
 * @ARBOR_BACKUP_NONE: a copy of the file, free pages included
 * @ARBOR_BACKUP_COMPACT: without free pages, as small as it can be
 * @ARBOR_BACKUP_UPDATE: a file that is there is an older copy of the same store, in which only what differs is
 *   written, in one commit; one that is not there is made
 *
 * How [method@Arbor.Store.backup] copies a store.
 *
 * Since: 1.0
 */
typedef enum /*< flags >*/
{
  ARBOR_BACKUP_NONE = 0,
  ARBOR_BACKUP_COMPACT = 1 << 0,
  ARBOR_BACKUP_UPDATE = 1 << 1,
} ArborBackupFlags;

/**
 * ArborFormat:
 * @ARBOR_FORMAT_AUTO: reading: CSV when the text is a file whose name ends with `.csv` or `.tsv`;
 *   else an array that is all of the text, an element a tree, or JSON documents one after the other,
 *   such as JSON Lines, a tree each; writing: JSON Lines
 * @ARBOR_FORMAT_JSONL: JSON Lines, one tree a line
 * @ARBOR_FORMAT_JSON: reading: one JSON document, which is one tree; writing: one array of all
 *   trees
 * @ARBOR_FORMAT_CSV: comma-separated values, RFC 4180, a record a tree, after one with the names:
 *   see [class@Arbor.LoadOptions] and [method@Arbor.Arbor.save_csv]
 *
 * Text formats.
 *
 * Since: 1.0
 */
typedef enum
{
  ARBOR_FORMAT_AUTO = 0,
  ARBOR_FORMAT_JSONL = 1,
  ARBOR_FORMAT_JSON = 2,
  ARBOR_FORMAT_CSV = 3,
} ArborFormat;

G_END_DECLS
