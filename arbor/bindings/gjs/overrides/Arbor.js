/* What JavaScript adds to the introspected library: iteration, promises, native values, default
 * arguments, literals in expressions. GJS gives every integer as a Number, which holds integers up to
 * 2^53 only; native values have BigInt beyond. docs/bindings.md tells users what is here.
 */

const {Gio, GLib} = imports.gi;

/* A string, or a number, of JSON text. */
const TOKEN = /"(?:[^"\\]+|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
/* What JSON.parse may round: text without these goes to it as it is. */
const LONG = /\d{16}|\d[eE][-+]?\d{3}/;
/* How a number that JSON.parse would round travels through it: as a string that begins so. Strings
 * that begin with U+0000 get another one in front. */
const MARK = '"\\u0000';

/* Text is compact here: a string with a colon behind is a key, and stays. */
function isKey(token, offset, text) {
    return text[offset + token.length] === ':';
}

function markNumber(token, offset, text) {
    if (token[0] === '"')
        return token.startsWith(MARK) && !isKey(token, offset, text) ? `${MARK}${token.slice(1)}` : token;
    const value = Number(token);
    if (/^-?\d+$/.test(token))
        return Number.isSafeInteger(value) ? token : `${MARK}${token}"`;
    const isZero = value === 0 && /^-?[0.]+(?:[eE]|$)/.test(token);
    return Number.isFinite(value) && (value !== 0 || isZero) ? token : `${MARK}${token}"`;
}

function unmark(key, value) {
    if (typeof value !== 'string' || value[0] !== '\0')
        return value;
    if (value[1] === '\0')
        return value.slice(1);
    const text = value.slice(1);
    return /^-?\d+$/.test(text) ? BigInt(text) : text;
}

/* The value that JSON text stands for. */
function decode(text) {
    if (!LONG.test(text))
        return JSON.parse(text);
    return JSON.parse(text.replace(TOKEN, markNumber), unmark);
}

/* JSON text of a value that JSON.stringify knows or that holds BigInts. */
function encode(value) {
    let found = false;
    const text = JSON.stringify(value, (key, member) => {
        if (typeof member === 'bigint') {
            found = true;
            return `\0${member}`;
        }
        if (typeof member === 'number' && !Number.isFinite(member))
            throw new TypeError(`JSON has no ${member}`);
        if (typeof member === 'string' && member[0] === '\0') {
            found = true;
            return `\0${member}`;
        }
        return member;
    });
    if (text === undefined)
        throw new TypeError(`${typeof value} is no JSON value`);
    if (!found)
        return text;
    return text.replace(TOKEN, (token, offset) => {
        if (!token.startsWith(MARK) || isKey(token, offset, text))
            return token;
        const rest = token.slice(MARK.length, -1);
        return /^-?\d+$/.test(rest) ? rest : `"${rest}"`;
    });
}

function toBytes(data) {
    if (data instanceof GLib.Bytes)
        return data;
    if (typeof data === 'string')
        data = new TextEncoder().encode(data);
    if (data instanceof ArrayBuffer)
        data = new Uint8Array(data);
    if (data instanceof Uint8Array)
        return new GLib.Bytes(data);
    throw new TypeError('expected a string, a Uint8Array, an ArrayBuffer or a GLib.Bytes');
}

/* GJS wants every argument; what is left out at the end is null here. */
function fillArguments(owner, names, count) {
    for (const name of names) {
        const original = owner[name];
        owner[name] = function (...args) {
            while (args.length < count)
                args.push(null);
            return original.apply(this, args);
        };
    }
}

/* As Gio._promisify, with null for what is left out before the callback. */
function promisify(owner, name, finish, count) {
    Gio._promisify(owner, name, finish);
    const promised = owner[name];
    owner[name] = function (...args) {
        const callback = args.length > 0 && typeof args[args.length - 1] === 'function'
            ? [args.pop()] : [];
        while (args.length < count)
            args.push(null);
        return promised.call(this, ...args, ...callback);
    };
}

function describeType(value) {
    if (value === null)
        return 'null';
    return Array.isArray(value) ? 'an array' : typeof value;
}

function expected(what, value) {
    return new TypeError(`expected ${what}, found ${describeType(value)}`);
}

/* Arguments of their type, or a TypeError: GJS makes a number of anything, 0 of what is none. */
function asNumber(value, what) {
    if (typeof value !== 'bigint' && !Number.isInteger(value))
        throw expected(what, value);
    return value;
}

function asText(value, what) {
    if (typeof value !== 'string')
        throw expected(what, value);
    return value;
}

function asBoolean(value, what) {
    if (typeof value !== 'boolean')
        throw expected(what, value);
    return value;
}

function asTexts(values, what) {
    if (!Array.isArray(values))
        throw expected(`an array of ${what}`, values);
    return values.map(value => asText(value, what));
}

/* An object of settings with these keys and no other. */
function asSettings(given, known) {
    if (typeof given !== 'object' || given === null || Array.isArray(given))
        throw expected(`an object with ${known.join(', ')}`, given);
    for (const key of Object.keys(given)) {
        if (!known.includes(key))
            throw new TypeError(`unknown option '${key}': there are ${known.join(', ')}`);
    }
    return given;
}

/* Methods that take so many arguments and no more. */
function boundArguments(owner, counts) {
    for (const [name, count] of Object.entries(counts)) {
        const original = owner[name];
        owner[name] = function (...args) {
            if (args.length > count)
                throw new TypeError(`${name} takes ${count} arguments at most, found ${args.length}`);
            return original.apply(this, args);
        };
    }
}

function _init() {
    const Arbor = this;

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
        throw new TypeError(`expected an expression or its text, found ${typeof value}; a ` +
            "condition reads Arbor.path('height').gt(80) or 'height > 80'");
    }

    function fromNative(values) {
        if (typeof values === 'string' || typeof values?.[Symbol.iterator] !== 'function' ||
            ArrayBuffer.isView(values)) {
            throw expected('an Arbor.Arbor or an array of values', values);
        }
        const lines = Array.from(values, value =>
            value instanceof Arbor.Tree ? value.to_json() : encode(value));
        return Arbor.read_jsonl(lines.join('\n'));
    }

    /* An iterator of dictionaries: each step asks whether the store is still open. */
    function nativeIterator(iter) {
        return {
            next() {
                const tree = iter.next_value();
                return tree === null
                    ? {done: true, value: undefined} : {done: false, value: tree.to_native()};
            },
            return(value) {
                iter.close();
                return {done: true, value};
            },
            close() {
                iter.close();
            },
            is_closed() {
                return iter.is_closed();
            },
            [Symbol.iterator]() {
                return this;
            },
        };
    }

    Arbor.lit = literal;
    Arbor.from_native = fromNative;
    Arbor.call = (name, ...args) => Arbor.Expr.new_call(name, args.map(literal));
    for (const name of ['read_jsonl', 'read_json', 'read_csv']) {
        const original = Arbor[name];
        Arbor[name] = data => original(toBytes(data));
    }
    const loadBytes = Arbor.load_bytes;
    Arbor.load_bytes = (data, options = null) => loadBytes(toBytes(data), options);
    fillArguments(Arbor, ['load_file', 'load_stream'], 3);

    const store = Arbor.Store.prototype;
    fillArguments(Arbor.Store, ['open'], 3);
    fillArguments(store, ['import_file', 'import_stream'], 5);
    fillArguments(store, ['delete'], 2);
    for (const name of ['put', 'put_async']) {
        const original = store[name];
        store[name] = function (key, values, ...args) {
            const arbor = values instanceof Arbor.Arbor ? values : fromNative(values);
            return original.call(this, key, arbor, ...args);
        };
    }
    fillArguments(store, ['put', 'put_many'], 3);
    promisify(Arbor.Store, 'open_async', 'open_finish', 3);
    promisify(store, 'put_async', 'put_finish', 3);
    promisify(store, 'import_file_async', 'import_file_finish', 4);
    promisify(store, 'close_async', 'close_finish', 1);

    const transaction = Arbor.Transaction.prototype;
    for (const name of ['put', 'append']) {
        const original = transaction[name];
        transaction[name] = function (key, values, cancellable = null) {
            const arbor = values instanceof Arbor.Arbor ? values : fromNative(values);
            return original.call(this, key, arbor, cancellable);
        };
    }
    const replace = transaction.replace;
    transaction.replace = function (key, start, nTrees, values = null, cancellable = null) {
        const arbor = values === null || values instanceof Arbor.Arbor ? values : fromNative(values);
        return replace.call(this, key, start, nTrees, arbor, cancellable);
    };
    fillArguments(transaction, ['commit'], 1);
    promisify(transaction, 'commit_async', 'commit_finish', 1);

    function isOthersFault(error) {
        return error instanceof GLib.Error && (error.matches(Arbor.Error, Arbor.Error.CONFLICT) ||
            error.matches(Arbor.Error, Arbor.Error.STALE));
    }

    function pause(milliseconds) {
        return new Promise(resolve => {
            GLib.timeout_add(GLib.PRIORITY_DEFAULT, milliseconds, () => {
                resolve();
                return GLib.SOURCE_REMOVE;
            });
        });
    }

    /* Calls update (transaction), which may be asynchronous, commits, and gives what it gave. When
     * another writer was first, does it again in a new transaction, so often at most. */
    store.transact = async function (update, settings = {}) {
        const {retries = 10, cancellable = null} = asSettings(settings, ['retries', 'cancellable']);
        asNumber(retries, 'a number of retries');
        if (typeof update !== 'function')
            throw expected('a function', update);
        for (let left = retries, wait = 1; ; left--, wait = Math.min(2 * wait, 100)) {
            const staged = this.begin_transaction();
            try {
                const result = await update(staged);
                if (!staged.is_closed() || this.is_closed())
                    await staged.commit_async(cancellable);
                return result;
            } catch (error) {
                if (left <= 0 || !isOthersFault(error))
                    throw error;
            } finally {
                staged.rollback();
            }
            await pause(Math.ceil(Math.random() * wait));
        }
    };

    const arbor = Arbor.Arbor.prototype;
    for (const name of ['filter', 'matching_indices', 'find_one', 'find_one_or_error',
        'count_matches', 'any_of', 'all_of']) {
        const original = arbor[name];
        arbor[name] = function (condition, ...args) {
            return original.call(this, predicate(condition), ...args);
        };
    }
    fillArguments(arbor, ['matching_indices', 'count_matches'], 2);
    fillArguments(arbor, ['materialize'], 1);
    fillArguments(arbor, ['compute'], 2);
    promisify(arbor, 'compute_async', 'compute_finish', 1);
    fillArguments(arbor, ['save'], 3);
    const saveFile = arbor.save_file;
    arbor.save_file = function (path, format = Arbor.Format.AUTO, columns = null, delimiter = null,
        cancellable = null) {
        return saveFile.call(this, path, format, columns, delimiter, cancellable);
    };
    fillArguments(arbor, ['get_column', 'get_column_of'], 2);
    promisify(arbor, 'get_column_async', 'get_column_finish', 2);
    promisify(arbor, 'get_column_of_async', 'get_column_of_finish', 2);
    /* A path, or an expression. */
    arbor.column = function (values, cancellable = null) {
        return values instanceof Arbor.Expr
            ? this.get_column_of(values, cancellable) : this.get_column(values, cancellable);
    };
    arbor.cursor = function (...paths) {
        return Arbor.Cursor.new(this, asTexts(paths, 'paths'));
    };
    /* The iterator is closed when the loop ends early, which lets go of its snapshot at once. */
    arbor[Symbol.iterator] = function* () {
        const iter = this.iterator();
        try {
            for (let tree = iter.next_value(); tree !== null; tree = iter.next_value())
                yield tree;
        } finally {
            iter.close();
        }
    };
    /* Names and values may come as one object. */
    const asFields = given => {
        if (typeof given !== 'object' || given === null || given instanceof Arbor.Expr)
            throw expected('names of fields, or an object of fields', given);
        return Array.isArray(given) ? asTexts(given, 'names of fields') : given;
    };
    for (const name of ['select', 'add_fields']) {
        const original = arbor[name];
        arbor[name] = function (names, exprs) {
            asFields(names);
            const list = Array.isArray(names) ? names : Object.keys(names);
            const values = Array.isArray(names) ? exprs ?? names : Object.values(names);
            return original.call(this, list, values.map(predicate));
        };
    }
    /* Values to set: a text is code, all else that is no expression is data. Of code a path that no tree
     * has may be a text that was meant as data, and would take the field away. */
    function computed(values, arbors, name) {
        const texts = values.filter(value => typeof value === 'string').map(predicate);
        const notes = texts.length > 0 ? arbors.get(name).check_paths(texts) : [];
        if (notes.length > 0)
            throw new TypeError(`${notes[0]}; a text is an expression, and the text itself is ` +
                "Arbor.lit('...')");
        return values.map(value => typeof value === 'string' ? predicate(value) : literal(value));
    }
    const {update_where, delete_where} = store;
    store.delete_where = function (name, condition, cancellable = null) {
        return delete_where.call(this, name, predicate(condition), cancellable);
    };
    store.update_where = function (name, condition, fields, ...args) {
        const list = Array.isArray(fields) ? fields : Object.keys(fields);
        const values = Array.isArray(fields) ? args.shift() : Object.values(fields);
        if (list.length !== values.length)
            throw new TypeError(`update_where has ${list.length} fields and ${values.length} values`);
        return update_where.call(this, name, predicate(condition), list,
            computed(values, this, name), args[0] ?? null);
    };
    /* So may those of groups and aggregates. */
    const groups = Arbor.Groups.prototype;
    for (const [owner, name] of [[arbor, 'group_by'], [arbor, 'aggregate'], [groups, 'aggregate']]) {
        const original = owner[name];
        owner[name] = function (names, exprs, ...args) {
            asFields(names);
            const list = Array.isArray(names) ? names : Object.keys(names);
            const values = Array.isArray(names) ? exprs ?? names : Object.values(names);
            const rest = Array.isArray(names) || exprs === undefined ? args : [exprs, ...args];
            while (owner === arbor && name === 'aggregate' && rest.length < 1)
                rest.push(null);
            return original.call(this, list, values.map(predicate), ...rest);
        };
    }
    /* Pairs of a key, which is a tree, and an arbor of the members. */
    groups[Symbol.iterator] = function* () {
        const n = this.get_n_groups();
        for (let i = 0; i < n; i++)
            yield [this.get_key(i), this.get_members(i)];
    };
    const {value_counts, histogram} = arbor;
    arbor.value_counts = function (values) {
        return value_counts.call(this, predicate(values));
    };
    arbor.histogram = function (values, nBins = 10) {
        return histogram.call(this, predicate(values), asNumber(nBins, 'a number of bins'));
    };
    fillArguments(arbor, ['describe'], 1);
    fillArguments(arbor, ['explode'], 3);
    /* A key, or a list of them: paths and expressions. Flags: those of all keys, or a list. */
    const keys = given => given === undefined || given === null ? []
        : (Array.isArray(given) ? given : [given]).map(
            key => typeof key === 'string' ? Arbor.path(key) : predicate(key));
    /* Flags may be written as {descending: true, nulls_first: true}. */
    const flag = given => {
        if (typeof given === 'number')
            return asNumber(given, 'Arbor.SortFlags');
        const {descending = false, nulls_first = false} =
            asSettings(given, ['descending', 'nulls_first']);
        return (asBoolean(descending, 'a boolean descending') ? Arbor.SortFlags.DESCENDING : 0) |
            (asBoolean(nulls_first, 'a boolean nulls_first') ? Arbor.SortFlags.NULLS_FIRST : 0);
    };
    const flags = given => given === undefined || given === null ? null
        : (Array.isArray(given) ? given : [given]).map(flag);
    const {sort_by, top_k, unique_by, sample, shuffle} = arbor;
    arbor.sort_by = function (by, how) {
        return sort_by.call(this, keys(by), flags(how));
    };
    arbor.top_k = function (k, by, how) {
        return top_k.call(this, asNumber(k, 'a number of trees'), keys(by), flags(how));
    };
    arbor.unique_by = function (by) {
        return unique_by.call(this, keys(by));
    };
    arbor.sample = function (n, seed = -1) {
        return sample.call(this, asNumber(n, 'a number of trees'), asNumber(seed, 'a seed'));
    };
    arbor.shuffle = function (seed = -1) {
        return shuffle.call(this, asNumber(seed, 'a seed'));
    };
    const {index_by, nest, join} = arbor;
    const asArbor = value => value instanceof Arbor.Arbor ? value : fromNative(value);
    arbor.index_by = function (by, duplicates = Arbor.Duplicates.ERROR, cancellable = null) {
        return index_by.call(this, keys(by), asNumber(duplicates, 'Arbor.Duplicates'), cancellable);
    };
    arbor.nest = function (other, by, otherBy, field, how = Arbor.NestKind.MANY) {
        return nest.call(this, asArbor(other), keys(by), keys(otherBy ?? by),
            asText(field, 'the name of a field'), asNumber(how, 'Arbor.NestKind'));
    };
    arbor.join = function (other, by, otherBy = null, kind = Arbor.JoinKind.INNER, suffix = null) {
        return join.call(this, asArbor(other), keys(by), keys(otherBy ?? by),
            asNumber(kind, 'Arbor.JoinKind'), suffix === null ? null : asText(suffix, 'a suffix'));
    };
    /* A query has the same operations, called in the same way. */
    const query = Arbor.Query.prototype;
    arbor.lazy = function () {
        return Arbor.Query.new(this);
    };
    query.to_native = function () {
        return this.execute().to_native();
    };
    boundArguments(arbor, {sort_by: 2, top_k: 3, unique_by: 1, sample: 2, shuffle: 1, index_by: 3,
        nest: 5, join: 5, value_counts: 1, histogram: 2, select: 2, add_fields: 2, explode: 3});
    boundArguments(store, {put: 3, transact: 2});
    const pick = arbor.pick;
    arbor.pick = function (...paths) {
        const list = paths.length === 1 && Array.isArray(paths[0]) ? paths[0] : paths;
        return nativeIterator(pick.call(this, asTexts(list, 'paths')));
    };
    arbor.to_native = function () {
        return this.to_jsonl().split('\n').filter(line => line !== '').map(decode);
    };

    /* Bytes as they lie, without a copy: they must not be written to. */
    function view(TypedArray, bytes) {
        const {buffer, byteOffset, byteLength} = bytes.toArray();
        return new TypedArray(buffer, byteOffset, byteLength / TypedArray.BYTES_PER_ELEMENT);
    }
    const column = Arbor.Column.prototype;
    const {ColumnLayout} = Arbor;
    column.to_typed_array = function () {
        switch (this.get_layout()) {
        case ColumnLayout.BOOL:
            return view(Uint8Array, this.dup_booleans());
        case ColumnLayout.NONE:
        case ColumnLayout.INT64:
            return view(BigInt64Array, this.dup_int64s());
        case ColumnLayout.UINT64:
            return view(BigUint64Array, this.dup_uint64s());
        case ColumnLayout.DOUBLE:
            return view(Float64Array, this.dup_doubles());
        case ColumnLayout.STRING:
            return view(Int32Array, this.dup_codes());
        default:
            throw new TypeError(`the column '${this.dup_path()}' has values of several kinds: use ` +
                'to_native()');
        }
    };
    /* Numbers that are exactly doubles; NaN where there is none. */
    column.to_float64_array = function () {
        return view(Float64Array, this.dup_doubles());
    };
    /* A byte a row: the number of its kind, 0 for nothing, 1 for null. */
    column.to_kinds = function () {
        return view(Uint8Array, this.dup_kinds());
    };
    column.to_native = function () {
        return decode(this.to_json());
    };
    column[Symbol.iterator] = function () {
        return this.to_native()[Symbol.iterator]();
    };

    Arbor.Iter.prototype[Symbol.iterator] = function* () {
        for (let tree = this.next_value(); tree !== null; tree = this.next_value())
            yield tree;
    };

    /* GJS gives the value that goes out and what C asks beside it. */
    const {next} = Arbor.Cursor.prototype;
    Arbor.Cursor.prototype.next = function () {
        return next.call(this)[1];
    };

    const tree = Arbor.Tree.prototype;
    fillArguments(tree, ['get_kind', 'get_boolean', 'get_int64', 'get_uint64', 'get_double',
        'dup_string', 'dup_bytes', 'dup_number_text', 'get_length', 'dup_keys'], 1);
    tree.to_native = function () {
        return decode(this.to_json());
    };

    const expr = Arbor.Expr.prototype;
    /* Methods by how many values they need and take; sort is below. */
    for (const [needed, taken, names] of [
        /* builders: begin */
        [0, 1, 'round log strip lstrip rstrip split join unique date_from_epoch to_epoch'],
        [1, 1, 'either both eq ne lt le gt ge if_null null_if add subtract multiply divide ' +
            'div mod pow quantile contains starts_with ends_with strip_prefix ' +
            'strip_suffix match item concat map filter min_by max_by field has_key ' +
            'without date_truncate parse_date cast'],
        [1, 2, 'substring extract slice'],
        [2, 2, 'is_between when clip replace replace_regex with_field rename date_add ' +
            'date_diff'],
        /* builders: end */
    ]) {
        for (const name of names.split(' ')) {
            const original = expr[name];
            expr[name] = function (...values) {
                if (values.length < needed || values.length > taken)
                    throw new TypeError(`${name} takes ${needed} to ${taken} values`);
                if (['map', 'filter', 'min_by', 'max_by'].includes(name) &&
                    typeof values[0] === 'string') {
                    throw new TypeError(`${name} computes an expression for each element, such as ` +
                        'Arbor.element(null).gt(1); a text would be the text itself');
                }
                const args = values.map(literal);
                while (args.length < taken)
                    args.push(null);
                return original.apply(this, args);
            };
        }
    }
    const {sort} = expr;
    expr.sort = function (key = null, descending = false) {
        if (typeof key === 'string') {
            throw new TypeError('sort computes an expression for each element, such as ' +
                "Arbor.element('name'); a text would be the text itself");
        }
        asBoolean(descending, 'a boolean descending');
        const by = key === null && descending ? Arbor.element(null) : key;
        return sort.call(this, by === null ? null : literal(by), descending ? literal(true) : null);
    };
    const isIn = expr.is_in;
    expr.is_in = function (candidates) {
        return isIn.call(this, Array.from(candidates, literal));
    };
}
