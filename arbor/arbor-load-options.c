/* ArborLoadOptions: how text is read. Setters take any value and notify only of a change; what
 * contradicts itself is refused where the options are used.
 */

#include "arbor-load-private.h"

#include <glib/gi18n-lib.h>

#include "arbor-enum-types.h"
#include "base/arbor-path.h"

/**
 * ArborLoadOptions:
 *
 * How JSON text is read.
 *
 * Without options the text is JSON Lines, or one JSON document when its first document goes on over
 * the end of its line; any line that is no JSON is an error.
 *
 * An object of this class is not thread-safe: use it in one thread at a time. A call that reads
 * copies what it needs when it begins.
 *
 * Since: 1.0
 */
struct _ArborLoadOptions
{
  GObject parent_instance;

  ArborFormat format;
  char *at;
  gboolean skip_bad;
};

enum
{
  PROP_FORMAT = 1,
  PROP_AT,
  PROP_SKIP_BAD,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (ArborLoadOptions, arbor_load_options, G_TYPE_OBJECT)

static void
arbor_load_options_finalize (GObject *object)
{
  ArborLoadOptions *self = ARBOR_LOAD_OPTIONS (object);

  g_free (self->at);

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
   * Whether lines that are no JSON are left out, and listed in the [struct@Arbor.LoadReport],
   * instead of being an error. Only JSON Lines have such lines.
   *
   * Since: 1.0
   */
  properties[PROP_SKIP_BAD] = g_param_spec_boolean ("skip-bad", NULL, NULL, FALSE, PROPERTY_FLAGS);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
arbor_load_options_init (ArborLoadOptions *self)
{
  self->format = ARBOR_FORMAT_AUTO;
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

ArborLoadOptions *
arbor_load_options_copy (ArborLoadOptions *options)
{
  ArborLoadOptions *copy = arbor_load_options_new ();

  if (options != NULL)
    {
      copy->format = options->format;
      copy->at = g_strdup (options->at);
      copy->skip_bad = options->skip_bad;
    }
  return copy;
}

static gboolean
check_at (ArborLoadOptions *self, GError **error)
{
  g_autoptr (ArborPath) path = NULL;

  if (self->at == NULL)
    return TRUE;
  if (self->format == ARBOR_FORMAT_JSONL)
    {
      g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_OPTIONS,
                           _ ("Load option 'at': expected format auto or json, which have one "
                              "document to look into, found jsonl"));
      return FALSE;
    }
  path = arbor_path_parse (self->at, error);
  if (path == NULL)
    {
      g_prefix_error (error, _ ("Load option 'at': "));
      return FALSE;
    }
  if (path->is_vector)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_OPTIONS,
                   _ ("Load option 'at': expected a path to one array, without [*], found '%s'"),
                   self->at);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_skip_bad (ArborLoadOptions *self, GError **error)
{
  if (!self->skip_bad || (self->format != ARBOR_FORMAT_JSON && self->at == NULL))
    return TRUE;
  g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_OPTIONS,
                       _ ("Load option 'skip-bad': expected JSON Lines, found one JSON document, "
                          "which has no lines to leave out"));
  return FALSE;
}

gboolean
arbor_load_options_fill (ArborLoadOptions *options, ArborJsonReadOptions *out, GError **error)
{
  static const ArborJsonFormat formats[] = {
    [ARBOR_FORMAT_AUTO] = ARBOR_JSON_AUTO,
    [ARBOR_FORMAT_JSONL] = ARBOR_JSON_LINES,
    [ARBOR_FORMAT_JSON] = ARBOR_JSON_DOCUMENT,
  };

  out->format = ARBOR_JSON_AUTO;
  out->skip_bad = FALSE;
  out->at = NULL;
  if (options == NULL)
    return TRUE;

  if ((guint)options->format >= G_N_ELEMENTS (formats))
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_OPTIONS,
                   _ ("Load option 'format': expected a value from 0 to %d, found %d"),
                   (int)G_N_ELEMENTS (formats) - 1, (int)options->format);
      return FALSE;
    }
  if (!check_at (options, error) || !check_skip_bad (options, error))
    return FALSE;

  out->format = options->at != NULL ? ARBOR_JSON_DOCUMENT : formats[options->format];
  out->skip_bad = options->skip_bad;
  out->at = options->at;
  return TRUE;
}
