/* Expressions in the command line: lists of keys, and fields with names. An error begins with the
 * option that it is about. */

#pragma once

#include "arbor-cli.h"

G_BEGIN_DECLS

/* Names and expressions, as many of the one as of the other. */
typedef struct
{
  GPtrArray *names; /* ends with NULL once parsed */
  GPtrArray *exprs;
} ArborCliFields;

#define ARBOR_CLI_FIELDS_INIT                                                                      \
  {                                                                                                \
    0                                                                                              \
  }

void arbor_cli_fields_clear (ArborCliFields *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ArborCliFields, arbor_cli_fields_clear)

/* Splits at the commas outside of quotes, brackets and parentheses. */
char **arbor_cli_split_keys (const char *text, const char *option, GError **error);
/* The '=' between two sides, outside of these and no part of a comparison; NULL: there is none. */
char *arbor_cli_find_equals (char *text);
ArborExpr *arbor_cli_parse_expr (const char *text, const char *option, GError **error);
/* Notes on standard error about paths that no tree has; each is made once, which @told remembers.
 * @told is NULL where nobody shall be told, @option where no option asked. */
gboolean arbor_cli_note_paths (GHashTable *told, ArborArbor *trees, ArborExpr **exprs,
                               gsize n_exprs, const char *option, GError **error);
/* How many steps a path has, as the library writes it: 0 for "$". */
guint64 arbor_cli_count_steps (const char *path);
/* A key to sort, group or tell trees apart by: an expression, or a path that begins with a key in
 * quotes, for a text that is the same for all trees would be no key. */
ArborExpr *arbor_cli_parse_key (const char *text, const char *option, GError **error);
/* What the library calls the field of a path that is picked: the text, or the one key that it
 * quotes. */
char *arbor_cli_name_path (const char *text);

/* "KEY,NAME=KEY,..."; a key without a name is named by its text. */
gboolean arbor_cli_fields_parse_keys (ArborCliFields *self, const char *text, const char *option,
                                      GError **error);
/* Each of @texts is "NAME=EXPRESSION". */
gboolean arbor_cli_fields_parse (ArborCliFields *self, char **texts, const char *option,
                                 GError **error);

G_END_DECLS
