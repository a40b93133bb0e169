/* From load options to what the JSON layer reads by. What contradicts itself is refused here, where
 * the options are used.
 */

#include "arbor-load-private.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-packing.h"
#include "base/arbor-path.h"
#include "json/arbor-csv.h"

ArborLoadOptions *
arbor_load_options_copy (ArborLoadOptions *options)
{
  ArborLoadOptions *copy = arbor_load_options_new ();

  if (options != NULL)
    {
      copy->format = options->format;
      copy->at = g_strdup (options->at);
      copy->skip_bad = options->skip_bad;
      copy->delimiter = g_strdup (options->delimiter);
      copy->has_header = options->has_header;
      copy->infer_numbers = options->infer_numbers;
      copy->whole = options->whole;
      copy->as_object = g_strdup (options->as_object);
      copy->decimals = options->decimals;
      copy->memory_limit = options->memory_limit;
      copy->types = g_strdupv (options->types);
      copy->keys = g_strdupv (options->keys);
      copy->keys_unique = options->keys_unique;
    }
  return copy;
}

static gboolean
check_at (ArborLoadOptions *self, GError **error)
{
  g_autoptr (ArborPath) path = NULL;

  if (self->at == NULL)
    return TRUE;
  if (self->format == ARBOR_FORMAT_JSONL || self->format == ARBOR_FORMAT_CSV)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_OPTIONS,
                   _("Load option 'at': expected format auto or json, which have one document to "
                     "look into, found %s"),
                   self->format == ARBOR_FORMAT_CSV ? "csv" : "jsonl");
      return FALSE;
    }
  path = arbor_path_parse (self->at, error);
  if (path == NULL)
    {
      g_prefix_error (error, _("Load option 'at': "));
      return FALSE;
    }
  if (path->is_vector)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_OPTIONS,
                   _("Load option 'at': expected a path to one array or object, without [*], found "
                     "'%s'"),
                   self->at);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_parts (ArborLoadOptions *self, GError **error)
{
  gboolean has_lines = self->format == ARBOR_FORMAT_JSONL || self->format == ARBOR_FORMAT_CSV;
  const char *message = NULL;

  if (self->whole && self->as_object != NULL)
    message = _("Load options 'whole' and 'as-object': a document is one tree, or one for each "
                "member, not both");
  else if (self->as_object != NULL && has_lines)
    message = _("Load option 'as-object': expected format auto or json, which have one document "
                "to take apart");
  else if (self->whole && self->format == ARBOR_FORMAT_CSV)
    message = _("Load option 'whole': expected JSON, found CSV, of which each record is a tree");
  else if ((guint) self->decimals > ARBOR_DECIMALS_EXACT)
    message = _("Load option 'decimals': expected nearest or exact");
  if (message != NULL)
    g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_OPTIONS, message);
  return message == NULL;
}

static gboolean
check_skip_bad (ArborLoadOptions *self, GError **error)
{
  if (!self->skip_bad || (self->format != ARBOR_FORMAT_JSON && self->at == NULL &&
                          self->as_object == NULL))
    return TRUE;
  g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_OPTIONS,
                       _("Load option 'skip-bad': expected JSON Lines or CSV, found one JSON "
                         "document, which has no lines to leave out"));
  return FALSE;
}

static gboolean
check_delimiter (ArborLoadOptions *self, GError **error)
{
  if (self->delimiter == NULL ||
      (self->delimiter[0] != '\0' && self->delimiter[1] == '\0' &&
       arbor_csv_is_delimiter (self->delimiter[0])))
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_OPTIONS,
               _("Load option 'delimiter': expected one ASCII character other than a quote or a "
                 "line end, found '%s'"),
               self->delimiter);
  return FALSE;
}

static void
clear_type (gpointer data)
{
  g_free (((ArborCsvTypeOption *) data)->name);
}

/* NAME=TYPE; a name may have an equals sign in it. */
static gboolean
parse_type (const char *text, ArborCsvTypeOption *type, GError **error)
{
  static const char *const names[] = {
    [ARBOR_CSV_TYPE_AUTO] = "auto",
    [ARBOR_CSV_TYPE_TEXT] = "text",
    [ARBOR_CSV_TYPE_NUMBER] = "number",
  };
  const char *equals = strrchr (text, '=');

  for (guint i = 0; equals != NULL && i < G_N_ELEMENTS (names); i++)
    if (strcmp (equals + 1, names[i]) == 0)
      {
        *type = (ArborCsvTypeOption){ g_strndup (text, (gsize)(equals - text)), (ArborCsvType)i };
        return TRUE;
      }
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_OPTIONS,
               _("Load option 'types': expected NAME=number, NAME=text or NAME=auto, found '%s'"),
               text);
  return FALSE;
}

static gboolean
parse_types (ArborLoadOptions *self, GError **error)
{
  g_clear_pointer (&self->parsed_types, g_array_unref);
  self->parsed_types = g_array_new (FALSE, FALSE, sizeof (ArborCsvTypeOption));
  g_array_set_clear_func (self->parsed_types, clear_type);
  for (guint i = 0; self->types != NULL && self->types[i] != NULL; i++)
    {
      ArborCsvTypeOption type;

      if (!parse_type (self->types[i], &type, error))
        return FALSE;
      g_array_append_val (self->parsed_types, type);
    }
  return TRUE;
}

gboolean
arbor_is_named (const char *path, const char *ending, const char *other_ending)
{
  g_autofree char *name = path != NULL ? arbor_packing_strip_name (path) : NULL;
  g_autofree char *lower = name != NULL ? g_ascii_strdown (name, -1) : NULL;

  return lower != NULL &&
         (g_str_has_suffix (lower, ending) || g_str_has_suffix (lower, other_ending));
}

gboolean
arbor_load_options_fill (ArborLoadOptions *options, const char *path, ArborJsonReadOptions *out,
                         GError **error)
{
  static const ArborJsonFormat formats[] = {
    [ARBOR_FORMAT_AUTO] = ARBOR_JSON_AUTO,
    [ARBOR_FORMAT_JSONL] = ARBOR_JSON_LINES,
    [ARBOR_FORMAT_JSON] = ARBOR_JSON_DOCUMENT,
    [ARBOR_FORMAT_CSV] = ARBOR_JSON_CSV,
  };
  g_autoptr (ArborLoadOptions) defaults = NULL;

  if (options == NULL)
    options = defaults = arbor_load_options_new ();
  if ((guint) options->format >= G_N_ELEMENTS (formats))
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_OPTIONS,
                   _("Load option 'format': expected a value from 0 to %d, found %d"),
                   (int) G_N_ELEMENTS (formats) - 1, (int) options->format);
      return FALSE;
    }
  if (!check_at (options, error) || !check_parts (options, error) ||
      !check_skip_bad (options, error) || !check_delimiter (options, error))
    return FALSE;
  if (options->types != NULL && !parse_types (options, error))
    return FALSE;

  out->format = options->at != NULL || options->as_object != NULL ? ARBOR_JSON_DOCUMENT
                                                                  : formats[options->format];
  if (out->format == ARBOR_JSON_AUTO && arbor_is_named (path, ".csv", ".tsv"))
    out->format = ARBOR_JSON_CSV;
  out->skip_bad = options->skip_bad;
  out->at = options->at;
  if (options->delimiter != NULL)
    out->delimiter = options->delimiter[0];
  else
    out->delimiter = arbor_is_named (path, ".tsv", ".tsv") ? '\t' : '\0';
  out->no_header = !options->has_header;
  out->text_only = !options->infer_numbers;
  out->whole = options->whole;
  out->as_object = options->as_object;
  out->exact = options->decimals == ARBOR_DECIMALS_EXACT;
  out->memory = options->memory_limit;
  out->types = options->types != NULL ? options->parsed_types : NULL;
  return TRUE;
}
