/* The process's sum of charges and its limit, both atomic. See arbor-budget.h. */

#include "base/arbor-budget.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arbor-error.h"

/* The usual size of large pages; another one is no mistake, but does less. */
#define LARGE_PAGE (2u * 1024u * 1024u)

/* What a system that does not say its size is taken to have. */
#define ASSUMED_MEMORY (4 * G_GUINT64_CONSTANT (1073741824))

static guint64 used;
static guint64 limit; /* 0: the default */
static guint64 default_limit;
static pthread_once_t default_once = PTHREAD_ONCE_INIT;

/* "64", "64K", "1G", ... */
static gboolean
parse_size (const char *text, guint64 *n_bytes)
{
  static const char units[] = "KMGT";
  const char *unit;
  char *end;

  if (!g_ascii_isdigit (*text))
    return FALSE;
  *n_bytes = g_ascii_strtoull (text, &end, 10);
  if (*n_bytes == 0 || *n_bytes == G_MAXUINT64)
    return FALSE;
  if (*end == '\0')
    return TRUE;
  unit = strchr (units, g_ascii_toupper (*end));
  return unit != NULL && end[1] == '\0' &&
         g_uint64_checked_mul (n_bytes, *n_bytes,
                               G_GUINT64_CONSTANT (1024) << (10 * (unit - units)));
}

static void
find_default (void)
{
  const char *text = secure_getenv ("ARBOR_QUERY_MEMORY");
  long n_pages = sysconf (_SC_PHYS_PAGES);
  long page_size = sysconf (_SC_PAGESIZE);
  guint64 memory = ASSUMED_MEMORY;

  if (n_pages > 0 && page_size > 0)
    memory = (guint64) n_pages * (guint64) page_size;
  default_limit = memory / 4;
  if (text != NULL && !parse_size (text, &default_limit))
    g_warning ("ARBOR_QUERY_MEMORY is '%s', which is no number of bytes such as 500M: ignored",
               text);
}

guint64
arbor_budget_get_limit (void)
{
  guint64 n_bytes = __atomic_load_n (&limit, __ATOMIC_RELAXED);

  pthread_once (&default_once, find_default);
  return n_bytes != 0 ? n_bytes : default_limit;
}

void
arbor_budget_set_limit (guint64 n_bytes)
{
  __atomic_store_n (&limit, n_bytes, __ATOMIC_RELAXED);
}

guint64
arbor_budget_get_used (void)
{
  return __atomic_load_n (&used, __ATOMIC_RELAXED);
}

static gboolean
set_limit_error (ArborCharge *self, guint64 n_bytes, guint64 others, guint64 most, GError **error)
{
  guint64 needed;

  if (!g_uint64_checked_add (&needed, self->n_bytes, n_bytes))
    needed = G_MAXUINT64;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
               _("'%s' needs at least %" PRIu64 " bytes of query memory; its limit is %" PRIu64
                 " bytes, of which other computations use %" PRIu64
                 "; set_query_memory or the environment variable ARBOR_QUERY_MEMORY raises it"),
               self->operation, needed, most, others);
  return FALSE;
}

gboolean
arbor_charge_add (ArborCharge *self, guint64 n_bytes, GError **error)
{
  guint64 most = arbor_budget_get_limit ();
  guint64 current = __atomic_load_n (&used, __ATOMIC_RELAXED);

  if (self->operation == NULL)
    {
      self->n_bytes += n_bytes;
      return TRUE;
    }
  do
    if (current > most || n_bytes > most - current)
      return set_limit_error (self, n_bytes, current - MIN (current, self->n_bytes), most, error);
  while (!__atomic_compare_exchange_n (&used, &current, current + n_bytes, TRUE, __ATOMIC_RELAXED,
                                       __ATOMIC_RELAXED));
  self->n_bytes += n_bytes;
  return TRUE;
}

void
arbor_charge_subtract (ArborCharge *self, guint64 n_bytes)
{
  g_assert (n_bytes <= self->n_bytes);
  if (self->operation != NULL)
    __atomic_sub_fetch (&used, n_bytes, __ATOMIC_RELAXED);
  self->n_bytes -= n_bytes;
}

void
arbor_charge_release (ArborCharge *self)
{
  arbor_charge_subtract (self, self->n_bytes);
}

static gboolean
set_exhausted_error (ArborCharge *self, gsize n_bytes, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
               _("'%s' needs %" PRIu64 " bytes more, and the system has no more memory"),
               self->operation, (guint64) n_bytes);
  return FALSE;
}

gpointer
arbor_charge_alloc (ArborCharge *self, gsize n, gsize size, GError **error)
{
  gpointer memory = NULL;
  gsize capacity = 0;

  return arbor_charge_grow (self, &memory, &capacity, MAX (n, 1), size, error) ? memory : NULL;
}

/* Large arrays are filled from one end to the other: in large pages that takes a few faults instead
 * of hundreds for each megabyte. Where there are none, nothing happens. */
static gpointer
reallocate (gpointer memory, gsize n_old, gsize n_bytes)
{
#ifdef MADV_HUGEPAGE
  gpointer aligned;

  if (n_bytes >= 2 * LARGE_PAGE)
    {
      gsize n_pages = n_bytes / LARGE_PAGE + (n_bytes % LARGE_PAGE != 0);

      if (posix_memalign (&aligned, LARGE_PAGE, n_pages * LARGE_PAGE) != 0)
        return NULL;
      madvise (aligned, n_pages * LARGE_PAGE, MADV_HUGEPAGE);
      if (n_old > 0)
        memcpy (aligned, memory, n_old);
      g_free (memory);
      return aligned;
    }
#endif
  return g_try_realloc (memory, n_bytes);
}

gboolean
arbor_charge_grow (ArborCharge *self, gpointer memory_location, gsize *capacity, gsize n_needed,
                   gsize size, GError **error)
{
  gpointer *memory = memory_location;
  gsize n = *capacity;
  gsize n_bytes;
  gpointer grown;

  if (n_needed <= n)
    return TRUE;
  if (n > 0 && (!g_size_checked_add (&n, n, n / 2 + 8) || n < n_needed))
    n = n_needed;
  n = MAX (n, n_needed);
  if (!g_size_checked_mul (&n_bytes, n, size) || n_bytes > G_MAXSSIZE)
    return set_limit_error (self, G_MAXUINT64, 0, arbor_budget_get_limit (), error);
  if (!arbor_charge_add (self, n_bytes - *capacity * size, error))
    return FALSE;
  grown = reallocate (*memory, *capacity * size, n_bytes);
  if (grown == NULL)
    {
      arbor_charge_subtract (self, n_bytes - *capacity * size);
      return set_exhausted_error (self, n_bytes - *capacity * size, error);
    }
  *memory = grown;
  *capacity = n;
  return TRUE;
}
