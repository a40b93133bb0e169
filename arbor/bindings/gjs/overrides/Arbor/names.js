/* What has arbors by their names, a store and a transaction as it sees them: the functions of a Map that
 * GObject has no other use for. One name is asked for by get and contains, and set by put. */

/* exported extend */

const {Arbor} = imports.gi;

function extendOne(names) {
    names.keys = function () {
        return this.list_names();
    };
    names.values = function () {
        return this.list_names().map(name => this.get(name));
    };
    /* Pairs of name and arbor. */
    names.entries = function () {
        return this.list_names().map(name => [name, this.get(name)]);
    };
    names[Symbol.iterator] = function () {
        return this.entries()[Symbol.iterator]();
    };
    /* Deletes all arbors. */
    names.clear = function () {
        for (const name of this.list_names())
            this.delete(name);
    };
}

function extend() {
    extendOne(Arbor.Store.prototype);
    extendOne(Arbor.Transaction.prototype);
}
