/* Queries: operations that are collected first and run as a whole. They are those of arbors. */

/* exported extend */

const {Arbor} = imports.gi;
const {asFields, takesFields} = imports.overrides.Arbor.values;

function extend() {
    const query = Arbor.Query.prototype;
    takesFields(query, 'select');
    takesFields(query, 'add_fields');
    /* A tree for each group: keys and what is computed are names and expressions, or an object each. */
    const {group_by} = query;
    query.group_by = function (...args) {
        if (args.length !== 2 || Array.isArray(args[0]) && Array.isArray(args[1]))
            return group_by.apply(this, args);
        const [names, exprs, newNames, newExprs] = args.flatMap(given => {
            const fields = asFields(given);
            return Array.isArray(fields) ? [fields, fields]
                : [Object.keys(fields), Object.values(fields)];
        });
        return group_by.call(this, names, exprs, newNames, newExprs);
    };
    query.to_native = function () {
        return this.execute().to_native();
    };
}
