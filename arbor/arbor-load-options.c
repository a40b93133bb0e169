/* ArborLoadOptions: how text is read. Setters take any value and notify only of a change; what
 * contradicts itself is refused where the options are used.
 */

#include "arbor-load-private.h"

#include "arbor-enum-types.h"

/**
 * ArborLoadOptions:
 *
 * How JSON text is read.
 *
 * Without options an array that is all of the text is a tree for each element; else the text is JSON
 * documents, a tree each, most often JSON Lines: anything that is no JSON is an error. A file whose
 * name ends with `.csv` or `.tsv` is CSV. Text is UTF-8, or UTF-16 with a byte order mark; compressed
 * data is an error that names what it is compressed by.
 *
 * CSV is that of RFC 4180; a record becomes an object of its cells, in the order of the columns. The
 * first record names them; names are plain keys, also with dots in them, and the same name twice is an
 * error, as is a record with more or fewer cells. Records end with LF, CRLF or CR; empty lines are
 * skipped. An empty cell is null.
 *
 * What a column is, numbers or text, is decided for all of it: see the page on JSON and CSV. Numbers
 * only where each cell comes back as it was written, but for zeros at the end of decimals; so codes,
 * versions and numbers that begin with zeros stay text. Quoted cells are text. The report says what
 * each column became and why; [property@Arbor.LoadOptions:types] says it beforehand.
 *
 * An object of this class is not thread-safe: use it in one thread at a time. A call that reads
 * copies what it needs when it begins.
 *
 * Since: 1.0
 */

enum
{
  PROP_FORMAT = 1,
  PROP_AT,
  PROP_SKIP_BAD,
  PROP_DELIMITER,
  PROP_HAS_HEADER,
  PROP_INFER_NUMBERS,
  PROP_WHOLE,
  PROP_AS_OBJECT,
  PROP_DECIMALS,
  PROP_MEMORY_LIMIT,
  PROP_TYPES,
  PROP_KEYS,
  PROP_KEYS_UNIQUE,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (ArborLoadOptions, arbor_load_options, G_TYPE_OBJECT)

static void
arbor_load_options_finalize (GObject *object)
{
  ArborLoadOptions *self = ARBOR_LOAD_OPTIONS (object);

  g_free (self->at);
  g_free (self->delimiter);
  g_free (self->as_object);
  g_strfreev (self->types);
  g_strfreev (self->keys);
  g_clear_pointer (&self->parsed_types, g_array_unref);

  G_OBJECT_CLASS (arbor_load_options_parent_class)->finalize (object);
}

static void
arbor_load_options_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  ArborLoadOptions *self = ARBOR_LOAD_OPTIONS (object);

  switch (id)
    {
    case PROP_FORMAT:
      g_value_set_enum (value, self->format);
      break;
    case PROP_AT:
      g_value_set_string (value, self->at);
      break;
    case PROP_SKIP_BAD:
      g_value_set_boolean (value, self->skip_bad);
      break;
    case PROP_DELIMITER:
      g_value_set_string (value, self->delimiter);
      break;
    case PROP_HAS_HEADER:
      g_value_set_boolean (value, self->has_header);
      break;
    case PROP_INFER_NUMBERS:
      g_value_set_boolean (value, self->infer_numbers);
      break;
    case PROP_WHOLE:
      g_value_set_boolean (value, self->whole);
      break;
    case PROP_AS_OBJECT:
      g_value_set_string (value, self->as_object);
      break;
    case PROP_DECIMALS:
      g_value_set_enum (value, self->decimals);
      break;
    case PROP_MEMORY_LIMIT:
      g_value_set_uint64 (value, self->memory_limit);
      break;
    case PROP_TYPES:
      g_value_set_boxed (value, self->types);
      break;
    case PROP_KEYS:
      g_value_set_boxed (value, self->keys);
      break;
    case PROP_KEYS_UNIQUE:
      g_value_set_boolean (value, self->keys_unique);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
arbor_load_options_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  ArborLoadOptions *self = ARBOR_LOAD_OPTIONS (object);

  switch (id)
    {
    case PROP_FORMAT:
      arbor_load_options_set_format (self, g_value_get_enum (value));
      break;
    case PROP_AT:
      arbor_load_options_set_at (self, g_value_get_string (value));
      break;
    case PROP_SKIP_BAD:
      arbor_load_options_set_skip_bad (self, g_value_get_boolean (value));
      break;
    case PROP_DELIMITER:
      arbor_load_options_set_delimiter (self, g_value_get_string (value));
      break;
    case PROP_HAS_HEADER:
      arbor_load_options_set_has_header (self, g_value_get_boolean (value));
      break;
    case PROP_INFER_NUMBERS:
      arbor_load_options_set_infer_numbers (self, g_value_get_boolean (value));
      break;
    case PROP_WHOLE:
      arbor_load_options_set_whole (self, g_value_get_boolean (value));
      break;
    case PROP_AS_OBJECT:
      arbor_load_options_set_as_object (self, g_value_get_string (value));
      break;
    case PROP_DECIMALS:
      arbor_load_options_set_decimals (self, g_value_get_enum (value));
      break;
    case PROP_MEMORY_LIMIT:
      arbor_load_options_set_memory_limit (self, g_value_get_uint64 (value));
      break;
    case PROP_TYPES:
      arbor_load_options_set_types (self, g_value_get_boxed (value));
      break;
    case PROP_KEYS:
      arbor_load_options_set_keys (self, g_value_get_boxed (value));
      break;
    case PROP_KEYS_UNIQUE:
      arbor_load_options_set_keys_unique (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

#define PROPERTY_FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static void
arbor_load_options_class_init (ArborLoadOptionsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = arbor_load_options_finalize;
  object_class->get_property = arbor_load_options_get_property;
  object_class->set_property = arbor_load_options_set_property;

  /**
   * ArborLoadOptions:format: (getter get_format) (setter set_format)
   *
   * The format of the text.
   *
   * Since: 1.0
   */
  properties[PROP_FORMAT] = g_param_spec_enum ("format", NULL, NULL, ARBOR_TYPE_FORMAT,
                                               ARBOR_FORMAT_AUTO, PROPERTY_FLAGS);

  /**
   * ArborLoadOptions:at: (getter dup_at) (setter set_at)
   *
   * The path of an array in one JSON document, each of whose elements becomes a tree; the empty
   * path is the document itself. %NULL when the text is not such a document.
   *
   * Since: 1.0
   */
  properties[PROP_AT] = g_param_spec_string ("at", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * ArborLoadOptions:skip-bad: (getter get_skip_bad) (setter set_skip_bad)
   *
   * Whether lines that are no JSON, or no record of the CSV, are left out and listed in the
   * [struct@Arbor.LoadReport] instead of being an error. One JSON document has no such lines. A CSV
   * record whose quotes are wrong costs the line on which it begins, any other its whole; the record
   * of the names cannot be left out.
   *
   * Since: 1.0
   */
  properties[PROP_SKIP_BAD] = g_param_spec_boolean ("skip-bad", NULL, NULL, FALSE, PROPERTY_FLAGS);

  /**
   * ArborLoadOptions:delimiter: (getter dup_delimiter) (setter set_delimiter)
   *
   * What stands between the cells of CSV: one ASCII character other than a quote or a line end.
   * %NULL is the tab in a file whose name ends with `.tsv`, else the one of comma, semicolon, tab and
   * `|` with which the first records have the same number of cells; the report says which.
   *
   * Since: 1.0
   */
  properties[PROP_DELIMITER] =
      g_param_spec_string ("delimiter", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * ArborLoadOptions:has-header: (getter get_has_header) (setter set_has_header)
   *
   * Whether the first record of CSV names the columns. Otherwise it is a tree, too, and the columns
   * are `column1`, `column2` and so on.
   *
   * Since: 1.0
   */
  properties[PROP_HAS_HEADER] =
      g_param_spec_boolean ("has-header", NULL, NULL, TRUE, PROPERTY_FLAGS);

  /**
   * ArborLoadOptions:infer-numbers: (getter get_infer_numbers) (setter set_infer_numbers)
   *
   * Whether columns of CSV can be numbers. Otherwise all are text, but for those in
   * [property@Arbor.LoadOptions:types].
   *
   * Since: 1.0
   */
  properties[PROP_INFER_NUMBERS] =
      g_param_spec_boolean ("infer-numbers", NULL, NULL, TRUE, PROPERTY_FLAGS);

  /**
   * ArborLoadOptions:whole: (getter get_whole) (setter set_whole)
   *
   * Whether an array that is all of the text is one tree, instead of a tree for each element; with
   * [property@Arbor.LoadOptions:at], whether what is there is one tree.
   *
   * Since: 1.0
   */
  properties[PROP_WHOLE] = g_param_spec_boolean ("whole", NULL, NULL, FALSE, PROPERTY_FLAGS);

  /**
   * ArborLoadOptions:as-object: (getter dup_as_object) (setter set_as_object)
   *
   * The name of the field for keys, where the members of one object become trees: of the document,
   * or of the object at [property@Arbor.LoadOptions:at]. Each tree is the member's object with that
   * field in front; a member that is no object is put into the field `value`. An object that has the
   * field already, with another value than its key, is an error. %NULL when the text is no such
   * object; where `at` leads to one, the field is then called `key`.
   *
   * Since: 1.0
   */
  properties[PROP_AS_OBJECT] =
      g_param_spec_string ("as-object", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * ArborLoadOptions:decimals: (getter get_decimals) (setter set_decimals)
   *
   * How decimals of JSON text are read: as the nearest double, or with every digit.
   *
   * Since: 1.0
   */
  properties[PROP_DECIMALS] =
      g_param_spec_enum ("decimals", NULL, NULL, ARBOR_TYPE_DECIMALS, ARBOR_DECIMALS_NEAREST,
                         PROPERTY_FLAGS);

  /**
   * ArborLoadOptions:memory-limit: (getter get_memory_limit) (setter set_memory_limit)
   *
   * How many bytes of memory the reading of one tree may take: its text, what it is parsed into and
   * its columns, estimated from its text beforehand; what would take more is %ARBOR_ERROR_LIMIT. Less
   * than 32 MiB count as that. Besides, a load takes the room of some batches for each thread. 0 is
   * the limit of the query memory, a quarter of the machine's when nobody has set it.
   *
   * Since: 1.0
   */
  properties[PROP_MEMORY_LIMIT] = g_param_spec_uint64 ("memory-limit", NULL, NULL, 0, G_MAXUINT64,
                                                       0, PROPERTY_FLAGS);

  /**
   * ArborLoadOptions:types: (getter dup_types) (setter set_types)
   *
   * What columns of CSV are: for each that is not to be found out a string of its name, an equals
   * sign and `number` or `text`, such as `price=number`; `auto` is what the others are. In a column of
   * numbers a cell, quoted or not, may have blanks around it and a plus or zeros before it; one that
   * is no number is a bad record. A name that no column has is an error.
   *
   * Since: 1.0
   */
  properties[PROP_TYPES] =
      g_param_spec_boxed ("types", NULL, NULL, G_TYPE_STRV, PROPERTY_FLAGS);

  /**
   * ArborLoadOptions:keys: (getter dup_keys) (setter set_keys)
   *
   * For what is imported into a store: the paths that lead to the key of a tree, as
   * [method@Arbor.Store.set_keys] declares them. %NULL leaves the keys that the name has. Reading into
   * memory looks at none.
   *
   * Since: 1.0
   */
  properties[PROP_KEYS] = g_param_spec_boxed ("keys", NULL, NULL, G_TYPE_STRV, PROPERTY_FLAGS);

  /**
   * ArborLoadOptions:keys-unique: (getter get_keys_unique) (setter set_keys_unique)
   *
   * Whether no two trees may have the same one of [property@Arbor.LoadOptions:keys]; the import fails with
   * %ARBOR_ERROR_EXISTS then.
   *
   * Since: 1.0
   */
  properties[PROP_KEYS_UNIQUE] =
      g_param_spec_boolean ("keys-unique", NULL, NULL, FALSE, PROPERTY_FLAGS);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
arbor_load_options_init (ArborLoadOptions *self)
{
  self->format = ARBOR_FORMAT_AUTO;
  self->has_header = TRUE;
  self->infer_numbers = TRUE;
}

/**
 * arbor_load_options_new:
 *
 * Makes options in which everything has its default. Any thread may call this.
 *
 * Returns: (transfer full): the options
 *
 * Since: 1.0
 */
ArborLoadOptions *
arbor_load_options_new (void)
{
  return g_object_new (ARBOR_TYPE_LOAD_OPTIONS, NULL);
}

/**
 * arbor_load_options_get_format: (get-property format)
 * @self: options
 *
 * Gets [property@Arbor.LoadOptions:format]. Use options in one thread at a time.
 *
 * Returns: the format of the text
 *
 * Since: 1.0
 */
ArborFormat
arbor_load_options_get_format (ArborLoadOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_LOAD_OPTIONS (self), ARBOR_FORMAT_AUTO);

  return self->format;
}

/**
 * arbor_load_options_set_format: (set-property format)
 * @self: options
 * @format: the format of the text
 *
 * Sets [property@Arbor.LoadOptions:format]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_load_options_set_format (ArborLoadOptions *self, ArborFormat format)
{
  g_return_if_fail (ARBOR_IS_LOAD_OPTIONS (self));

  if (self->format == format)
    return;
  self->format = format;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FORMAT]);
}

/**
 * arbor_load_options_dup_at: (get-property at)
 * @self: options
 *
 * Gets [property@Arbor.LoadOptions:at]. Use options in one thread at a time.
 *
 * Returns: (transfer full) (nullable): the path of the array whose elements are the trees
 *
 * Since: 1.0
 */
char *
arbor_load_options_dup_at (ArborLoadOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_LOAD_OPTIONS (self), NULL);

  return g_strdup (self->at);
}

/**
 * arbor_load_options_set_at: (set-property at)
 * @self: options
 * @at: (nullable): the path of the array whose elements are the trees, or %NULL
 *
 * Sets [property@Arbor.LoadOptions:at]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_load_options_set_at (ArborLoadOptions *self, const char *at)
{
  g_autofree char *old = NULL;

  g_return_if_fail (ARBOR_IS_LOAD_OPTIONS (self));

  if (g_strcmp0 (self->at, at) == 0)
    return;
  old = g_steal_pointer (&self->at);
  self->at = g_strdup (at);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_AT]);
}

/**
 * arbor_load_options_get_skip_bad: (get-property skip-bad)
 * @self: options
 *
 * Gets [property@Arbor.LoadOptions:skip-bad]. Use options in one thread at a time.
 *
 * Returns: whether lines that are no JSON are left out
 *
 * Since: 1.0
 */
gboolean
arbor_load_options_get_skip_bad (ArborLoadOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_LOAD_OPTIONS (self), FALSE);

  return self->skip_bad;
}

/**
 * arbor_load_options_set_skip_bad: (set-property skip-bad)
 * @self: options
 * @skip_bad: whether lines that are no JSON are left out
 *
 * Sets [property@Arbor.LoadOptions:skip-bad]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_load_options_set_skip_bad (ArborLoadOptions *self, gboolean skip_bad)
{
  g_return_if_fail (ARBOR_IS_LOAD_OPTIONS (self));

  skip_bad = !!skip_bad;
  if (self->skip_bad == skip_bad)
    return;
  self->skip_bad = skip_bad;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SKIP_BAD]);
}
