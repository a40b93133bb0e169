/* Schemas and records of figures: plain values. */

/* exported extend */

const {Arbor} = imports.gi;

const KINDS = ['NULL', 'BOOL', 'INT64', 'UINT64', 'DOUBLE', 'NUMBER', 'STRING', 'ARRAY', 'OBJECT',
    'MISSING'].filter(name => Arbor.Kind[name] > 0);

function extend() {
    const schema = Arbor.Schema.prototype;
    /* A field as an object: its path, how many values of each kind there are, whether it is missing
     * somewhere. */
    schema.to_native = function () {
        return Array.from({length: this.get_n_fields()}, (_, field) => ({
            path: this.dup_path(field),
            kinds: Object.fromEntries(KINDS.map(
                name => [name.toLowerCase(), this.get_count(field, Arbor.Kind[name])]).filter(
                ([, count]) => count > 0)),
            optional: this.is_optional(field),
        }));
    };
    schema[Symbol.iterator] = function () {
        return this.to_native()[Symbol.iterator]();
    };
}
