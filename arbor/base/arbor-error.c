/* The error domain and the names of kinds. See arbor-error.h. */

#include "base/arbor-error.h"

#include "base/arbor-value.h"

/**
 * arbor_error_quark:
 *
 * The quark of [error@Arbor.Error]. Any thread may call this.
 *
 * Returns: the quark
 *
 * Since: 1.0
 */
G_DEFINE_QUARK (arbor-error-quark, arbor_error)

/**
 * arbor_kind_to_string:
 * @kind: a kind
 *
 * The name of a kind as it stands in schemas and messages: "missing", "null", "bool", "int",
 * "uint", "double", "number", "string", "array" or "object". Any thread may call this.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *
arbor_kind_to_string (ArborKind kind)
{
  static const char names[ARBOR_N_KINDS][8] = { "missing", "null",   "bool",   "int",   "uint",
                                                "double",  "number", "string", "array", "object" };

  g_return_val_if_fail ((guint) kind < ARBOR_N_KINDS, "missing");

  return names[kind];
}
