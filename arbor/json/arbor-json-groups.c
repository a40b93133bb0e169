/* Groups in parallel. See arbor-json-groups.h.
 *
 * Groups lie in a ring: read ones, then picked up by a thread that makes batches of them, then
 * done; the calling thread hands the batches of the first one on, and its place is free again. A
 * group's text is kept until then: when a group before it is refused, all texts from there on go
 * back to the input. One thread at a time reads, the calling one only where the stream asks for
 * that. How much lies in the ring is bounded, whatever the number of threads.
 */

#include "json/arbor-json-groups.h"

#include <pthread.h>

#include "base/arbor-pool.h"
#include "base/arbor-simd.h"
#include "batch/arbor-batch-format.h"

#define COUNT_STEP (16u * 1024u)

#define RING        10u
#define MAX_WORKERS 8u

/* Of one group, and of the whole ring. */
#define MAX_GROUP_BYTES (24u * 1024u * 1024u)
#define MAX_RING_BYTES  (48u * 1024u * 1024u)
/* Of one line: what longer ones cost is looked at by one thread. */
#define MAX_LINE_BYTES (1024u * 1024u)

typedef struct
{
  GBytes *bytes;
  guint32 n_trees;
  gsize end; /* in the group's text, of the last tree */
  guint64 n_repeated;
} GroupBatch;

typedef enum
{
  GROUP_READ,
  GROUP_DONE,
  GROUP_REFUSED,
} GroupState;

typedef struct
{
  GroupState state;
  ArborBuffer buffer;
  gsize start; /* of the text in the buffer */
  gsize length;
  guint64 offset; /* of the text in the input */
  guint64 n_lines;
  GArray *batches; /* of GroupBatch */
} Group;

typedef struct
{
  ArborJsonReader *reader;
  pthread_t caller;
  guint n_workers;
  guint n_places;    /* in use of the ring: enough to keep all at work, for each costs memory */
  gboolean may_read; /* any thread may */

  pthread_mutex_t mutex; /* guards what follows; the group that a thread works at is the thread's */
  pthread_cond_t changed;
  Group ring[RING];
  ArborBuffer spares[RING]; /* of groups handed on; the last one is the likeliest in a cache */
  guint n_spares;
  guint64 n_read;
  guint64 n_picked;
  guint64 n_emitted;
  gsize n_bytes;      /* in the ring */
  gsize last_bytes;   /* of the group read last */
  gboolean is_reading; /* one thread is: the input is its own */
  gboolean is_ended;   /* no more are read */
  gboolean is_stopped; /* nor picked up */
  gboolean has_failed; /* at handing on, having read up to failed_offset */
  guint64 failed_offset;
  GError **error; /* of the caller */
} Groups;

static void
clear_batch (gpointer batch)
{
  g_clear_pointer (&((GroupBatch *) batch)->bytes, g_bytes_unref);
}

static Group *
get_group (Groups *self, guint64 index)
{
  return &self->ring[index % self->n_places];
}

/* Reading. */

/* Counts the lines that end in the @n bytes at @text, and those of which the next one may be blank.
 * One byte after them can be read. */
ARBOR_TARGET_CLONES
static void
count_lines (const char *text, gsize n, guint *n_lines, guint *n_doubtful)
{
  guint lines = 0, doubtful = 0;

  for (gsize i = 0; i < n; i++)
    {
      guint is_end = text[i] == '\n';

      lines += is_end;
      doubtful += is_end & ((guint8) text[i + 1] <= ' ');
    }
  *n_lines = lines;
  *n_doubtful = doubtful;
}

/* Passes lines without a look at each: from the start of one, @at, as far as all of a step can be
 * counted. */
static gsize
pass_lines (const char *text, gsize length, gsize at, guint *n_trees, guint64 *n_lines)
{
  while (at + COUNT_STEP < length && (guint8) text[at] > ' ')
    {
      const char *last = memrchr (text + at, '\n', COUNT_STEP);
      gsize n = last != NULL ? (gsize) (last - (text + at)) + 1 : 0;
      guint n_step, n_doubtful;

      if (n == 0)
        break;
      count_lines (text + at, n, &n_step, &n_doubtful);
      if (n_doubtful > 0 || *n_trees + n_step > ARBOR_BATCH_CUT_TREES)
        break;
      *n_trees += n_step;
      *n_lines += n_step;
      at += n;
    }
  return at;
}

/* Finds the end of the group at the start of the input. FALSE where that is not for us. */
static gboolean
find_end (ArborJsonReader *reader, gsize *end, guint64 *n_lines)
{
  guint n_trees = 0;
  gsize at = 0;
  gsize scanned = 0;
  gsize counted = 0; /* up to here, lines are looked at one by one */

  *n_lines = 0;
  while (n_trees < ARBOR_BATCH_CUT_TREES)
    {
      const char *text = arbor_json_input_text (&reader->input);
      gsize length = arbor_json_input_length (&reader->input);
      const char *newline;

      if (scanned == at && at >= counted)
        {
          at = scanned = pass_lines (text, length, at, &n_trees, n_lines);
          counted = at + COUNT_STEP;
          continue;
        }
      newline = scanned < length ? memchr (text + scanned, '\n', length - scanned) : NULL;
      if (newline == NULL)
        {
          scanned = length;
          if (length > MAX_GROUP_BYTES || reader->input.is_at_end)
            return FALSE;
          if (!arbor_json_input_fill (&reader->input, &reader->input.failure))
            return FALSE;
          continue;
        }
      scanned = (gsize) (newline - text) + 1;
      n_trees += (guint8) text[at] > ' ' || !arbor_json_is_blank (text + at, scanned - at);
      at = scanned;
      ++*n_lines;
    }
  *end = at;
  return TRUE;
}

/* Without the mutex. */
static gboolean
read_group (ArborJsonReader *reader, Group *group)
{
  gsize end;

  if (reader->input.failure != NULL || !find_end (reader, &end, &group->n_lines))
    return FALSE;
  group->length = end;
  group->offset = reader->input.offset;
  group->state = GROUP_READ;
  arbor_json_input_take (&reader->input, end, &group->buffer, &group->start);
  return TRUE;
}

/* With the mutex, let go of meanwhile. */
static void
read_next (Groups *self)
{
  Group *group = get_group (self, self->n_read);
  gboolean is_read;

  if (self->n_spares > 0)
    group->buffer = self->spares[--self->n_spares];
  self->is_reading = TRUE;
  pthread_mutex_unlock (&self->mutex);
  is_read = read_group (self->reader, group);
  pthread_mutex_lock (&self->mutex);
  self->is_reading = FALSE;
  if (is_read)
    {
      self->n_read++;
      self->n_bytes += group->length;
      self->last_bytes = group->length;
    }
  else
    self->is_ended = TRUE;
  pthread_cond_broadcast (&self->changed);
}

/* Building. */

static gboolean
finish_batch (ArborJsonLines *lines, Group *group, gsize end)
{
  GroupBatch batch = { .n_trees = arbor_batch_builder_get_n_trees (lines->builder), .end = end };

  batch.bytes = arbor_batch_builder_finish (lines->builder, NULL);
  batch.n_repeated = arbor_batch_builder_take_n_repeated (lines->builder);
  if (batch.bytes != NULL)
    g_array_append_val (group->batches, batch);
  return batch.bytes != NULL;
}

/* Without the mutex. */
static gboolean
build_group (ArborJsonLines *lines, Group *group, gsize max_text)
{
  const char *text = (const char *) group->buffer.data + group->start;
  gsize at = 0;

  if (group->batches == NULL)
    {
      group->batches = g_array_new (FALSE, FALSE, sizeof (GroupBatch));
      g_array_set_clear_func (group->batches, clear_batch);
    }
  arbor_batch_builder_reset (lines->builder);
  arbor_batch_builder_take_n_repeated (lines->builder);
  lines->n_checked = 0;
  while (at < group->length)
    {
      gsize length = arbor_json_lines_read (lines, text + at, group->length - at, max_text);

      if (length == 0)
        return FALSE;
      at += length;
      if (arbor_batch_builder_is_full (lines->builder) && !finish_batch (lines, group, at))
        return FALSE;
    }
  return TRUE;
}

/* With the mutex, let go of meanwhile. */
static void
build_next (Groups *self, ArborJsonLines *lines)
{
  Group *group = get_group (self, self->n_picked++);
  gboolean is_good;

  pthread_mutex_unlock (&self->mutex);
  is_good = build_group (lines, group, MIN (self->reader->max_text, MAX_LINE_BYTES));
  pthread_mutex_lock (&self->mutex);
  group->state = is_good ? GROUP_DONE : GROUP_REFUSED;
  if (!is_good)
    self->is_ended = self->is_stopped = TRUE;
  pthread_cond_broadcast (&self->changed);
}

/* Handing on, in the calling thread. */

static gboolean
is_ready (Groups *self)
{
  return self->n_emitted < self->n_picked &&
         get_group (self, self->n_emitted)->state == GROUP_DONE;
}

static gboolean
emit_group (Groups *self, Group *group)
{
  ArborJsonReader *reader = self->reader;

  for (guint i = 0; i < group->batches->len; i++)
    {
      const GroupBatch *batch = &g_array_index (group->batches, GroupBatch, i);

      reader->report->n_trees += batch->n_trees;
      reader->report->n_repeated += batch->n_repeated;
      if (!arbor_json_reader_emit (reader, batch->bytes, batch->n_trees,
                                   group->offset + batch->end, self->error))
        {
          self->failed_offset = group->offset + batch->end;
          return FALSE;
        }
    }
  reader->line += group->n_lines;
  g_array_set_size (group->batches, 0);
  return TRUE;
}

/* With the mutex, let go of meanwhile. */
static void
emit_next (Groups *self)
{
  Group *group = get_group (self, self->n_emitted);
  gboolean is_good;

  pthread_mutex_unlock (&self->mutex);
  is_good = emit_group (self, group);
  pthread_mutex_lock (&self->mutex);
  self->n_emitted++;
  self->n_bytes -= group->length;
  self->spares[self->n_spares++] = group->buffer;
  group->buffer = (ArborBuffer){ NULL };
  if (!is_good)
    self->has_failed = self->is_ended = self->is_stopped = TRUE;
  pthread_cond_broadcast (&self->changed);
}

/* The threads. */

static gboolean
has_room (Groups *self)
{
  return self->n_read == self->n_emitted ||
         (self->n_read - self->n_emitted < self->n_places &&
          self->n_bytes + self->last_bytes <= MAX_RING_BYTES);
}

static gboolean
should_read (Groups *self, gboolean is_caller)
{
  guint64 n_wanted = self->may_read ? 1 : self->n_workers - 1;

  return !self->is_ended && !self->is_reading && (self->may_read || is_caller) &&
         self->n_read - self->n_picked < n_wanted && has_room (self);
}

/* The threads of the pool leave only when all is over, so the calling thread has one of the tasks
 * as long as there is something to hand on. */
static void
work (guint32 task, gpointer data)
{
  Groups *self = data;
  gboolean is_caller = pthread_equal (pthread_self (), self->caller) != 0;
  ArborJsonLines *lines = NULL;

  pthread_mutex_lock (&self->mutex);
  for (;;)
    {
      if (is_caller && !self->has_failed && is_ready (self))
        emit_next (self);
      else if (should_read (self, is_caller))
        read_next (self);
      else if (!self->is_stopped && self->n_picked < self->n_read)
        {
          if (lines == NULL)
            lines = arbor_json_lines_new (self->reader->options->exact);
          build_next (self, lines);
        }
      else if (self->is_ended && !self->is_reading)
        break;
      else
        pthread_cond_wait (&self->changed, &self->mutex);
    }
  pthread_mutex_unlock (&self->mutex);
  g_clear_pointer (&lines, arbor_json_lines_free);
}

/* What was read and not handed on goes back to the input. */
static void
put_back (Groups *self)
{
  ArborBuffer all = { NULL };

  if (self->n_emitted == self->n_read)
    return;
  arbor_buffer_reserve (&all, self->n_bytes + arbor_json_input_length (&self->reader->input) +
                                  ARBOR_PARSER_PADDING);
  for (guint64 i = self->n_emitted; i < self->n_read; i++)
    {
      Group *group = get_group (self, i);

      arbor_buffer_append (&all, group->buffer.data + group->start, group->length);
      arbor_buffer_free (&group->buffer);
    }
  arbor_json_input_put_back (&self->reader->input, &all);
}

gboolean
arbor_json_groups_read (ArborJsonReader *reader, GError **error)
{
  Groups self = {
    .reader = reader,
    .caller = pthread_self (),
    .n_workers = MIN (arbor_pool_get_n_threads (), MAX_WORKERS),
    .may_read = reader->input.stream == NULL || reader->options->any_thread,
    .error = error,
  };

  self.n_places = MIN (self.n_workers + 2, RING);
  /* The first is read before any thread is woken: most texts have no whole group. */
  if (self.n_workers <= 1 || reader->input.is_wide || !read_group (reader, &self.ring[0]))
    return TRUE;
  self.n_read = 1;
  self.n_bytes = self.last_bytes = self.ring[0].length;
  pthread_mutex_init (&self.mutex, NULL);
  pthread_cond_init (&self.changed, NULL);
  arbor_pool_run (self.n_workers, work, &self);
  while (!self.has_failed && is_ready (&self))
    {
      pthread_mutex_lock (&self.mutex);
      emit_next (&self);
      pthread_mutex_unlock (&self.mutex);
    }
  if (self.has_failed)
    reader->input.offset = self.failed_offset;
  else
    put_back (&self);
  for (guint i = 0; i < RING; i++)
    {
      arbor_buffer_free (&self.ring[i].buffer);
      g_clear_pointer (&self.ring[i].batches, g_array_unref);
    }
  for (guint i = 0; i < self.n_spares; i++)
    arbor_buffer_free (&self.spares[i]);
  pthread_cond_destroy (&self.changed);
  pthread_mutex_destroy (&self.mutex);
  return !self.has_failed;
}
