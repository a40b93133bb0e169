/* Batches of random trees for tests that read the same expression in two ways: regular columns,
 * columns with gaps, and anything. Names and literals are such that conditions on them meet.
 */

#pragma once

#include "base/arbor-tape.h"
#include "batch/arbor-batch-builder.h"
#include "batch/arbor-batch.h"

typedef struct
{
  GBytes *bytes;
  ArborBatch *batch;
} TestBatch;

static const char *const numbers[] = {
  "0", "-0.0", "1", "1.0", "-1", "2", "3", "100", "255", "256", "-300", "70000", "1.5", "-2.25",
  "1e-3", "9007199254740992", "9007199254740993", "9007199254740992.0", "4294967296",
  "-9223372036854775808", "9223372036854775807", "9223372036854775808", "18446744073709551615",
  "18446744073709551616", "1e19", "1e308", "-1e308", "1e400", "-1e400", "1e-400", "0.1",
};

static const char *const strings[] = {
  "\"\"", "\"a\"", "\"b\"", "\"ab\"", "\"aba\"", "\"abababab\"", "\"red\"", "\"green\"",
  "\"\xc3\xa9t\xc3\xa9\"", "\"a\\u0000b\"", "\"zz\"", "\"Anna\"", "\"Annabel\"", "\"ann\"",
};

static const char *
pick (GRand *random, const char *const *list, gsize n)
{
  return list[g_rand_int_range (random, 0, (gint32) n)];
}

#define PICK(list) pick (random, (list), G_N_ELEMENTS (list))

/* Data */

static inline void
append_scalar (GRand *random, GString *out)
{
  switch (g_rand_int_range (random, 0, 6))
    {
    case 0:
      g_string_append (out, "null");
      break;
    case 1:
      g_string_append (out, g_rand_boolean (random) ? "true" : "false");
      break;
    case 2:
    case 3:
      g_string_append (out, PICK (numbers));
      break;
    default:
      g_string_append (out, PICK (strings));
      break;
    }
}

static inline void
append_any (GRand *random, GString *out, guint depth)
{
  static const char *const keys[] = { "x", "y", "k", "name", "tags" };
  gint32 choice = g_rand_int_range (random, 0, 8);
  gint32 n = g_rand_int_range (random, 0, 4);

  if (depth == 0 || choice > 2)
    {
      append_scalar (random, out);
      return;
    }
  g_string_append_c (out, choice == 0 ? '[' : '{');
  for (gint32 i = 0; i < n; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      if (choice != 0)
        g_string_append_printf (out, "\"%s\":", keys[(i + choice) % (gint32) G_N_ELEMENTS (keys)]);
      append_any (random, out, depth - 1);
    }
  g_string_append_c (out, choice == 0 ? ']' : '}');
}

/* What code over whole series is made for: columns of one kind, dates, arrays. */
static inline void
append_plain (GRand *random, GString *out)
{
  static const char *const texts[] = {
    "Abc", "ABC ", " abc", "xbz", "\xc3\x89t\xc3\xa9", "Wabc", "",
  };
  gint32 n = g_rand_int_range (random, 0, 6);

  g_string_append_printf (out, g_rand_boolean (random) ? ",\"v\":%d" : ",\"v\":%d.5",
                          g_rand_int_range (random, -20, 20));
  g_string_append_printf (out, ",\"big\":%" G_GINT64_FORMAT,
                          g_rand_int_range (random, 0, 3) - 1 + (G_GINT64_CONSTANT (1) << 53));
  g_string_append_printf (out, ",\"u\":\"%s%d\"", PICK (texts), g_rand_int_range (random, 0, 1000));
  g_string_append_printf (out, ",\"day\":\"%04d-%02d-%02d\"", g_rand_int_range (random, 1900, 2100),
                          g_rand_int_range (random, 1, 13), g_rand_int_range (random, 1, 32));
  g_string_append_printf (out, ",\"at\":\"%04d-%02d-%02dT%02d:%02d:%02d%s\"",
                          g_rand_int_range (random, 1, 9999), g_rand_int_range (random, 1, 13),
                          g_rand_int_range (random, 1, 29), g_rand_int_range (random, 0, 25),
                          g_rand_int_range (random, 0, 60), g_rand_int_range (random, 0, 61),
                          g_rand_boolean (random) ? "Z" : g_rand_boolean (random) ? ".125Z" : "");
  g_string_append (out, ",\"a\":[");
  for (gint32 i = 0; i < n; i++)
    g_string_append_printf (out, "%s%d", i > 0 ? "," : "", g_rand_int_range (random, -5, 5));
  g_string_append (out, "],\"r\":[");
  for (gint32 i = 0; i < n; i++)
    g_string_append_printf (out, "%s%d.%d", i > 0 ? "," : "", g_rand_int_range (random, -5, 5),
                            g_rand_int_range (random, 0, 100));
  g_string_append (out, "],\"q\":[");
  for (gint32 i = 0; i < n; i++)
    g_string_append_printf (out, "%s%s", i > 0 ? "," : "", PICK (strings));
  g_string_append_c (out, ']');
  if (g_rand_boolean (random))
    g_string_append_printf (out, ",\"g\":%d,\"h\":%d.25,\"l\":\"l%d\"",
                            g_rand_int_range (random, 0, 300), g_rand_int_range (random, -9, 9),
                            g_rand_int_range (random, 0, 100000));
  else if (g_rand_boolean (random))
    g_string_append (out, ",\"g\":null,\"h\":null,\"l\":null");
}

/* A tree of a kind that a batch keeps to: 0 regular, 1 with gaps, 2 anything. */
static inline void
append_tree (GRand *random, GString *out, guint kind, guint i)
{
  static const char *const states[] = { "\"red\"", "\"green\"", "\"blue\"", "\"\"" };

  if (kind == 2 && g_rand_int_range (random, 0, 30) == 0)
    {
      append_any (random, out, 2);
      return;
    }
  g_string_append_printf (out, "{\"n\":%u,\"id\":\"row%05u\",\"m\":%d", i, i * 3,
                          g_rand_int_range (random, -200, 60000));
  g_string_append_printf (out, ",\"s\":%s,\"f\":%d.5,\"t\":%s", PICK (states),
                          g_rand_int_range (random, -10, 10),
                          g_rand_boolean (random) ? "true" : "false");
  g_string_append_printf (out, ",\"w\":\"w%d %s\"", g_rand_int_range (random, 0, 100000),
                          g_rand_boolean (random) ? "abab" : "xyz");
  append_plain (random, out);
  if (kind > 0 && g_rand_boolean (random))
    {
      g_string_append_printf (out, ",\"o\":{\"y\":%d", g_rand_int_range (random, 1800, 2000));
      if (g_rand_boolean (random))
        g_string_append_printf (out, ",\"p\":{\"q\":%s}", PICK (numbers));
      g_string_append_c (out, '}');
    }
  if (kind > 0)
    {
      gint32 n = g_rand_int_range (random, -1, 5);

      g_string_append (out, n < 0 ? ",\"z\":0" : ",\"items\":[");
      for (gint32 j = 0; j < n; j++)
        {
          if (j > 0)
            g_string_append_c (out, ',');
          if (kind == 2 && g_rand_int_range (random, 0, 10) == 0)
            append_any (random, out, 1);
          else
            g_string_append_printf (out, "{\"x\":%d,\"k\":%s,\"b\":%s}",
                                    g_rand_int_range (random, 0, 50), PICK (strings),
                                    g_rand_boolean (random) ? "true" : "false");
        }
      if (n >= 0)
        g_string_append_c (out, ']');
    }
  if (kind == 2)
    {
      g_string_append (out, ",\"any\":");
      append_any (random, out, 2);
      g_string_append (out, ",\"mix\":");
      append_scalar (random, out);
    }
  if (kind == 2 && g_rand_int_range (random, 0, 200) == 0)
    {
      g_string_append (out, ",\"map\":{\"y\":1900,\"key0\":true");
      for (guint j = 1; j < 1100; j++)
        g_string_append_printf (out, ",\"key%u\":%u", j, j);
      g_string_append_c (out, '}');
    }
  else if (g_rand_int_range (random, 0, 4) == 0)
    {
      g_string_append_printf (out, ",\"map\":{\"y\":%d}", g_rand_int_range (random, 1890, 1910));
    }
  g_string_append_c (out, '}');
}

typedef void (*AppendTree) (GRand *random, GString *out, guint kind, guint i);

static inline void
make_batch_of (GRand *random, AppendTree append, guint kind, guint n, TestBatch *out)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (ArborParser) parser = arbor_parser_new ();
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < n && !arbor_batch_builder_is_full (builder); i++)
    {
      ArborTape tape;
      gsize offset, length;
      const char *reason;

      g_string_truncate (text, 0);
      append (random, text, kind, i);
      length = text->len;
      for (guint j = 0; j < ARBOR_PARSER_PADDING; j++)
        g_string_append_c (text, ' ');
      if (!arbor_parser_parse (parser, text->str, length, &tape, &offset, &reason))
        g_error ("%s: %s", reason, text->str);
      arbor_batch_builder_add_tape (builder, &tape, ARBOR_TAPE_ROOT);
    }
  out->bytes = arbor_batch_builder_finish (builder, NULL);
  out->batch = arbor_batch_open (g_bytes_get_data (out->bytes, NULL),
                                 g_bytes_get_size (out->bytes), NULL);
  g_assert_nonnull (out->batch);
}

static inline void
make_batch (GRand *random, guint number, TestBatch *out)
{
  guint n = (guint) g_rand_int_range (random, 1, number % 6 == 0 ? 700 : 150);

  make_batch_of (random, append_tree, number % 3, n, out);
}
