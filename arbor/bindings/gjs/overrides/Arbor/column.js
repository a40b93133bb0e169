/* Columns: the values of a path, without an object for each. */

/* exported extend */

const {Arbor} = imports.gi;
const {decode} = imports.overrides.Arbor.json;

/* Bytes as they lie, without a copy: they must not be written to. */
function view(TypedArray, bytes) {
    const {buffer, byteOffset, byteLength} = bytes.toArray();
    return new TypedArray(buffer, byteOffset, byteLength / TypedArray.BYTES_PER_ELEMENT);
}

function extend() {
    const column = Arbor.Column.prototype;
    const {ColumnLayout} = Arbor;
    column.to_typed_array = function () {
        switch (this.get_layout()) {
        case ColumnLayout.BOOL:
            return view(Uint8Array, this.dup_booleans());
        case ColumnLayout.NONE:
        case ColumnLayout.INT64:
            return view(BigInt64Array, this.dup_int64s());
        case ColumnLayout.UINT64:
            return view(BigUint64Array, this.dup_uint64s());
        case ColumnLayout.DOUBLE:
            return view(Float64Array, this.dup_doubles());
        case ColumnLayout.STRING:
            return view(Int32Array, this.dup_codes());
        default:
            throw new TypeError(`the column '${this.dup_path()}' has values of several kinds: use ` +
                'to_native()');
        }
    };
    /* Numbers that are exactly doubles; NaN where there is none. */
    column.to_float64_array = function () {
        return view(Float64Array, this.dup_doubles());
    };
    /* A byte a row: the number of its kind, 0 for nothing, 1 for null. */
    column.to_kinds = function () {
        return view(Uint8Array, this.dup_kinds());
    };
    /* The different strings, which the codes of to_typed_array count. */
    column.dictionary = function () {
        const bytes = view(Uint8Array, this.dup_dictionary_bytes());
        const ends = Array.from(view(BigInt64Array, this.dup_dictionary_offsets()), Number);
        const decoder = new TextDecoder();
        return ends.slice(1).map((end, i) => decoder.decode(bytes.subarray(ends[i], end)));
    };
    /* Figures of the values, as an object. */
    column.statistics = function () {
        return this.get_statistics().to_native();
    };
    column.to_native = function () {
        return decode(this.to_json());
    };
    column[Symbol.iterator] = function () {
        return this.to_native()[Symbol.iterator]();
    };
}
