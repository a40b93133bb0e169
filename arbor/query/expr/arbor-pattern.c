/* Regular expressions. See arbor-pattern.h.
 *
 * The second round counts the steps of all places as those of one: the pattern is tried at the
 * first place only, and what walks on from there, lazily, is part of it. PCRE2 counts from each
 * place anew.
 */

#define PCRE2_CODE_UNIT_WIDTH 8

#include "query/expr/arbor-pattern.h"

#include <glib/gi18n-lib.h>
#include <pcre2.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/arbor-error.h"
#include "base/arbor-stop.h"
#include "query/expr/arbor-pattern-shape.h"

#define OPTIONS (PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C)
/* Memory of one search of the interpreter, in KiB, and how much of it is kept for the next, in
 * bytes. */
#define MAX_HEAP 65536u
#define MAX_KEPT (1024u * 1024u)
/* Steps from one place that are not worth to be counted for all of the call. */
#define CHEAP 256u
/* Patterns that data says, and how often one is met before code is made of it. */
#define MAX_CACHED 256u
#define CODE_AFTER 16u
#define MAX_NAMED  200u

struct _ArborPattern
{
  char *text;
  char *shown; /* to people */
  pcre2_code *code;
  gboolean is_compiled; /* code can be run by the machine */
  guint n_groups;
  ArborPatternShape shape;
  pthread_mutex_t mutex; /* guards: */
  pcre2_code *whole;     /* of the second round, made when one begins */
  gboolean has_tried_whole;
};

/* A pattern that data said. */
typedef struct
{
  const ArborPatternKind *kind;
  const char *text;
  gsize length;
  char *copy;            /* what text is */
  ArborPattern *pattern; /* NULL: it is none */
  guint n_uses;
} Cached;

/* What a scope keeps. */
typedef struct
{
  pcre2_general_context *memory;
  pcre2_match_context *context;
  pcre2_match_data *data;
  guint n_pairs;       /* of data */
  gsize n_bytes;       /* that PCRE2 holds */
  gsize literal[2];    /* where a plain text was found */
  const gsize *groups; /* of the last search */
  GHashTable *cache;   /* of Cached, each its own key */
  Cached *last;        /* of cache */
} Matcher;

/* For tests */
static gboolean has_code = TRUE;
static guint64 steps = ARBOR_PATTERN_STEPS;
static gint64 effort = ARBOR_PATTERN_EFFORT;
static gint64 effort_each = ARBOR_PATTERN_EFFORT_EACH;

void
arbor_pattern_set_limits (gboolean may_have_code, guint64 n_steps, gint64 nanoseconds)
{
  has_code = may_have_code;
  steps = n_steps != 0 ? n_steps : ARBOR_PATTERN_STEPS;
  effort = nanoseconds != 0 ? nanoseconds : ARBOR_PATTERN_EFFORT;
  effort_each = nanoseconds != 0 ? 0 : ARBOR_PATTERN_EFFORT_EACH;
}

/* Making them */

static pcre2_code *
compile (const char *text, gsize length, guint32 options, int *code, gsize *offset)
{
  pcre2_compile_context *context = pcre2_compile_context_create (NULL);
  pcre2_code *result;

  pcre2_set_newline (context, PCRE2_NEWLINE_ANY);
  pcre2_set_bsr (context, PCRE2_BSR_UNICODE);
  result = pcre2_compile ((PCRE2_SPTR)text, length, OPTIONS | options, code, offset, context);
  pcre2_compile_context_free (context);
  return result;
}

static void
set_compile_error (const char *text, gsize length, int code, gsize offset, GError **error)
{
  PCRE2_UCHAR message[256];
  glong position = 0;

  pcre2_get_error_message (code, message, sizeof message);
  if (g_utf8_validate_len (text, MIN (offset, length), NULL))
    position = g_utf8_strlen (text, (gssize)MIN (offset, length));
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
               _ ("Bad regular expression '%.*s', at its character %ld (from 0): %s"),
               (int)MIN (length, MAX_NAMED), text, position, (const char *)message);
}

ArborPattern *
arbor_pattern_new (const char *text, gsize length, gboolean needs_groups, GError **error)
{
  g_autoptr (ArborPattern) self = NULL;
  guint32 n_groups;
  gsize offset = 0;
  int code = 0;

  if (length > ARBOR_PATTERN_MAX_LENGTH)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                   _ ("A regular expression has at most %u bytes, found %zu"),
                   ARBOR_PATTERN_MAX_LENGTH, length);
      return NULL;
    }
  self = g_new0 (ArborPattern, 1);
  pthread_mutex_init (&self->mutex, NULL);
  self->text = g_strndup (text, length);
  self->shown = g_strdup (self->text);
  self->code = compile (text, length, 0, &code, &offset);
  if (self->code == NULL)
    {
      set_compile_error (text, length, code, offset, error);
      return NULL;
    }
  pcre2_pattern_info (self->code, PCRE2_INFO_CAPTURECOUNT, &n_groups);
  self->n_groups = n_groups;
  arbor_pattern_shape_read (&self->shape, text, length, needs_groups);

  /* Groups that nobody asks for are made ones without a number, where none refers to another. */
  if (!needs_groups && n_groups > 0 && self->shape.is_known)
    {
      pcre2_code *plain = compile (text, length, PCRE2_NO_AUTO_CAPTURE, &code, &offset);

      if (plain != NULL)
        pcre2_code_free (self->code);
      self->code = plain != NULL ? plain : self->code;
    }
  return g_steal_pointer (&self);
}

void
arbor_pattern_free (ArborPattern *self)
{
  if (self == NULL)
    return;

  pcre2_code_free (self->code);
  pcre2_code_free (self->whole);
  if (self->shape.literal != NULL)
    arbor_pattern_shape_clear (&self->shape);
  pthread_mutex_destroy (&self->mutex);
  g_free (self->text);
  g_free (self->shown);
  g_free (self);
}

void
arbor_pattern_optimize (ArborPattern *self)
{
  if (has_code && self->shape.is_known && !self->shape.is_literal && !self->is_compiled)
    self->is_compiled = pcre2_jit_compile (self->code, PCRE2_JIT_COMPLETE) == 0;
}

guint
arbor_pattern_get_n_groups (const ArborPattern *self)
{
  return self->n_groups;
}

gboolean
arbor_pattern_has_group (const ArborPattern *self, const char *name)
{
  return pcre2_substring_nametable_scan (self->code, (PCRE2_SPTR)name, NULL, NULL) !=
         PCRE2_ERROR_NOSUBSTRING; /* several may share it */
}

/* Groups that count as the whole of the pattern, and verbs that end the search, would mean another
 * thing inside of it: such a pattern has no second round. */
static gboolean
can_be_part (const char *text)
{
  static const char *const others[] = { "(*", "(?R", "(?0", "\\g<0", "\\g'0" };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (strstr (text, others[i]) != NULL)
      return FALSE;
  return TRUE;
}

static const pcre2_code *
get_whole (ArborPattern *self)
{
  /* The second closes a comment of (?x) first, the third a \Q. */
  static const char *const ends[] = { ")", "\n)", "\\E)" };
  const pcre2_code *whole;

  pthread_mutex_lock (&self->mutex);
  for (guint i = 0; !self->has_tried_whole && self->whole == NULL && i < G_N_ELEMENTS (ends) &&
                    can_be_part (self->text);
       i++)
    {
      g_autofree char *text = g_strconcat ("(?s:.*?)\\K(?:", self->text, ends[i], NULL);
      gsize offset;
      int code;

      self->whole = compile (text, strlen (text), PCRE2_ANCHORED, &code, &offset);
    }
  self->has_tried_whole = TRUE;
  whole = self->whole;
  pthread_mutex_unlock (&self->mutex);
  return whole;
}

/* What is kept */

/* PCRE2's memory, counted: each piece has its size before it. */
#define HEADER 16u

static void *
allocate (PCRE2_SIZE size, void *data)
{
  Matcher *self = data;
  guint8 *memory = size < G_MAXSSIZE ? g_try_malloc (size + HEADER) : NULL;

  if (memory == NULL)
    return NULL;
  memcpy (memory, &size, sizeof size);
  self->n_bytes += size;
  return memory + HEADER;
}

static void
release (void *memory, void *data)
{
  Matcher *self = data;
  gsize size;

  if (memory == NULL)
    return;
  memory = (guint8 *)memory - HEADER;
  memcpy (&size, memory, sizeof size);
  self->n_bytes -= size;
  g_free (memory);
}

static void
free_cached (gpointer data)
{
  Cached *cached = data;

  arbor_pattern_free (cached->pattern);
  g_free (cached->copy);
  g_free (cached);
}

static guint
hash_cached (gconstpointer key)
{
  const Cached *cached = key;
  guint hash = 5381;

  for (gsize i = 0; i < cached->length; i++)
    hash = hash * 33 + (guchar)cached->text[i];
  return hash;
}

static gboolean
is_same (gconstpointer a, gconstpointer b)
{
  const Cached *one = a, *other = b;

  return one->kind == other->kind && one->length == other->length &&
         memcmp (one->text, other->text, one->length) == 0;
}

static void
free_matcher (gpointer data)
{
  Matcher *self = data;

  pcre2_match_data_free (self->data);
  pcre2_match_context_free (self->context);
  pcre2_general_context_free (self->memory);
  g_clear_pointer (&self->cache, g_hash_table_unref);
  g_free (self);
}

static Matcher *
get_matcher (ArborScope *scope)
{
  Matcher *self = arbor_scope_get_matcher (scope);

  if (self != NULL)
    return self;
  self = g_new0 (Matcher, 1);
  self->memory = pcre2_general_context_create (allocate, release, self);
  self->context = pcre2_match_context_create (self->memory);
  pcre2_set_heap_limit (self->context, MAX_HEAP);
  arbor_scope_set_matcher (scope, self, free_matcher);
  return self;
}

/* Match data for the groups of @pattern. What a hard search blew up is not kept. */
static void
prepare (Matcher *self, const ArborPattern *pattern)
{
  if (self->data != NULL && self->n_pairs > pattern->n_groups && self->n_bytes <= MAX_KEPT)
    return;
  pcre2_match_data_free (self->data);
  self->n_pairs = pattern->n_groups + 1;
  self->data = pcre2_match_data_create (self->n_pairs, self->memory);
  if (self->data == NULL)
    g_error ("out of memory for a regular expression");
}

static Cached *
make_cached (const Cached *key)
{
  Cached *self = g_new0 (Cached, 1);
  g_autofree char *translated = NULL;

  self->kind = key->kind;
  self->copy = g_strndup (key->text, key->length);
  self->text = self->copy;
  self->length = key->length;
  if (key->kind->translate != NULL)
    translated = key->kind->translate (key->text, key->length);
  if (translated != NULL)
    self->pattern =
        arbor_pattern_new (translated, strlen (translated), key->kind->needs_groups, NULL);
  else if (key->kind->translate == NULL)
    self->pattern = arbor_pattern_new (key->text, key->length, key->kind->needs_groups, NULL);
  if (self->pattern != NULL)
    {
      g_free (self->pattern->shown);
      self->pattern->shown = g_strndup (key->text, key->length);
    }
  return self;
}

const ArborPattern *
arbor_pattern_get (const ArborPatternKind *kind, const char *text, gsize length, ArborScope *scope)
{
  const Cached key = { .kind = kind, .text = text, .length = length };
  Matcher *matcher = get_matcher (scope);
  Cached *cached = matcher->last;

  if (matcher->cache == NULL)
    matcher->cache = g_hash_table_new_full (hash_cached, is_same, free_cached, NULL);
  if (cached == NULL || !is_same (cached, &key))
    cached = g_hash_table_lookup (matcher->cache, &key);
  if (cached == NULL)
    {
      if (g_hash_table_size (matcher->cache) >= MAX_CACHED)
        g_hash_table_remove_all (matcher->cache);
      cached = make_cached (&key);
      g_hash_table_add (matcher->cache, cached);
    }
  if (cached->pattern != NULL && ++cached->n_uses == CODE_AFTER)
    arbor_pattern_optimize (cached->pattern);
  matcher->last = cached;
  return cached->pattern;
}

/* Plain texts */

/* Bytes of the line end that @text ends with, 0 for none; of CR LF both, and @is_pair. */
static gsize
get_line_end (const char *text, gsize length, gboolean *is_pair)
{
  const guint8 *end = (const guint8 *)text + length;

  *is_pair = length >= 2 && end[-2] == '\r' && end[-1] == '\n';
  if (length >= 1 && end[-1] >= '\n' && end[-1] <= '\r')
    return *is_pair ? 2 : 1;
  if (length >= 2 && end[-2] == 0xC2 && end[-1] == 0x85)
    return 2;
  return length >= 3 && end[-3] == 0xE2 && end[-2] == 0x80 && (end[-1] & ~1) == 0xA8 ? 3 : 0;
}

/* Whether the text stands right before @end, and begins no sooner than @from. */
static gboolean
is_before (const ArborPattern *self, const char *text, gsize end, gsize from)
{
  const GString *literal = self->shape.literal;

  return end >= from && literal->len <= end - from &&
         (!self->shape.is_at_start || literal->len == end) &&
         memcmp (text + end - literal->len, literal->str, literal->len) == 0;
}

static gboolean
find_literal (const ArborPattern *self, const char *text, gsize length, gsize from, gsize *found)
{
  const GString *literal = self->shape.literal;
  gboolean is_pair = FALSE;
  const char *at;
  gsize line_end;

  if (self->shape.is_at_end)
    {
      line_end = self->shape.is_strict ? 0 : get_line_end (text, length, &is_pair);
      for (gsize end = length - line_end; end <= length; end++)
        {
          gboolean is_end = end == length || end == length - line_end || is_pair;

          if (is_end && is_before (self, text, end, from))
            {
              *found = end - literal->len;
              return TRUE;
            }
        }
      return FALSE;
    }
  if (self->shape.is_at_start)
    {
      *found = 0;
      return from == 0 && literal->len <= length && memcmp (text, literal->str, literal->len) == 0;
    }
  at = memmem (text + from, length - from, literal->str, literal->len);
  *found = at != NULL ? (gsize)(at - text) : 0;
  return at != NULL;
}

/* Texts in which the beginning of every match is not there are told soon. */
#define MIN_BEGINNING 2u

static gboolean
may_match (const ArborPattern *self, const char *text, gsize length, gsize from)
{
  const GString *literal = self->shape.literal;

  if (!self->shape.is_known || literal->len < MIN_BEGINNING)
    return TRUE;
  if (self->shape.is_at_start && from == 0)
    return literal->len <= length && memcmp (text, literal->str, literal->len) == 0;
  return memmem (text + from, length - from, literal->str, literal->len) != NULL;
}

/* Effort */

static gint64
get_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

/* Adds to what the call has spent; FALSE: it is too much. */
static gboolean
spend (gint64 nanoseconds, gint64 n)
{
  ArborEffort *spent = arbor_stop_get_effort ();
  gint64 all, n_all;

  if (spent == NULL)
    return TRUE;
  all = __atomic_add_fetch (&spent->nanoseconds, nanoseconds, __ATOMIC_RELAXED);
  n_all = __atomic_add_fetch (&spent->n, n, __ATOMIC_RELAXED);
  return all <= effort || (all - effort) / MAX (n_all, 1) < effort_each;
}

/* Searching */

static ArborSearch
run (Matcher *matcher, const pcre2_code *code, gboolean is_compiled, guint64 n_steps,
     const char *text, gsize length, gsize from)
{
  int result;

  pcre2_set_match_limit (matcher->context, (guint32)MIN (n_steps, G_MAXINT32));
  if (is_compiled)
    result = pcre2_jit_match (code, (PCRE2_SPTR)text, length, from, 0, matcher->data,
                              matcher->context);
  else
    result = pcre2_match (code, (PCRE2_SPTR)text, length, from,
                          PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, matcher->data, matcher->context);
  if (result == PCRE2_ERROR_NOMATCH)
    return ARBOR_SEARCH_NONE;
  return result >= 0 ? ARBOR_SEARCH_FOUND : ARBOR_SEARCH_OPEN;
}

/* Both rounds, and the time they take counted. */
static ArborSearch
search_slowly (const ArborPattern *self, Matcher *matcher, guint64 n_steps, const char *text,
               gsize length, gsize from, ArborScope *scope)
{
  const char *shown = self->shown;
  ArborSearch result = ARBOR_SEARCH_OPEN;
  gint64 before;

  if (spend (0, 0))
    {
      before = get_time ();
      result = run (matcher, self->code, FALSE, n_steps / (length + 1), text, length, from);
      if (result == ARBOR_SEARCH_OPEN)
        {
          const pcre2_code *whole = get_whole ((ArborPattern *)self);

          if (whole != NULL)
            result = run (matcher, whole, FALSE, n_steps, text, length, from);
        }
      if (result == ARBOR_SEARCH_OPEN)
        arbor_scope_set_limited (scope, shown, FALSE);
      if (spend (get_time () - before, 1))
        return result;
    }
  arbor_scope_set_limited (scope, shown, TRUE);
  return ARBOR_SEARCH_OPEN;
}

ArborSearch
arbor_pattern_search (const ArborPattern *self, const char *text, gsize length, gsize from,
                      ArborScope *scope)
{
  Matcher *matcher = get_matcher (scope);
  guint64 n_steps, n_steps_a_place;
  ArborSearch result;
  gint64 limit;

  if (self->shape.is_literal)
    {
      if (!find_literal (self, text, length, from, &matcher->literal[0]))
        return ARBOR_SEARCH_NONE;
      matcher->literal[1] = matcher->literal[0] + self->shape.literal->len;
      matcher->groups = matcher->literal;
      return ARBOR_SEARCH_FOUND;
    }

  if (!may_match (self, text, length, from))
    return ARBOR_SEARCH_NONE;
  n_steps = steps + ARBOR_PATTERN_STEPS_A_BYTE * length;
  n_steps_a_place = n_steps / (length + 1);
  prepare (matcher, self);
  limit = self->is_compiled ? arbor_pattern_shape_get_limit (&self->shape, length, n_steps_a_place)
                            : -1;
  if (limit >= 0)
    result = run (matcher, self->code, TRUE, (guint64)limit, text, length, from);
  else
    result =
        run (matcher, self->code, FALSE, MIN (n_steps_a_place, CHEAP), text, length, from);
  if (result == ARBOR_SEARCH_OPEN)
    result = search_slowly (self, matcher, n_steps, text, length, from, scope);
  matcher->groups = pcre2_get_ovector_pointer (matcher->data);
  return result;
}

gboolean
arbor_pattern_get_group (const ArborPattern *self, ArborScope *scope, guint group, gsize *start,
                         gsize *end)
{
  const Matcher *matcher = arbor_scope_get_matcher (scope);

  if (group > self->n_groups || matcher->groups[2 * group] == PCRE2_UNSET)
    return FALSE;
  *start = matcher->groups[2 * group];
  *end = MAX (matcher->groups[2 * group + 1], *start);
  return TRUE;
}

gboolean
arbor_pattern_get_named (const ArborPattern *self, ArborScope *scope, const char *name,
                         gsize *start, gsize *end)
{
  PCRE2_SPTR first, last;
  int size = pcre2_substring_nametable_scan (self->code, (PCRE2_SPTR)name, &first, &last);

  for (PCRE2_SPTR entry = first; size > 0 && entry <= last; entry += size)
    if (arbor_pattern_get_group (self, scope, entry[0] * 256u + entry[1], start, end))
      return TRUE;
  return FALSE;
}
