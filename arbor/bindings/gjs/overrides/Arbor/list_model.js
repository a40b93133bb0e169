/* Live models and their rows. */

/* exported extend */

const {Arbor, GObject} = imports.gi;
const {asSettings} = imports.overrides.Arbor.calls;
const {predicate, takesFields} = imports.overrides.Arbor.values;

function extendRow() {
    const row = Arbor.Row.prototype;
    row.get = function (path) {
        return this.get_tree().get(path);
    };
    row.keys = function () {
        return this.get_tree().keys();
    };
    row[Symbol.iterator] = function () {
        return this.get_tree()[Symbol.iterator]();
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
    const {set_filter} = model;
    model.set_filter = function (condition) {
        set_filter.call(this, condition === null ? null : predicate(condition));
    };
    Object.defineProperty(model, 'filter', {
        get() {
            return this.dup_filter();
        },
        set(condition) {
            this.set_filter(condition);
        },
        configurable: true,
        enumerable: true,
    });
    takesFields(model, 'set_columns');
    /* Beside the properties: a filter may be a text, and columns are those of set_columns. */
    const {_init} = model;
    model._init = function ({filter = null, columns = null, ...properties} = {}) {
        const known = GObject.Object.list_properties.call(Arbor.ListModel).filter(
            spec => spec.flags & GObject.ParamFlags.WRITABLE).map(spec => spec.name.replace(/-/g, '_'));
        asSettings(properties, [...known, 'columns'].sort());
        if (filter !== null)
            properties.filter = predicate(filter);
        _init.call(this, properties);
        if (columns !== null)
            this.set_columns(columns);
    };
    model[Symbol.iterator] = function* () {
        for (let i = 0, row; (row = this.get_item(i)) !== null; i++)
            yield row;
    };
}
