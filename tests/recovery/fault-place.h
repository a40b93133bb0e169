/* A folder with all that an operation may need, and what is in it as text, to be compared: names, keys, trees and
 * other files' bytes. The places of files have fixed names.
 */

#pragma once

#include "kit/arbors.h"

typedef struct
{
  char *folder;
  char *store;    /* with keys, edits, free pages */
  char *old;      /* an older backup of it */
  char *first;    /* a store of the first format */
  char *input;    /* JSON Lines */
  char *dump;     /* of another store */
  char *damaged;  /* a store with a damaged column */
  char *new_store; /* not there, as what follows */
  char *new_text;
} FaultPlace;

void fault_place_init (FaultPlace *self, const char *folder);
void fault_place_clear (FaultPlace *self);
/* Makes all files; @fixture is a store of the first format, compressed. Uses the library. */
void fault_place_fill (FaultPlace *self, const char *fixture);
void fault_place_copy (const FaultPlace *self, const FaultPlace *into);
/* All of an open store. NULL with an error where it cannot be read. */
char *fault_store_to_text (ArborStore *store, GError **error);
/* What is there. Problems (damage, files that are left) are added to @problems. */
char *fault_place_to_text (FaultPlace *self, GString *problems);
