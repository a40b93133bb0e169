/* Trees: one JSON document, or a part of one. */

/* exported extend */

const {Arbor} = imports.gi;
const {decode} = imports.overrides.Arbor.json;

function isWithin(value, getter) {
    return getter === 'get_int64'
        ? BigInt.asIntN(64, value) === value : BigInt.asUintN(64, value) === value;
}

function extend() {
    const tree = Arbor.Tree.prototype;
    /* A Number, or a BigInt beyond 2^53, which GJS would round. */
    for (const name of ['get_int64', 'get_uint64']) {
        const original = tree[name];
        tree[name] = function (path, ...rest) {
            if (rest.length > 0 || this.get_kind(path) === Arbor.Kind.DOUBLE)
                return original.call(this, path, ...rest);
            const text = this.dup_number_text(path);
            const value = Number(text);
            if (Number.isSafeInteger(value))
                return original.call(this, path);
            return /^-?\d+$/.test(text) && isWithin(BigInt(text), name)
                ? BigInt(text) : original.call(this, path);
        };
    }
    tree.to_native = function () {
        return decode(this.to_json());
    };

}
