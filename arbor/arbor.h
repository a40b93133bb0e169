/* The umbrella header: the only one that programs include. */

#pragma once

#define __ARBOR_INSIDE__

#include "arbor-arrow-abi.h"
#include "arbor-error.h"
#include "arbor-finding-kind.h"
#include "arbor-kind.h"
#include "arbor-join-kind.h"
#include "arbor-sort-flags.h"
#include "arbor-version-macros.h"

#include <arbor/arbor-types.h>

#include <arbor/arbor-arbor.h>
#include <arbor/arbor-arrow.h>
#include <arbor/arbor-async.h>
#include <arbor/arbor-builder.h>
#include <arbor/arbor-close-observer.h>
#include <arbor/arbor-close-token.h>
#include <arbor/arbor-column.h>
#include <arbor/arbor-cursor.h>
#include <arbor/arbor-enum-types.h>
#include <arbor/arbor-expr.h>
#include <arbor/arbor-expr-builders.h>
#include <arbor/arbor-finding.h>
#include <arbor/arbor-groups.h>
#include <arbor/arbor-index.h>
#include <arbor/arbor-index-options.h>
#include <arbor/arbor-iter.h>
#include <arbor/arbor-join-options.h>
#include <arbor/arbor-list-model.h>
#include <arbor/arbor-load.h>
#include <arbor/arbor-matches.h>
#include <arbor/arbor-nest-options.h>
#include <arbor/arbor-object.h>
#include <arbor/arbor-query-memory.h>
#include <arbor/arbor-query.h>
#include <arbor/arbor-report.h>
#include <arbor/arbor-row.h>
#include <arbor/arbor-schema.h>
#include <arbor/arbor-sort-options.h>
#include <arbor/arbor-stats.h>
#include <arbor/arbor-store-options.h>
#include <arbor/arbor-store.h>
#include <arbor/arbor-transaction.h>
#include <arbor/arbor-tree.h>
#include <arbor/arbor-version.h>

#undef __ARBOR_INSIDE__
