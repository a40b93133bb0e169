/* Compressed text: gzip and zstd, told by the first bytes of what is read and by the name of what is
 * written. A file may have several members, one after the other, which are one text. Memory does not
 * grow with the text; that a text of next to nothing blows up is refused: past 1 GiB it may be at most
 * 2,000 times what it was made of.
 *
 * Either of them may be left out of a build: it is then not known.
 *
 * Sources: RFC 1952 (gzip), RFC 8878 (zstd).
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _ArborPacking ArborPacking;
typedef struct _ArborUnpacker ArborUnpacker;

/* NULL for text, and for what this build does not read. */
const ArborPacking *arbor_packing_find (const char *bytes, gsize n);
/* By the ending of the name, in small letters or large. */
const ArborPacking *arbor_packing_of_name (const char *path);
/* @path without the ending that says how it is packed; a copy. */
char *arbor_packing_strip_name (const char *path);

ArborUnpacker *arbor_unpacker_new (const ArborPacking *packing);
void arbor_unpacker_free (ArborUnpacker *self);
/* Takes bytes of *@in, which has *@n_in, and gives text of at most @room bytes, *@n_out of them. Nothing
 * of either means that it wants more, or with @is_end that the text is over. PARSE where the bytes are
 * damaged or end too early, LIMIT where they blow up. */
gboolean arbor_unpacker_run (ArborUnpacker *self, const guint8 **in, gsize *n_in, gboolean is_end,
                             guint8 *out, gsize room, gsize *n_out, GError **error);

/* A stream that packs what is written to @base, and ends it when it is closed. */
GOutputStream *arbor_packing_new_stream (const ArborPacking *packing, GOutputStream *base);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborUnpacker, arbor_unpacker_free)

G_END_DECLS
