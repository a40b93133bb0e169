/* JSON values one after the other, each read as soon as its end is known: documents, whatever stands
 * between them, the elements of a root array, the members of a root object. So of a document of any
 * length only one element lies in memory.
 *
 * The end of a value is found by its brackets and quotes alone; whether what lies between is JSON is
 * the parser's to say. A control character in a string and nesting past the limit end it, too, so
 * that nobody looks for the rest of a text that cannot be right; a long value is looked at each time
 * it has doubled.
 */

#pragma once

#include "json/arbor-json-reader-private.h"

G_BEGIN_DECLS

/* Consumes blanks; *@byte is the one after them, or -1 at the end. */
gboolean arbor_json_values_skip_blank (ArborJsonReader *reader, int *byte, GError **error);

/* Reads one document as one tree, or finds the end. Sets *@is_line where it was a line by itself. */
gboolean arbor_json_values_read_document (ArborJsonReader *reader, gboolean *is_at_end,
                                          gboolean *is_line, GError **error);

/* Reads the input as one array, whose elements are trees; as one object whose members are trees. Its
 * bracket is the next byte. */
gboolean arbor_json_values_read_elements (ArborJsonReader *reader, GError **error);
gboolean arbor_json_values_read_members (ArborJsonReader *reader, GError **error);

/* Looks at the value that begins with the next byte: whether it is an array and all that the input
 * holds, or so long that it is taken for that, and whether it goes on over the end of its line. Both
 * are FALSE for what is no JSON: reading it says more of what is wrong. */
gboolean arbor_json_values_look_ahead (ArborJsonReader *reader, gboolean *is_only,
                                       gboolean *goes_on, GError **error);

/* Adds a member of an object as one tree, in which its key is a field. */
gboolean arbor_json_values_add_member (ArborJsonReader *reader, const char *key, guint32 length,
                                       const ArborTape *tape, guint32 index, GError **error);

G_END_DECLS
