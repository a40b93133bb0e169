/* Expressions as instructions for the machine of series: arguments before calls. Equal parts that stand
 * outside of walks are computed once, where they first stand behind nothing that could leave places
 * of them out.
 */

#include "query/series/arbor-series-program-private.h"

/* Common parts that are kept for a run, at most: each takes the memory of a strip. */
#define MAX_SLOTS 32u
/* Larger parts are not looked for: comparing them has a price. */
#define MAX_COMMON 1000u

typedef struct
{
  const ArborNode *node;
  guint32 n_done;
  gboolean narrows;
  guint32 load; /* the instruction that may skip all of it; NONE */
} Pending;

#define NONE G_MAXUINT32

typedef struct
{
  ArborSeriesProgram *program;
  GArray *pending;
  guint32 n_loops;
  guint32 n_wanted;
  GHashTable *counts; /* of calls that may be common: how often they stand in the expression */
  GHashTable *slots;  /* of those that were stored: the slot, and one */
} Compiler;

static void
emit (ArborSeriesProgram *self, ArborSeriesOperation operation, const ArborNode *node, guint32 n)
{
  ArborSeriesInstruction instruction = { .operation = operation, .node = node, .n = n };

  if (operation == ARBOR_SERIES_OP_PATH || operation == ARBOR_SERIES_OP_ELEMENT)
    {
      ArborSeriesPath path;

      arbor_series_path_init (&path, node->path);
      instruction.path = self->paths->len;
      g_array_append_val (self->paths, path);
    }
  g_array_append_val (self->instructions, instruction);
}

/* Common parts */

static gboolean
may_be_common (const ArborNode *node)
{
  return node->kind == ARBOR_NODE_CALL && !node->has_element && !node->is_vector &&
         node->n_nodes > 1 && node->n_nodes <= MAX_COMMON;
}

static guint
hash_node (gconstpointer node)
{
  return arbor_node_hash (node);
}

static gboolean
equal_nodes (gconstpointer a, gconstpointer b)
{
  return arbor_node_equal (a, b);
}

/* Not into what is there already: its parts are computed once with it. */
static void
count_parts (Compiler *compiler)
{
  g_autoptr (GPtrArray) pending = g_ptr_array_new ();

  compiler->counts = g_hash_table_new (hash_node, equal_nodes);
  compiler->slots = g_hash_table_new (hash_node, equal_nodes);
  g_ptr_array_add (pending, compiler->program->node);
  while (pending->len > 0)
    {
      ArborNode *node = g_ptr_array_steal_index_fast (pending, pending->len - 1);
      gsize n = 0;

      if (may_be_common (node))
        {
          n = GPOINTER_TO_SIZE (g_hash_table_lookup (compiler->counts, node));
          g_hash_table_insert (compiler->counts, node, GSIZE_TO_POINTER (n + 1));
        }
      for (guint32 i = 0; n == 0 && i < node->n_arguments; i++)
        if (node->arguments[i]->kind == ARBOR_NODE_CALL)
          g_ptr_array_add (pending, node->arguments[i]);
    }
}

static gboolean
is_common (const Compiler *compiler, const ArborNode *node)
{
  return compiler->n_loops == 0 && may_be_common (node) &&
         GPOINTER_TO_SIZE (g_hash_table_lookup (compiler->counts, node)) > 1;
}

/* Before a part whose value may be there already. */
static guint32
emit_load (Compiler *compiler, const ArborNode *node)
{
  ArborSeriesProgram *self = compiler->program;
  gsize slot = is_common (compiler, node)
                   ? GPOINTER_TO_SIZE (g_hash_table_lookup (compiler->slots, node))
                   : 0;
  ArborSeriesInstruction load = { .operation = ARBOR_SERIES_OP_LOAD };

  if (slot == 0)
    return NONE;
  load.slot = (guint32) slot - 1;
  g_array_append_val (self->instructions, load);
  return self->instructions->len - 1;
}

/* Behind a part: it is stored where all its places were computed, or is what the load stands for. */
static void
emit_store (Compiler *compiler, const Pending *pending)
{
  ArborSeriesProgram *self = compiler->program;
  ArborSeriesInstruction store = { .operation = ARBOR_SERIES_OP_STORE };

  if (pending->load != NONE)
    g_array_index (self->instructions, ArborSeriesInstruction, pending->load).target =
        self->instructions->len;
  else if (compiler->n_wanted == 0 && self->n_slots < MAX_SLOTS &&
           is_common (compiler, pending->node))
    {
      store.slot = self->n_slots++;
      g_hash_table_insert (compiler->slots, (gpointer) pending->node,
                           GSIZE_TO_POINTER ((gsize) store.slot + 1));
      g_array_append_val (self->instructions, store);
    }
}

/* Nodes */

static void
emit_leaf (Compiler *compiler, const ArborNode *node)
{
  if (node->kind == ARBOR_NODE_LITERAL)
    emit (compiler->program, ARBOR_SERIES_OP_CONSTANT, node, 0);
  else if (node->kind == ARBOR_NODE_PATH)
    emit (compiler->program, ARBOR_SERIES_OP_PATH, node, 0);
  else
    emit (compiler->program, ARBOR_SERIES_OP_ELEMENT, node,
          compiler->n_loops > 0 ? compiler->n_loops - 1 : ARBOR_SERIES_NO_LOOP);
}

static gboolean
may_narrow (const ArborNode *node)
{
  return node->kind == ARBOR_NODE_CALL && !node->is_vector &&
         (node->function->stops_at != ARBOR_STOPS_NEVER ||
          node->function->syntax == ARBOR_SYNTAX_CHOICE);
}

static void
emit_between (Compiler *compiler, Pending *pending)
{
  ArborSeriesProgram *self = compiler->program;
  const ArborNode *node = pending->node;
  const ArborFunction *function = node->function;

  if (pending->n_done == 0)
    return;
  if (may_narrow (node) && pending->n_done < node->n_arguments)
    {
      compiler->n_wanted += !pending->narrows;
      self->max_wanted = MAX (self->max_wanted, compiler->n_wanted);
      pending->narrows = TRUE;
      if (function->syntax != ARBOR_SYNTAX_CHOICE)
        emit (self, ARBOR_SERIES_OP_STOP, node, pending->n_done);
      else
        emit (self, pending->n_done % 2 == 1 ? ARBOR_SERIES_OP_CONDITION : ARBOR_SERIES_OP_OTHERWISE, node,
              pending->n_done);
    }
  else if (function->walks && pending->n_done == 1 && node->n_arguments > 1)
    {
      emit (self, ARBOR_SERIES_OP_EACH, node, 0);
      compiler->n_loops++;
      self->max_loops = MAX (self->max_loops, compiler->n_loops);
    }
  else if (function->walks && pending->n_done == 2)
    {
      emit (self, ARBOR_SERIES_OP_NEXT, node, 0);
      compiler->n_loops--;
    }
}

static void
emit_call (Compiler *compiler, const Pending *pending)
{
  const ArborNode *node = pending->node;

  if (pending->narrows)
    {
      emit (compiler->program, ARBOR_SERIES_OP_JOIN, node, 0);
      compiler->n_wanted--;
    }
  compiler->program->needs_objects |= (node->field & ARBOR_NODE_FIELD_OF_OBJECT) != 0;
  emit (compiler->program, node->is_vector && !node->function->spreads ? ARBOR_SERIES_OP_MAP : ARBOR_SERIES_OP_CALL, node,
        node->n_arguments);
}

void
arbor_series_program_compile (ArborSeriesProgram *self)
{
  g_autoptr (GArray) pending = g_array_new (FALSE, FALSE, sizeof (Pending));
  Compiler compiler = { .program = self };
  Pending root = { .node = self->node, .load = NONE };
  guint32 depth = 0;

  count_parts (&compiler);
  g_array_append_val (pending, root);
  while (pending->len > 0)
    {
      Pending *top = &g_array_index (pending, Pending, pending->len - 1);
      const ArborNode *node = top->node;

      if (node->kind == ARBOR_NODE_CALL)
        emit_between (&compiler, top);
      if (top->n_done < node->n_arguments)
        {
          Pending next = { .node = node->arguments[top->n_done++] };

          next.load = emit_load (&compiler, next.node);
          g_array_append_val (pending, next);
          continue;
        }
      if (node->kind == ARBOR_NODE_CALL)
        {
          emit_call (&compiler, top);
          emit_store (&compiler, top);
        }
      else
        {
          emit_leaf (&compiler, node);
        }
      depth += 1 - node->n_arguments;
      self->max_depth = MAX (self->max_depth, depth + node->n_arguments);
      g_array_set_size (pending, pending->len - 1);
    }
  g_hash_table_unref (compiler.counts);
  g_hash_table_unref (compiler.slots);
}
