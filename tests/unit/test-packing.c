/* Compressed text in pieces of any size, cut anywhere, damaged anywhere, and blown up. */

#include "base/arbor-packing.h"

#include <string.h>

#include "base/arbor-error.h"

#define N_BYTES 20000u

static const char *const names[] = { "x.jsonl.gz", "X.CSV.ZST" };

static char *
make_text (void)
{
  char *text = g_malloc (N_BYTES);

  for (guint i = 0; i < N_BYTES; i++)
    text[i] = "{\"a\":01234567}\n"[(i * i / 7 + i) % 15];
  return text;
}

static GBytes *
pack (const ArborPacking *packing, const char *text, gsize n)
{
  g_autoptr (GOutputStream) base = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream = arbor_packing_new_stream (packing, base);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_output_stream_write_all (stream, text, n, NULL, NULL, &error));
  g_assert_true (g_output_stream_close (stream, NULL, &error));
  g_assert_true (g_output_stream_close (base, NULL, &error));
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (base));
}

/* Hands in @piece bytes at a time, and takes @room. */
static GString *
unpack (const ArborPacking *packing, const guint8 *bytes, gsize n, gsize piece, gsize room,
        GError **error)
{
  g_autoptr (ArborUnpacker) unpacker = arbor_unpacker_new (packing);
  g_autofree guint8 *out = g_malloc (room);
  GString *text = g_string_new (NULL);
  gboolean is_end = FALSE;
  gsize n_out = 1;
  gsize at = 0;

  while (!is_end || n_out > 0)
    {
      const guint8 *in = bytes + at;
      gsize n_in = MIN (piece, n - at);

      is_end = at == n;
      if (!arbor_unpacker_run (unpacker, &in, &n_in, is_end, out, room, &n_out, error))
        break;
      g_string_append_len (text, (const char *)out, (gssize)n_out);
      at = (gsize)(in - bytes);
    }
  return text;
}

static void
assert_unpacks (const ArborPacking *packing, const guint8 *bytes, gsize n, const char *text,
                guint times)
{
  static const gsize sizes[] = { 1, 7, 1000, 1 << 20 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint j = 0; j < G_N_ELEMENTS (sizes); j++)
      {
        g_autoptr (GError) error = NULL;
        GString *found = unpack (packing, bytes, n, sizes[i], sizes[j], &error);

        g_assert_no_error (error);
        g_assert_cmpuint (found->len, ==, times * N_BYTES);
        for (guint k = 0; k < times; k++)
          g_assert_cmpmem (found->str + k * N_BYTES, N_BYTES, text, N_BYTES);
        g_string_free (found, TRUE);
      }
}

static void
test_pieces (gconstpointer data)
{
  const ArborPacking *packing = arbor_packing_of_name (data);
  g_autofree char *text = make_text ();
  g_autoptr (GBytes) bytes = pack (packing, text, N_BYTES);
  g_autoptr (GByteArray) members = g_byte_array_new ();
  gsize n;
  const guint8 *packed = g_bytes_get_data (bytes, &n);

  g_assert_true (arbor_packing_find ((const char *)packed, n) == packing);
  assert_unpacks (packing, packed, n, text, 1);
  g_byte_array_append (members, packed, (guint)n);
  g_byte_array_append (members, packed, (guint)n);
  assert_unpacks (packing, members->data, members->len, text, 2);
  g_byte_array_append (members, (const guint8 *)"\0\0\0\0", 4);
  assert_unpacks (packing, members->data, members->len, text, 2);
}

/* Cut off or changed anywhere it is an error, and what came before it is the text's beginning. */
static void
test_damage (gconstpointer data)
{
  const ArborPacking *packing = arbor_packing_of_name (data);
  g_autofree char *text = make_text ();
  g_autoptr (GBytes) bytes = pack (packing, text, N_BYTES);
  gsize n;
  const guint8 *packed = g_bytes_get_data (bytes, &n);
  g_autofree guint8 *copy = g_memdup2 (packed, n);

  for (gsize i = 4; i < n; i += i < 32 || i > n - 32 ? 1 : 61)
    {
      g_autoptr (GError) cut = NULL;
      GString *found = unpack (packing, packed, i, 1000, 1000, &cut);

      g_assert_error (cut, ARBOR_ERROR, ARBOR_ERROR_PARSE);
      g_assert_nonnull (strstr (cut->message, "cut off"));
      g_assert_cmpmem (found->str, found->len, text, found->len);
      g_string_free (found, TRUE);
    }
  for (gsize i = 32; i < n; i += 61)
    {
      g_autoptr (GError) error = NULL;

      copy[i] ^= 0x10;
      g_string_free (unpack (packing, copy, n, 1000, 1000, &error), TRUE);
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_PARSE);
      copy[i] ^= 0x10;
    }
}

/* More than 2,000 times as long, past 1 GiB; as much that is worth it is let through. */
static void
test_bomb (void)
{
  const ArborPacking *packing = arbor_packing_of_name ("x.zst");
  g_autoptr (GOutputStream) base = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream = NULL;
  g_autoptr (ArborUnpacker) unpacker = NULL;
  g_autofree char *blanks = g_malloc (1 << 20);
  g_autoptr (GError) error = NULL;
  guint64 n_all = 0;
  const guint8 *in;
  gsize n_in, n_out = 1;

  if (packing == NULL)
    {
      g_test_skip ("built without zstd");
      return;
    }
  memset (blanks, ' ', 1 << 20);
  stream = arbor_packing_new_stream (packing, base);
  for (guint i = 0; i < 1100; i++)
    g_assert_true (g_output_stream_write_all (stream, blanks, 1 << 20, NULL, NULL, &error));
  g_assert_true (g_output_stream_close (stream, NULL, &error));

  in = g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (base));
  n_in = g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (base));
  unpacker = arbor_unpacker_new (packing);
  while (n_out > 0 &&
         arbor_unpacker_run (unpacker, &in, &n_in, TRUE, (guint8 *)blanks, 1 << 20, &n_out, &error))
    n_all += n_out;
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
  g_assert_cmpuint (n_all, >=, (1u << 30) - (1 << 20));
}

static void
test_names (void)
{
  static const char *const cases[][2] = {
    { "a.csv.gz", "a.csv" },
    { "A.TSV.ZST", "A.TSV" },
    { "a.csv", "a.csv" },
    { ".gz", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = arbor_packing_strip_name (cases[i][0]);

      if (arbor_packing_of_name (cases[i][0]) != NULL || i == 2)
        g_assert_cmpstr (name, ==, cases[i][1]);
      else
        g_assert_cmpstr (name, ==, cases[i][0]);
    }
  g_assert_null (arbor_packing_find ("{}", 2));
  g_assert_null (arbor_packing_find ("\x1f\x8b", 2));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (arbor_packing_of_name (names[i]) != NULL)
      {
        g_autofree char *pieces = g_strdup_printf ("/packing/pieces/%u", i);
        g_autofree char *damage = g_strdup_printf ("/packing/damage/%u", i);

        g_test_add_data_func (pieces, names[i], test_pieces);
        g_test_add_data_func (damage, names[i], test_damage);
      }
  g_test_add_func ("/packing/bomb", test_bomb);
  g_test_add_func ("/packing/names", test_names);
  return g_test_run ();
}
