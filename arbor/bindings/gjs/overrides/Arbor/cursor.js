/* Cursors: some paths of tree after tree, without an object for each. */

/* exported extend */

const {Arbor} = imports.gi;
const {decode} = imports.overrides.Arbor.json;

function extend() {
    /* GJS gives the value that goes out and what C asks beside it. */
    const {next} = Arbor.Cursor.prototype;
    Arbor.Cursor.prototype.next = function () {
        return next.call(this)[1];
    };
    /* The value at the path of a number; another one where there is nothing. */
    Arbor.Cursor.prototype.get = function (path, otherwise = null) {
        const text = this.dup_json(path);
        return text === null ? otherwise : decode(text);
    };
}
