/* Indices: trees by their keys. */

/* exported extend */

const {Arbor} = imports.gi;

function extend() {
    const index = Arbor.Index.prototype;
    /* The tree of a key, or another value where there is none. */
    index.get = function (key, otherwise = null) {
        return this.look_up(key) ?? otherwise;
    };
}
