/* Transactions: several writes, one commit. */

/* exported extend */

const {Arbor} = imports.gi;
const {fillArguments, promisify} = imports.overrides.Arbor.calls;
const {asArbor} = imports.overrides.Arbor.values;

function extend() {
    const transaction = Arbor.Transaction.prototype;
    for (const name of ['put', 'append']) {
        const original = transaction[name];
        transaction[name] = function (key, values, cancellable = null) {
            return original.call(this, key, asArbor(values), cancellable);
        };
    }
    const replace = transaction.replace;
    transaction.replace = function (key, start, nTrees, values = null, cancellable = null) {
        const arbor = values === null ? null : asArbor(values);
        return replace.call(this, key, start, nTrees, arbor, cancellable);
    };
    fillArguments(transaction, ['commit'], 1);
    promisify(transaction, 'commit_async', 'commit_finish', 1);

}
