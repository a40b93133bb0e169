/* What can be wrong with a store file. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * ArborFindingKind:
 * @ARBOR_FINDING_FILE: the header of the file or one of its meta pages
 * @ARBOR_FINDING_PAGE: a page that leads to others is not what it should be
 * @ARBOR_FINDING_FREE_LIST: pages are listed as free, or are used, twice
 * @ARBOR_FINDING_LOST_PAGES: pages that nothing leads to and no list has: lost room, and no damage to data
 * @ARBOR_FINDING_RECORD: a record of the store or of an arbor cannot be read
 * @ARBOR_FINDING_MEND: what says which trees of a batch were changed cannot be read
 * @ARBOR_FINDING_BATCH: a batch cannot be read at all, or is not there
 * @ARBOR_FINDING_COLUMN: a column of a batch has not the bytes that were written
 * @ARBOR_FINDING_REFERENCE: something is there that nothing leads to: no data that can be read is damaged
 * @ARBOR_FINDING_KEYS: a table of keys is damaged: no data is in it, and it is made anew
 *
 * What a finding of [class@Arbor.Report] is about.
 *
 * Since: 1.0
 */
typedef enum
{
  ARBOR_FINDING_FILE = 0,
  ARBOR_FINDING_PAGE = 1,
  ARBOR_FINDING_FREE_LIST = 2,
  ARBOR_FINDING_LOST_PAGES = 3,
  ARBOR_FINDING_RECORD = 4,
  ARBOR_FINDING_MEND = 5,
  ARBOR_FINDING_BATCH = 6,
  ARBOR_FINDING_COLUMN = 7,
  ARBOR_FINDING_REFERENCE = 8,
  ARBOR_FINDING_KEYS = 9,
} ArborFindingKind;

G_END_DECLS
