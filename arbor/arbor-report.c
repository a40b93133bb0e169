/* ArborReport: findings, and what became of each arbor. Immutable once it is given away; any thread. */

#include "arbor-report-private.h"

#include <string.h>

#include "arbor-enum-types.h"
#include "base/arbor-buffer.h"
#include "base/arbor-text.h"

/**
 * ArborReport:
 *
 * What verifying or recovering a store found: a list of [class@Arbor.Finding], and for each arbor how many
 * trees it has and how many of these are sound.
 *
 * A store is sound when there are no findings, but for lost pages, which cost room and no data. A report does
 * not change any more and is independent of the store; any thread may use it.
 *
 * Since: 1.0
 */
struct _ArborReport
{
  GObject parent_instance;

  GPtrArray *findings; /* ArborFinding */
  GPtrArray *arbors;   /* Entry, by name */
  ArborInspectionCounts counts;
};

typedef struct
{
  char *name;
  guint64 n_trees;
  guint64 n_sound;
  gboolean is_sound;
  gboolean is_stray;
} Entry;

static GType
arbor_report_get_item_type (GListModel *model)
{
  return ARBOR_TYPE_FINDING;
}

static guint
arbor_report_get_n_items (GListModel *model)
{
  return ARBOR_REPORT (model)->findings->len;
}

static gpointer
arbor_report_get_item (GListModel *model, guint index)
{
  ArborReport *self = ARBOR_REPORT (model);

  return index < self->findings->len ? g_object_ref (g_ptr_array_index (self->findings, index)) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = arbor_report_get_item_type;
  iface->get_n_items = arbor_report_get_n_items;
  iface->get_item = arbor_report_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (ArborReport, arbor_report, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->name);
  g_free (entry);
}

static void
arbor_report_finalize (GObject *object)
{
  ArborReport *self = ARBOR_REPORT (object);

  g_ptr_array_unref (self->findings);
  g_ptr_array_unref (self->arbors);

  G_OBJECT_CLASS (arbor_report_parent_class)->finalize (object);
}

static void
arbor_report_class_init (ArborReportClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = arbor_report_finalize;
}

static void
arbor_report_init (ArborReport *self)
{
  self->findings = g_ptr_array_new_with_free_func (g_object_unref);
  self->arbors = g_ptr_array_new_with_free_func (entry_free);
}

ArborReport *
arbor_report_new (void)
{
  return g_object_new (ARBOR_TYPE_REPORT, NULL);
}

void
arbor_report_add_finding (ArborReport *self, const ArborFindingInfo *info)
{
  g_ptr_array_add (self->findings, arbor_finding_new (info));
}

void
arbor_report_take_inspection (ArborReport *self, ArborInspection *inspection)
{
  const GPtrArray *arbors = arbor_inspection_get_arbors (inspection);

  self->counts = *arbor_inspection_get_counts (inspection);
  for (guint i = 0; i < arbors->len; i++)
    {
      const ArborInspectedArbor *arbor = g_ptr_array_index (arbors, i);
      Entry *entry = g_new0 (Entry, 1);

      *entry = (Entry){ g_strdup (arbor->name), arbor->n_trees, arbor->n_sound, arbor->is_sound,
                        arbor->is_stray };
      g_ptr_array_add (self->arbors, entry);
    }
}

/**
 * arbor_report_is_sound:
 * @self: a report
 *
 * Whether nothing is damaged. Lost pages do not count. Any thread may call this.
 *
 * Returns: whether the store is sound
 *
 * Since: 1.0
 */
gboolean
arbor_report_is_sound (ArborReport *self)
{
  g_return_val_if_fail (ARBOR_IS_REPORT (self), FALSE);

  for (guint i = 0; i < self->findings->len; i++)
    if (arbor_finding_get_kind (g_ptr_array_index (self->findings, i)) != ARBOR_FINDING_LOST_PAGES)
      return FALSE;
  return TRUE;
}

/**
 * arbor_report_get_n_findings:
 * @self: a report
 *
 * How many findings there are. Any thread may call this.
 *
 * Returns: the number of findings
 *
 * Since: 1.0
 */
guint
arbor_report_get_n_findings (ArborReport *self)
{
  g_return_val_if_fail (ARBOR_IS_REPORT (self), 0);

  return self->findings->len;
}

/**
 * arbor_report_dup_finding:
 * @self: a report
 * @index: a number, from 0
 *
 * Gets a finding. Any thread may call this.
 *
 * Returns: (transfer full) (nullable): the finding; %NULL when there are not so many
 *
 * Since: 1.0
 */
ArborFinding *
arbor_report_dup_finding (ArborReport *self, guint index)
{
  g_return_val_if_fail (ARBOR_IS_REPORT (self), NULL);

  return arbor_report_get_item (G_LIST_MODEL (self), index);
}

/**
 * arbor_report_dup_names:
 * @self: a report
 *
 * The names of all arbors that were found, sorted by bytes. Batches that a damaged catalogue does not list any
 * more stand at the end, under a name such as `recovered`. Any thread may call this.
 *
 * Returns: (transfer full): the names
 *
 * Since: 1.0
 */
char **
arbor_report_dup_names (ArborReport *self)
{
  char **names;

  g_return_val_if_fail (ARBOR_IS_REPORT (self), NULL);

  names = g_new0 (char *, self->arbors->len + 1);
  for (guint i = 0; i < self->arbors->len; i++)
    names[i] = g_strdup (((Entry *) g_ptr_array_index (self->arbors, i))->name);
  return names;
}

static const Entry *
find_entry (ArborReport *self, const char *name)
{
  for (guint i = 0; i < self->arbors->len; i++)
    {
      const Entry *entry = g_ptr_array_index (self->arbors, i);

      if (g_str_equal (entry->name, name))
        return entry;
    }
  return NULL;
}

/**
 * arbor_report_is_arbor_sound:
 * @self: a report
 * @name: an arbor
 *
 * Whether nothing of an arbor is damaged. Any thread may call this.
 *
 * Returns: whether it is sound; %FALSE when there is none of this name
 *
 * Since: 1.0
 */
gboolean
arbor_report_is_arbor_sound (ArborReport *self, const char *name)
{
  const Entry *entry;

  g_return_val_if_fail (ARBOR_IS_REPORT (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  entry = find_entry (self, name);
  return entry != NULL && entry->is_sound;
}

static guint64
count_trees (ArborReport *self, const char *name, gboolean only_sound)
{
  guint64 n = 0;

  for (guint i = 0; i < self->arbors->len; i++)
    {
      const Entry *entry = g_ptr_array_index (self->arbors, i);

      if (name == NULL || g_str_equal (entry->name, name))
        n += only_sound ? entry->n_sound : entry->n_trees;
    }
  return n;
}

/**
 * arbor_report_get_n_trees:
 * @self: a report
 * @name: (nullable): an arbor, or %NULL for all
 *
 * How many trees there are, or were, as far as can be known. Any thread may call this.
 *
 * Returns: the number of trees
 *
 * Since: 1.0
 */
guint64
arbor_report_get_n_trees (ArborReport *self, const char *name)
{
  g_return_val_if_fail (ARBOR_IS_REPORT (self), 0);

  return count_trees (self, name, FALSE);
}

/**
 * arbor_report_get_n_sound_trees:
 * @self: a report
 * @name: (nullable): an arbor, or %NULL for all
 *
 * How many trees no damage touches: those that recovering copies. Any thread may call this.
 *
 * Returns: the number of trees
 *
 * Since: 1.0
 */
guint64
arbor_report_get_n_sound_trees (ArborReport *self, const char *name)
{
  g_return_val_if_fail (ARBOR_IS_REPORT (self), 0);

  return count_trees (self, name, TRUE);
}

/**
 * arbor_report_get_n_batches:
 * @self: a report
 *
 * How many batches were read. Any thread may call this.
 *
 * Returns: the number of batches
 *
 * Since: 1.0
 */
guint64
arbor_report_get_n_batches (ArborReport *self)
{
  g_return_val_if_fail (ARBOR_IS_REPORT (self), 0);

  return self->counts.n_batches;
}

/**
 * arbor_report_get_n_pages:
 * @self: a report
 *
 * How many pages the store has; 0 where that cannot be known. Any thread may call this.
 *
 * Returns: the number of pages
 *
 * Since: 1.0
 */
guint64
arbor_report_get_n_pages (ArborReport *self)
{
  g_return_val_if_fail (ARBOR_IS_REPORT (self), 0);

  return self->counts.n_pages;
}

/**
 * arbor_report_get_n_free_pages:
 * @self: a report
 *
 * How many pages are listed as free. Any thread may call this.
 *
 * Returns: the number of pages
 *
 * Since: 1.0
 */
guint64
arbor_report_get_n_free_pages (ArborReport *self)
{
  g_return_val_if_fail (ARBOR_IS_REPORT (self), 0);

  return self->counts.n_free_pages;
}

/**
 * arbor_report_get_n_lost_pages:
 * @self: a report
 *
 * How many pages are neither used nor listed as free. Any thread may call this.
 *
 * Returns: the number of pages
 *
 * Since: 1.0
 */
guint64
arbor_report_get_n_lost_pages (ArborReport *self)
{
  g_return_val_if_fail (ARBOR_IS_REPORT (self), 0);

  return self->counts.n_lost_pages;
}

/**
 * arbor_report_get_format_version:
 * @self: a report
 *
 * Which version of the format the store has; 0 where that cannot be known. Any thread may call this.
 *
 * Returns: the version
 *
 * Since: 1.0
 */
guint
arbor_report_get_format_version (ArborReport *self)
{
  g_return_val_if_fail (ARBOR_IS_REPORT (self), 0);

  return self->counts.version;
}

static void
add_text (GString *json, const char *key, const char *text)
{
  g_autofree char *valid = NULL;
  ArborBuffer quoted = { 0 };

  if (text == NULL)
    return;
  valid = g_utf8_make_valid (text, -1);
  arbor_text_append_string (&quoted, valid, strlen (valid));
  g_string_append_printf (json, "\"%s\":", key);
  g_string_append_len (json, (const char *) quoted.data, (gssize) quoted.length);
  g_string_append_c (json, ',');
  arbor_buffer_free (&quoted);
}

static void
add_number (GString *json, const char *key, guint64 number)
{
  g_string_append_printf (json, "\"%s\":%" G_GUINT64_FORMAT ",", key, number);
}

static void
add_truth (GString *json, const char *key, gboolean truth)
{
  g_string_append_printf (json, "\"%s\":%s,", key, truth ? "true" : "false");
}

/* The last comma becomes @end. */
static void
close_with (GString *json, char end)
{
  if (json->str[json->len - 1] == ',')
    g_string_truncate (json, json->len - 1);
  g_string_append_c (json, end);
}

static void
add_finding (GString *json, ArborFinding *finding)
{
  g_autoptr (GEnumClass) kinds = g_type_class_ref (ARBOR_TYPE_FINDING_KIND);
  g_autofree char *message = arbor_finding_dup_message (finding);
  g_autofree char *name = arbor_finding_dup_arbor_name (finding);
  g_autofree char *column = arbor_finding_dup_column (finding);

  g_string_append_c (json, '{');
  add_text (json, "kind", g_enum_get_value (kinds, (gint) arbor_finding_get_kind (finding))->value_nick);
  add_text (json, "arbor", name);
  add_text (json, "column", column);
  if (arbor_finding_get_page (finding) != 0)
    add_number (json, "page", arbor_finding_get_page (finding));
  if (arbor_finding_get_batch (finding) != 0)
    add_number (json, "batch", arbor_finding_get_batch (finding));
  if (name != NULL)
    {
      add_number (json, "first_tree", arbor_finding_get_first_tree (finding));
      add_number (json, "trees", arbor_finding_get_n_trees (finding));
    }
  add_text (json, "message", message);
  close_with (json, '}');
  g_string_append_c (json, ',');
}

static void
add_arbor (GString *json, const Entry *entry)
{
  g_string_append_c (json, '{');
  add_text (json, "name", entry->name);
  add_number (json, "trees", entry->n_trees);
  add_number (json, "sound_trees", entry->n_sound);
  add_truth (json, "sound", entry->is_sound);
  close_with (json, '}');
  g_string_append_c (json, ',');
}

/**
 * arbor_report_to_json:
 * @self: a report
 *
 * The whole report as one object of JSON: `sound`, `format`, `pages`, `free_pages`, `lost_pages`, `batches`,
 * `trees`, `sound_trees`, `arbors` with `name`, `trees`, `sound_trees` and `sound` of each, and `findings` with
 * `kind`, `message` and what else a finding has. Any thread may call this.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
arbor_report_to_json (ArborReport *self)
{
  GString *json;

  g_return_val_if_fail (ARBOR_IS_REPORT (self), NULL);

  json = g_string_new ("{");
  add_truth (json, "sound", arbor_report_is_sound (self));
  add_number (json, "format", self->counts.version);
  add_number (json, "pages", self->counts.n_pages);
  add_number (json, "free_pages", self->counts.n_free_pages);
  add_number (json, "lost_pages", self->counts.n_lost_pages);
  add_number (json, "batches", self->counts.n_batches);
  add_number (json, "trees", count_trees (self, NULL, FALSE));
  add_number (json, "sound_trees", count_trees (self, NULL, TRUE));
  g_string_append (json, "\"arbors\":[");
  for (guint i = 0; i < self->arbors->len; i++)
    add_arbor (json, g_ptr_array_index (self->arbors, i));
  close_with (json, ']');
  g_string_append (json, ",\"findings\":[");
  for (guint i = 0; i < self->findings->len; i++)
    add_finding (json, g_ptr_array_index (self->findings, i));
  close_with (json, ']');
  g_string_append_c (json, '}');
  return g_string_free (json, FALSE);
}
