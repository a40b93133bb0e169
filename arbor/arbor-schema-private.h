/* How a schema is made: from whole batches by their columns, or tree by tree. Both ways give the
 * same schema for the same trees. The one who makes it adds all before sharing it; nothing is added
 * once it was asked for its fields. Whoever owns the scope checks it afterwards for damaged text. */

#pragma once

#include "arbor-schema.h"
#include "batch/arbor-batch.h"
#include "batch/arbor-scope.h"

G_BEGIN_DECLS

ArborSchema *arbor_schema_new (void);
void arbor_schema_add_batch (ArborSchema *self, const ArborBatch *batch, ArborScope *scope);
void arbor_schema_add_tree (ArborSchema *self, const ArborValue *tree, ArborScope *scope);
/* Once all is added: the schema to be shared, with dictionaries as one path. */
ArborSchema *arbor_schema_collapse (ArborSchema *self);

G_END_DECLS
