/* A system without memory: what the size of somebody's data asks for is refused with an error before it
 * is allocated, nothing aborts, and what is small goes on. Each case in a child with a limit on its
 * address space. */

#include <arbor/arbor.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define LARGE ((gsize) 64 << 20)
#define SPARE ((rlim_t) 192 << 20)

typedef enum
{
  STRING,
  ARRAY,
  OBJECT,
} Shape;

/* JSON text of LARGE bytes and a few. */
static GString *
make_text (Shape shape)
{
  GString *text = g_string_sized_new (LARGE + 64);

  if (shape == STRING)
    {
      g_string_append_c (text, '"');
      g_string_set_size (text, LARGE);
      memset (text->str + 1, 'a', LARGE - 1);
      g_string_append_c (text, '"');
      return text;
    }
  g_string_append (text, shape == ARRAY ? "[0" : "{\"k\":0");
  for (guint i = 0; text->len < LARGE; i++)
    if (shape == ARRAY)
      g_string_append (text, ",1");
    else
      g_string_append_printf (text, ",\"k%u\":1", i % 1000);
  g_string_append_c (text, shape == ARRAY ? ']' : '}');
  return text;
}

/* No more than SPARE from here on. */
static void
limit_memory (void)
{
  FILE *file = fopen ("/proc/self/statm", "r");
  unsigned long n_pages = 0;
  struct rlimit limit;

  g_assert_nonnull (file);
  g_assert_cmpint (fscanf (file, "%lu", &n_pages), ==, 1);
  fclose (file);
  limit.rlim_cur = limit.rlim_max = (rlim_t) n_pages * (rlim_t) sysconf (_SC_PAGESIZE) + SPARE;
  g_assert_cmpint (setrlimit (RLIMIT_AS, &limit), ==, 0);
}

static void
build (GString *text)
{
  g_autoptr (ArborBuilder) builder = arbor_builder_new ();
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (GError) error = NULL;

  limit_memory ();
  g_assert_false (arbor_builder_add_json (builder, text->str, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
  g_clear_error (&error);
  g_assert_true (arbor_builder_add_json (builder, "{\"a\": 1}", &error));
  g_assert_no_error (error);
  arbor = arbor_builder_finish (builder, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (arbor_arbor_get_n_trees (arbor, &error), ==, 1);
}

static void
load (GString *text)
{
  g_autoptr (ArborLoadOptions) options = arbor_load_options_new ();
  g_autoptr (GBytes) bytes = g_bytes_new_take (text->str, text->len);
  g_autoptr (GBytes) small = g_bytes_new_static ("{\"a\": 1}\n", 9);
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (GError) error = NULL;

  /* One tree; and the bound on purpose is out of the way. */
  arbor_load_options_set_whole (options, TRUE);
  arbor_load_options_set_memory_limit (options, G_GUINT64_CONSTANT (1) << 50);
  limit_memory ();
  arbor = arbor_load_bytes (bytes, options, NULL, &error);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
  g_assert_null (arbor);
  g_clear_error (&error);
  arbor = arbor_load_bytes (small, options, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (arbor_arbor_get_n_trees (arbor, &error), ==, 1);
}

static void
run (void (*func) (GString *), Shape shape)
{
  int status;
  pid_t child = fork ();

  if (child == 0)
    {
      func (make_text (shape));
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

static void
test_builder (gconstpointer shape)
{
  run (build, GPOINTER_TO_INT (shape));
}

static void
test_load (gconstpointer shape)
{
  run (load, GPOINTER_TO_INT (shape));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/memory/builder/string", GINT_TO_POINTER (STRING), test_builder);
  g_test_add_data_func ("/memory/builder/array", GINT_TO_POINTER (ARRAY), test_builder);
  g_test_add_data_func ("/memory/builder/object", GINT_TO_POINTER (OBJECT), test_builder);
  g_test_add_data_func ("/memory/load/string", GINT_TO_POINTER (STRING), test_load);
  g_test_add_data_func ("/memory/load/array", GINT_TO_POINTER (ARRAY), test_load);
  g_test_add_data_func ("/memory/load/object", GINT_TO_POINTER (OBJECT), test_load);
  return g_test_run ();
}
