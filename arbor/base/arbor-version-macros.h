/* Which functions a program may use, and the mark that every public function carries: without it a
 * symbol is hidden from the shared library.
 *
 * A program that defines %ARBOR_VERSION_MIN_REQUIRED is told of what was deprecated in that version or
 * before, and one that defines %ARBOR_VERSION_MAX_ALLOWED of what came after it. For a new version,
 * 1.2 say: ARBOR_VERSION_1_2, and the blocks of DEPRECATED_IN and AVAILABLE_IN once more with it.
 */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <glib.h>

#include "arbor-version-numbers.h"

#ifndef _ARBOR_EXTERN
#define _ARBOR_EXTERN extern __attribute__ ((visibility ("default")))
#endif

/**
 * ARBOR_DEPRECATED_FOR: (skip)
 * @function: what to use instead
 *
 * A function that compilers warn of.
 *
 * Since: 1.0
 */

/**
 * ARBOR_UNAVAILABLE: (skip)
 * @major: the version that the function came with
 * @minor: its second number
 *
 * A function that is newer than the program wants.
 *
 * Since: 1.0
 */

/**
 * ARBOR_DEPRECATED_IN_1_0_FOR: (skip)
 * @function: what to use instead
 *
 * A function deprecated since 1.0.
 *
 * Since: 1.0
 */

#ifdef ARBOR_DISABLE_DEPRECATION_WARNINGS
#define ARBOR_DEPRECATED _ARBOR_EXTERN
#define ARBOR_DEPRECATED_FOR(function) _ARBOR_EXTERN
#define ARBOR_UNAVAILABLE(major, minor) _ARBOR_EXTERN
#else
#define ARBOR_DEPRECATED G_DEPRECATED _ARBOR_EXTERN
#define ARBOR_DEPRECATED_FOR(function) G_DEPRECATED_FOR (function) _ARBOR_EXTERN
#define ARBOR_UNAVAILABLE(major, minor) G_UNAVAILABLE (major, minor) _ARBOR_EXTERN
#endif

/**
 * ARBOR_VERSION_1_0:
 *
 * Version 1.0, for %ARBOR_VERSION_MIN_REQUIRED and %ARBOR_VERSION_MAX_ALLOWED.
 *
 * Since: 1.0
 */
#define ARBOR_VERSION_1_0 (G_ENCODE_VERSION (1, 0))

#define ARBOR_VERSION_CUR_STABLE (G_ENCODE_VERSION (ARBOR_MAJOR_VERSION, ARBOR_MINOR_VERSION))

/**
 * ARBOR_VERSION_MIN_REQUIRED:
 *
 * The oldest version that a program means to run with, such as %ARBOR_VERSION_1_0. It is for the
 * program to define before it includes `arbor/arbor.h`; else it is the version compiled against.
 * Deprecation warnings are given for what was deprecated in it or before.
 *
 * Since: 1.0
 */
#ifndef ARBOR_VERSION_MIN_REQUIRED
#define ARBOR_VERSION_MIN_REQUIRED (ARBOR_VERSION_CUR_STABLE)
#endif

/**
 * ARBOR_VERSION_MAX_ALLOWED:
 *
 * The newest version whose functions a program means to use. It is for the program to define, not
 * below %ARBOR_VERSION_MIN_REQUIRED; else it is the version compiled against. The compiler warns of
 * functions that came later.
 *
 * Since: 1.0
 */
#ifndef ARBOR_VERSION_MAX_ALLOWED
#define ARBOR_VERSION_MAX_ALLOWED (ARBOR_VERSION_CUR_STABLE)
#endif

#if ARBOR_VERSION_MAX_ALLOWED < ARBOR_VERSION_MIN_REQUIRED
#error "ARBOR_VERSION_MAX_ALLOWED must not be below ARBOR_VERSION_MIN_REQUIRED"
#endif
#if ARBOR_VERSION_MIN_REQUIRED < ARBOR_VERSION_1_0
#error "ARBOR_VERSION_MIN_REQUIRED must be at least ARBOR_VERSION_1_0"
#endif

#if ARBOR_VERSION_MIN_REQUIRED >= ARBOR_VERSION_1_0
#define ARBOR_DEPRECATED_IN_1_0 ARBOR_DEPRECATED
#define ARBOR_DEPRECATED_IN_1_0_FOR(function) ARBOR_DEPRECATED_FOR (function)
#else
#define ARBOR_DEPRECATED_IN_1_0 _ARBOR_EXTERN
#define ARBOR_DEPRECATED_IN_1_0_FOR(function) _ARBOR_EXTERN
#endif

#if ARBOR_VERSION_MAX_ALLOWED < ARBOR_VERSION_1_0
#define ARBOR_AVAILABLE_IN_1_0 ARBOR_UNAVAILABLE (1, 0)
#else
#define ARBOR_AVAILABLE_IN_1_0 _ARBOR_EXTERN
#endif
