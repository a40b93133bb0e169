/* Iterators over trees, and over dictionaries. */

/* exported extend, nativeIterator */

const {Arbor} = imports.gi;

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

function extend() {
    Arbor.Iter.prototype[Symbol.iterator] = function* () {
        for (let tree = this.next_value(); tree !== null; tree = this.next_value())
            yield tree;
    };
}
