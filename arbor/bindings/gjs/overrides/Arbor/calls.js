/* How a call is made: what is left out, promises, arguments of their type. */

/* exported asBoolean, asInteger, asNumber, asObject, asSettings, asText, asTexts, boundArguments, describeType,
 * expected, guardProgress, promisify */

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

/* GJS lets no number through that does not fit, but says neither what was expected nor what was found; in
 * arrays it cuts them off. A negative seed is how C says that none is given. */
const RANGES = {
    gint64: [-(2n ** 63n), 2n ** 63n - 1n], guint64: [0n, 2n ** 64n - 1n], gsize: [0n, 2n ** 64n - 1n],
    gssize: [-(2n ** 63n), 2n ** 63n - 1n], guint: [0n, 2n ** 32n - 1n],
};

function asInteger(value, type, name) {
    asNumber(value, `an integer for ${name}`);
    const [least, most] = name === 'seed' ? [0n, 2n ** 63n - 1n] : RANGES[type];
    if (value < least || value > most)
        throw new RangeError(`expected an integer from ${least} to ${most} for ${name}, found ${value}`);
    return value;
}

/* GJS cuts a string at U+0000 without a word. */
function asText(value, what) {
    if (typeof value !== 'string')
        throw expected(what, value);
    if (value.includes('\0'))
        throw new TypeError(`embedded null character in ${JSON.stringify(value)}`);
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
            throw new TypeError(`unknown option '${key}': there are ${[...known].sort().join(', ')}`);
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

/* Arguments of which the one at a place says how far a call is, and the next one is its cancellable. What it
 * throws cancels the call, and rethrow throws it: GJS would write it down and go on. */
function guardProgress(args, place) {
    const progress = args[place];
    if (typeof progress !== 'function')
        return {args, rethrow: () => {}};
    const cancellable = args[place + 1] ?? new Gio.Cancellable();
    let thrown = null;
    const tell = (...figures) => {
        if (thrown !== null)
            return;
        try {
            progress(...figures);
        } catch (error) {
            thrown = {error};
            cancellable.cancel();
        }
    };
    return {
        args: [...args.slice(0, place), tell, cancellable, ...args.slice(place + 2)],
        rethrow: () => {
            if (thrown !== null)
                throw thrown.error;
        },
    };
}
