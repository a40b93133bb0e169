/* Expressions: literals, methods that take native values. */

/* exported extend */

const {Arbor} = imports.gi;
const {asBoolean, asText} = imports.overrides.Arbor.calls;
const {BUILDERS} = imports.overrides.Arbor.builders;
const {literal, predicate} = imports.overrides.Arbor.values;

/* What they are given is evaluated for each element. */
const WALKERS = ['map', 'filter', 'min_by', 'max_by'];

/* A text is code, as in filter. */
function condition(value) {
    return typeof value === 'string' ? predicate(value) : literal(value);
}

/* A choice that is being written: when(c).then(a).when(d).then(b).otherwise(e). */
class When {
    constructor(args) {
        this._args = args;
    }

    when(value) {
        return new When([...this._args, condition(value)]);
    }

    then(value) {
        return new When([...this._args, literal(value)]);
    }

    otherwise(value) {
        return Arbor.Expr.new_call('when', [...this._args, literal(value)]);
    }
}

function extend() {
    Arbor.when = value => new When([condition(value)]);
    Arbor.lit = literal;
    /* An expression of its text, in which each ? is the place of a value: Arbor.expr('age > ?', 5). A
     * value is data, or an expression; it is never read as text. */
    Arbor.expr = (text, ...values) =>
        Arbor.Expr.parse_with(asText(text, 'the text of an expression'), values.map(literal));
    Arbor.call = (name, ...args) => Arbor.Expr.new_call(name, args.map(literal));

    const expr = Arbor.Expr.prototype;
    /* The first of them that is neither null nor missing. */
    expr.coalesce = function (...others) {
        return Arbor.call('coalesce', this, ...others);
    };
    /* The value behind what equals it; a last one alone is for everything else. */
    expr.match_case = function (...pairs) {
        return Arbor.call('case', this, ...pairs);
    };
    for (const [name, [needed, taken]] of Object.entries(BUILDERS)) {
        if (name === 'sort')
            continue;
        const original = expr[name];
        expr[name] = function (...values) {
            if (values.length < needed || values.length > taken)
                throw new TypeError(`${name} takes ${needed} to ${taken} arguments, found ${values.length}`);
            if (WALKERS.includes(name) && typeof values[0] === 'string') {
                throw new TypeError(`${name} computes an expression for each element, such as ` +
                    'Arbor.element(null).gt(1); a text would be the text itself');
            }
            const args = values.map(literal);
            while (args.length < taken)
                args.push(null);
            return original.apply(this, args);
        };
    }
    const {sort} = expr;
    expr.sort = function (key = null, descending = false) {
        if (typeof key === 'string') {
            throw new TypeError('sort computes an expression for each element, such as ' +
                "Arbor.element('name'); a text would be the text itself");
        }
        asBoolean(descending, 'a boolean descending');
        const by = key === null && descending ? Arbor.element(null) : key;
        return sort.call(this, by === null ? null : literal(by), descending ? literal(true) : null);
    };
    const isIn = expr.is_in;
    expr.is_in = function (candidates) {
        return isIn.call(this, Array.from(candidates, literal));
    };
}
