/* Buffers: what is appended stays, whatever the room is made by. */

#include "base/arbor-buffer.h"

static void
test_append (void)
{
  ArborBuffer buffer = { NULL };
  g_autoptr (GString) expected = g_string_new (NULL);

  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u,", i);

      g_string_append (expected, text);
      arbor_buffer_append_literal (&buffer, text);
      if (i % 500 == 0)
        arbor_buffer_expect (&buffer, i * 10);
    }
  g_assert_cmpmem (buffer.data, buffer.length, expected->str, expected->len);
  arbor_buffer_free (&buffer);
}

static void
test_expect (void)
{
  const gsize large = 5 * 1024 * 1024 + 1;
  ArborBuffer buffer = { NULL };
  guint8 *data;

  arbor_buffer_append_literal (&buffer, "begun");
  arbor_buffer_expect (&buffer, large);
  g_assert_cmpuint (buffer.capacity, >=, large + 5);
  data = buffer.data;
  memset (arbor_buffer_reserve (&buffer, large - 1), 'x', large - 1);
  buffer.length += large - 1;
  g_assert_true (buffer.data == data);
  g_assert_cmpmem (buffer.data, 6, "begunx", 6);

  /* Neither less nor what there cannot be. */
  arbor_buffer_expect (&buffer, 0);
  arbor_buffer_expect (&buffer, G_MAXSIZE);
  arbor_buffer_expect (&buffer, G_MAXSSIZE);
  g_assert_true (buffer.data == data);
  g_assert_cmpuint (buffer.capacity, >=, large + 5);
  arbor_buffer_free (&buffer);
  g_assert_cmpuint (buffer.capacity, ==, 0);

  /* A buffer that was cleared: its memory is another one's then, and is given up as any. */
  arbor_buffer_append_literal (&buffer, "begun");
  arbor_buffer_clear (&buffer);
  arbor_buffer_expect (&buffer, large);
  g_assert_cmpuint (buffer.capacity, >=, large);
  g_assert_cmpuint (buffer.length, ==, 0);
  memset (buffer.data, 'y', buffer.capacity);
  buffer.length = buffer.capacity;
  arbor_buffer_append_literal (&buffer, "end");
  g_assert_cmpmem (buffer.data + buffer.length - 5, 5, "yyend", 5);
  arbor_buffer_free (&buffer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/buffer/append", test_append);
  g_test_add_func ("/buffer/expect", test_expect);
  return g_test_run ();
}
