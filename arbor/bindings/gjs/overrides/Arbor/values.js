/* What users may write where the library takes expressions, arbors, bytes, keys or flags. */

/* exported asArbor, asFields, asTree, flags, fromNative, keys, literal, predicate, takesFields, toBytes */

const {Arbor, GLib} = imports.gi;
const {encode} = imports.overrides.Arbor.json;
const {asBoolean, asNumber, asSettings, asTexts, describeType, expected} = imports.overrides.Arbor.calls;

function toBytes(data) {
    if (data instanceof GLib.Bytes)
        return data;
    if (typeof data === 'string')
        data = new TextEncoder().encode(data);
    if (data instanceof ArrayBuffer)
        data = new Uint8Array(data);
    if (data instanceof Uint8Array)
        return new GLib.Bytes(data);
    throw expected('a string, a Uint8Array, an ArrayBuffer or a GLib.Bytes', data);
}

function literal(value) {
    if (value instanceof Arbor.Expr)
        return value;
    switch (typeof value) {
    case 'undefined':
        return Arbor.Expr.new_null();
    case 'boolean':
        return Arbor.Expr.new_boolean(value);
    case 'number':
        return Number.isSafeInteger(value)
            ? Arbor.Expr.new_int64(value) : Arbor.Expr.new_double(value);
    case 'string':
        return value.includes('\0')
            ? Arbor.Expr.new_json(encode(value)) : Arbor.Expr.new_string(value);
    case 'bigint':
        return Arbor.Expr.new_json(`${value}`);
    case 'object':
        if (value === null)
            return Arbor.Expr.new_null();
        return Arbor.Expr.new_json(
            value instanceof Arbor.Tree ? value.to_json() : encode(value));
    default:
        throw new TypeError(`${typeof value} is no literal`);
    }
}

function predicate(value) {
    if (typeof value === 'string')
        return Arbor.Expr.parse(value);
    if (value instanceof Arbor.Expr)
        return value;
    throw new TypeError(`expected an expression or its text, found ${describeType(value)}; a ` +
        "condition reads Arbor.path('height').gt(80) or 'height > 80'");
}

function fromNative(values) {
    const what = 'an Arbor.Arbor or an array of values';
    if (typeof values === 'string' || ArrayBuffer.isView(values) || values instanceof Map ||
        typeof values === 'object' && values?.constructor === Object) {
        throw new TypeError(`expected ${what}, found ${describeType(values)}: text is read with ` +
            'Arbor.read_jsonl or Arbor.read_json, and one tree is an array of one');
    }
    if (typeof values?.[Symbol.iterator] !== 'function')
        throw expected(what, values);
    if (values instanceof Arbor.Tree && values.get_kind(null) !== Arbor.Kind.ARRAY)
        throw new TypeError('expected an Arbor.Arbor or an array of values, found one tree: one tree is ' +
            'an array of one');
    const lines = Array.from(values, value =>
        value instanceof Arbor.Tree ? value.to_json() : encode(value));
    return Arbor.read_jsonl(lines.join('\n'));
}

/* A tree, or a value. */
function asTree(value) {
    return value instanceof Arbor.Tree ? value : Arbor.Tree.new_from_json(encode(value));
}

/* An arbor, or an array of values. */
function asArbor(values) {
    return values instanceof Arbor.Arbor ? values : fromNative(values);
}

/* Names and values of fields may come as one object; one name needs no array. */
function asFields(given) {
    if (typeof given === 'string')
        return [given];
    if (typeof given !== 'object' || given === null || given instanceof Arbor.Expr)
        throw expected('names of fields, or an object of fields', given);
    return Array.isArray(given) ? asTexts(given, 'names of fields') : given;
}

/* A method of names and expressions, then of others. */
function takesFields(owner, name) {
    const original = owner[name];
    owner[name] = function (given, exprs, ...args) {
        const names = asFields(given);
        const list = Array.isArray(names) ? names : Object.keys(names);
        const values = Array.isArray(names) ? exprs ?? names : Object.values(names);
        const rest = Array.isArray(names) || exprs === undefined ? args : [exprs, ...args];
        return original.call(this, list, values.map(predicate), ...rest);
    };
}

/* A key, or a list of them: paths and expressions. */
function keys(given) {
    return given === undefined || given === null ? []
        : (Array.isArray(given) ? given : [given]).map(
            key => typeof key === 'string' ? Arbor.path(key) : predicate(key));
}

/* Flags may be written as {descending: true, nulls_first: true}. */
function flag(given) {
    if (typeof given === 'number')
        return asNumber(given, 'Arbor.SortFlags');
    const {descending = false, nulls_first = false} =
        asSettings(given, ['descending', 'nulls_first']);
    return (asBoolean(descending, 'a boolean descending') ? Arbor.SortFlags.DESCENDING : 0) |
        (asBoolean(nulls_first, 'a boolean nulls_first') ? Arbor.SortFlags.NULLS_FIRST : 0);
}

/* Those of all keys, or a list. */
function flags(given) {
    return given === undefined || given === null ? null
        : (Array.isArray(given) ? given : [given]).map(flag);
}
