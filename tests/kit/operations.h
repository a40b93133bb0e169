/* Operations with options, called in one line. */

#pragma once

#include <arbor/arbor.h>

static inline ArborSortOptions *
make_sort_options (const ArborSortFlags *flags, gsize n_flags)
{
  ArborSortOptions *options = arbor_sort_options_new ();

  arbor_sort_options_set_flags (options, flags, n_flags);
  return options;
}

/* One flag is that of all keys. */
static inline ArborArbor *
sort_arbor (ArborArbor *arbor, ArborExpr **keys, gsize n_keys, const ArborSortFlags *flags,
            gsize n_flags, GError **error)
{
  g_autoptr (ArborSortOptions) options = make_sort_options (flags, n_flags);

  return arbor_arbor_sort_by (arbor, keys, n_keys, options, error);
}

static inline ArborArbor *
top_of_arbor (ArborArbor *arbor, guint64 k, ArborExpr **keys, gsize n_keys,
              const ArborSortFlags *flags, gsize n_flags, GError **error)
{
  g_autoptr (ArborSortOptions) options = make_sort_options (flags, n_flags);

  return arbor_arbor_top_k (arbor, k, keys, n_keys, options, error);
}

static inline ArborJoinOptions *
make_join_options (ArborExpr **other_keys, gsize n_other_keys, ArborJoinKind kind,
                   const char *suffix)
{
  ArborJoinOptions *options = arbor_join_options_new ();

  arbor_join_options_set_other_keys (options, other_keys, n_other_keys);
  arbor_join_options_set_kind (options, kind);
  arbor_join_options_set_suffix (options, suffix);
  return options;
}

static inline ArborArbor *
join_arbors (ArborArbor *arbor, ArborArbor *other, ArborExpr **keys, gsize n_keys,
             ArborExpr **other_keys, gsize n_other_keys, ArborJoinKind kind, const char *suffix,
             GError **error)
{
  g_autoptr (ArborJoinOptions) options =
      make_join_options (other_keys, n_other_keys, kind, suffix);

  return arbor_arbor_join (arbor, other, keys, n_keys, options, error);
}

static inline ArborArbor *
nest_arbors (ArborArbor *arbor, ArborArbor *other, ArborExpr **keys, gsize n_keys,
             const char *field, ArborNestKind kind, GError **error)
{
  g_autoptr (ArborNestOptions) options = arbor_nest_options_new ();

  arbor_nest_options_set_kind (options, kind);
  return arbor_arbor_nest (arbor, other, keys, n_keys, field, options, error);
}
