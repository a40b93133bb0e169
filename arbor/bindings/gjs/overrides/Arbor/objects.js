/* Trees as objects and back: classes of GObject by their properties, other classes by their own ones. */

/* exported extend */

const {Arbor, GObject} = imports.gi;
const {expected} = imports.overrides.Arbor.calls;
const {fromNative} = imports.overrides.Arbor.values;

function isGObject(value) {
    return value instanceof GObject.Object;
}

/* What JSON has for it; trees are what they are. */
function plain(value) {
    if (isGObject(value))
        return value instanceof Arbor.Tree ? value : newFromObject(value);
    if (typeof value !== 'object' || value === null)
        return value;
    if (typeof value.toJSON === 'function')
        return value.toJSON();
    if (Array.isArray(value))
        return value.map(plain);
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

let newFromObject = null;

function extendTree() {
    const tree = Arbor.Tree.prototype;
    const {to_object} = tree;
    const {new_from_object} = Arbor.Tree;
    newFromObject = new_from_object;
    tree.to_object = function (type) {
        if (typeof type !== 'function' && !(type instanceof GObject.Type))
            throw expected('a class', type);
        if (type.$gtype !== undefined || typeof type !== 'function')
            return to_object.call(this, type);
        return Object.assign(Object.create(type.prototype), this.to_native());
    };
    Arbor.Tree.new_from_object = function (object) {
        return isGObject(object) ? new_from_object(object) : fromNative([plain(object)]).get(0);
    };
}

/* What the library takes: objects of other classes as their trees. */
function asObjects(objects) {
    const list = [...objects];
    return list.every(isGObject) ? list : [...fromNative(list.map(plain))];
}

function extend() {
    extendTree();
    const store = Arbor.Store.prototype;
    const {put_objects, upsert_objects} = store;
    store.put_objects = function (name, objects, cancellable = null) {
        return put_objects.call(this, name, asObjects(objects), cancellable);
    };
    store.upsert_objects = function (name, key, objects, cancellable = null) {
        return upsert_objects.call(this, name, key, asObjects(objects), cancellable);
    };
}
