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

/* So many trees are asked for at once where a loop waits for them. */
const AT_ONCE = 256;

function extend() {
    /* for await: the main loop goes on while trees are computed and read. */
    Arbor.Iter.prototype[Symbol.asyncIterator] = async function* () {
        for (let trees = await this.next_many_async(AT_ONCE); trees.length > 0;
            trees = await this.next_many_async(AT_ONCE))
            yield* trees;
    };
    Arbor.Iter.prototype[Symbol.iterator] = function* () {
        for (let tree = this.next_value(); tree !== null; tree = this.next_value())
            yield tree;
    };
}
