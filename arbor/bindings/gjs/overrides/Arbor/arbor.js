/* Arbors: ordered collections of trees. */

/* exported extend */

const {Arbor} = imports.gi;
const {decode} = imports.overrides.Arbor.json;
const {asTexts} = imports.overrides.Arbor.calls;
const {takesFields} = imports.overrides.Arbor.values;
const {nativeIterator} = imports.overrides.Arbor.iter;

function extend() {
    const arbor = Arbor.Arbor.prototype;
    /* A path, or an expression. */
    arbor.column = function (values, cancellable = null) {
        return values instanceof Arbor.Expr
            ? this.get_column_of(values, cancellable) : this.get_column(values, cancellable);
    };
    arbor.column_async = function (values, ...args) {
        return values instanceof Arbor.Expr
            ? this.get_column_of_async(values, ...args) : this.get_column_async(values, ...args);
    };
    arbor.cursor = function (...paths) {
        return Arbor.Cursor.new(this, asTexts(paths, 'paths'));
    };
    /* The iterator is closed when the loop ends early, which lets go of its snapshot at once. */
    arbor[Symbol.iterator] = function* () {
        const iter = this.iterator();
        try {
            for (let tree = iter.next_value(); tree !== null; tree = iter.next_value())
                yield tree;
        } finally {
            iter.close();
        }
    };
    arbor[Symbol.asyncIterator] = async function* () {
        const iter = this.iterator();
        try {
            yield* iter[Symbol.asyncIterator]();
        } finally {
            iter.close();
        }
    };
    takesFields(arbor, 'select');
    takesFields(arbor, 'add_fields');
    takesFields(arbor, 'group_by');
    takesFields(arbor, 'aggregate');
    arbor.lazy = function () {
        return Arbor.Query.new(this);
    };
    const pick = arbor.pick;
    arbor.pick = function (...paths) {
        const list = paths.length === 1 && Array.isArray(paths[0]) ? paths[0] : paths;
        return nativeIterator(pick.call(this, asTexts(list, 'paths')));
    };
    arbor.to_native = function () {
        return this.to_jsonl().split('\n').filter(line => line !== '').map(decode);
    };
}
