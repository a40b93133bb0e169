/* Stores: arbors by name, in a file. */

/* exported extend */

const {Arbor, GLib} = imports.gi;
const {asNumber, asObject, asSettings, boundArguments, expected, promisify} =
    imports.overrides.Arbor.calls;
const {asFields, literal, predicate} = imports.overrides.Arbor.values;

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

function extend() {
    const store = Arbor.Store.prototype;
    promisify(store, 'close_async', 'close_finish', 1);

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

    const {update_where, put_many} = store;
    /* Names and arbors, or arrays, may come as one object. */
    store.put_many = function (names, values, cancellable = null) {
        if (Array.isArray(names))
            return put_many.call(this, names, values, cancellable);
        const given = asObject(names, 'names and arbors, or an object of arbors');
        return put_many.call(this, Object.keys(given), Object.values(given), values ?? null);
    };
    store.update_where = function (name, condition, fields, ...args) {
        asFields(fields);
        const list = Array.isArray(fields) ? fields : Object.keys(fields);
        const values = Array.isArray(fields) ? args.shift() : Object.values(fields);
        if (list.length !== values.length)
            throw new TypeError(`update_where has ${list.length} fields and ${values.length} values`);
        return update_where.call(this, name, predicate(condition), list,
            computed(values, this, name), args[0] ?? null);
    };
    /* One path needs no array. */
    for (const owner of [store, Arbor.Transaction.prototype]) {
        const {set_keys} = owner;
        owner.set_keys = function (name, paths = null, ...args) {
            return set_keys.call(this, name, typeof paths === 'string' ? [paths] : paths, ...args);
        };
    }
    boundArguments(store, {transact: 2});
}
