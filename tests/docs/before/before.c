#include <arbor/arbor.h>

gboolean stage_one_more (ArborTransaction *transaction, GError **error);
gboolean piece (GCancellable *cancellable, ArborStore *store, ArborArbor *people, ArborExpr *predicate,
                const char *name, const char *hand, int limit, GError **set);

DEFINITIONS
gboolean
piece (GCancellable *cancellable, ArborStore *opened, ArborArbor *people, ArborExpr *predicate, const char *name,
       const char *hand, int limit, GError **set)
{
  ArborArbor *arbor = people;
  ArborTree *tree = NULL;
  ArborExpr *adults = NULL;
  GError *error = NULL;
  gboolean has_tree;
  gint64 sum = 0;
  {
    BLOCK
  }
  return TRUE;
}
