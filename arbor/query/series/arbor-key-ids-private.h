/* What numbers of one key (arbor-key-number.c) and of all keys of rows (arbor-key-ids.c) share. */

#pragma once

#include "query/series/arbor-key-ids.h"

G_BEGIN_DECLS

typedef enum
{
  ARBOR_KEY_NUMBERING_DISTANCE,
  ARBOR_KEY_NUMBERING_CODES,
  ARBOR_KEY_NUMBERING_MET, /* means nothing in the next batch */
} ArborKeyNumbering;

/* The numbers of one lane. */
typedef struct
{
  ArborKeyNumbering numbering;
  guint8 kind;
  guint32 first, n; /* ids */
  guint64 base;     /* DISTANCE: of the first id; modulo 2^64 */
  ArborLane lane;   /* CODES: of a dictionary */
  ArborLaneRecord *own; /* NULL, or the lane is a copy, all of which lies here */
} ArborKeyRange;

typedef struct
{
  guint n;
  ArborKeyRange ranges[ARBOR_N_LANE_KINDS];
  guint32 n_ids;
} ArborKeyMeaning;

/* Values by the numbers in which they were met. */
typedef struct
{
  guint16 *slots; /* ids and one; 0 is free */
  guint16 *ids;   /* of each value */
  guint32 *firsts; /* the first value of each id */
  guint32 n;
} ArborKeyMet;

/* For up to @n values. */
void arbor_key_met_init (ArborKeyMet *self, guint32 n, ArborScope *scope);
void arbor_key_met_add_numbers (ArborKeyMet *self, const guint64 *numbers, guint32 n);

/* Ids of one key for all rows. FALSE: its values are not numbered. */
gboolean arbor_key_meaning_find (const ArborPathRows *values, const ArborKeyMeaning *before,
                                 ArborKeyMeaning *meaning, const guint16 **ids, ArborScope *scope);

G_END_DECLS
