/* Groups: trees that have the same key. */

/* exported extend */

const {Arbor} = imports.gi;
const {takesFields} = imports.overrides.Arbor.values;

function extend() {
    const groups = Arbor.Groups.prototype;
    takesFields(groups, 'aggregate');
    /* Pairs of a key, which is a tree, and an arbor of the members. */
    groups[Symbol.iterator] = function* () {
        const n = this.get_n_groups();
        for (let i = 0; i < n; i++)
            yield [this.get_key(i), this.get_members(i)];
    };
}
