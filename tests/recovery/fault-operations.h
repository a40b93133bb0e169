/* Every public operation that touches a file, in C and as a command. */

#pragma once

#include "fault-place.h"

typedef struct
{
  const char *name;
  /* FALSE with an error. @store is open, or NULL where @opens. */
  gboolean (*run) (FaultPlace *place, ArborStore *store, GError **error);
  gboolean opens;          /* it opens what it works on by itself: a.arbor must not be open */
  gboolean tells_damage;   /* it may succeed and tell that it could not read something */
  const char *command[12]; /* arguments; @a and so on stand for paths */
} FaultOperation;

extern const FaultOperation fault_operations[];
extern const guint n_fault_operations;

/* What @argument of a command is in @place. */
const char *fault_argument (FaultPlace *place, const char *argument);
