/* How a call is made: what is left out, promises, arguments of their type. */

/* exported asBoolean, asNumber, asObject, asSettings, asText, asTexts, boundArguments, expected, promisify */

const {Gio} = imports.gi;

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

function asObject(value, what) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw expected(what, value);
    return value;
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
