/* Literals where they stand: builders that take a C value instead of an expression, which are made of
 * expressions.table as the others are, and texts with places for values. A value never becomes text on
 * its way, so none can be read as code.
 */

#include "arbor-expr-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "base/arbor-error.h"

ArborValue
arbor_expr_text (const char *text)
{
  gsize length = text != NULL ? strlen (text) : 0;

  if (text == NULL || length > G_MAXUINT32 || !g_utf8_validate_len (text, length, NULL))
    return ARBOR_VALUE_STRING (NULL, 0);
  return ARBOR_VALUE_STRING (text, (guint32) length);
}

ArborNode *
arbor_expr_new_literal_node (const ArborValue *value, GError **error)
{
  if (value->kind == ARBOR_KIND_DOUBLE && !isfinite (value->real))
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                   _("A literal must be a finite number, found %g"), value->real);
      return NULL;
    }
  if (value->kind == ARBOR_KIND_STRING && value->text == NULL)
    {
      g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                           _("A literal text must be UTF-8 of 4 GiB at most"));
      return NULL;
    }
  return arbor_node_new_literal (value);
}

ArborExpr *
arbor_expr_new_method_of (const char *function, ArborExpr *self, const ArborValue *values, gsize n,
                          GError **error)
{
  g_autoptr (GPtrArray) nodes = NULL;

  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);

  nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_node_unref);
  g_ptr_array_add (nodes, arbor_node_ref (arbor_expr_get_node (self)));
  for (gsize i = 0; i < n; i++)
    {
      ArborNode *node = arbor_expr_new_literal_node (&values[i], error);

      if (node == NULL)
        return NULL;
      g_ptr_array_add (nodes, node);
    }
  return arbor_expr_new_take (
      arbor_node_new_call (function, (ArborNode **) nodes->pdata, nodes->len, error));
}

/* The call of is_in with @nodes, of which the first is what is looked for. */
static ArborExpr *
new_is_in (GPtrArray *nodes, GError **error)
{
  return arbor_expr_new_take (
      arbor_node_new_call ("is_in", (ArborNode **) nodes->pdata, nodes->len, error));
}

/**
 * arbor_expr_is_in_strings:
 * @self: an expression
 * @candidates: (array zero-terminated=1): texts in UTF-8
 * @error: return location for an error
 *
 * Whether the value equals one of some texts: [method@Arbor.Expr.is_in] without expressions.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when a candidate is not UTF-8, or when the expression becomes larger
 * than an expression may be.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_is_in_strings (ArborExpr *self, const char *const *candidates, GError **error)
{
  g_autoptr (GPtrArray) nodes = NULL;

  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (candidates != NULL, NULL);

  nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_node_unref);
  g_ptr_array_add (nodes, arbor_node_ref (arbor_expr_get_node (self)));
  for (gsize i = 0; candidates[i] != NULL; i++)
    {
      ArborValue value = arbor_expr_text (candidates[i]);
      ArborNode *node = arbor_expr_new_literal_node (&value, error);

      if (node == NULL)
        return NULL;
      g_ptr_array_add (nodes, node);
    }
  return new_is_in (nodes, error);
}

/**
 * arbor_expr_is_in_ints:
 * @self: an expression
 * @candidates: (array length=n_candidates) (nullable): integers
 * @n_candidates: how many
 * @error: return location for an error
 *
 * Whether the value equals one of some integers: [method@Arbor.Expr.is_in] without expressions.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_is_in_ints (ArborExpr *self, const gint64 *candidates, gsize n_candidates,
                       GError **error)
{
  g_autoptr (GPtrArray) nodes = NULL;

  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (candidates != NULL || n_candidates == 0, NULL);
  g_return_val_if_fail (n_candidates < G_MAXUINT32, NULL);

  nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_node_unref);
  g_ptr_array_add (nodes, arbor_node_ref (arbor_expr_get_node (self)));
  for (gsize i = 0; i < n_candidates; i++)
    g_ptr_array_add (nodes, arbor_node_new_literal (&ARBOR_VALUE_INT64 (candidates[i])));
  return new_is_in (nodes, error);
}

/**
 * arbor_expr_parse_with: (constructor)
 * @text: an expression, in UTF-8, with a `?` wherever a value comes from outside
 * @values: (array length=n_values) (nullable): the values, in their order: literals, or any other
 *   expressions
 * @n_values: how many
 * @error: return location for an error
 *
 * Makes an expression from its text form and values: `age > ? and name == ?`. A value is put where its
 * place is, as if it stood in parentheses; it is never read as text, so nothing in it can change what
 * the rest means. Behind `in` a list stands for its elements: `name in ?`. A `?` within quotes is text.
 *
 * Python and JavaScript have `Arbor.expr ("age > ? and name == ?", 30, name)`, C and Vala
 * [func@Arbor.Expr.parsef].
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when @text is not an expression, or has more or fewer places than
 * there are values.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_parse_with (const char *text, ArborExpr **values, gsize n_values, GError **error)
{
  g_autofree ArborNode **nodes = NULL;

  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (arbor_are_exprs (values, n_values), NULL);

  nodes = arbor_exprs_get_nodes (values, n_values);
  return arbor_expr_new_take (arbor_node_parse_with (text, nodes, (guint) n_values, error));
}

/* How long an integer argument is. */
typedef enum
{
  LENGTH_INT,
  LENGTH_LONG,
  LENGTH_LONG_LONG,
  LENGTH_SIZE,
} Length;

static Length
read_length (const char **at)
{
  if (g_str_has_prefix (*at, "ll"))
    {
      *at += 2;
      return LENGTH_LONG_LONG;
    }
  if (**at == 'l' || **at == 'z')
    return *(*at)++ == 'l' ? LENGTH_LONG : LENGTH_SIZE;
  return LENGTH_INT;
}

/* The value of a conversion, which stands at @at; its argument is taken. */
static gboolean
read_value (const char **at, va_list *args, ArborValue *value)
{
  Length length = read_length (at);
  const char *text;

  switch (*(*at)++)
    {
    case 'd':
    case 'i':
      *value = ARBOR_VALUE_INT64 (length == LENGTH_LONG        ? va_arg (*args, long)
                                  : length == LENGTH_LONG_LONG ? va_arg (*args, long long)
                                  : length == LENGTH_SIZE      ? va_arg (*args, gssize)
                                                               : va_arg (*args, int));
      return TRUE;
    case 'u':
      *value = ARBOR_VALUE_UINT64 (length == LENGTH_LONG        ? va_arg (*args, unsigned long)
                                   : length == LENGTH_LONG_LONG ? va_arg (*args, unsigned long long)
                                   : length == LENGTH_SIZE      ? va_arg (*args, gsize)
                                                                : va_arg (*args, unsigned int));
      return TRUE;
    case 'e':
    case 'f':
    case 'g':
      if (length != LENGTH_INT && length != LENGTH_LONG)
        return FALSE;
      *value = ARBOR_VALUE_DOUBLE (va_arg (*args, double));
      return TRUE;
    case 's':
      if (length != LENGTH_INT)
        return FALSE;
      text = va_arg (*args, const char *);
      *value = text != NULL ? arbor_expr_text (text) : ARBOR_VALUE_NULL;
      return TRUE;
    default:
      return FALSE;
    }
}

/* The format with a `?` for each conversion; their values come into @nodes. */
static char *
read_format (const char *format, va_list *args, GPtrArray *nodes, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (const char *at = format; *at != '\0'; at++)
    {
      const char *conversion = at + 1;
      ArborValue value;
      ArborNode *node;

      if (*at != '%' || *conversion == '%')
        {
          at += *at == '%';
          g_string_append_c (text, *at);
          continue;
        }
      if (!read_value (&conversion, args, &value))
        {
          g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                       _("Expected %%d, %%i, %%u, %%f, %%g, %%e, %%s or %%%% at position %zu of the "
                         "format '%s'"),
                       (gsize) (at - format), format);
          return NULL;
        }
      node = arbor_expr_new_literal_node (&value, error);
      if (node == NULL)
        return NULL;
      g_ptr_array_add (nodes, node);
      g_string_append_c (text, '?');
      at = conversion - 1;
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/**
 * arbor_expr_vparsef: (skip)
 * @format: as of [func@Arbor.Expr.parsef]
 * @error: return location for an error
 * @args: the values
 *
 * [func@Arbor.Expr.parsef] for functions that take values themselves.
 *
 * Errors: those of [func@Arbor.Expr.parsef].
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_vparsef (const char *format, GError **error, va_list args)
{
  g_autoptr (GPtrArray) nodes = NULL;
  g_autofree char *text = NULL;
  va_list copy; /* a parameter that may be an array, of which no pointer can be passed on */

  g_return_val_if_fail (format != NULL, NULL);

  /* Of none, too, there is an array: a `?` is a place then as well. */
  nodes = g_ptr_array_new_full (1, (GDestroyNotify) arbor_node_unref);
  va_copy (copy, args);
  text = read_format (format, &copy, nodes, error);
  va_end (copy);
  if (text == NULL)
    return NULL;
  return arbor_expr_new_take (
      arbor_node_parse_with (text, (ArborNode **) nodes->pdata, nodes->len, error));
}

/**
 * arbor_expr_parsef:
 * @format: an expression, in UTF-8, with `%d` and the like wherever a value comes from outside
 * @error: return location for an error
 * @...: the values
 *
 * Makes an expression from its text form and values.
 *
 * ```c
 * adults = arbor_expr_parsef ("age >= %d and name == %s", &error, 18, name);
 * ```
 *
 * A value is never read as text, so nothing in it can change what the rest means, and texts need no
 * quotes. There are `%d`, `%i` and `%u` with the lengths of printf (`%ld`, `%zu`, `%" G_GINT64_FORMAT "`),
 * `%f`, `%g` and `%e` for a double, `%s` for a text in UTF-8 or %NULL for null, and `%%` for the operator
 * `%`. Compilers check them as they check those of printf. A conversion within quotes is an error.
 *
 * Languages with introspection have [ctor@Arbor.Expr.parse_with].
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when @format with its values is not an expression, when a double is
 * infinite or not a number, when a text is not UTF-8, and when a conversion is none of these.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_parsef (const char *format, GError **error, ...)
{
  ArborExpr *self;
  va_list args;

  va_start (args, error);
  self = arbor_expr_vparsef (format, error, args);
  va_end (args);
  return self;
}
