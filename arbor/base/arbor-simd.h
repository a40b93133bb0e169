/* Loops that the compiler vectorises. ARBOR_TARGET_CLONES in front of a function makes it compile
 * the body for several generations of processors; the loader picks one at start. The body must be
 * plain C that means the same on all of them: no sums of floating point numbers, whose order would
 * change. The function must be static: clones of others are exported.
 *
 * Without support for it (other compilers and machines, and sanitizers, whose runtime is not ready
 * when the loader asks) there is one body for all.
 */

#pragma once

#include <glib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ARBOR_TARGET_CLONES
#elif defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__) && !defined(__clang__) &&     \
    __GNUC__ >= 12
#define ARBOR_TARGET_CLONES                                                                        \
  __attribute__ ((target_clones ("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define ARBOR_TARGET_CLONES
#endif
