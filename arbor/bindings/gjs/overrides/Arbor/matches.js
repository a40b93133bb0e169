/* What a JSONPath query selects. */

/* exported extend */

const {Arbor} = imports.gi;
const {decode} = imports.overrides.Arbor.json;

function extend() {
    const matches = Arbor.Matches.prototype;
    matches.to_native = function () {
        return decode(this.to_json());
    };
    /* Where the matches are: normalized paths. */
    matches.paths = function () {
        return this.dup_paths();
    };
    /* Pairs of path and tree. */
    matches.entries = function () {
        return this.dup_paths().map((path, i) => [path, this.get_match(i)]);
    };
    /* Trees, one for each match. */
    matches[Symbol.iterator] = function* () {
        const n = this.get_n_matches();
        for (let i = 0; i < n; i++)
            yield this.get_match(i);
    };
    /* Adds a tree: a value, or a tree of any arbor. */
    Arbor.Builder.prototype.add = function (value) {
        return this.add_tree(value);
    };
}
