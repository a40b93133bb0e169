/* JSON Lines by one, two and three threads: the same batches, byte by byte, the same reports, errors
 * and progress; and those batches are the ones that a builder makes of the lines one by one. */

#include "kit/reading.h"

#include "base/arbor-pool.h"
#include "batch/arbor-batch-builder.h"

#define GROUP 16384u

/* All that a reading says. */
typedef struct
{
  GByteArray *batches;
  GString *text; /* batches, progress, report, error */
  gsize n_batches;
  gsize fail_at;
  gsize cancel_at;
  GCancellable *cancellable;
  GThread *caller;
} Story;

static gboolean
note_batch (GBytes *batch, guint32 n_trees, gpointer data, GError **error)
{
  Story *self = data;

  g_assert_true (g_thread_self () == self->caller);
  g_string_append_printf (self->text, "batch of %u trees, %zu bytes\n", n_trees,
                          g_bytes_get_size (batch));
  if (++self->n_batches == self->fail_at)
    {
      g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_FULL, "the sink is full");
      return FALSE;
    }
  if (self->n_batches == self->cancel_at)
    g_cancellable_cancel (self->cancellable);
  g_byte_array_append (self->batches, g_bytes_get_data (batch, NULL),
                       (guint) g_bytes_get_size (batch));
  return TRUE;
}

static void
note_progress (guint64 done, guint64 total, gpointer data)
{
  Story *self = data;

  g_assert_true (g_thread_self () == self->caller);
  g_string_append_printf (self->text, "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT "\n", done,
                          total);
}

static void
note_report (Story *self, const ArborJsonReport *report, const GError *error)
{
  /* How much more was read before it was noticed is anybody's guess. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_string_append (self->text, "cancelled\n");
      return;
    }
  g_string_append_printf (self->text, "%" G_GUINT64_FORMAT " trees, %" G_GUINT64_FORMAT " bytes, %"
                          G_GUINT64_FORMAT " batches, %" G_GUINT64_FORMAT " bad\n",
                          report->n_trees, report->n_bytes, report->n_batches, report->n_bad);
  for (guint i = 0; report->bad_lines != NULL && i < report->bad_lines->len; i++)
    {
      const ArborBadLine *bad = &g_array_index (report->bad_lines, ArborBadLine, i);

      g_string_append_printf (self->text, "%" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT ": %s\n",
                              bad->line, bad->offset, bad->message);
    }
  if (error != NULL)
    g_string_append_printf (self->text, "%s\n", error->message);
}

typedef struct
{
  const GString *text;
  ArborJsonReadOptions options;
  gsize piece; /* of a stream, or WHOLE */
  gsize stream_fails_at;
  gsize fail_at;
  gsize cancel_at;
} Run;

static Story
read_by (guint n_threads, const Run *run)
{
  g_autoptr (GInputStream) stream = g_object_new (piece_stream_get_type (), NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  PieceStream *pieces_stream = (PieceStream *) stream;
  ArborJsonReadOptions options = run->options;
  ArborJsonReport report;
  Story story = { .batches = g_byte_array_new (),
                  .text = g_string_new (NULL),
                  .fail_at = run->fail_at,
                  .cancel_at = run->cancel_at,
                  .cancellable = cancellable,
                  .caller = g_thread_self () };

  arbor_pool_set_n_threads (n_threads);
  options.name = "lines";
  options.sink = note_batch;
  options.progress = note_progress;
  options.sink_data = options.progress_data = &story;
  options.total = run->text->len;
  pieces_stream->bytes = run->text->str;
  pieces_stream->n_bytes = run->text->len;
  pieces_stream->piece = run->piece;
  pieces_stream->fail_at = run->stream_fails_at;
  if (run->piece == WHOLE)
    arbor_json_read_bytes (run->text->str, run->text->len, &options, &report, cancellable, &error);
  else
    arbor_json_read_stream (stream, &options, &report, cancellable, &error);
  note_report (&story, &report, error);
  arbor_json_report_clear (&report);
  arbor_pool_set_n_threads (0);
  return story;
}

static void
story_clear (Story *story)
{
  g_byte_array_unref (story->batches);
  g_string_free (story->text, TRUE);
}

static void
assert_same (const Run *run)
{
  static const struct
  {
    guint n_threads;
    gsize piece;
    gboolean any_thread;
  } ways[] = { { 2, WHOLE, TRUE }, { 2, 5000, FALSE }, { 3, 1 << 22, TRUE }, { 3, 1 << 22, FALSE } };
  Story alone = read_by (1, run);

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      Run other = *run;
      Story story;

      other.piece = run->stream_fails_at > 0 ? 5000 : ways[i].piece;
      other.options.any_thread = ways[i].any_thread;
      story = read_by (ways[i].n_threads, &other);
      g_assert_cmpstr (story.text->str, ==, alone.text->str);
      g_assert_cmpmem (story.batches->data, story.batches->len, alone.batches->data,
                       alone.batches->len);
      story_clear (&story);
    }
  story_clear (&alone);
}

/* Records that differ: optional and mixed members, some longer. */
static void
append_record (GString *text, guint i, const char *end)
{
  g_string_append_printf (text, "{\"id\":%u,\"name\":\"name %u\",\"kind\":\"%c\"", i, i * 7919 % 5003,
                          'a' + i % 5);
  if (i % 3 == 0)
    g_string_append_printf (text, ",\"score\":%u.%u", i % 100, i % 7);
  if (i % 4 == 1)
    g_string_append_printf (text, ",\"items\":[{\"n\":%u},{\"n\":null,\"s\":\"\\u00e9\"}]", i % 9);
  if (i % 1000 == 999)
    g_string_append_printf (text, ",\"rare %u\":[1,\"two\",3.5]", i / 5000);
  g_string_append_printf (text, "}%s", end);
}

static GString *
make_lines (guint n, const char *end)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    append_record (text, i, end);
  return text;
}

/* What one builder makes of all lines, each through the parser. */
static GByteArray *
build_plainly (const GString *text)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (ArborParser) parser = arbor_parser_new ();
  GByteArray *batches = g_byte_array_new ();
  g_autoptr (GString) line = g_string_new (NULL);
  gsize at = 0;

  while (at < text->len)
    {
      gsize length = strcspn (text->str + at, "\n");
      ArborTape tape;
      gsize offset;
      const char *reason;

      g_string_truncate (line, 0);
      g_string_append_len (line, text->str + at, (gssize) length);
      g_string_set_size (line, length + ARBOR_PARSER_PADDING);
      g_assert_true (arbor_parser_parse (parser, line->str, length, &tape, &offset, &reason));
      arbor_batch_builder_add_tape (builder, &tape, ARBOR_TAPE_ROOT);
      at += length + 1;
      if (arbor_batch_builder_is_full (builder) ||
          (at >= text->len && arbor_batch_builder_get_n_trees (builder) > 0))
        {
          g_autoptr (GBytes) batch = arbor_batch_builder_finish (builder, NULL);

          g_byte_array_append (batches, g_bytes_get_data (batch, NULL),
                               (guint) g_bytes_get_size (batch));
        }
    }
  return batches;
}

static void
test_plain (void)
{
  static const guint counts[] = { 0, 1, GROUP - 1, GROUP, GROUP + 1, 5 * GROUP, 7 * GROUP + 100 };

  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      GString *text = make_lines (counts[i], "\n");
      Run run = { .text = text };
      g_autoptr (GByteArray) expected = build_plainly (text);
      Story story = read_by (1, &run);

      g_assert_cmpmem (story.batches->data, story.batches->len, expected->data, expected->len);
      story_clear (&story);
      assert_same (&run);
      g_string_free (text, TRUE);
    }
}

/* Ends of lines, blank lines, a BOM, no newline at the end. */
static void
test_blanks (void)
{
  GString *text = g_string_new ("\xef\xbb\xbf\n \t\r\n");
  Run run = { .text = text };

  for (guint i = 0; i < 4 * GROUP; i++)
    {
      append_record (text, i, i % 2 == 0 ? "\r\n" : "\n");
      if (i % 500 == 3 || i % GROUP == GROUP - 1)
        g_string_append (text, "\n  \r\n\n");
    }
  assert_same (&run);
  g_string_append (text, "\"no newline\"");
  assert_same (&run);
  g_string_free (text, TRUE);
}

/* Lines that are not plain, in every position that matters. */
static void
test_bad (void)
{
  static const char *const odd[] = { "{\"id\":", "\"\xff\"", "{\"id\":1,\"id\":2}", "1e400",
                                     "{\"a\":\"\\ud800\"}", "nonsense" };
  static const guint places[] = { 0, GROUP - 1, GROUP, 2 * GROUP + 77, 3 * GROUP - 1, 5 * GROUP };

  for (guint place = 0; place < G_N_ELEMENTS (places); place++)
    for (guint skip = 0; skip < 2; skip++)
      {
        GString *text = g_string_new (NULL);
        Run run = { .text = text, .options = { .skip_bad = skip != 0 } };

        run.options.format = ARBOR_JSON_LINES;
        for (guint i = 0; i < 5 * GROUP + 10; i++)
          {
            if (i == places[place])
              g_string_append_printf (text, "%s\n", odd[(place + skip) % G_N_ELEMENTS (odd)]);
            append_record (text, i, "\n");
          }
        assert_same (&run);
        g_string_free (text, TRUE);
      }
}

/* Bad lines now and then, so that groups are read alone in between and then in parallel again. */
static void
test_often_bad (void)
{
  GString *text = g_string_new (NULL);
  Run run = { .text = text, .options = { .skip_bad = TRUE } };

  for (guint i = 0; i < 14 * GROUP; i++)
    {
      append_record (text, i, "\n");
      if (i == 10 || i == 3 * GROUP || i == 9 * GROUP + 5)
        g_string_append (text, "{\"id\" 1}\n{\n");
    }
  assert_same (&run);
  g_string_free (text, TRUE);
}

/* A line that is too long; a group of more text than is read at once. */
static void
test_long (void)
{
  GString *text = make_lines (3 * GROUP, "\n");
  Run run = { .text = text };
  g_autofree char *long_text = g_strnfill (2000, 'x');

  g_string_append_printf (text, "\"%s\"\n", long_text);
  for (guint i = 0; i < 2 * GROUP; i++)
    append_record (text, i, "\n");
  run.options.max_text = 1000;
  assert_same (&run);
  run.options.max_text = 0;
  for (guint i = 0; i < GROUP; i++)
    g_string_append_printf (text, "{\"id\":%u,\"text\":\"%s\"}\n", i, long_text);
  for (guint i = 0; i < 2 * GROUP + 1; i++)
    append_record (text, i, "\n");
  assert_same (&run);
  g_string_free (text, TRUE);
}

/* The sink fails, the caller cancels, the stream fails. */
static void
test_stops (void)
{
  GString *text = make_lines (9 * GROUP, "\n");
  Run sink = { .text = text, .fail_at = 4 };
  Run cancelled = { .text = text, .cancel_at = 5 };
  Run stream = { .text = text, .piece = 5000, .stream_fails_at = text->len / 3 };

  assert_same (&sink);
  assert_same (&cancelled);
  assert_same (&stream);
  g_string_free (text, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-groups/plain", test_plain);
  g_test_add_func ("/json-groups/blanks", test_blanks);
  g_test_add_func ("/json-groups/bad", test_bad);
  g_test_add_func ("/json-groups/often-bad", test_often_bad);
  g_test_add_func ("/json-groups/long", test_long);
  g_test_add_func ("/json-groups/stops", test_stops);
  return g_test_run ();
}
