/* Scopes. See arbor-scope.h.
 *
 * Memory comes from two arenas, each a list of chunks of growing size that is only ever walked
 * forwards: one for what is computed, which marks can wind back, one for tapes, which stay until
 * reset. A parser has one tape at a time, so each tape is copied, packed, into the second arena.
 * Texts already parsed are found by their address in an open hash table.
 */

#include "batch/arbor-scope.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"
#include "base/arbor-stop.h"

#define ALIGNMENT 16u
#define FIRST_CHUNK_SIZE 4096u
#define LAST_CHUNK_SIZE (1024u * 1024u)

/* Whether to stop is looked up once in so many times. */
#define STOP_EVERY 16u

/* Bytes of a pattern that an error shows. */
#define MAX_PATTERN 200u

typedef struct
{
  guint8 *data;
  gsize size;
} Chunk;

typedef struct
{
  Chunk *chunks;
  guint32 n_chunks;
  guint32 current; /* the chunk that is being filled */
  gsize used;      /* of it */
  gsize before;    /* sizes of the chunks before it */
} Arena;

typedef struct
{
  const char *text; /* NULL: a free slot */
  gsize length;
  const ArborTape *tape; /* NULL: does not parse */
} Parsed;

struct _ArborScope
{
  Arena values;
  Arena tapes;
  ArborParser *parser;  /* from the first text on */
  ArborBuffer padded;   /* the text that is being parsed, with its padding */
  ArborBuffer scratch;
  Parsed *parsed;       /* a power of two of slots, at most half of them taken */
  guint32 n_slots;
  guint32 n_parsed;
  gsize taken;          /* by try_alloc, and not released */
  gsize limit;          /* of that */
  gboolean is_over;     /* try_alloc was refused since the budget began */
  gboolean is_corrupt;
  gboolean is_limited;
  gboolean is_in_all;   /* by all searches of the call together */
  char *pattern;        /* for which it is */
  gboolean has_tree;
  guint64 tree; /* for which it is */
  gboolean is_stopped;
  guint n_asked;        /* whether to stop, since that was last looked up */
  gpointer matcher;
  GDestroyNotify free_matcher;
};

static gpointer
arena_alloc (Arena *arena, gsize size)
{
  gpointer memory;

  if (size > G_MAXSSIZE - ALIGNMENT)
    g_error ("out of memory: %zu bytes asked of a scope", size);
  size = (size + ALIGNMENT - 1) & ~(gsize) (ALIGNMENT - 1);

  while (arena->current < arena->n_chunks &&
         arena->chunks[arena->current].size - arena->used < size)
    {
      arena->before += arena->chunks[arena->current].size;
      arena->current++;
      arena->used = 0;
    }

  if (arena->current == arena->n_chunks)
    {
      gsize usual = MIN ((gsize) FIRST_CHUNK_SIZE << MIN (arena->n_chunks, 16), LAST_CHUNK_SIZE);
      Chunk chunk = { .size = MAX (size, usual) };

      chunk.data = g_malloc (chunk.size);
      arena->chunks = g_renew (Chunk, arena->chunks, arena->n_chunks + 1);
      arena->chunks[arena->n_chunks++] = chunk;
    }

  memory = arena->chunks[arena->current].data + arena->used;
  arena->used += size;
  return memory;
}

static void
arena_clear (Arena *arena)
{
  for (guint32 i = 0; i < arena->n_chunks; i++)
    g_free (arena->chunks[i].data);
  g_free (arena->chunks);
}

ArborScope *
arbor_scope_new (void)
{
  ArborScope *self = g_new0 (ArborScope, 1);

  self->limit = G_MAXSIZE;
  return self;
}

void
arbor_scope_free (ArborScope *self)
{
  if (self == NULL)
    return;

  arena_clear (&self->values);
  arena_clear (&self->tapes);
  g_clear_pointer (&self->parser, arbor_parser_free);
  arbor_buffer_free (&self->padded);
  arbor_buffer_free (&self->scratch);
  g_free (self->parsed);
  g_free (self->pattern);
  if (self->free_matcher != NULL)
    self->free_matcher (self->matcher);
  g_free (self);
}

gpointer
arbor_scope_get_matcher (const ArborScope *self)
{
  return self->matcher;
}

void
arbor_scope_set_matcher (ArborScope *self, gpointer matcher, GDestroyNotify free_func)
{
  self->matcher = matcher;
  self->free_matcher = free_func;
}

void
arbor_scope_reset (ArborScope *self)
{
  self->values.current = 0;
  self->values.used = 0;
  self->values.before = 0;
  self->taken = 0;
  self->tapes.current = 0;
  self->tapes.used = 0;
  self->tapes.before = 0;

  /* A table that one tree blew up must not be cleared for each tree after it. */
  if (self->n_parsed > 0 && self->n_parsed < self->n_slots / 64)
    {
      g_clear_pointer (&self->parsed, g_free);
      self->n_slots = 0;
    }
  else if (self->n_parsed > 0)
    memset (self->parsed, 0, self->n_slots * sizeof (Parsed));
  self->n_parsed = 0;
}

gpointer
arbor_scope_alloc (ArborScope *self, gsize size)
{
  return arena_alloc (&self->values, size);
}

void
arbor_scope_begin_budget (ArborScope *self, gsize size)
{
  self->limit = self->taken + size;
  self->is_over = FALSE;
}

void
arbor_scope_save_budget (const ArborScope *self, ArborScopeBudget *budget)
{
  *budget = (ArborScopeBudget){ self->taken, self->limit, self->is_over };
}

void
arbor_scope_restore_budget (ArborScope *self, const ArborScopeBudget *budget)
{
  self->limit = self->taken + (budget->limit - MIN (budget->taken, budget->limit));
  self->is_over = budget->is_over;
}

gpointer
arbor_scope_try_alloc (ArborScope *self, gsize size)
{
  if (self->taken > self->limit || size > self->limit - self->taken)
    {
      self->is_over = TRUE;
      return NULL;
    }
  self->taken += size;
  return arena_alloc (&self->values, size);
}

gboolean
arbor_scope_is_over_budget (ArborScope *self)
{
  return self->is_over;
}

char *
arbor_scope_copy (ArborScope *self, const char *bytes, gsize length)
{
  char *copy = arena_alloc (&self->values, length);

  if (length > 0)
    memcpy (copy, bytes, length);
  return copy;
}

ArborScopeMark
arbor_scope_mark (ArborScope *self)
{
  return (ArborScopeMark){ .chunk = self->values.current,
                           .used = self->values.used,
                           .taken = self->taken };
}

void
arbor_scope_release (ArborScope *self, ArborScopeMark mark)
{
  Arena *values = &self->values;

  while (values->current > mark.chunk)
    values->before -= values->chunks[--values->current].size;
  values->used = mark.used;
  self->taken = mark.taken;
}

gsize
arbor_scope_get_used_since (const ArborScope *self, ArborScopeMark mark)
{
  gsize before = self->values.before;

  for (guint32 i = self->values.current; i > mark.chunk; i--)
    before -= self->values.chunks[i - 1].size;
  return self->values.before + self->values.used - before - mark.used;
}

gsize
arbor_scope_get_used (const ArborScope *self)
{
  return self->values.before + self->values.used;
}

gboolean
arbor_scope_take_trouble (ArborScope *self)
{
  gboolean has_trouble = self->is_corrupt || self->is_limited;

  self->is_corrupt = self->is_limited = self->has_tree = FALSE;
  return has_trouble;
}

ArborBuffer *
arbor_scope_get_scratch (ArborScope *self)
{
  arbor_buffer_clear (&self->scratch);
  return &self->scratch;
}

/* Copies @from, packing its strings one after the other. */
static const ArborTape *
copy_tape (Arena *arena, const ArborTape *from)
{
  guint32 n_words = arbor_tape_next (from, ARBOR_TAPE_ROOT) + 1;
  gsize n_bytes = 0;
  gsize offset = 0;
  ArborTape *tape;
  guint64 *words;
  guint8 *strings;

  for (guint32 i = ARBOR_TAPE_ROOT; i < n_words - 1; i++)
    {
      char tag = arbor_tape_tag (from, i);
      guint32 length;

      if (tag == '"' || tag == 'N')
        {
          arbor_tape_string (from, i, &length);
          n_bytes += 4 + (gsize) length + 1;
        }
      else if (tag == 'l' || tag == 'u' || tag == 'd')
        i++;
    }

  tape = arena_alloc (arena, sizeof (ArborTape));
  words = arena_alloc (arena, n_words * sizeof (guint64));
  strings = arena_alloc (arena, n_bytes);
  memcpy (words, from->words, n_words * sizeof (guint64));

  for (guint32 i = ARBOR_TAPE_ROOT; i < n_words - 1; i++)
    {
      char tag = arbor_tape_tag (from, i);
      guint32 length;

      if (tag == '"' || tag == 'N')
        {
          const char *string = arbor_tape_string (from, i, &length);
          gsize size = 4 + (gsize) length + 1;

          memcpy (strings + offset, string - 4, size);
          words[i] = ((guint64) (guint8) tag << 56) | offset;
          offset += size;
        }
      else if (tag == 'l' || tag == 'u' || tag == 'd')
        i++;
    }

  tape->words = words;
  tape->strings = strings;
  return tape;
}

static Parsed *
find_slot (ArborScope *self, const char *text, gsize length)
{
  guint64 hash = ((guint64) (guintptr) text ^ length) * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15);
  guint32 slot = (guint32) (hash >> 32) & (self->n_slots - 1);

  while (self->parsed[slot].text != NULL &&
         (self->parsed[slot].text != text || self->parsed[slot].length != length))
    slot = (slot + 1) & (self->n_slots - 1);

  return &self->parsed[slot];
}

static void
grow_slots (ArborScope *self)
{
  g_autofree Parsed *old = g_steal_pointer (&self->parsed);
  guint32 n_old = self->n_slots;

  self->n_slots = MAX (n_old * 2, 16);
  self->parsed = g_new0 (Parsed, self->n_slots);
  for (guint32 i = 0; i < n_old; i++)
    if (old[i].text != NULL)
      *find_slot (self, old[i].text, old[i].length) = old[i];
}

const ArborTape *
arbor_scope_parse (ArborScope *self, const char *text, gsize length)
{
  Parsed *slot;
  ArborTape tape;
  gsize error_offset;
  const char *reason;

  if (self->n_parsed >= self->n_slots / 2)
    grow_slots (self);
  slot = find_slot (self, text, length);
  if (slot->text != NULL)
    {
      self->is_corrupt |= slot->tape == NULL;
      return slot->tape;
    }

  /* Exactly, for the text was written from a tree: what would be written otherwise is a NUMBER. */
  if (self->parser == NULL)
    {
      self->parser = arbor_parser_new ();
      arbor_parser_set_exact (self->parser, TRUE);
    }
  arbor_buffer_clear (&self->padded);
  arbor_buffer_append (&self->padded, text, length);
  memset (arbor_buffer_reserve (&self->padded, ARBOR_PARSER_PADDING), 0, ARBOR_PARSER_PADDING);

  *slot = (Parsed){ .text = text, .length = length };
  self->n_parsed++;
  if (arbor_parser_parse (self->parser, (const char *) self->padded.data, length, &tape,
                          &error_offset, &reason))
    slot->tape = copy_tape (&self->tapes, &tape);
  else
    self->is_corrupt = TRUE;
  return slot->tape;
}

void
arbor_scope_set_corrupt (ArborScope *self)
{
  self->is_corrupt = TRUE;
}

void
arbor_scope_set_limited (ArborScope *self, const char *pattern, gboolean is_in_all)
{
  gsize length = strlen (pattern);

  if (self->is_limited)
    return;
  self->is_limited = TRUE;
  self->is_in_all = is_in_all;
  /* Not in the middle of a character. */
  for (length = MIN (length, MAX_PATTERN); length > 0 && (pattern[length] & 0xC0) == 0x80;)
    length--;
  g_free (self->pattern);
  self->pattern = g_strndup (pattern, length);
}

void
arbor_scope_set_limited_tree (ArborScope *self, guint64 tree)
{
  if (!self->is_limited || self->has_tree)
    return;
  self->has_tree = TRUE;
  self->tree = tree;
}

static void
set_limit_error (const ArborScope *self, GError **error)
{
  if (self->is_in_all)
    g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                 _("Matching the regular expression '%s' takes too much work in all: most trees are "
                   "slow; use a simpler one, or ask for fewer trees at a time"),
                 self->pattern);
  else if (self->has_tree)
    g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                 _("Tree %" PRIu64 ": matching the regular expression '%s' takes too much work; use a "
                   "simpler one, or leave such trees out before"),
                 self->tree, self->pattern);
  else
    g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                 _("Matching the regular expression '%s' takes too much work; use a simpler one"),
                 self->pattern);
}

gboolean
arbor_scope_is_stopped (ArborScope *self)
{
  if (self->is_stopped || ++self->n_asked < STOP_EVERY)
    return self->is_stopped;
  self->n_asked = 0;
  return self->is_stopped = arbor_stop_is_asked (NULL);
}

gboolean
arbor_scope_look_whether_stopped (ArborScope *self)
{
  self->n_asked = STOP_EVERY;
  return arbor_scope_is_stopped (self);
}

gboolean
arbor_scope_check (ArborScope *self, GError **error)
{
  if (arbor_scope_is_stopped (self))
    {
      self->is_stopped = self->is_corrupt = self->is_limited = FALSE;
      arbor_stop_set_error (error);
      return FALSE;
    }
  if (G_LIKELY (!self->is_corrupt && !self->is_limited))
    return TRUE;

  if (self->is_corrupt)
    g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT,
                         _("A tree is damaged: it holds text that is not JSON; verify the store and "
                           "restore it from a backup or an export"));
  else
    set_limit_error (self, error);
  self->is_corrupt = self->is_limited = self->has_tree = FALSE;
  return FALSE;
}
