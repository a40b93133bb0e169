/* Native values from JSON text and back, exactly: integers beyond 2^53 are BigInt, other numbers that no
 * Number holds are strings of their text. */

/* exported decode, encode */

const {Arbor, GLib, GObject} = imports.gi;

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

/* What JSON.stringify would make an empty object of, or null. */
const UNKNOWN = [Set, WeakMap, WeakSet, Promise, RegExp, Error, ArrayBuffer, DataView, GObject.Object,
    GLib.Bytes];

/* What stands in JSON for an object that JSON.stringify does not know: for a Map and a GLib.Variant what they hold,
 * for a GLib.DateTime its text. */
function plain(value) {
    if (value instanceof Map)
        return Object.fromEntries(value);
    if (ArrayBuffer.isView(value) && !(value instanceof DataView))
        return Array.from(value);
    if (value instanceof GLib.Variant)
        return decode(Arbor.Tree.new_from_variant(value).to_json());
    if (value instanceof GLib.DateTime)
        return value.format_iso8601();
    const unknown = UNKNOWN.find(one => value instanceof one && !value.toJSON);
    if (unknown)
        throw new TypeError(`${value.constructor.name} is no JSON value`);
    return value;
}

/* JSON text of a value that JSON.stringify knows or that holds BigInts. */
function encode(value) {
    let found = false;
    const text = JSON.stringify(value, function (key, member) {
        if (this[key] instanceof Date && member === null)
            throw new TypeError('an invalid Date is no JSON value');
        if (member !== null && typeof member === 'object' && !Array.isArray(member))
            member = plain(member);
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
