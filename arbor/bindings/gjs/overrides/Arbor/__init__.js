/* What JavaScript adds to the introspected library: iteration, promises, native values, default
 * arguments, literals in expressions. GJS gives every integer as a Number, which holds integers up to
 * 2^53 only; native values have BigInt beyond. docs/bindings.md tells users what is here.
 *
 * conform.js gives all functions what they have in common, then a file for each class extends it; json,
 * values, calls, builders and asynchronous are what these share.
 */

/* exported _init */

function _init() {
    imports.overrides.Arbor.asynchronous.begin();
    for (const name of ['conform', 'load', 'expr', 'tree', 'arbor', 'query', 'iter', 'column', 'cursor',
        'groups', 'index', 'matches', 'schema', 'store', 'names', 'list_model', 'objects', 'shown'])
        imports.overrides.Arbor[name].extend();
    imports.overrides.Arbor.asynchronous.end();
}
