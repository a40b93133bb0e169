/* Reading text into arbors. */

/* exported extend */

const {Arbor} = imports.gi;
const {fillArguments} = imports.overrides.Arbor.calls;
const {fromNative, toBytes} = imports.overrides.Arbor.values;

function extend() {
    Arbor.from_native = fromNative;
    for (const name of ['read_jsonl', 'read_json', 'read_csv']) {
        const original = Arbor[name];
        Arbor[name] = data => original(toBytes(data));
    }
    const loadBytes = Arbor.load_bytes;
    Arbor.load_bytes = (data, options = null) => loadBytes(toBytes(data), options);
    fillArguments(Arbor, ['load_file', 'load_stream'], 3);

}
