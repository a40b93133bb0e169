/* Queries: operations that are collected first and run as a whole. */

/* exported extend */

const {Arbor} = imports.gi;

function extend() {
    const query = Arbor.Query.prototype;
    query.to_native = function () {
        return this.execute().to_native();
    };
}
