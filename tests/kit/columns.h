/* What tests of columns and cursors share: trees that are nested, mixed and full of gaps, and
 * arbors of them of every sort, stored and not. The oracle is an ArborTree for each row. */

#pragma once

#include <arbor/arbor.h>
#include <glib/gstdio.h>

#include "kit/arbors.h"

#define N_LINES 17500 /* more than a batch holds */

static const char *const fixture_paths[] = {
  "id", "n", "real", "mixed", "flag", "name", "tag", "big", "wide", "o.x", "o.p.y", "o", "list",
  "list[0]", "list[-1].z", "any", "any.k", "map.k7", "map", "none", "o.none", "only_null", "",
};

static inline void
append_any (GRand *random, GString *out)
{
  static const char *const values[] = {
    "null", "true", "false", "0", "-7", "9007199254740993", "18446744073709551615", "1.5", "-0.0",
    "3.0", "1e400", "123456789012345678901234567890", "\"\"", "\"x\\u0000y\"", "\"\xc3\xa9\"", "[]",
    "[1,{\"z\":2}]", "{}", "{\"k\":1}", "{\"k\":\"s\",\"a\":[null]}",
  };

  g_string_append (out, values[g_rand_int_range (random, 0, G_N_ELEMENTS (values))]);
}

static inline gboolean
one_in (GRand *random, gint n)
{
  return g_rand_int_range (random, 0, n) == 0;
}

static inline void
append_line (GRand *random, GString *out, guint i)
{
  if (one_in (random, 5000))
    {
      append_any (random, out);
      g_string_append_c (out, '\n');
      return;
    }
  g_string_append_printf (out, "{\"id\":%u,\"n\":%d", i, (gint) (i * 2654435761u % 70000) - 300);
  if (!one_in (random, 3))
    g_string_append_printf (out, ",\"real\":%d.%d", g_rand_int_range (random, -50, 50),
                            g_rand_int_range (random, 0, 9));
  if (!one_in (random, 4))
    g_string_append_printf (out, one_in (random, 2) ? ",\"mixed\":%d" : ",\"mixed\":%d.5",
                            g_rand_int_range (random, -9, 9));
  if (!one_in (random, 9))
    g_string_append_printf (out, ",\"flag\":%s", one_in (random, 9)   ? "null"
                                                 : one_in (random, 2) ? "true"
                                                                      : "false");
  g_string_append_printf (out, ",\"name\":\"n%u\"", (guint) g_rand_int (random) % 100000);
  if (!one_in (random, 50))
    g_string_append_printf (out, ",\"tag\":\"t%u\"", (guint) g_rand_int (random) % 7);
  if (!one_in (random, 50))
    g_string_append_printf (out, ",\"big\":%s", one_in (random, 2) ? "18446744073709551615" : "1");
  if (i % 2 == 0)
    g_string_append_printf (out, ",\"wide\":%s%u", one_in (random, 2) ? "-" : "",
                            (guint) g_rand_int (random));
  if (one_in (random, 700))
    g_string_append (out, ",\"only_null\":null");
  if (!one_in (random, 3))
    {
      g_string_append (out, ",\"o\":");
      if (one_in (random, 40))
        append_any (random, out);
      else
        g_string_append_printf (out, "{\"x\":%d,\"p\":{\"y\":%u}}",
                                g_rand_int_range (random, -100, 100), i % 3);
    }
  if (one_in (random, 3))
    {
      g_string_append (out, ",\"list\":[");
      append_any (random, out);
      g_string_append (out, one_in (random, 2) ? ",{\"z\":1}]" : "]");
    }
  if (one_in (random, 2))
    {
      g_string_append (out, ",\"any\":");
      append_any (random, out);
    }
  if (one_in (random, 4000))
    {
      /* Too many keys for columns: overflow text. */
      g_string_append (out, ",\"map\":{\"k0\":0");
      for (guint k = 1; k < 1100; k++)
        g_string_append_printf (out, ",\"k%u\":%u", k, k);
      g_string_append_c (out, '}');
    }
  g_string_append (out, "}\n");
}

static inline ArborArbor *
make_memory (guint32 seed, guint n)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  GString *text = g_string_new (NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  ArborArbor *arbor;

  for (guint i = 0; i < n; i++)
    append_line (random, text, i);
  bytes = g_string_free_to_bytes (text);
  arbor = arbor_read_jsonl (bytes, &error);
  g_assert_no_error (error);
  return arbor;
}

typedef struct
{
  char *folder;
  ArborStore *store;
  GPtrArray *arbors; /* whole ones first */
} Fixture;

#define N_WHOLE 2

static inline void
fixture_set_up (Fixture *self, guint n)
{
  g_autoptr (ArborArbor) memory = make_memory (11, n);
  g_autoptr (ArborExpr) predicate = parse ("n mod 11 == 3");
  g_autoptr (ArborExpr) key = parse ("n");
  g_autofree char *path = NULL;
  g_autoptr (ArborArbor) first = NULL;
  ArborArbor *stored, *filtered;
  const char *const names[] = { "id", "twice", NULL };
  ArborExpr *exprs[] = { parse ("$.id"), parse ("n * 2") };

  self->folder = make_folder ();
  path = g_build_filename (self->folder, "a.arbor", NULL);
  self->store = open_store (path);
  put_arbor (self->store, "trees", memory);
  stored = get_arbor (self->store, "trees");

  self->arbors = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (self->arbors, g_object_ref (memory));
  g_ptr_array_add (self->arbors, stored);
  filtered = arbor_arbor_filter (stored, predicate, NULL);
  g_ptr_array_add (self->arbors, filtered);
  g_ptr_array_add (self->arbors, arbor_arbor_sort_by (filtered, &key, 1, NULL, NULL));
  g_ptr_array_add (self->arbors, arbor_arbor_reverse (filtered, NULL));
  g_ptr_array_add (self->arbors, arbor_arbor_slice (stored, n - n / 8, n / 12, NULL));
  g_ptr_array_add (self->arbors, arbor_arbor_sample (stored, n / 10, 5, NULL));
  g_ptr_array_add (self->arbors, arbor_arbor_shuffle (filtered, 5, NULL));
  g_ptr_array_add (self->arbors, arbor_arbor_select (filtered, names, exprs, 2, NULL));
  first = arbor_arbor_head (memory, n / 12, NULL);
  g_ptr_array_add (self->arbors, arbor_arbor_append (filtered, first, NULL));
  g_ptr_array_add (self->arbors, arbor_arbor_head (stored, 0, NULL));
  g_object_unref (exprs[0]);
  g_object_unref (exprs[1]);
}

static inline void
fixture_clear (Fixture *self)
{
  g_ptr_array_unref (self->arbors);
  arbor_store_close (self->store);
  g_object_unref (self->store);
  remove_folder (self->folder);
  g_free (self->folder);
}
