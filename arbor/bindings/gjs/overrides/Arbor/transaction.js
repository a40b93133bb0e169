/* Transactions: several writes, one commit. */

/* exported extend */

const {Arbor} = imports.gi;
const {promisify} = imports.overrides.Arbor.calls;

function extend() {
    const transaction = Arbor.Transaction.prototype;
    promisify(transaction, 'commit_async', 'commit_finish', 1);

}
