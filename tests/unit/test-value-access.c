/* Values wherever they lie. The oracle is a model: a tree of structs whose order is plain recursive
 * code, with numbers taken from a list that is sorted by hand. Each model is written as JSON with
 * a random choice among equal number texts and key orders, and put on a tape, into a batch and
 * into overflow text. */

#include <stdlib.h>

#include "base/arbor-error.h"
#include "kit/values.h"

/* Rows ascend; texts of one row are equal numbers. */
static const char *const numbers[][4] = {
  { "-1e400", "-10e399" },
  { "-18446744073709551616", "-18446744073709551616.0", "-1.8446744073709551616e19" },
  { "-9223372036854775809" },
  { "-9223372036854775808", "-9223372036854775808.0" },
  { "-9007199254740993" },
  { "-9007199254740992", "-9007199254740992.0" },
  { "-1.5", "-15e-1" },
  { "-1e-400", "-10e-401" },
  { "0", "-0", "-0.0", "0e7" },
  { "1e-400", "0.1e-399" },
  { "0.5", "5e-1" },
  { "1", "1.0", "10e-1" },
  { "9007199254740992", "9007199254740992.0" },
  { "9007199254740993" },
  { "9007199254740994", "9007199254740994.0" },
  { "9223372036854775807" },
  { "9223372036854775808", "9223372036854775808.0" },
  { "9223372036854775809" },
  { "18446744073709551615" },
  { "18446744073709551616", "18446744073709551616.0" },
  { "18446744073709551617" },
  { "1e308" },
  { "1e400", "10e399" },
};

static const char *const strings[] = { "", "a", "ab", "b", "é", "\xf0\x9f\x8c\xb3" };

typedef struct _Model Model;
struct _Model
{
  int rank; /* false 0, true 1, number 2, string 3, array 4, object 5, null 6 */
  guint scalar;
  guint n;
  Model *children[4];
  guint keys[4]; /* ascending, into strings */
};

static Model *
model_new (guint depth)
{
  Model *self = g_new0 (Model, 1);

  self->rank = g_test_rand_int_range (0, 7);
  if (depth == 0 && (self->rank == 4 || self->rank == 5))
    self->rank = 2;
  self->scalar = g_test_rand_int_range (
      0, self->rank == 2 ? G_N_ELEMENTS (numbers) : G_N_ELEMENTS (strings));
  if (self->rank == 4 || self->rank == 5)
    {
      guint key = 0;

      for (guint i = g_test_rand_int_range (0, 5); i > 0 && key < G_N_ELEMENTS (strings); i--)
        {
          key += g_test_rand_int_range (0, 3);
          if (key >= G_N_ELEMENTS (strings))
            break;
          self->keys[self->n] = key++;
          self->children[self->n++] = model_new (depth - 1);
        }
    }
  return self;
}

static void
model_free (gpointer data)
{
  Model *self = data;

  for (guint i = 0; i < self->n; i++)
    model_free (self->children[i]);
  g_free (self);
}

static int
sign (gint64 number)
{
  return (number > 0) - (number < 0);
}

static int
model_compare (const Model *a, const Model *b)
{
  if (a->rank != b->rank)
    return sign (a->rank - b->rank);
  if (a->rank == 2)
    return sign ((gint64) a->scalar - b->scalar);
  if (a->rank == 3)
    return sign (strcmp (strings[a->scalar], strings[b->scalar]));

  for (guint i = 0; i < MIN (a->n, b->n); i++)
    {
      int order = a->rank == 5 ? sign ((gint64) a->keys[i] - b->keys[i]) : 0;

      if (order == 0)
        order = model_compare (a->children[i], b->children[i]);
      if (order != 0)
        return order;
    }
  return sign ((gint64) a->n - b->n);
}

static void
model_write (const Model *self, GString *out)
{
  guint start = self->n > 0 ? g_test_rand_int_range (0, self->n) : 0;
  guint text;

  switch (self->rank)
    {
    case 0:
      g_string_append (out, "false");
      break;
    case 1:
      g_string_append (out, "true");
      break;
    case 2:
      do
        text = g_test_rand_int_range (0, 4);
      while (numbers[self->scalar][text] == NULL);
      g_string_append (out, numbers[self->scalar][text]);
      break;
    case 3:
      g_string_append_printf (out, "\"%s\"", strings[self->scalar]);
      break;
    case 6:
      g_string_append (out, "null");
      break;
    default:
      g_string_append_c (out, self->rank == 4 ? '[' : '{');
      for (guint i = 0; i < self->n; i++)
        {
          guint child = self->rank == 5 ? (start + i) % self->n : i;

          if (i > 0)
            g_string_append_c (out, ',');
          if (self->rank == 5)
            g_string_append_printf (out, "\"%s\":", strings[self->keys[child]]);
          model_write (self->children[child], out);
        }
      g_string_append_c (out, self->rank == 4 ? ']' : '}');
    }
}

/* Many models, each lying in three places. */

#define N_MODELS 250
#define N_PLACES 3

typedef struct
{
  Model *models[N_MODELS];
  Document *documents[N_MODELS];
  ArborValue values[N_MODELS][N_PLACES];
  TestBatch batch;
  ArborScope *scope;
} World;

static void
world_init (World *self)
{
  self->scope = arbor_scope_new ();
  for (guint i = 0; i < N_MODELS; i++)
    {
      g_autoptr (GString) json = g_string_new (NULL);

      self->models[i] = model_new (3);
      model_write (self->models[i], json);
      self->documents[i] = document_new (json->str);
    }
  test_batch_init (&self->batch, self->documents, N_MODELS);
  for (guint i = 0; i < N_MODELS; i++)
    {
      self->values[i][0] = document_on_tape (self->documents[i]);
      self->values[i][1] = document_as_text (self->documents[i]);
      arbor_batch_get_tree (self->batch.batch, i, &self->values[i][2]);
    }
}

static void
world_clear (World *self)
{
  for (guint i = 0; i < N_MODELS; i++)
    {
      model_free (self->models[i]);
      document_free (self->documents[i]);
    }
  test_batch_clear (&self->batch);
  arbor_scope_free (self->scope);
}

/* Agreeing with the model, which is a total order, is being one. */
static void
test_order (void)
{
  for (guint round = 0; round < 4; round++)
    {
      World world;

      world_init (&world);
      for (guint i = 0; i < N_MODELS; i++)
        for (guint j = 0; j < N_MODELS; j++)
          {
            const ArborValue *a = &world.values[i][(i + j) % N_PLACES];
            const ArborValue *b = &world.values[j][(i + j / 3) % N_PLACES];
            int expected = model_compare (world.models[i], world.models[j]);
            int order = arbor_value_compare (a, b, world.scope);

            if (sign (order) != expected ||
                arbor_value_equal (a, b, world.scope) != (expected == 0))
              g_error ("%s and %s compare as %d", world.documents[i]->text,
                       world.documents[j]->text, order);
            if (expected == 0 &&
                arbor_value_hash (a, world.scope) != arbor_value_hash (b, world.scope))
              g_error ("%s and %s hash differently", world.documents[i]->text,
                       world.documents[j]->text);
          }
      g_assert_true (arbor_scope_check (world.scope, NULL));
      world_clear (&world);
    }
}

/* A hash that is the same for all would agree, too. */
static void
test_hash_differs (void)
{
  static const char *const distinct[] = {
    "null", "false", "true", "0", "1", "-1", "2", "0.5", "\"\"", "\"0\"", "\"a\"", "[]", "{}",
    "[[]]", "[null]", "[0]", "[0,0]", "[[0]]", "[0,1]", "[1,0]", "{\"a\":0}", "{\"b\":0}",
    "{\"a\":1}", "{\"a\":0,\"b\":1}", "{\"a\":1,\"b\":0}", "[{}]", "{\"a\":{}}", "{\"a\":[]}",
    "{\"\":0}",
  };
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  ArborValue missing = ARBOR_VALUE_MISSING;
  gint64 hash = (gint64) arbor_value_hash (&missing, scope);

  g_hash_table_add (seen, g_memdup2 (&hash, sizeof hash));
  for (guint i = 0; i < G_N_ELEMENTS (distinct); i++)
    {
      Document *document = document_new (distinct[i]);
      ArborValue value = document_on_tape (document);

      hash = (gint64) arbor_value_hash (&value, scope);
      if (!g_hash_table_add (seen, g_memdup2 (&hash, sizeof hash)))
        g_error ("%s hashes like another", distinct[i]);
      document_free (document);
    }
}

/* Text is the same wherever the value lies: that of the tape. */
static void
test_json (void)
{
  World world;
  ArborTapeWriter *writer = arbor_tape_writer_new ();

  world_init (&world);
  for (guint i = 0; i < N_MODELS; i++)
    {
      ArborBuffer expected = { 0 };

      arbor_tape_write_json (&world.documents[i]->tape, ARBOR_TAPE_ROOT, &expected);
      arbor_buffer_append_byte (&expected, 0);
      for (guint place = 0; place < N_PLACES; place++)
        {
          g_autofree char *json = value_to_json (&world.values[i][place], world.scope);
          ArborBuffer copied = { 0 };
          ArborTape tape;

          g_assert_cmpstr (json, ==, (const char *) expected.data);

          arbor_tape_writer_reset (writer);
          arbor_value_write_tape (&world.values[i][place], world.scope, writer);
          arbor_tape_writer_finish (writer, &tape);
          arbor_tape_write_json (&tape, ARBOR_TAPE_ROOT, &copied);
          arbor_buffer_append_byte (&copied, 0);
          g_assert_cmpstr ((const char *) copied.data, ==, (const char *) expected.data);
          arbor_buffer_free (&copied);
        }
      arbor_buffer_free (&expected);
    }
  arbor_tape_writer_free (writer);
  world_clear (&world);
}

static const Model *
find_key (const Model *model, guint key)
{
  for (guint i = 0; i < model->n; i++)
    if (model->rank == 5 && model->keys[i] == key)
      return model->children[i];
  return NULL;
}

static int
value_rank (const ArborValue *value)
{
  static const int ranks[ARBOR_N_KINDS] = { 7, 6, 0, 2, 2, 2, 2, 3, 4, 5 };

  return value->kind == ARBOR_KIND_BOOL ? !!value->boolean : ranks[value->kind];
}

static void
test_children (void)
{
  World world;

  world_init (&world);
  for (guint i = 0; i < N_MODELS; i++)
    for (guint place = 0; place < N_PLACES; place++)
      {
        const Model *model = world.models[i];
        const ArborValue *value = &world.values[i][place];
        ArborValue child, other;
        ArborValueIter iter;
        const char *key;
        guint32 length;
        guint n = 0;

        g_assert_cmpuint (arbor_value_get_length (value, world.scope), ==, model->n);

        for (guint k = 0; k < G_N_ELEMENTS (strings); k++)
          {
            const Model *expected = find_key (model, k);

            arbor_value_get_member (value, strings[k], strlen (strings[k]), world.scope, &child);
            g_assert_cmpint (value_rank (&child), ==, expected != NULL ? expected->rank : 7);
          }

        for (int k = -6; k <= 5; k++)
          {
            int at = k < 0 ? k + (int) model->n : k;

            arbor_value_get_element (value, k, world.scope, &child);
            g_assert_cmpint (value_rank (&child), ==,
                             model->rank == 4 && at >= 0 && at < (int) model->n
                                 ? model->children[at]->rank
                                 : 7);
          }

        arbor_value_iter_init (&iter, value, world.scope);
        while (arbor_value_iter_next (&iter, &key, &length, &child))
          {
            if (model->rank == 5)
              arbor_value_get_member (value, key, length, world.scope, &other);
            else
              arbor_value_get_element (value, n, world.scope, &other);
            g_assert_cmpint (arbor_value_compare (&child, &other, world.scope), ==, 0);
            n++;
          }
        g_assert_cmpuint (n, ==, model->n);
      }
  g_assert_true (arbor_scope_check (world.scope, NULL));
  world_clear (&world);
}

static void
test_duplicate_keys (void)
{
  static const struct
  {
    const char *json, *expected;
    guint n;
  } cases[] = {
    { "{\"a\":1,\"a\":2}", "{\"a\":2}", 1 },
    { "{\"a\":1,\"b\":2,\"a\":[3]}", "{\"a\":[3],\"b\":2}", 2 },
    { "{\"a\":1,\"b\":2,\"b\":3,\"a\":4,\"c\":5}", "{\"a\":4,\"b\":3,\"c\":5}", 3 },
    { "{\"0\":0,\"1\":1,\"2\":2,\"3\":3,\"4\":4,\"5\":5,\"6\":6,\"7\":7,\"8\":8,\"9\":9,\"3\":-3,"
      "\"0\":-0.5,\"10\":10,\"3\":-33}",
      "{\"0\":-0.5,\"1\":1,\"2\":2,\"3\":-33,\"4\":4,\"5\":5,\"6\":6,\"7\":7,\"8\":8,\"9\":9,"
      "\"10\":10}",
      11 },
    { "{\"x\":{\"a\":1,\"a\":2},\"x\":{\"b\":1,\"b\":{}}}", "{\"x\":{\"b\":{}}}", 1 },
  };
  g_autoptr (ArborScope) scope = arbor_scope_new ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Document *document = document_new (cases[i].json);
      Document *plain = document_new (cases[i].expected);
      ArborValue expected = document_on_tape (plain);
      ArborValue values[] = { document_on_tape (document), document_as_text (document) };

      for (guint j = 0; j < G_N_ELEMENTS (values); j++)
        {
          g_autofree char *json = value_to_json (&values[j], scope);
          g_autoptr (GString) walked = g_string_new (NULL);
          ArborValueIter iter;
          ArborValue child, member;
          const char *key;
          guint32 length;

          g_assert_cmpstr (json, ==, cases[i].expected);
          g_assert_cmpuint (arbor_value_get_length (&values[j], scope), ==, cases[i].n);
          g_assert_cmpint (arbor_value_compare (&values[j], &expected, scope), ==, 0);
          g_assert_cmpuint (arbor_value_hash (&values[j], scope), ==,
                            arbor_value_hash (&expected, scope));

          arbor_value_iter_init (&iter, &values[j], scope);
          while (arbor_value_iter_next (&iter, &key, &length, &child))
            {
              g_autofree char *child_json = value_to_json (&child, scope);

              g_string_append_printf (walked, "%s\"%.*s\":%s", walked->len > 0 ? "," : "{",
                                      (int) length, key, child_json);
              arbor_value_get_member (&values[j], key, length, scope, &member);
              g_assert_true (arbor_value_equal (&member, &child, scope));
            }
          g_string_append_c (walked, '}');
          g_assert_cmpstr (walked->str, ==, cases[i].expected);
        }
      document_free (document);
      document_free (plain);
    }
}

static void
test_list (void)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  Document *document = document_new ("[{\"k\":[1,2]},\"text\"]");
  Document *same = document_new ("[1.0,[{\"k\":[1,2]},\"text\"],null,null]");
  ArborValue values[] = { ARBOR_VALUE_INT64 (1), document_as_text (document), ARBOR_VALUE_NULL,
                          ARBOR_VALUE_MISSING };
  ArborValue list = { .kind = ARBOR_KIND_ARRAY,
                      .holder_kind = ARBOR_HOLDER_LIST,
                      .index = 4,
                      .holder = values };
  ArborValue other = document_on_tape (same);
  ArborValue element;
  g_autofree char *json = value_to_json (&list, scope);

  g_assert_cmpstr (json, ==, "[1,[{\"k\":[1,2]},\"text\"],null,null]");
  g_assert_cmpuint (arbor_value_get_length (&list, scope), ==, 4);
  arbor_value_get_element (&list, -4, scope, &element);
  g_assert_cmpint (element.int64, ==, 1);
  arbor_value_get_element (&list, 4, scope, &element);
  g_assert_cmpint (element.kind, ==, ARBOR_KIND_MISSING);
  g_assert_cmpint (arbor_value_compare (&list, &other, scope), ==, 1); /* MISSING after null */
  list.index = 3;
  g_assert_cmpint (arbor_value_compare (&list, &other, scope), ==, -1);
  document_free (document);
  document_free (same);
}

static void
test_missing (void)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  ArborValue missing = ARBOR_VALUE_MISSING;
  ArborValue null = ARBOR_VALUE_NULL;
  ArborValue number = ARBOR_VALUE_INT64 (7);
  ArborValue result;
  ArborValueIter iter;
  g_autofree char *json = value_to_json (&missing, scope);

  g_assert_cmpstr (json, ==, "null");
  g_assert_cmpint (arbor_value_compare (&null, &missing, scope), ==, -1);
  g_assert_cmpint (arbor_value_compare (&missing, &missing, scope), ==, 0);
  g_assert_cmpint (arbor_value_compare (&number, &null, scope), ==, -1);
  g_assert_cmpuint (arbor_value_get_length (&number, scope), ==, 0);
  arbor_value_get_member (&number, "a", 1, scope, &result);
  g_assert_cmpint (result.kind, ==, ARBOR_KIND_MISSING);
  arbor_value_get_element (&missing, 0, scope, &result);
  g_assert_cmpint (result.kind, ==, ARBOR_KIND_MISSING);
  arbor_value_iter_init (&iter, &number, scope);
  g_assert_false (arbor_value_iter_next (&iter, NULL, NULL, &result));
}

/* As deep as a tree can be. */
static void
test_deep (void)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  Document *documents[2];
  ArborValue values[2][3];
  TestBatch batch;

  for (guint i = 0; i < 1023; i++)
    g_string_append (text, i % 2 == 0 ? "{\"a\":" : "[");
  g_string_append (text, "{\"z\":1}");
  for (guint i = 1023; i-- > 0;)
    g_string_append_c (text, i % 2 == 0 ? '}' : ']');

  documents[0] = document_new (text->str);
  *strchr (text->str, '1') = '2';
  documents[1] = document_new (text->str);
  test_batch_init (&batch, documents, 2);
  for (guint i = 0; i < 2; i++)
    {
      values[i][0] = document_on_tape (documents[i]);
      values[i][1] = document_as_text (documents[i]);
      arbor_batch_get_tree (batch.batch, i, &values[i][2]);
    }

  for (guint i = 0; i < 3; i++)
    for (guint j = 0; j < 3; j++)
      {
        g_autofree char *json = value_to_json (&values[0][i], scope);

        g_assert_cmpstr (json, ==, documents[0]->text);
        g_assert_cmpint (arbor_value_compare (&values[0][i], &values[0][j], scope), ==, 0);
        g_assert_cmpint (arbor_value_compare (&values[0][i], &values[1][j], scope), ==, -1);
        g_assert_cmpuint (arbor_value_hash (&values[0][i], scope), ==,
                          arbor_value_hash (&values[0][j], scope));
        g_assert_cmpuint (arbor_value_hash (&values[0][i], scope), !=,
                          arbor_value_hash (&values[1][j], scope));
      }
  test_batch_clear (&batch);
  document_free (documents[0]);
  document_free (documents[1]);
}

static void
test_damaged (void)
{
  static const struct
  {
    ArborKind kind;
    const char *text;
  } cases[] = { { ARBOR_KIND_ARRAY, "[1," },
                { ARBOR_KIND_ARRAY, "{}" },
                { ARBOR_KIND_OBJECT, "7" },
                { ARBOR_KIND_OBJECT, "" } };
  g_autoptr (ArborScope) scope = arbor_scope_new ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ArborValue value = { .kind = cases[i].kind,
                           .holder_kind = ARBOR_HOLDER_TEXT,
                           .text = cases[i].text,
                           .length = (guint32) strlen (cases[i].text) };
      ArborValue inside[] = { ARBOR_VALUE_INT64 (1), value };
      ArborValue list = { .kind = ARBOR_KIND_ARRAY,
                          .holder_kind = ARBOR_HOLDER_LIST,
                          .index = 2,
                          .holder = inside };
      ArborValue child;
      g_autofree char *json = value_to_json (&value, scope);
      g_autofree char *list_json = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_cmpstr (json, ==, "null");
      g_assert_false (arbor_scope_check (scope, &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT);

      list_json = value_to_json (&list, scope);
      g_assert_cmpstr (list_json, ==, "[1,null]");
      g_assert_false (arbor_scope_check (scope, NULL));

      arbor_value_get_member (&value, "a", 1, scope, &child);
      g_assert_cmpint (child.kind, ==, ARBOR_KIND_MISSING);
      arbor_value_get_element (&value, 0, scope, &child);
      g_assert_cmpint (child.kind, ==, ARBOR_KIND_MISSING);
      g_assert_cmpuint (arbor_value_get_length (&value, scope), ==, 0);
      g_assert_false (arbor_scope_check (scope, NULL));

      arbor_value_compare (&value, &value, scope);
      g_assert_false (arbor_scope_check (scope, NULL));
      arbor_value_hash (&value, scope);
      g_assert_false (arbor_scope_check (scope, NULL));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/value-access/order", test_order);
  g_test_add_func ("/value-access/hash-differs", test_hash_differs);
  g_test_add_func ("/value-access/json", test_json);
  g_test_add_func ("/value-access/children", test_children);
  g_test_add_func ("/value-access/duplicate-keys", test_duplicate_keys);
  g_test_add_func ("/value-access/list", test_list);
  g_test_add_func ("/value-access/missing", test_missing);
  g_test_add_func ("/value-access/deep", test_deep);
  g_test_add_func ("/value-access/damaged", test_damaged);
  return g_test_run ();
}
