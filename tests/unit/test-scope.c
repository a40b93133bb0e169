/* Scopes: memory that stays where it is until reset or release, tapes that outlive later parses,
 * damage that is reported once. */

#include "batch/arbor-scope.h"

#include "base/arbor-error.h"

static void
test_alloc (void)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  guint8 *blocks[300];

  for (guint round = 0; round < 3; round++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
        {
          gsize size = i == 150 ? 3000000 : i * 37 % 1000;

          blocks[i] = arbor_scope_alloc (scope, size);
          g_assert_cmpuint ((guintptr) blocks[i] % 16, ==, 0);
          memset (blocks[i], (int) i, size);
        }
      for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
        for (gsize j = 0; j < (i == 150 ? 3000000 : i * 37 % 1000); j++)
          if (blocks[i][j] != (guint8) i)
            g_error ("byte %zu of block %u was overwritten", j, i);
      arbor_scope_reset (scope);
    }
}

static void
test_release (void)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  char *kept = arbor_scope_copy (scope, "kept", 4);
  ArborScopeMark mark = arbor_scope_mark (scope);
  gpointer first = arbor_scope_alloc (scope, 100);

  arbor_scope_alloc (scope, 100000);
  arbor_scope_release (scope, mark);
  g_assert_true (arbor_scope_alloc (scope, 100) == first);
  g_assert_cmpmem (kept, 4, "kept", 4);
}

static void
test_parse (void)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  const ArborTape *tapes[100];
  ArborBuffer out = { 0 };

  for (guint i = 0; i < 100; i++)
    {
      g_ptr_array_add (texts, g_strdup_printf ("[%u,\"text %u\",-1.5,18446744073709551615,null,"
                                               "123456789012345678901234567890,{\"k\":[]}]",
                                               i, i));
      tapes[i] = arbor_scope_parse (scope, texts->pdata[i], strlen (texts->pdata[i]));
    }
  for (guint i = 0; i < 100; i++)
    {
      arbor_buffer_clear (&out);
      arbor_tape_write_json (tapes[i], ARBOR_TAPE_ROOT, &out);
      g_assert_cmpmem (out.data, out.length, texts->pdata[i], strlen (texts->pdata[i]));
      g_assert_true (arbor_scope_parse (scope, texts->pdata[i], strlen (texts->pdata[i])) ==
                     tapes[i]);
    }
  arbor_buffer_free (&out);
  g_assert_true (arbor_scope_check (scope, NULL));
}

/* After a reset the same place may hold another text. */
static void
test_parse_after_reset (void)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  char text[] = "[1]";
  ArborValue value;

  for (guint i = 0; i < 10; i++)
    {
      const ArborTape *tape;

      text[1] = (char) ('0' + i);
      tape = arbor_scope_parse (scope, text, 3);
      arbor_tape_get_value (tape, ARBOR_TAPE_ROOT + 1, &value);
      g_assert_cmpint (value.int64, ==, i);
      arbor_scope_reset (scope);
    }
}

static void
test_damaged (void)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (GError) error = NULL;
  const char *text = "[1,";

  g_assert_true (arbor_scope_check (scope, NULL));
  g_assert_null (arbor_scope_parse (scope, text, 3));
  arbor_scope_reset (scope);
  g_assert_false (arbor_scope_check (scope, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);
  g_assert_cmpstr (error->message, ==,
                   "A tree is damaged: it holds text that is not JSON; verify the store and "
                   "restore it from a backup or an export");

  /* Reported once; found again when read again, parsed or remembered. */
  g_assert_true (arbor_scope_check (scope, NULL));
  for (guint i = 0; i < 2; i++)
    {
      g_assert_null (arbor_scope_parse (scope, text, 3));
      g_assert_false (arbor_scope_check (scope, NULL));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scope/alloc", test_alloc);
  g_test_add_func ("/scope/release", test_release);
  g_test_add_func ("/scope/parse", test_parse);
  g_test_add_func ("/scope/parse-after-reset", test_parse_after_reset);
  g_test_add_func ("/scope/damaged", test_damaged);
  return g_test_run ();
}
