/* Trees: one JSON document, or a part of one. */

/* exported extend */

const {Arbor} = imports.gi;
const {decode, encode} = imports.overrides.Arbor.json;

function isWithin(value, getter) {
    return getter === 'get_int64'
        ? BigInt.asIntN(64, value) === value : BigInt.asUintN(64, value) === value;
}

function member(tree, key) {
    return key.includes('\0') ? tree.get(`[${encode(key)}]`) : tree.get_member(key);
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
    /* The keys of an object, in their order; a C string has no U+0000. */
    tree.keys = function () {
        try {
            return this.dup_keys(null);
        } catch (error) {
            if (this.get_kind(null) !== Arbor.Kind.OBJECT)
                throw error;
            return Object.keys(this.to_native());
        }
    };
    tree.values = function () {
        return this.keys().map(key => member(this, key));
    };
    /* Pairs of key and tree. */
    tree.entries = function () {
        return this.keys().map(key => [key, member(this, key)]);
    };
    /* The elements of an array; the pairs of an object, as a Map has them. */
    tree[Symbol.iterator] = function* () {
        if (this.get_kind(null) === Arbor.Kind.OBJECT) {
            yield* this.entries();
            return;
        }
        const n = this.get_length(null);
        for (let i = 0; i < n; i++)
            yield this.get_element(i);
    };
}
