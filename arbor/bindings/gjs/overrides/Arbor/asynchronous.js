/* Asynchronous forms, of all functions that have one: they take what the synchronous form takes in
 * JavaScript, then how far to tell where that is told, a cancellable and a callback, each of which may be
 * left out; without a callback they give a promise.
 *
 * What a synchronous form makes of its arguments is found by calling it: the library's own function, put
 * behind a gate before anything extends it, does not run then but hands back what it was given.
 */

/* exported begin, end */

const {Arbor, Gio} = imports.gi;
const {ASYNC} = imports.overrides.Arbor.asyncs;
const {guardProgress} = imports.overrides.Arbor.calls;

const STATIC = new Set(['open', 'open_gfile']);
/* What goes out beside what C asks about it. */
const RESULTS = {'Cursor.next': result => result[1]};

class Taken {
    constructor(args) {
        this.args = args;
    }
}

let taking = null;
const gates = [];

function ownerOf(name) {
    const [cls, method] = name.split('.');
    if (method === undefined)
        return [Arbor, name];
    return [STATIC.has(method) ? Arbor[cls] : Arbor[cls].prototype, method];
}

/* Before the library is extended. */
function begin() {
    for (const [name, [count]] of Object.entries(ASYNC)) {
        if (count === 0)
            continue;
        const [owner, method] = ownerOf(name);
        const native = owner[method];
        const gate = function (...args) {
            if (taking === name)
                throw new Taken(args);
            return native.apply(this, args);
        };
        owner[method] = gate;
        gates.push({name, owner, method, native, gate});
    }
}

/* The arguments that the library's own function is given. */
function take(name, owner, method, self, args) {
    taking = name;
    try {
        owner[method].apply(self, args);
    } catch (error) {
        if (error instanceof Taken)
            return error.args;
        throw error;
    } finally {
        taking = null;
    }
    throw new Error(`${method} has not called the library`);
}

/* How far to tell comes at its place; the callback is any other function that is last. */
function split(args, count, tells) {
    const isFunction = i => typeof args[i] === 'function';
    const last = args.length - 1;
    const callback = isFunction(last) && !(tells && last === count) ? args[last] : null;
    const given = callback === null ? args : args.slice(0, last);
    return {
        callback,
        progress: tells && isFunction(count) ? args[count] : null,
        cancellable: given.find(one => one instanceof Gio.Cancellable) ?? null,
        args: given.filter(one => typeof one !== 'function' && !(one instanceof Gio.Cancellable)),
    };
}

function withoutNulls(args) {
    let n = args.length;
    while (n > 0 && (args[n - 1] === null || args[n - 1] === undefined))
        n--;
    return args.slice(0, n);
}

function define(name, count, tells, isExtended) {
    const [owner, method] = ownerOf(name);
    const [begins, ends] = [`${method}_async`, `${method}_finish`];
    const [start, finish] = [owner[begins], owner[ends]];
    const change = RESULTS[name] ?? (result => result);

    if (name in RESULTS) {
        owner[ends] = function (...args) {
            return change(finish.apply(this, args));
        };
    }
    owner[begins] = function (...all) {
        const {callback, progress, cancellable, args} = split(all, count, tells);
        const plain = withoutNulls(args);
        const given = isExtended ? take(name, owner, method, this, plain).slice(0, count) : plain;
        if (given.length > count)
            throw new TypeError(`${begins} takes ${count} arguments and a cancellable, found ${given.length}`);
        while (given.length < count)
            given.push(null);
        if (tells)
            given.push(progress);
        given.push(cancellable);
        if (callback !== null)
            return start.call(this, ...given, callback);
        const guarded = guardProgress(given, tells ? count : given.length);
        return new Promise((resolve, reject) => {
            start.call(this, ...guarded.args, (source, result) => {
                try {
                    guarded.rethrow();
                    resolve(change(owner === Arbor || STATIC.has(method)
                        ? finish(result) : finish.call(source, result)));
                } catch (error) {
                    reject(error);
                }
            });
        });
    };
}

/* Functions that take a path take a Gio.File, too; one that has no path on this machine goes to the function
 * that takes any. */
function takeFiles(owner, byPath, byFile) {
    const {[byPath]: original, [byFile]: other} = owner;
    owner[byPath] = function (...args) {
        const isElsewhere = args.some(one => one instanceof Gio.File && one.get_path() === null);
        return (isElsewhere ? other : original).apply(this, args);
    };
}

/* When all else is extended: what nothing has extended goes without a gate again. */
function end() {
    const extended = new Set();
    for (const {name, owner, method, native, gate} of gates) {
        if (owner[method] === gate)
            owner[method] = native;
        else
            extended.add(name);
    }
    for (const [name, [count, tells]] of Object.entries(ASYNC))
        define(name, count, tells, extended.has(name));
    for (const name of Object.keys(ASYNC).filter(one => one.endsWith('gfile'))) {
        const [owner, byFile] = ownerOf(name);
        const byPath = [byFile.replace('gfile', 'file'), byFile.replace('_gfile', '')].find(
            one => owner[one] !== undefined);
        for (const suffix of ['', '_async'])
            takeFiles(owner, `${byPath}${suffix}`, `${byFile}${suffix}`);
    }
}
