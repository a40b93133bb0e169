/* The classes of the library, declared ahead so that their headers may name each other. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <gio/gio.h>

#include "arbor-error.h"
#include "arbor-kind.h"
#include "arbor-join-kind.h"
#include "arbor-sort-flags.h"
#include "arbor-version-macros.h"

G_BEGIN_DECLS

typedef struct _ArborArbor ArborArbor;
typedef struct _ArborBuilder ArborBuilder;
typedef struct _ArborCloseToken ArborCloseToken;
typedef struct _ArborColumn ArborColumn;
typedef struct _ArborCursor ArborCursor;
typedef struct _ArborExpr ArborExpr;
typedef struct _ArborGroups ArborGroups;
typedef struct _ArborIndex ArborIndex;
typedef struct _ArborIter ArborIter;
typedef struct _ArborListModel ArborListModel;
typedef struct _ArborLoadOptions ArborLoadOptions;
typedef struct _ArborLoadReport ArborLoadReport;
typedef struct _ArborMatches ArborMatches;
typedef struct _ArborQuery ArborQuery;
typedef struct _ArborRow ArborRow;
typedef struct _ArborSchema ArborSchema;
typedef struct _ArborStats ArborStats;
typedef struct _ArborStore ArborStore;
typedef struct _ArborStoreOptions ArborStoreOptions;
typedef struct _ArborTransaction ArborTransaction;
typedef struct _ArborTree ArborTree;

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
