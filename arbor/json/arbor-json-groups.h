/* JSON Lines by several threads. Batches never reach over a multiple of ARBOR_BATCH_CUT_TREES, and
 * each such group begins with a fresh builder: so groups of so many lines that are not blank are
 * built independently, and give the batches that one thread would make.
 *
 * What is not plain is left to one thread, from the beginning of the group in which it is: bad
 * lines, lines too long, groups of much text, errors of the input, the rest at the end.
 */

#pragma once

#include "json/arbor-json-reader-private.h"

G_BEGIN_DECLS

/* Reads groups as long as they are plain and hands their batches on, in order and in this thread.
 * Called where a group begins; afterwards the input and the reader are where one begins, too. FALSE
 * for errors of the sink and when cancelled. Does nothing where there is one thread only.
 */
gboolean arbor_json_groups_read (ArborJsonReader *reader, GError **error);

G_END_DECLS
