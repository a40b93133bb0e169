/* Arbors: ordered collections of trees. */

/* exported extend */

const {Arbor} = imports.gi;
const {decode} = imports.overrides.Arbor.json;
const {asNumber, asText, asTexts, boundArguments, fillArguments, promisify} =
    imports.overrides.Arbor.calls;
const {asArbor, flags, keys, predicate, takesFields, takesPredicate} = imports.overrides.Arbor.values;
const {nativeIterator} = imports.overrides.Arbor.iter;

function extend() {
    const arbor = Arbor.Arbor.prototype;
    takesPredicate(arbor, ['filter', 'matching_indices', 'find_one', 'find_one_or_error',
        'count_matches', 'any_of', 'all_of']);
    fillArguments(arbor, ['matching_indices', 'count_matches'], 2);
    fillArguments(arbor, ['materialize'], 1);
    fillArguments(arbor, ['compute'], 2);
    promisify(arbor, 'compute_async', 'compute_finish', 1);
    fillArguments(arbor, ['save'], 3);
    const saveFile = arbor.save_file;
    arbor.save_file = function (path, format = Arbor.Format.AUTO, columns = null, delimiter = null,
        cancellable = null) {
        return saveFile.call(this, path, format, columns, delimiter, cancellable);
    };
    fillArguments(arbor, ['get_column', 'get_column_of'], 2);
    promisify(arbor, 'get_column_async', 'get_column_finish', 2);
    promisify(arbor, 'get_column_of_async', 'get_column_of_finish', 2);
    /* A path, or an expression. */
    arbor.column = function (values, cancellable = null) {
        return values instanceof Arbor.Expr
            ? this.get_column_of(values, cancellable) : this.get_column(values, cancellable);
    };
    arbor.cursor = function (...paths) {
        return Arbor.Cursor.new(this, asTexts(paths, 'paths'));
    };
    /* The iterator is closed when the loop ends early, which lets go of its snapshot at once. */
    arbor[Symbol.iterator] = function* () {
        const iter = this.iterator();
        try {
            for (let tree = iter.next_value(); tree !== null; tree = iter.next_value())
                yield tree;
        } finally {
            iter.close();
        }
    };
    takesFields(arbor, 'select');
    takesFields(arbor, 'add_fields');
    takesFields(arbor, 'group_by');
    takesFields(arbor, 'aggregate', 1);
    const {value_counts, histogram} = arbor;
    arbor.value_counts = function (values) {
        return value_counts.call(this, predicate(values));
    };
    arbor.histogram = function (values, nBins = 10) {
        return histogram.call(this, predicate(values), asNumber(nBins, 'a number of bins'));
    };
    fillArguments(arbor, ['describe'], 1);
    fillArguments(arbor, ['explode'], 3);
    const {sort_by, top_k, unique_by, sample, shuffle} = arbor;
    arbor.sort_by = function (by, how) {
        return sort_by.call(this, keys(by), flags(how));
    };
    arbor.top_k = function (k, by, how) {
        return top_k.call(this, asNumber(k, 'a number of trees'), keys(by), flags(how));
    };
    arbor.unique_by = function (by) {
        return unique_by.call(this, keys(by));
    };
    arbor.sample = function (n, seed = -1) {
        return sample.call(this, asNumber(n, 'a number of trees'), asNumber(seed, 'a seed'));
    };
    arbor.shuffle = function (seed = -1) {
        return shuffle.call(this, asNumber(seed, 'a seed'));
    };
    const {index_by, nest, join} = arbor;
    arbor.index_by = function (by, duplicates = Arbor.Duplicates.ERROR, cancellable = null) {
        return index_by.call(this, keys(by), asNumber(duplicates, 'Arbor.Duplicates'), cancellable);
    };
    arbor.nest = function (other, by, otherBy, field, how = Arbor.NestKind.MANY) {
        return nest.call(this, asArbor(other), keys(by), keys(otherBy ?? by),
            asText(field, 'the name of a field'), asNumber(how, 'Arbor.NestKind'));
    };
    arbor.join = function (other, by, otherBy = null, kind = Arbor.JoinKind.INNER, suffix = null) {
        return join.call(this, asArbor(other), keys(by), keys(otherBy ?? by),
            asNumber(kind, 'Arbor.JoinKind'), suffix === null ? null : asText(suffix, 'a suffix'));
    };
    arbor.lazy = function () {
        return Arbor.Query.new(this);
    };
    boundArguments(arbor, {sort_by: 2, top_k: 3, unique_by: 1, sample: 2, shuffle: 1, index_by: 3,
        nest: 5, join: 5, value_counts: 1, histogram: 2, select: 2, add_fields: 2, explode: 3});
    const pick = arbor.pick;
    arbor.pick = function (...paths) {
        const list = paths.length === 1 && Array.isArray(paths[0]) ? paths[0] : paths;
        return nativeIterator(pick.call(this, asTexts(list, 'paths')));
    };
    arbor.to_native = function () {
        return this.to_jsonl().split('\n').filter(line => line !== '').map(decode);
    };
}
