/* What the system refuses: the n-th call of one sort fails, once or from then on. The functions of libc are defined
 * in faults.c, which test programs link and the command preloads (ARBOR_FAULT, below); only calls of the library, of
 * liblmdb and of what GIO does for them count, the test's own do not. Memory is what may be refused: LMDB's and what
 * is tried, not what ends the program as with GLib; what is large is asked for with mmap before.
 *
 * ARBOR_FAULT=CALL:N:STICKY:ERRNO, in numbers, arms a program that it is preloaded into; ARBOR_FAULT_TOLD names a
 * file that is made when something was refused.
 */

#pragma once

typedef enum
{
  FAULT_ALLOC,
  FAULT_OPEN,
  FAULT_READ,
  FAULT_PREAD,
  FAULT_WRITE,
  FAULT_PWRITE,
  FAULT_WRITEV,
  FAULT_SYNC,
  FAULT_FTRUNCATE,
  FAULT_FALLOCATE,
  FAULT_MMAP,
  FAULT_FCNTL,
  FAULT_FSTAT,
  FAULT_THREAD,
  FAULT_POLL,
  FAULT_RENAME,
  N_FAULT_CALLS,
} FaultCall;

/* Before other threads run. @n from 1; 0: only count. */
void faults_arm (FaultCall call, int n, int is_sticky, int reason);
/* How many calls there were since, and how many of them were refused. */
void faults_disarm (int *n_calls, int *n_refused);
