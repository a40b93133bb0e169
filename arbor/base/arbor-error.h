/* The one error domain. Codes are named by what the caller can do about them; their numbers are
 * ABI. Errors of files and of cancelling come through in GIO's own domain.
 */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <glib-object.h>

#include "arbor-version-macros.h"

G_BEGIN_DECLS

/**
 * ArborError:
 * @ARBOR_ERROR_CLOSED: the store, or the iterator, has been closed or was never opened
 * @ARBOR_ERROR_STALE: the stored arbor was replaced or deleted; fetch its name again
 * @ARBOR_ERROR_NOT_FOUND: no arbor, tree or value of that name
 * @ARBOR_ERROR_EXISTS: something of that name exists already
 * @ARBOR_ERROR_INVALID_NAME: a name that no arbor can have
 * @ARBOR_ERROR_INVALID_OPTIONS: an option, or a combination of them, that cannot be
 * @ARBOR_ERROR_INVALID_ARGUMENT: any other argument that cannot be
 * @ARBOR_ERROR_OUT_OF_RANGE: an index past the end
 * @ARBOR_ERROR_PARSE: text that is not JSON
 * @ARBOR_ERROR_EXPRESSION: a mistake in an expression or path
 * @ARBOR_ERROR_TYPE: a value of another kind than asked for
 * @ARBOR_ERROR_CARDINALITY: one value was needed and there are several, or none
 * @ARBOR_ERROR_SCHEMA: data that does not have the shape that was asked for
 * @ARBOR_ERROR_CONFLICT: another writer was first
 * @ARBOR_ERROR_BUSY: another process is writing and did not finish in time
 * @ARBOR_ERROR_READ_ONLY: the store, or its file, cannot be written
 * @ARBOR_ERROR_FULL: the disk or the map is full
 * @ARBOR_ERROR_TOO_MANY_READERS: no reader slot is free
 * @ARBOR_ERROR_CORRUPT: the file is damaged
 * @ARBOR_ERROR_NOT_A_STORE: the file is something else
 * @ARBOR_ERROR_VERSION: the file has a format that this library does not know
 * @ARBOR_ERROR_LIMIT: a documented limit was passed
 * @ARBOR_ERROR_WRONG_PROCESS: the store was opened before a fork, in the parent process
 * @ARBOR_ERROR_NOT_SUPPORTED: something that cannot be done here
 * @ARBOR_ERROR_TEST_FAILED: a test of a JSON Patch does not hold
 *
 * Errors of the library.
 *
 * Since: 1.0
 */
typedef enum
{
  ARBOR_ERROR_CLOSED = 1,
  ARBOR_ERROR_STALE = 2,
  ARBOR_ERROR_NOT_FOUND = 3,
  ARBOR_ERROR_EXISTS = 4,
  ARBOR_ERROR_INVALID_NAME = 5,
  ARBOR_ERROR_INVALID_OPTIONS = 6,
  ARBOR_ERROR_INVALID_ARGUMENT = 7,
  ARBOR_ERROR_OUT_OF_RANGE = 8,
  ARBOR_ERROR_PARSE = 9,
  ARBOR_ERROR_EXPRESSION = 10,
  ARBOR_ERROR_TYPE = 11,
  ARBOR_ERROR_CARDINALITY = 12,
  ARBOR_ERROR_SCHEMA = 13,
  ARBOR_ERROR_CONFLICT = 14,
  ARBOR_ERROR_BUSY = 15,
  ARBOR_ERROR_READ_ONLY = 16,
  ARBOR_ERROR_FULL = 17,
  ARBOR_ERROR_TOO_MANY_READERS = 18,
  ARBOR_ERROR_CORRUPT = 19,
  ARBOR_ERROR_NOT_A_STORE = 20,
  ARBOR_ERROR_VERSION = 21,
  ARBOR_ERROR_LIMIT = 22,
  ARBOR_ERROR_WRONG_PROCESS = 23,
  ARBOR_ERROR_NOT_SUPPORTED = 24,
  ARBOR_ERROR_TEST_FAILED = 25,
} ArborError;

/**
 * ARBOR_ERROR:
 *
 * The error domain of the library; its codes are [error@Arbor.Error].
 *
 * Since: 1.0
 */
#define ARBOR_ERROR (arbor_error_quark ())

ARBOR_AVAILABLE_IN_1_0
GQuark arbor_error_quark (void);

G_END_DECLS
