/* The GNU C library maps a block of more than 128 KiB by itself and unmaps it when it is freed, so
 * that each batch would fault all its pages in again, which costs more than filling them. It leaves
 * that off for blocks up to the size of the largest one that it has seen freed, and keeps twice
 * that much: so one is freed here, never touched. A program that has tuned malloc itself is left
 * alone, and so is another library.
 */

#include "base/arbor-memory.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/arbor-error.h"

#define PAGE ((gsize) 4096)

/* Less is not asked for: it costs two system calls, and who lacks that lacks everything. */
#define LEAST_CHECKED (1024u * 1024u)

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
free_one_block (void)
{
  void *volatile block = malloc (ARBOR_MEMORY_BLOCK);

  free (block);
}

void
arbor_memory_keep_blocks (void)
{
  pthread_once (&once, free_one_block);
}

gboolean
arbor_memory_check (guint64 n_bytes, GError **error)
{
  void *probe = MAP_FAILED;

  if (n_bytes < LEAST_CHECKED)
    return TRUE;
  if (n_bytes <= G_MAXSSIZE)
    probe = mmap (NULL, (gsize) n_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (probe == MAP_FAILED)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                   _("about %" PRIu64 " bytes of memory are needed, and the system does not give them: "
                     "end other programs or raise the limit of this process"),
                   n_bytes);
      return FALSE;
    }
  munmap (probe, (gsize) n_bytes);
  return TRUE;
}

/* Below it is not worth a call. Older kernels refuse it; nothing is lost then. */
void
arbor_memory_populate (gpointer block, gsize size)
{
#ifdef MADV_POPULATE_WRITE
  gsize start = ((gsize) block + PAGE - 1) & ~(PAGE - 1);
  gsize end = ((gsize) block + size) & ~(PAGE - 1);

  if (end >= start + 16 * PAGE)
    madvise ((gpointer) start, end - start, MADV_POPULATE_WRITE);
#endif
}

void
arbor_memory_bring_in (gconstpointer data, gsize size)
{
#ifdef MADV_POPULATE_READ
  gsize start = (gsize) data & ~(PAGE - 1);

  madvise ((gpointer) start, (gsize) data + size - start, MADV_POPULATE_READ);
#endif
}
