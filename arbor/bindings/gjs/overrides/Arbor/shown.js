/* What objects say of themselves whose classes have no to_string. */

/* exported extend */

const {Arbor, GObject} = imports.gi;
const {OPTIONS} = imports.overrides.Arbor.signatures;

/* The name of a member of an enumeration, as it is given. */
function nameOf(type, value) {
    const found = Object.entries(Arbor[type]).find(([, member]) => member === value);
    return found[0].toLowerCase();
}

function describeTransaction(transaction) {
    const state = nameOf('TransactionState', transaction.get_state());
    return state === 'open' && transaction.is_closed() ? 'closed' : state;
}

/* Settings that are not what they are by themselves. */
function describeSettings(options, name) {
    const usual = new Arbor[name]();
    return OPTIONS[name].filter(one => one in options && typeof options[one] !== 'function')
        .filter(one => `${options[one]}` !== `${usual[one]}`).map(one => `${one} ${options[one]}`).join(', ');
}

/* All figures of a record. */
function describeFigures(record) {
    return Object.getOwnPropertyNames(Object.getPrototypeOf(record)).filter(name => name.startsWith('get_'))
        .map(name => [name.slice('get_'.length).replace(/_/g, ' '), record[name]()])
        .filter(([, value]) => Boolean(value)).map(([name, value]) => `${name} ${value}`).join(', ');
}

const describeToken = token => token.is_closed() ? 'closed' : 'open';

const DESCRIPTIONS = {
    CloseToken: describeToken,
    CloseObserver: describeToken,
    Finding: finding => finding.dup_message(),
    Iter: iter => iter.is_closed() ? 'closed' : `at ${iter.get_position()}`,
    LoadReport: describeFigures,
    Matches: matches => matches.is_closed() ? 'closed' : `${matches.get_n_matches()}`,
    ObjectModel: model => `${model.get_n_items()} of ${GObject.type_name(model.get_item_type())}`,
    Report: report => report.is_sound() ? 'sound' : `${report.get_n_findings()} findings`,
    Stats: describeFigures,
    Transaction: describeTransaction,
};
for (const name of Object.keys(OPTIONS))
    DESCRIPTIONS[name] = describeSettings;

function extend() {
    for (const [name, describe] of Object.entries(DESCRIPTIONS)) {
        Arbor[name].prototype.toString = function () {
            const said = describe(this, name);
            return said ? `Arbor${name} (${said})` : `Arbor${name}`;
        };
    }
}
