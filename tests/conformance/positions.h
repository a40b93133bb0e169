/* Random expressions in every position in which the library evaluates one: what the files of the test
 * share. positions-views.c makes arbors, positions-<what>.c says what an expression must come to in some
 * of the positions, test-positions.c tries many.
 */

#pragma once

#include "kit/arbors.h"
#include "random-trees.h"
#include "reference.h"

G_BEGIN_DECLS

/* Another arbor of the same trees, of which nothing is computed. */
typedef ArborArbor *(*ViewFunc) (ArborArbor *base);

typedef struct
{
  char *label;
  ArborArbor *arbor;
  gboolean is_base; /* errors tell places in it, not in another one */
  ViewFunc make;    /* or NULL; it makes arbor of made_of, for each case anew */
  ArborArbor *made_of;
  gboolean takes_memory; /* more to compute than where memory is short */
  Reference *reference;
} View;

typedef struct
{
  StorePlace place;
  GPtrArray *views; /* the first one is large */
} Views;

void views_set_up (Views *self);
void views_clear (Views *self);
void view_renew (View *self);

/* A case that is being tried. */
typedef struct
{
  guint64 number;
  guint32 seed;
  const char *position;
  ArborStore *store; /* of the views that are stored */
  const View *view;
  char *text;
  ArborExpr *expr;
  ArborNode *node;
  const ArborValue *values; /* by rows; of a tree with an error null */
  GError *const *errors;    /* by rows, NULL each where there is none */
  const GError *error;      /* the first of them, or NULL */

  gboolean has_error; /* one was expected or came */
  guint n_failures;
} Case;

/* What is wrong: with tree @tree, or -1. */
void case_fail (Case *self, gint tree, const char *expected, const char *found);
/* TRUE: go on; FALSE: an error was expected or came. */
gboolean case_check_error (Case *self, const GError *found);
/* The same of a condition, which need not be told of trees for which another part is not true. */
gboolean case_check_condition_error (Case *self, const GError *found);
/* How many there are. */
void case_check_number (Case *self, guint64 found, guint64 expected);
/* Lines of @text beside those that are expected, which are told where they differ. */
void case_check_text (Case *self, const char *text, GPtrArray *expected);
/* Lines of @arbor in the same way. Takes @arbor, and @failure, which came instead. */
void case_check_lines (Case *self, ArborArbor *arbor, GPtrArray *expected, GError *failure);

/* Each checks one position; @random is for what is chosen there. */
typedef void (*PositionFunc) (Case *self, GRand *random);
void check_filter (Case *self, GRand *random);
void check_sort (Case *self, GRand *random);
void check_unique (Case *self, GRand *random);
void check_join (Case *self, GRand *random);
void check_update (Case *self, GRand *random);
void check_column (Case *self, GRand *random);
void check_select (Case *self, GRand *random);
void check_added (Case *self, GRand *random);
void check_groups (Case *self, GRand *random);
void check_counts (Case *self, GRand *random);
void check_aggregate (Case *self, GRand *random);

static inline guint
case_get_n (const Case *self)
{
  return reference_get_n_trees (self->view->reference);
}

static inline const char *
case_get_line (const Case *self, guint i)
{
  return reference_get_line (self->view->reference, i);
}

/* As JSON; of a MISSING one NULL. */
static inline char *
case_write (const Case *self, const ArborValue *value)
{
  return reference_write (self->view->reference, value);
}

int case_compare (const Case *self, guint a, guint b);
/* For each tree the first one that has an equal value. */
guint *case_find_firsts (const Case *self);

G_END_DECLS
