/* The GNU C library maps a block of more than 128 KiB by itself and unmaps it when it is freed, so
 * that each batch would fault all its pages in again, which costs more than filling them. It leaves
 * that off for blocks up to the size of the largest one that it has seen freed, and keeps twice
 * that much: so one is freed here, never touched. A program that has tuned malloc itself is left
 * alone, and so is another library.
 */

#include "base/arbor-memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PAGE ((gsize) 4096)

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
