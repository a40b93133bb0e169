/* Trees: one JSON document, or a part of one. */

/* exported extend */

const {Arbor} = imports.gi;
const {decode} = imports.overrides.Arbor.json;
const {fillArguments} = imports.overrides.Arbor.calls;

function extend() {
    const tree = Arbor.Tree.prototype;
    fillArguments(tree, ['get_kind', 'get_boolean', 'get_int64', 'get_uint64', 'get_double',
        'dup_string', 'dup_bytes', 'dup_number_text', 'get_length', 'dup_keys'], 1);
    tree.to_native = function () {
        return decode(this.to_json());
    };

}
