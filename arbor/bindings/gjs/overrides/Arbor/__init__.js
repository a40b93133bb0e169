/* What JavaScript adds to the introspected library: iteration, promises, native values, default
 * arguments, literals in expressions. GJS gives every integer as a Number, which holds integers up to
 * 2^53 only; native values have BigInt beyond. docs/bindings.md tells users what is here.
 *
 * A file for each class extends it; json, values, calls and builders are what these have in common.
 */

/* exported _init */

function _init() {
    for (const name of ['load', 'expr', 'tree', 'arbor', 'query', 'iter', 'column', 'cursor', 'groups',
        'store', 'transaction', 'list_model'])
        imports.overrides.Arbor[name].extend();
}
