/* ArborStoreOptions: a record of settings, each one a property. Setters take any value and notify
 * only of a change; validate is the one place that says what is allowed, and opening a store calls
 * it. A store copies what it needs while it is opened, so later changes do not reach it.
 */

#include "arbor-store-options-private.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "arbor-enum-types.h"

#define MIN_MAP_SIZE         (G_GUINT64_CONSTANT (1) << 20)
#define MAX_MAP_SIZE         (G_GUINT64_CONSTANT (64) << 40)
#define DEFAULT_MAX_READERS  1024u
#define MAX_MAX_READERS      65536u
#define DEFAULT_BUSY_TIMEOUT 5000u
#define DEFAULT_MODE         0600u

/**
 * ArborStoreOptions:
 *
 * How a store is opened.
 *
 * Every option has a value that is right for most programs, so most open their store without
 * options. Options are set up first and then given to [func@Arbor.Store.open], which checks them
 * with [method@Arbor.StoreOptions.validate] and copies them; later changes do not reach a store
 * that is open.
 *
 * An object of this class is not thread-safe: use it in one thread at a time.
 *
 * Since: 1.0
 */

enum
{
  PROP_CREATE = 1,
  PROP_READ_ONLY,
  PROP_IMMUTABLE,
  PROP_VERIFY_CHECKSUMS,
  PROP_UNTRUSTED,
  PROP_MAP_SIZE,
  PROP_MAX_READERS,
  PROP_BUSY_TIMEOUT,
  PROP_MODE,
  PROP_DURABILITY,
  PROP_STALENESS,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (ArborStoreOptions, arbor_store_options, G_TYPE_OBJECT)

static void
arbor_store_options_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  ArborStoreOptions *self = ARBOR_STORE_OPTIONS (object);

  switch (id)
    {
    case PROP_CREATE:
      g_value_set_boolean (value, self->create);
      break;
    case PROP_READ_ONLY:
      g_value_set_boolean (value, self->read_only);
      break;
    case PROP_IMMUTABLE:
      g_value_set_boolean (value, self->immutable);
      break;
    case PROP_VERIFY_CHECKSUMS:
      g_value_set_boolean (value, self->verify_checksums);
      break;
    case PROP_UNTRUSTED:
      g_value_set_boolean (value, self->untrusted);
      break;
    case PROP_MAP_SIZE:
      g_value_set_uint64 (value, self->map_size);
      break;
    case PROP_MAX_READERS:
      g_value_set_uint (value, self->max_readers);
      break;
    case PROP_BUSY_TIMEOUT:
      g_value_set_uint (value, self->busy_timeout);
      break;
    case PROP_MODE:
      g_value_set_uint (value, self->mode);
      break;
    case PROP_DURABILITY:
      g_value_set_enum (value, self->durability);
      break;
    case PROP_STALENESS:
      g_value_set_enum (value, self->staleness);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
arbor_store_options_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  ArborStoreOptions *self = ARBOR_STORE_OPTIONS (object);

  switch (id)
    {
    case PROP_CREATE:
      arbor_store_options_set_create (self, g_value_get_boolean (value));
      break;
    case PROP_READ_ONLY:
      arbor_store_options_set_read_only (self, g_value_get_boolean (value));
      break;
    case PROP_IMMUTABLE:
      arbor_store_options_set_immutable (self, g_value_get_boolean (value));
      break;
    case PROP_VERIFY_CHECKSUMS:
      arbor_store_options_set_verify_checksums (self, g_value_get_boolean (value));
      break;
    case PROP_UNTRUSTED:
      arbor_store_options_set_untrusted (self, g_value_get_boolean (value));
      break;
    case PROP_MAP_SIZE:
      arbor_store_options_set_map_size (self, g_value_get_uint64 (value));
      break;
    case PROP_MAX_READERS:
      arbor_store_options_set_max_readers (self, g_value_get_uint (value));
      break;
    case PROP_BUSY_TIMEOUT:
      arbor_store_options_set_busy_timeout (self, g_value_get_uint (value));
      break;
    case PROP_MODE:
      arbor_store_options_set_mode (self, g_value_get_uint (value));
      break;
    case PROP_DURABILITY:
      arbor_store_options_set_durability (self, g_value_get_enum (value));
      break;
    case PROP_STALENESS:
      arbor_store_options_set_staleness (self, g_value_get_enum (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

#define PROPERTY_FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static void
install_switches (void)
{
  /**
   * ArborStoreOptions:create: (getter get_create) (setter set_create)
   *
   * Whether a file that does not exist is made. A read-only store never makes one.
   *
   * Since: 1.0
   */
  properties[PROP_CREATE] = g_param_spec_boolean ("create", NULL, NULL, TRUE, PROPERTY_FLAGS);

  /**
   * ArborStoreOptions:read-only: (getter get_read_only) (setter set_read_only)
   *
   * Whether the store refuses to write. Other stores and processes may still write the file.
   *
   * Since: 1.0
   */
  properties[PROP_READ_ONLY] =
      g_param_spec_boolean ("read-only", NULL, NULL, FALSE, PROPERTY_FLAGS);

  /**
   * ArborStoreOptions:immutable: (getter get_immutable) (setter set_immutable)
   *
   * Whether the caller vouches that nobody writes the file while it is open. Then no lock file is
   * needed, so that a store can be read on read-only media and on a full disk. It implies
   * [property@Arbor.StoreOptions:read-only], whatever that says.
   *
   * Since: 1.0
   */
  properties[PROP_IMMUTABLE] =
      g_param_spec_boolean ("immutable", NULL, NULL, FALSE, PROPERTY_FLAGS);

  /**
   * ArborStoreOptions:verify-checksums: (getter get_verify_checksums) (setter set_verify_checksums)
   *
   * Whether the checksums of all data of a block are compared when any of it is first read.
   *
   * Without it each column of a block is compared with its own checksum when it is first read, and
   * what is damaged is %ARBOR_ERROR_CORRUPT. With it that is found as soon as anything of the block is
   * read, and in blocks that were written by versions of the library before there were checksums of
   * columns, too.
   *
   * Since: 1.0
   */
  properties[PROP_VERIFY_CHECKSUMS] =
      g_param_spec_boolean ("verify-checksums", NULL, NULL, FALSE, PROPERTY_FLAGS);

  /**
   * ArborStoreOptions:untrusted: (getter get_untrusted) (setter set_untrusted)
   *
   * Whether all of the file is verified before it is used, for one that comes from a stranger.
   *
   * Opening then does what [method@Arbor.Store.verify] does: it reads every page that something leads to, every
   * record and all values, and is %ARBOR_ERROR_CORRUPT, saying what, unless all of it is as this library
   * writes it. That costs about as much as writing the data anew. Nothing is known of what somebody writes into
   * the file later: take a copy that nobody else can write.
   *
   * Since: 1.0
   */
  properties[PROP_UNTRUSTED] =
      g_param_spec_boolean ("untrusted", NULL, NULL, FALSE, PROPERTY_FLAGS);
}

static void
install_figures (void)
{
  /**
   * ArborStoreOptions:map-size: (getter get_map_size) (setter set_map_size)
   *
   * How large the file may become, in bytes: address space, not memory. 0 stands for 1 TiB, or as
   * much as the process may have. Otherwise it is a multiple of the page size from 1 MiB to 64 TiB.
   *
   * Since: 1.0
   */
  properties[PROP_MAP_SIZE] =
      g_param_spec_uint64 ("map-size", NULL, NULL, 0, G_MAXUINT64, 0, PROPERTY_FLAGS);

  /**
   * ArborStoreOptions:max-readers: (getter get_max_readers) (setter set_max_readers)
   *
   * How many snapshots of the file may be read at once, by all processes together: from 1 to
   * 65,536. The process that opens the file first decides.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_READERS] = g_param_spec_uint ("max-readers", NULL, NULL, 0, G_MAXUINT,
                                                    DEFAULT_MAX_READERS, PROPERTY_FLAGS);

  /**
   * ArborStoreOptions:busy-timeout: (getter get_busy_timeout) (setter set_busy_timeout)
   *
   * How long a write waits for another writer, in milliseconds, before it ends with
   * %ARBOR_ERROR_BUSY. 0 means not at all.
   *
   * Since: 1.0
   */
  properties[PROP_BUSY_TIMEOUT] = g_param_spec_uint ("busy-timeout", NULL, NULL, 0, G_MAXUINT,
                                                     DEFAULT_BUSY_TIMEOUT, PROPERTY_FLAGS);

  /**
   * ArborStoreOptions:mode: (getter get_mode) (setter set_mode)
   *
   * The permissions of a file that is made, as chmod has them: exactly these, whatever the umask. The
   * owner can read and write, so they are from 0600 to 0666, given in octal. A file that exists keeps
   * its own, and a new lock file takes them, and the group, from its store.
   *
   * Since: 1.0
   */
  properties[PROP_MODE] =
      g_param_spec_uint ("mode", NULL, NULL, 0, G_MAXUINT, DEFAULT_MODE, PROPERTY_FLAGS);
}

static void
install_policies (void)
{
  /**
   * ArborStoreOptions:durability: (getter get_durability) (setter set_durability)
   *
   * What a commit waits for.
   *
   * Since: 1.0
   */
  properties[PROP_DURABILITY] = g_param_spec_enum ("durability", NULL, NULL, ARBOR_TYPE_DURABILITY,
                                                   ARBOR_DURABILITY_FULL, PROPERTY_FLAGS);

  /**
   * ArborStoreOptions:staleness: (getter get_staleness) (setter set_staleness)
   *
   * What becomes of stored arbors in hand when their name changes.
   *
   * Since: 1.0
   */
  properties[PROP_STALENESS] = g_param_spec_enum ("staleness", NULL, NULL, ARBOR_TYPE_STALENESS,
                                                  ARBOR_STALENESS_STRICT, PROPERTY_FLAGS);
}

static void
arbor_store_options_class_init (ArborStoreOptionsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = arbor_store_options_get_property;
  object_class->set_property = arbor_store_options_set_property;

  install_switches ();
  install_figures ();
  install_policies ();
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
arbor_store_options_init (ArborStoreOptions *self)
{
  self->create = TRUE;
  self->max_readers = DEFAULT_MAX_READERS;
  self->busy_timeout = DEFAULT_BUSY_TIMEOUT;
  self->mode = DEFAULT_MODE;
  self->durability = ARBOR_DURABILITY_FULL;
  self->staleness = ARBOR_STALENESS_STRICT;
}

/**
 * arbor_store_options_new:
 *
 * Makes options in which everything has its default. Any thread may call this.
 *
 * Returns: (transfer full): the options
 *
 * Since: 1.0
 */
ArborStoreOptions *
arbor_store_options_new (void)
{
  return g_object_new (ARBOR_TYPE_STORE_OPTIONS, NULL);
}

static gboolean
validate_map_size (ArborStoreOptions *self, GError **error)
{
  guint64 page_size = (guint64) sysconf (_SC_PAGESIZE);
  g_autofree char *found = g_strdup_printf ("%" G_GUINT64_FORMAT, self->map_size);

  if (self->map_size == 0)
    return TRUE;
  if (self->map_size < MIN_MAP_SIZE || self->map_size > MAX_MAP_SIZE)
    {
      g_set_error (
          error, ARBOR_ERROR, ARBOR_ERROR_INVALID_OPTIONS,
          _("Store option 'map-size': expected 0 or from 1 MiB to 64 TiB, found %s bytes"), found);
      return FALSE;
    }
  if (self->map_size % page_size != 0)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_OPTIONS,
                   _("Store option 'map-size': expected a multiple of the page size, %u bytes, "
                     "found %s bytes"),
                   (guint) page_size, found);
      return FALSE;
    }
  return TRUE;
}

static gboolean
validate_policy (const char *option, int value, int last, GError **error)
{
  if (value >= 0 && value <= last)
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_OPTIONS,
               _("Store option '%s': expected a value from 0 to %d, found %d"), option, last,
               value);
  return FALSE;
}

/**
 * arbor_store_options_validate:
 * @self: options
 *
 * Tells whether a store can be opened with these options: each one is in the range that its
 * property documents. Opening a store does this first.
 *
 * No two options contradict each other: a store that is
 * [property@Arbor.StoreOptions:read-only] is not made, whatever
 * [property@Arbor.StoreOptions:create] says, and one that is
 * [property@Arbor.StoreOptions:immutable] is read-only.
 *
 * Errors: %ARBOR_ERROR_INVALID_OPTIONS, whose message names the option and what is allowed.
 *
 * Use options in one thread at a time.
 *
 * Returns: %TRUE when all is well, %FALSE with an error otherwise
 *
 * Since: 1.0
 */
gboolean
arbor_store_options_validate (ArborStoreOptions *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_STORE_OPTIONS (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!validate_map_size (self, error))
    return FALSE;
  if (self->max_readers < 1 || self->max_readers > MAX_MAX_READERS)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_OPTIONS,
                   _("Store option 'max-readers': expected a number from 1 to %u, found %u"),
                   MAX_MAX_READERS, self->max_readers);
      return FALSE;
    }
  if ((self->mode & 0600u) != 0600u || (self->mode & ~0666u) != 0)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_OPTIONS,
                   _("Store option 'mode': expected 0600, with 0066 for group and others at most, "
                     "found 0%o"),
                   self->mode);
      return FALSE;
    }
  return validate_policy ("durability", (int) self->durability, ARBOR_DURABILITY_NO_META_SYNC,
                          error) &&
         validate_policy ("staleness", (int) self->staleness, ARBOR_STALENESS_PINNED, error);
}

ArborStoreOptions *
arbor_store_options_copy (ArborStoreOptions *options)
{
  ArborStoreOptions *copy = arbor_store_options_new ();

  if (options != NULL)
    {
      copy->create = options->create;
      copy->read_only = options->read_only;
      copy->immutable = options->immutable;
      copy->verify_checksums = options->verify_checksums;
      copy->untrusted = options->untrusted;
      copy->map_size = options->map_size;
      copy->max_readers = options->max_readers;
      copy->busy_timeout = options->busy_timeout;
      copy->mode = options->mode;
      copy->durability = options->durability;
      copy->staleness = options->staleness;
    }
  return copy;
}

gboolean
arbor_store_options_fill (ArborStoreOptions *options, ArborSessionOptions *out,
                          ArborStaleness *staleness, GError **error)
{
  g_autoptr (ArborStoreOptions) used = arbor_store_options_copy (options);

  if (!arbor_store_options_validate (used, error))
    return FALSE;

  *out = (ArborSessionOptions){
    .create = used->create,
    .read_only = used->read_only || used->immutable,
    .immutable = used->immutable,
    .map_size = used->map_size,
    .max_readers = used->max_readers,
    .no_meta_sync = used->durability == ARBOR_DURABILITY_NO_META_SYNC,
    .verify_checksums = used->verify_checksums,
    .untrusted = used->untrusted,
    .busy_timeout = used->busy_timeout,
    .mode = used->mode,
  };
  *staleness = used->staleness;
  return TRUE;
}
