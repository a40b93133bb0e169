/* What all functions of the library have in common in JavaScript, by what their introspection data says
 * (signatures.js): what may be left out at the end is filled in, too many arguments and those of another
 * type are a TypeError, and native values come where the library takes expressions, trees, arbors, bytes,
 * options and members of enumerations. The files of the classes come after it and add what is their own.
 */

/* exported extend */

const {Arbor, Gio, GLib} = imports.gi;
const {asBoolean, asInteger, asNumber, asSettings, asText, asTexts, expected, guardProgress} =
    imports.overrides.Arbor.calls;
const {FUNCTIONS, OPTIONS, SIGNATURES} = imports.overrides.Arbor.signatures;
const {asArbor, asTree, flags, keys, literal, predicate, toBytes} = imports.overrides.Arbor.values;

function asReal(value, what) {
    if (typeof value !== 'number' && typeof value !== 'bigint')
        throw expected(what, value);
    return Number(value);
}

function asArray(values, what) {
    if (typeof values === 'string' || typeof values?.[Symbol.iterator] !== 'function')
        throw expected(what, values);
    return Array.from(values);
}

function listNames(name) {
    return Object.entries(Arbor[name]).filter(([, member]) => typeof member === 'number')
        .sort(([, a], [, b]) => a - b).map(([one]) => one.toLowerCase()).join(', ');
}

/* A member of an enumeration, or its name in lower case. */
function asMember(value, name, what) {
    if (typeof value === 'number')
        return asNumber(value, what);
    const member = typeof value === 'string' ? Arbor[name][value.toUpperCase().replace(/-/g, '_')]
        : undefined;
    if (typeof value !== 'string')
        throw expected(what, value);
    if (member === undefined)
        throw new TypeError(`'${value}' is none of the values of Arbor.${name}: there are ${listNames(name)}`);
    return member;
}

/* An object of settings, or one of the class. What is no property is set by a method. */
function asOptions(value, name) {
    if (value instanceof Arbor[name])
        return value;
    const settings = asSettings(value, OPTIONS[name]);
    const options = new Arbor[name]();
    for (const [key, setting] of Object.entries(settings))
        options[`set_${key}`](setting);
    return options;
}

/* The same for sorting; flags of all keys, or a list of one for each, which may be such objects, too. */
function asSortOptions(value) {
    if (typeof value !== 'number' && !Array.isArray(value))
        return asOptions(value, 'SortOptions');
    const options = new Arbor.SortOptions();
    options.set_flags(value);
    return options;
}

/* A path, or that of a file, which has one here: asynchronous.js has others go another way. */
function asPath(value, what) {
    if (!(value instanceof Gio.File))
        return asText(value, what);
    return value.get_path();
}

function asInstance(value, cls, what) {
    if (!(value instanceof cls))
        throw expected(what, value);
    return value;
}

const CLASSES = {
    'Gio.Cancellable': Gio.Cancellable,
    'Gio.File': Gio.File,
    'Gio.InputStream': Gio.InputStream,
    'Gio.OutputStream': Gio.OutputStream,
    'GLib.Variant': GLib.Variant,
};

/* What an argument of a type becomes. In methods of expressions values are data, elsewhere a text is
 * code. */
function getConverter(owner, name, type) {
    const what = noun => `${noun} for ${name}`;
    const expression = owner === 'Expr' ? literal : predicate;
    switch (type) {
    case 'filename':
        return value => asPath(value, what('a path or a Gio.File'));
    case 'utf8':
        return value => asText(value, what('a string'));
    case 'utf8[]':
        return values => asTexts(values, what('strings'));
    case 'gboolean':
        return value => asBoolean(value, what('a boolean'));
    case 'gdouble':
        return value => asReal(value, what('a number'));
    case 'gint64':
    case 'guint64':
    case 'gsize':
    case 'gssize':
        return value => asInteger(value, type, name);
    case 'guint':
        return value => Number(asInteger(value, type, name));
    case 'gint64[]':
    case 'guint64[]':
        return values => asArray(values, what('an array of integers')).map(value =>
            asInteger(asNumber(value, what('integers')), type.slice(0, -2), name));
    case 'Expr':
        return expression;
    case 'Expr[]':
        return owner !== 'Expr' && name.endsWith('keys') ? keys
            : values => asArray(values, what('an array of expressions')).map(expression);
    case 'SortFlags[]':
        return flags;
    case 'Tree':
        return asTree;
    case 'Arbor':
        return asArbor;
    case 'Arbor[]':
        return values => asArray(values, what('an array of arbors')).map(asArbor);
    case 'GLib.Bytes':
        return toBytes;
    case 'GObject.Object[]':
        return values => asArray(values, what('an array of objects'));
    case 'GType':
    case 'Gio.ListModel':
    case 'GObject.Object':
    case 'GObject.ParamSpec':
    case 'GObject.Value':
        return value => value; /* GJS itself says what is none */
    }
    if (type === 'SortOptions')
        return asSortOptions;
    if (type in OPTIONS)
        return value => asOptions(value, type);
    if (type in CLASSES)
        return value => asInstance(value, CLASSES[type], what(`a ${type}`));
    if (type in SIGNATURES)
        return value => asInstance(value, Arbor[type], what(`an Arbor.${type}`));
    if (type.endsWith('Func')) {
        return value => {
            if (typeof value !== 'function')
                throw expected(what('a function'), value);
            return value;
        };
    }
    return value => asMember(value, type, what(`Arbor.${type}`));
}

function readDefault(text) {
    const [name, member] = text.split('.');
    return member === undefined ? Number(text) : Arbor[name][member];
}

function readParameter(owner, text) {
    const [, name, type, nullable, preset] = /^(\w+):([\w.]+(?:\[\])?)(\??)(?:=(.+))?$/.exec(text);
    const convert = getConverter(owner, name, type);
    if (nullable)
        return value => value === undefined || value === null ? null : convert(value);
    if (preset !== undefined) {
        const value = readDefault(preset);
        return given => given === undefined || given === null ? value : convert(given);
    }
    return value => {
        if (value === undefined)
            throw new TypeError(`the argument ${name} is missing`);
        return convert(value);
    };
}

function conform(target, owner, name, parameters) {
    const original = target[name];
    if (typeof original !== 'function')
        return;
    const read = parameters.map(text => readParameter(owner, text));
    const n = read.length;
    const check = given => {
        if (given > n)
            throw new TypeError(`${name} takes ${n} arguments at most, found ${given}`);
    };
    const place = parameters.findIndex(text => text.startsWith('progress:'));
    if (name.endsWith('_async')) {
        target[name] = function (...args) {
            return original.apply(this, args.map((value, i) => i < n ? read[i](value) : value));
        };
    } else if (place >= 0) {
        target[name] = function (...all) {
            check(all.length);
            const {args, rethrow} = guardProgress(read.map((convert, i) => convert(all[i])), place);
            try {
                return original.apply(this, args);
            } finally {
                rethrow();
            }
        };
    } else if (n === 0) {
        target[name] = function () {
            check(arguments.length);
            return original.call(this);
        };
    } else if (n === 1) {
        const [convert] = read;
        target[name] = function (value) {
            check(arguments.length);
            return original.call(this, convert(value));
        };
    } else {
        target[name] = function (...args) {
            check(args.length);
            return original.apply(this, read.map((convert, i) => convert(args[i])));
        };
    }
    /* Gio._promisify asks for it. */
    Object.defineProperty(target[name], 'length', {value: original.length});
}

function extend() {
    for (const [owner, functions] of Object.entries(SIGNATURES)) {
        for (const [name, {isMethod, parameters}] of Object.entries(functions))
            conform(isMethod ? Arbor[owner].prototype : Arbor[owner], owner, name, parameters);
    }
    for (const [name, {parameters}] of Object.entries(FUNCTIONS))
        conform(Arbor, null, name, parameters);
    /* What is printed of an object: what it says of itself, and of a tree its JSON. */
    for (const [owner, {to_string, to_json}] of Object.entries(SIGNATURES)) {
        const described = to_string ? 'to_string' : to_json && owner === 'Tree' ? 'to_json' : null;
        if (described !== null) {
            Arbor[owner].prototype.toString = function () {
                return this[described]();
            };
        }
    }
}
