/* See arbor-distinct.h. A hash's upper bits choose the register; a register holds the most leading
 * zeros, and one, that the rest of such a hash had.
 */

#include "query/make/arbor-distinct.h"

#include <math.h>

#define BITS        14u
#define N_REGISTERS (1u << BITS)
#define MAX_RANK    (64u - BITS + 1)
#define FIRST_SLOTS 8u

void
arbor_distinct_clear (ArborDistinct *self)
{
  g_free (self->slots);
  g_free (self->registers);
  *self = (ArborDistinct){ 0 };
}

/* Every bit of the result depends on every bit of the hash; one to one. */
static guint64
mix (guint64 hash)
{
  hash = (hash ^ (hash >> 32)) * G_GUINT64_CONSTANT (0xD6E8FEB86659FD93);
  hash = (hash ^ (hash >> 32)) * G_GUINT64_CONSTANT (0xD6E8FEB86659FD93);
  return hash ^ (hash >> 32);
}

static void
set_register (ArborDistinct *self, guint64 hash)
{
  guint32 at = (guint32)(hash >> (64 - BITS));
  guint64 rest = hash << BITS;
  guint8 rank = rest == 0 ? MAX_RANK : (guint8)(__builtin_clzll (rest) + 1);

  self->registers[at] = MAX (self->registers[at], rank);
}

static guint64 *
find_slot (guint64 *slots, guint32 n_slots, guint64 hash)
{
  guint32 at = (guint32)hash & (n_slots - 1);

  while (slots[at] != 0 && slots[at] != hash)
    at = (at + 1) & (n_slots - 1);
  return &slots[at];
}

static gboolean
make_registers (ArborDistinct *self, ArborCharge *charge, GError **error)
{
  self->registers = arbor_charge_alloc (charge, N_REGISTERS, 1, error);
  if (self->registers == NULL)
    return FALSE;
  memset (self->registers, 0, N_REGISTERS);
  for (guint32 i = 0; i < self->n_slots; i++)
    if (self->slots[i] != 0)
      set_register (self, self->slots[i]);
  arbor_charge_subtract (charge, self->n_slots * sizeof (guint64));
  g_clear_pointer (&self->slots, g_free);
  self->n_slots = 0;
  return TRUE;
}

static gboolean
grow_slots (ArborDistinct *self, ArborCharge *charge, GError **error)
{
  guint32 n_slots = MAX (self->n_slots * 2, FIRST_SLOTS);
  guint64 *slots = arbor_charge_alloc (charge, n_slots, sizeof (guint64), error);

  if (slots == NULL)
    return FALSE;
  memset (slots, 0, n_slots * sizeof (guint64));
  for (guint32 i = 0; i < self->n_slots; i++)
    if (self->slots[i] != 0)
      *find_slot (slots, n_slots, self->slots[i]) = self->slots[i];
  arbor_charge_subtract (charge, self->n_slots * sizeof (guint64));
  g_free (self->slots);
  self->slots = slots;
  self->n_slots = n_slots;
  return TRUE;
}

gboolean
arbor_distinct_add (ArborDistinct *self, guint64 hash, ArborCharge *charge, GError **error)
{
  guint64 *slot;

  hash = mix (hash);
  if (self->registers != NULL)
    {
      set_register (self, hash);
      return TRUE;
    }
  hash = MAX (hash, 1); /* 0 is a free slot */
  if (self->n >= self->n_slots / 2 && self->n < ARBOR_DISTINCT_EXACT &&
      !grow_slots (self, charge, error))
    return FALSE;
  slot = find_slot (self->slots, self->n_slots, hash);
  if (*slot != 0)
    return TRUE;
  if (self->n == ARBOR_DISTINCT_EXACT)
    {
      if (!make_registers (self, charge, error))
        return FALSE;
      set_register (self, hash);
      return TRUE;
    }
  *slot = hash;
  self->n++;
  return TRUE;
}

/* x + x^2 + 2 x^4 + 4 x^8 + ..., for the registers that are still empty. */
static double
get_sigma (double x)
{
  double power = 1, sum = x, before;

  if (x == 1)
    return HUGE_VAL;
  do
    {
      x *= x;
      before = sum;
      sum += x * power;
      power += power;
    }
  while (sum != before);
  return sum;
}

/* The same at the other end, for those that are full. */
static double
get_tau (double x)
{
  double power = 1, sum = 1 - x, before;

  if (x == 0 || x == 1)
    return 0;
  do
    {
      x = sqrt (x);
      before = sum;
      power /= 2;
      sum -= (1 - x) * (1 - x) * power;
    }
  while (sum != before);
  return sum / 3;
}

guint64
arbor_distinct_get_count (const ArborDistinct *self)
{
  guint32 n_rank[MAX_RANK + 1] = { 0 };
  const double n = N_REGISTERS;
  double sum;

  if (self->registers == NULL)
    return self->n;
  for (guint32 i = 0; i < N_REGISTERS; i++)
    n_rank[self->registers[i]]++;
  sum = n * get_tau (1 - n_rank[MAX_RANK] / n);
  for (guint rank = MAX_RANK - 1; rank > 0; rank--)
    sum = (sum + n_rank[rank]) / 2;
  sum += n * get_sigma (n_rank[0] / n);
  return (guint64)llround (n * n / (2 * G_LN2 * sum));
}
