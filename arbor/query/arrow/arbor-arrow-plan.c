/* See arbor-arrow-plan.h: from the format of a schema to a plan. */

#include "query/arrow/arbor-arrow-plan.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"

#define MAX_SCALE 1000
#define MAX_COLUMNS 65536

static ArborArrowPlan *make_plan (const struct ArrowSchema *schema, const char *path, guint level,
                                  GError **error);

void
arbor_arrow_plan_free (ArborArrowPlan *self)
{
  for (gint64 i = 0; i < self->n_children; i++)
    arbor_arrow_plan_free (self->children[i]);
  g_free (self->children);
  g_clear_pointer (&self->dictionary, arbor_arrow_plan_free);
  g_free (self->key);
  g_free (self->path);
  g_free (self);
}

static gboolean
refuse (const ArborArrowPlan *self, const char *format, GError **error)
{
  g_autofree char *valid = g_utf8_make_valid (format, -1);

  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_SUPPORTED,
               _("Arrow column '%s': expected a type that JSON can say, found '%s'"), self->path,
               valid);
  return FALSE;
}

static gboolean
set_malformed (const ArborArrowPlan *self, const char *what, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_SCHEMA, _("Arrow column '%s': malformed schema: %s"),
               self->path, what);
  return FALSE;
}

/* Types of one letter */

typedef struct
{
  char letter;
  guint8 read; /* ArborArrowRead */
  guint8 width;
  gboolean is_set; /* signed, or binary */
} Letter;

static const Letter letters[] = {
  { 'n', ARBOR_ARROW_READ_NULL, 0, FALSE },   { 'b', ARBOR_ARROW_READ_BOOL, 0, FALSE },
  { 'c', ARBOR_ARROW_READ_INTEGER, 1, TRUE }, { 'C', ARBOR_ARROW_READ_INTEGER, 1, FALSE },
  { 's', ARBOR_ARROW_READ_INTEGER, 2, TRUE }, { 'S', ARBOR_ARROW_READ_INTEGER, 2, FALSE },
  { 'i', ARBOR_ARROW_READ_INTEGER, 4, TRUE }, { 'I', ARBOR_ARROW_READ_INTEGER, 4, FALSE },
  { 'l', ARBOR_ARROW_READ_INTEGER, 8, TRUE }, { 'L', ARBOR_ARROW_READ_INTEGER, 8, FALSE },
  { 'e', ARBOR_ARROW_READ_REAL, 2, FALSE },   { 'f', ARBOR_ARROW_READ_REAL, 4, FALSE },
  { 'g', ARBOR_ARROW_READ_REAL, 8, FALSE },   { 'u', ARBOR_ARROW_READ_TEXT, 4, FALSE },
  { 'U', ARBOR_ARROW_READ_TEXT, 8, FALSE },   { 'z', ARBOR_ARROW_READ_TEXT, 4, TRUE },
  { 'Z', ARBOR_ARROW_READ_TEXT, 8, TRUE },
};

static gboolean
parse_letter (ArborArrowPlan *self, char letter)
{
  for (gsize i = 0; i < G_N_ELEMENTS (letters); i++)
    if (letters[i].letter == letter)
      {
        self->read = (ArborArrowRead) letters[i].read;
        self->width = letters[i].width;
        self->is_signed = self->is_binary = letters[i].is_set;
        return TRUE;
      }
  return FALSE;
}

/* Others */

/* A number that is all there is, up to an end; *@at moves behind it. */
static gboolean
parse_number (const char **at, gint64 min, gint64 max, gint64 *number)
{
  char *end;

  if (!g_ascii_isdigit (**at) && **at != '-')
    return FALSE;
  *number = g_ascii_strtoll (*at, &end, 10);
  *at = end;
  return *number >= min && *number <= max;
}

/* "d:19,10" or "d:19,10,256" */
static gboolean
parse_decimal (ArborArrowPlan *self, const char *at)
{
  gint64 precision, scale, bits = 128;

  if (!parse_number (&at, 1, 76, &precision) || *at++ != ',' ||
      !parse_number (&at, -MAX_SCALE, MAX_SCALE, &scale))
    return FALSE;
  if (*at == ',')
    {
      at++;
      if (!parse_number (&at, 32, 256, &bits))
        return FALSE;
    }
  self->read = ARBOR_ARROW_READ_DECIMAL;
  self->scale = (gint32) scale;
  self->width = (guint) bits / 8;
  return *at == '\0' && (bits == 32 || bits == 64 || bits == 128 || bits == 256);
}

static gboolean
parse_unit (ArborArrowPlan *self, char letter)
{
  const char *units = "smun";
  const char *at = letter != '\0' ? strchr (units, letter) : NULL;

  self->unit = at != NULL ? (ArborArrowUnit) (at - units) : ARBOR_ARROW_SECONDS;
  return at != NULL;
}

static gboolean
parse_interval (ArborArrowPlan *self, char letter)
{
  static const guint8 widths[] = { 4, 8, 16 };
  const char *intervals = "MDn";
  const char *at = letter != '\0' ? strchr (intervals, letter) : NULL;

  if (at == NULL)
    return FALSE;
  self->read = (ArborArrowRead) (ARBOR_ARROW_READ_MONTHS + (at - intervals));
  self->width = widths[at - intervals];
  return TRUE;
}

/* "tdD", "tts", "tsu:Europe/Berlin", "tDn", "tiM" */
static gboolean
parse_temporal (ArborArrowPlan *self, const char *format)
{
  gboolean is_short = strlen (format) == 3;

  self->width = 8;
  switch (format[1])
    {
    case 'd':
      self->read = format[2] == 'D' ? ARBOR_ARROW_READ_DAYS : ARBOR_ARROW_READ_DATE;
      self->width = format[2] == 'D' ? 4 : 8;
      return is_short && (format[2] == 'D' || format[2] == 'm');
    case 't':
      self->read = ARBOR_ARROW_READ_TIME;
      self->width = format[2] == 's' || format[2] == 'm' ? 4 : 8;
      return is_short && parse_unit (self, format[2]);
    case 's':
      self->read = ARBOR_ARROW_READ_TIMESTAMP;
      if (!parse_unit (self, format[2]) || (format[3] != ':' && format[3] != '\0'))
        return FALSE;
      self->is_zoned = format[3] == ':' && format[4] != '\0';
      return TRUE;
    case 'D':
      self->read = ARBOR_ARROW_READ_DURATION;
      return is_short && parse_unit (self, format[2]);
    case 'i':
      return is_short && parse_interval (self, format[2]);
    default:
      return FALSE;
    }
}

/* "+us:0,1,5": which child has which id. */
static gboolean
parse_union (ArborArrowPlan *self, const char *format, gint64 n_children)
{
  const char *at = format + 4;

  if ((format[2] != 's' && format[2] != 'd') || format[3] != ':')
    return FALSE;
  self->read = format[2] == 's' ? ARBOR_ARROW_READ_SPARSE_UNION : ARBOR_ARROW_READ_DENSE_UNION;
  memset (self->children_of_ids, -1, sizeof self->children_of_ids);
  for (gint64 i = 0; i < n_children; i++)
    {
      gint64 id;

      if ((i > 0 && *at++ != ',') || !parse_number (&at, 0, 127, &id))
        return FALSE;
      self->children_of_ids[id] = (gint8) i;
    }
  return *at == '\0';
}

static gboolean
parse_nested (ArborArrowPlan *self, const struct ArrowSchema *schema)
{
  static const struct
  {
    const char *format;
    ArborArrowRead read;
    guint width;
    gint64 n_children; /* -1: any number */
  } types[] = {
    { "+s", ARBOR_ARROW_READ_STRUCT, 0, -1 },   { "+l", ARBOR_ARROW_READ_LIST, 4, 1 },
    { "+L", ARBOR_ARROW_READ_LIST, 8, 1 },      { "+vl", ARBOR_ARROW_READ_LIST_VIEW, 4, 1 },
    { "+vL", ARBOR_ARROW_READ_LIST_VIEW, 8, 1 }, { "+m", ARBOR_ARROW_READ_MAP, 4, 1 },
    { "+r", ARBOR_ARROW_READ_RUNS, 0, 2 },
  };
  const char *format = schema->format;
  const char *at = format + 3;

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_str_equal (format, types[i].format))
      {
        self->read = types[i].read;
        self->width = types[i].width;
        return types[i].n_children < 0 || types[i].n_children == schema->n_children;
      }
  if (g_str_has_prefix (format, "+w:"))
    {
      self->read = ARBOR_ARROW_READ_FIXED_LIST;
      return parse_number (&at, 0, G_MAXINT32, &self->n_fixed) && *at == '\0' &&
             schema->n_children == 1;
    }
  return format[1] == 'u' && parse_union (self, format, schema->n_children);
}

static gboolean
parse_format (ArborArrowPlan *self, const struct ArrowSchema *schema)
{
  const char *format = schema->format;
  const char *at = format + 2;

  if (format[0] == '\0')
    return FALSE;
  if (format[1] == '\0')
    return parse_letter (self, format[0]);
  if (g_str_equal (format, "vu") || g_str_equal (format, "vz"))
    {
      self->read = ARBOR_ARROW_READ_VIEW;
      self->width = 16;
      self->is_binary = format[1] == 'z';
      return TRUE;
    }
  switch (format[0])
    {
    case 'w':
      self->read = ARBOR_ARROW_READ_FIXED_BINARY;
      self->is_binary = TRUE;
      return format[1] == ':' && parse_number (&at, 0, G_MAXINT32, &self->n_fixed) && *at == '\0';
    case 'd':
      return format[1] == ':' && parse_decimal (self, at);
    case 't':
      return parse_temporal (self, format);
    case '+':
      return parse_nested (self, schema);
    default:
      return FALSE;
    }
}

/* Children */

/* What texts are made of: strings, integers, truth values. */
static gboolean
can_be_key (const ArborArrowPlan *self)
{
  if (self->dictionary != NULL)
    return can_be_key (self->dictionary);
  return ((self->read == ARBOR_ARROW_READ_TEXT || self->read == ARBOR_ARROW_READ_VIEW) &&
          !self->is_binary && !self->is_json) ||
         self->read == ARBOR_ARROW_READ_INTEGER || self->read == ARBOR_ARROW_READ_BOOL;
}

static gboolean
check_names (const ArborArrowPlan *self, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (gint64 i = 0; i < self->n_children; i++)
    if (!g_hash_table_add (names, self->children[i]->key))
      {
        g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                     _("Arrow column '%s': expected fields with different names, found two that are "
                       "named '%s'"),
                     self->path, self->children[i]->key);
        return FALSE;
      }
  return TRUE;
}

static gboolean
check_children (const ArborArrowPlan *self, const struct ArrowSchema *schema, GError **error)
{
  const ArborArrowPlan *entries;

  switch (self->read)
    {
    case ARBOR_ARROW_READ_STRUCT:
      return check_names (self, error);
    case ARBOR_ARROW_READ_MAP:
      entries = self->children[0];
      if (entries->read != ARBOR_ARROW_READ_STRUCT || entries->n_children != 2)
        return set_malformed (self, "entries of a map", error);
      return can_be_key (entries->children[0]) ||
             refuse (entries->children[0], schema->children[0]->children[0]->format, error);
    case ARBOR_ARROW_READ_RUNS:
      return (self->children[0]->read == ARBOR_ARROW_READ_INTEGER && self->children[0]->is_signed &&
              self->children[0]->dictionary == NULL) ||
             set_malformed (self, "run ends", error);
    default:
      return TRUE;
    }
}

static char *
extend_path (const ArborArrowPlan *self, const char *name)
{
  if (self->read != ARBOR_ARROW_READ_STRUCT && self->read != ARBOR_ARROW_READ_SPARSE_UNION &&
      self->read != ARBOR_ARROW_READ_DENSE_UNION)
    return g_strdup_printf ("%s[*]", self->path);
  return self->path[0] != '\0' ? g_strdup_printf ("%s.%s", self->path, name) : g_strdup (name);
}

static gboolean
add_children (ArborArrowPlan *self, const struct ArrowSchema *schema, guint level, GError **error)
{
  self->children = g_new (ArborArrowPlan *, schema->n_children);
  for (gint64 i = 0; i < schema->n_children; i++)
    {
      const struct ArrowSchema *child = schema->children[i];
      g_autofree char *path = NULL;
      ArborArrowPlan *plan;

      if (child == NULL || child->release == NULL)
        return set_malformed (self, "a field without a schema", error);
      path = extend_path (self, child->name != NULL ? child->name : "");
      plan = make_plan (child, path, level + 1, error);
      if (plan == NULL)
        return FALSE;
      self->children[self->n_children++] = plan;
    }
  return check_children (self, schema, error);
}

static gboolean
add_dictionary (ArborArrowPlan *self, const struct ArrowSchema *schema, guint level, GError **error)
{
  if (self->read != ARBOR_ARROW_READ_INTEGER || schema->dictionary->release == NULL)
    return set_malformed (self, "indices of a dictionary", error);
  self->dictionary = make_plan (schema->dictionary, self->path, level + 1, error);
  return self->dictionary != NULL;
}

static ArborArrowPlan *
make_plan (const struct ArrowSchema *schema, const char *path, guint level, GError **error)
{
  g_autoptr (ArborArrowPlan) self = g_new0 (ArborArrowPlan, 1);

  self->path = g_utf8_make_valid (path, -1);
  self->key = g_strdup (schema->name != NULL ? schema->name : "");
  if (!g_utf8_validate (self->key, -1, NULL))
    {
      set_malformed (self, "a name that is not UTF-8", error);
      return NULL;
    }
  if (level >= ARBOR_ARROW_MAX_LEVELS)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                   _("Arrow column '%s': expected at most %u levels, found more"), path,
                   ARBOR_ARROW_MAX_LEVELS);
      return NULL;
    }
  if (schema->format == NULL || schema->n_children < 0 || schema->n_children > MAX_COLUMNS ||
      (schema->n_children > 0 && schema->children == NULL))
    {
      set_malformed (self, "format or children", error);
      return NULL;
    }
  if (!parse_format (self, schema))
    {
      refuse (self, schema->format, error);
      return NULL;
    }
  self->is_json = (self->read == ARBOR_ARROW_READ_TEXT || self->read == ARBOR_ARROW_READ_VIEW) &&
                  !self->is_binary &&
                  arbor_arrow_metadata_has (schema, "ARROW:extension:name", "arrow.json");
  if (!add_children (self, schema, level, error) ||
      (schema->dictionary != NULL && !add_dictionary (self, schema, level, error)))
    return NULL;
  self->is_plain = self->read < ARBOR_ARROW_READ_LIST && !self->is_json &&
                   (self->dictionary == NULL || self->dictionary->is_plain);
  return g_steal_pointer (&self);
}

ArborArrowPlan *
arbor_arrow_plan_new (const struct ArrowSchema *schema, GError **error)
{
  return make_plan (schema, "", 0, error);
}
