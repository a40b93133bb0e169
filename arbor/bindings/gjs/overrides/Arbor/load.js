/* Reading text into arbors. */

/* exported extend */

const {Arbor} = imports.gi;
const {encode} = imports.overrides.Arbor.json;
const {fromNative} = imports.overrides.Arbor.values;

function extend() {
    Arbor.from_native = fromNative;
    /* A tree of a native value. */
    Arbor.Tree.new = value => Arbor.Tree.new_from_json(encode(value));
}
