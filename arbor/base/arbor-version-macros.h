/* Version macros: which symbols a program may use, and the export mark that every public
 * function carries. Symbols without the mark are hidden from the shared library.
 */

#pragma once

#include <glib.h>

/**
 * ARBOR_MAJOR_VERSION:
 *
 * The first number of the version of the library that a program is compiled against.
 *
 * Since: 1.0
 */
#define ARBOR_MAJOR_VERSION 1

/**
 * ARBOR_MINOR_VERSION:
 *
 * The second number of the version of the library that a program is compiled against.
 *
 * Since: 1.0
 */
#define ARBOR_MINOR_VERSION 0

#ifndef _ARBOR_EXTERN
#define _ARBOR_EXTERN extern __attribute__ ((visibility ("default")))
#endif

#define ARBOR_AVAILABLE_IN_1_0 _ARBOR_EXTERN
