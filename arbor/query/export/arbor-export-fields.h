/* Trees that are made of named expressions alone (select) as text, without making them: each field is
 * read from the trees that the view is made of (view/arbor-trace.h), by chunks, and what has a value is
 * written. What does not go so is left to whoever writes trees: fields that are arrays or objects, and
 * trouble, which he meets after the rows before.
 */

#pragma once

#include "query/export/arbor-export.h"
#include "query/view/arbor-trace.h"
#include "query/view/arbor-trees.h"

G_BEGIN_DECLS

/* The fields of the trees of a view, read elsewhere. */
typedef struct
{
  ArborTrace trace;
  ArborAccess access; /* borrowed */
  char **names;       /* of as many as the trace has nodes */
} ArborExportFields;

/* @columns: those that are wanted, in this order; NULL: all. NULL where the trees of the view are not
 * made so. Valid as long as @access. */
ArborExportFields *arbor_export_fields_new (const ArborView *view, ArborAccess *access,
                                            const char *const *columns);
void arbor_export_fields_free (ArborExportFields *self);

/* Keeps those that some tree has, in the order in which they are met. *@is_done FALSE: it cannot be said so,
 * or none is met. */
gboolean arbor_export_fields_keep_met (ArborExportFields *self, gboolean *is_done,
                                       GCancellable *cancellable, GError **error);

/* Writes them. @fields outlives it. */
typedef struct _ArborFieldText ArborFieldText;

typedef struct
{
  char delimiter;      /* of CSV; 0: JSON */
  const char *first;   /* stands before the first row */
  const char *between; /* and before any other */
  const char *end;     /* behind each: what closes it is part of that */
} ArborFieldFormat;

ArborFieldText *arbor_field_text_new (const ArborExportFields *fields,
                                      const ArborFieldFormat *format);
ArborFieldText *arbor_field_text_copy (const ArborFieldText *self);
void arbor_field_text_free (ArborFieldText *self);
/* Before batches go away. */
void arbor_field_text_forget (ArborFieldText *self);

/* The rows of a call, which it keeps until then. */
void arbor_field_text_begin (ArborFieldText *self, const ArborRows *rows);
/* Appends the text of the next ones; returns how many. 0: this one does not go so. */
guint32 arbor_field_text_next (ArborFieldText *self, gboolean is_first, ArborBuffer *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborExportFields, arbor_export_fields_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborFieldText, arbor_field_text_free)

G_END_DECLS
