/* Live models and their rows. */

/* exported extend */

const {Arbor} = imports.gi;
const {flags, keys, predicate, takesFields} = imports.overrides.Arbor.values;

function extendRow() {
    const row = Arbor.Row.prototype;
    row.get = function (path) {
        return this.get_tree().get(path);
    };
    row.to_object = function (type) {
        return this.get_tree().to_object(type);
    };
    row.to_native = function () {
        return this.get_tree().to_native();
    };
}

function extend() {
    extendRow();
    const model = Arbor.ListModel.prototype;
    const {set_filter, sort_by} = model;
    model.set_filter = function (condition) {
        set_filter.call(this, condition === null ? null : predicate(condition));
    };
    model.sort_by = function (by, how) {
        return sort_by.call(this, keys(by), flags(how));
    };
    takesFields(model, 'set_columns');
    model[Symbol.iterator] = function* () {
        for (let i = 0, row; (row = this.get_item(i)) !== null; i++)
            yield row;
    };
}
