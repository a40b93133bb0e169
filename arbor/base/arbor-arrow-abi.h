/* The structs of the Arrow C data and C stream interfaces, word for word as
 * https://arrow.apache.org/docs/format/CDataInterface.html and CStreamInterface.html have them: an ABI,
 * which every library that speaks Arrow declares for itself behind the same guards.
 */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef __GI_SCANNER__

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema
{
  const char *format;
  const char *name;
  const char *metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema **children;
  struct ArrowSchema *dictionary;
  void (*release) (struct ArrowSchema *);
  void *private_data;
};

struct ArrowArray
{
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void **buffers;
  struct ArrowArray **children;
  struct ArrowArray *dictionary;
  void (*release) (struct ArrowArray *);
  void *private_data;
};

#endif /* ARROW_C_DATA_INTERFACE */

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream
{
  int (*get_schema) (struct ArrowArrayStream *, struct ArrowSchema *out);
  int (*get_next) (struct ArrowArrayStream *, struct ArrowArray *out);
  const char *(*get_last_error) (struct ArrowArrayStream *);
  void (*release) (struct ArrowArrayStream *);
  void *private_data;
};

#endif /* ARROW_C_STREAM_INTERFACE */

#endif /* __GI_SCANNER__ */

#ifdef __cplusplus
}
#endif
