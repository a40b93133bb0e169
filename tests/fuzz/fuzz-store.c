/* Any bytes as a store file, through the public interface: it opens or is refused, verifying and recovering end, and
 * what verifying finds nothing in can be read.
 */

#include "fuzz.h"

#include <arbor/arbor.h>
#include <string.h>

#include "kit/arbors.h"

/* With all that is below the path's folder gone afterwards. */
static void
clear (const char *path)
{
  g_autofree char *lock = g_strconcat (path, "-lock", NULL);

  g_unlink (path);
  g_unlink (lock);
}

/* Whether all of it could be read. */
static gboolean
read_all (const char *path, gboolean is_untrusted)
{
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();
  g_autoptr (ArborStore) store = NULL;
  g_auto (GStrv) names = NULL;
  gboolean is_whole;

  arbor_store_options_set_create (options, FALSE);
  arbor_store_options_set_untrusted (options, is_untrusted);
  store = arbor_store_open (path, options, NULL, NULL);
  if (store == NULL)
    return FALSE;
  names = arbor_store_list_names (store, NULL);
  is_whole = names != NULL;
  for (guint i = 0; is_whole && names[i] != NULL; i++)
    {
      g_autoptr (ArborArbor) arbor = arbor_store_get (store, names[i], NULL);
      g_autofree char *lines = arbor != NULL ? arbor_arbor_to_jsonl (arbor, NULL) : NULL;

      is_whole = lines != NULL;
    }
  arbor_store_close (store);
  return is_whole;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "a.arbor", NULL);
  g_autofree char *new_path = g_build_filename (folder, "b.arbor", NULL);
  g_autoptr (ArborReport) report = NULL;
  g_autoptr (ArborReport) recovered = NULL;
  gboolean is_whole;

  g_assert_true (g_file_set_contents_full (path, (const char *) data, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0600,
                                           NULL));
  report = arbor_verify_file (path, NULL, NULL, NULL, NULL);
  is_whole = read_all (path, FALSE);
  g_assert_true (report == NULL || !arbor_report_is_sound (report) || is_whole);
  g_assert_true (!read_all (path, TRUE) || is_whole);
  recovered = arbor_recover_file (path, new_path, NULL, NULL, NULL, NULL);
  g_assert_true (recovered == NULL || read_all (new_path, TRUE));
  clear (path);
  clear (new_path);
  remove_folder (folder);
  return 0;
}
