// Every ..._async gives a promise, takes what its synchronous twin takes, and gives the same; so does one
// that is called back, and one that is cancelled before it begins fails and does nothing.

import Arbor from 'gi://Arbor?version=1.0';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import System from 'system';

const {ASYNC} = imports.overrides.Arbor.asyncs;
const TREES = Array.from({length: 40}, (_, i) => ({a: i, g: i % 3, s: `text ${i}`, b: {c: [i, 'x']}}));

const folder = GLib.dir_make_tmp('arbor-gjs-async-XXXXXX');
const lines = `${folder}/lines`;
GLib.file_set_contents(lines, '{"a":1}\n{"a":2}\n');
const store = Arbor.Store.open(`${folder}/test.arbor`);
let n;

function refill() {
  for (const name of store.list_names())
    store.delete(name);
  store.put('n', TREES);
  n = store.get('n');
}

const stream = () => Gio.MemoryInputStream.new_from_bytes(new GLib.Bytes('{"a":1}\n{"a":2}\n'));
const output = () => Gio.MemoryOutputStream.new_resizable();
const tree = value => Arbor.from_native([value]).get(0);

function fullBuilder() {
  const builder = new Arbor.Builder();
  builder.add_json('1');
  builder.add_json('2');
  return builder;
}

/* Whose the methods of a class are. */
const OWNERS = {
  '': () => Arbor,
  'Store': () => store,
  'Store.open': () => Arbor.Store,
  'Transaction': () => store.begin_transaction(),
  'Builder': fullBuilder,
  'Arbor': () => n,
  'Query': () => n.lazy().filter(Arbor.Expr.parse('a > 30')),
  'Iter': () => n.iterator(),
  'Cursor': () => n.cursor('a'),
  'Groups': () => n.group_by({g: 'g'}),
  'Index': () => n.index_by('a'),
  'Index.look_up_string': () => n.index_by('s'),
  'Matches': () => n.query('$.b.c[*]', null),
  'Column': () => n.column('a'),
  'Column.dup_booleans': () => n.column(Arbor.path('a').gt(3)),
  'Tree': () => n.get(1),
};
for (const name of ['codes', 'dictionary', 'dictionary_offsets', 'dictionary_bytes', 'offsets', 'bytes'])
  OWNERS[`Column.dup_${name}`] = () => n.column('s');

/* The arguments of those that take some, as the synchronous form takes them. */
const ARGUMENTS = {
  'read_json': () => ['{"a": 1}'],
  'read_jsonl': () => ['1\n2\n'],
  'read_csv': () => ['a,b\n1,2\n'],
  'load_bytes': () => ['1\n2\n'],
  'load_file': () => [lines],
  'load_stream': () => [stream()],
  'Store.open': () => [`${folder}/test.arbor`],
  'Store.get': () => ['n'],
  'Store.contains': () => ['n'],
  'Store.put': () => ['new', [{a: 5}]],
  'Store.put_many': () => [['n', 'm'], [Arbor.from_native([1]), Arbor.from_native([2])]],
  'Store.append': () => ['n', Arbor.from_native([7])],
  'Store.replace': () => ['n', 1, 2, Arbor.from_native([8])],
  'Store.rename': () => ['n', 'm'],
  'Store.delete': () => ['n'],
  'Store.delete_where': () => ['n', 'a > 1'],
  'Store.update_where': () => ['n', 'a > 1', {b: 7}],
  'Store.upsert': () => ['n', 'a', Arbor.from_native([{a: 1, b: 2}, {a: 90}])],
  'Store.import_file': () => ['n', lines],
  'Store.import_stream': () => ['n', stream()],
  'Transaction.get': () => ['n'],
  'Transaction.contains': () => ['n'],
  'Transaction.expect': () => ['n', 0],
  'Transaction.put': () => ['n', [1]],
  'Transaction.append': () => ['n', [1]],
  'Transaction.replace': () => ['n', 0, 3],
  'Transaction.rename': () => ['n', 'm'],
  'Transaction.delete': () => ['n'],
  'Arbor.get': () => [5],
  'Arbor.find_one': () => ['a == 5'],
  'Arbor.find_one_or_error': () => ['a == 5'],
  'Arbor.any_of': () => ['a > 5'],
  'Arbor.all_of': () => ['a > 5'],
  'Arbor.count_matches': () => ['a > 5'],
  'Arbor.matching_indices': () => ['a > 5'],
  'Arbor.take': () => [[3, 1, 3]],
  'Arbor.query': () => ['$.b.c[*]'],
  'Arbor.aggregate': () => [{n: 'count()'}],
  'Arbor.group_by': () => [{g: 'g'}],
  'Arbor.index_by': () => ['a'],
  'Arbor.value_counts': () => ['g'],
  'Arbor.histogram': () => ['a', 4],
  'Arbor.check_paths': () => [[Arbor.path('nothing')]],
  'Arbor.get_column': () => ['a'],
  'Arbor.get_column_of': () => [Arbor.Expr.parse('a + 1')],
  'Arbor.save': () => [output(), Arbor.Format.CSV],
  'Arbor.save_csv': () => [output(), ['a', 's'], ';'],
  'Arbor.save_file': () => [`${folder}/saved.jsonl`],
  'Iter.next_many': () => [5],
  'Cursor.seek': () => [7],
  'Groups.get_key': () => [1],
  'Groups.get_members': () => [1],
  'Groups.find': () => [tree({g: 2})],
  'Groups.aggregate': () => [{n: 'count()'}],
  'Index.look_up': () => [tree(3)],
  'Index.look_up_string': () => ['text 3'],
  'Index.look_up_int64': () => [3],
  'Index.look_up_all': () => [tree(3)],
  'Index.contains': () => [tree(3)],
  'Matches.get_match': () => [3],
  'Tree.query': () => ['$..*'],
  'Tree.diff': () => [n.get(2)],
  'Tree.set_value': () => ['a', tree(9)],
  'Tree.insert': () => ['b.c[0]', tree(9)],
  'Tree.remove': () => ['a'],
  'Tree.merge_patch': () => [tree({a: null})],
  'Tree.patch': () => [tree([{op: 'remove', path: '/a'}])],
};

/* Something to be compared. */
function plain(value) {
  if (Array.isArray(value))
    return value.map(plain);
  if (value instanceof Arbor.Arbor || value instanceof Arbor.Tree || value instanceof Arbor.Column)
    return value.to_native();
  if (value instanceof Arbor.Store) {
    value.close();
    return 'a store';
  }
  if (value instanceof Arbor.Transaction)
    return value.list_names();
  if (value instanceof Arbor.Groups)
    return [...value].map(([key, members]) => [key.to_native(), members.get_n_trees()]);
  if (value instanceof Arbor.Index || value instanceof Arbor.Schema)
    return value.to_string();
  if (value instanceof Arbor.Matches)
    return value.to_json();
  if (value instanceof Arbor.LoadReport)
    return value.get_n_trees();
  if (value instanceof Arbor.Stats)
    return value.get_page_size();
  if (value instanceof GLib.Bytes)
    return [...value.toArray()];
  if (value instanceof GLib.Variant)
    return value.print(true);
  return value;
}

function text(value) {
  return JSON.stringify(plain(value), (key, member) =>
    typeof member === 'bigint' ? `BigInt ${member}` : member);
}

function state() {
  return text(store.list_names().map(name => [name, store.get(name).to_native()]));
}

function ownerOf(name) {
  const [cls, method] = name.includes('.') ? name.split('.') : ['', name];
  refill();
  return [(OWNERS[name] ?? OWNERS[cls])(), method];
}

function assertEqual(what, found, expected) {
  if (found !== expected)
    throw new Error(`${what}: expected ${expected}, found ${found}`);
}

async function outcome(owner, call) {
  let result;
  try {
    result = text(await call());
  } catch (error) {
    if (!(error instanceof GLib.Error))
      throw error;
    result = error.message;
  }
  if (owner instanceof Arbor.Transaction && !owner.is_closed())
    result += text(owner.list_names().map(name => owner.get(name)));
  return result + state();
}

function isCancelled(error) {
  return error instanceof GLib.Error && error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED);
}

/* GJS wants every argument of what nothing has extended. */
function filled(call, args) {
  while (/wrapper for native/.test(call) && args.length < call.length)
    args.push(null);
  return args;
}

async function walk(name) {
  const given = ARGUMENTS[name] ?? (() => []);
  let [owner, method] = ownerOf(name);
  const expected = await outcome(owner, () => owner[method](...filled(owner[method], given())));

  [owner] = ownerOf(name);
  const found = await outcome(owner, () => owner[`${method}_async`](...given()));
  if (name !== 'Arbor.explain_analyze')
    assertEqual(`${name} as a promise`, found, expected);

  [owner] = ownerOf(name);
  const [count, tells] = ASYNC[name];
  const called = await outcome(owner, () => new Promise((resolve, reject) => {
    /* Where two functions may come, one comes at its place. */
    const args = tells ? [...given(), ...Array(count).fill(null)].slice(0, count + 1) : given();
    owner[`${method}_async`](...args, null, (source, result) => {
      try {
        resolve(owner[`${method}_finish`](result));
      } catch (error) {
        reject(error);
      }
    });
  }));
  if (name !== 'Arbor.explain_analyze')
    assertEqual(`${name} called back`, called, expected);

  [owner] = ownerOf(name);
  const before = state();
  const cancellable = new Gio.Cancellable();
  cancellable.cancel();
  let caught = null;
  try {
    await owner[`${method}_async`](...given(), cancellable);
  } catch (error) {
    caught = error;
  }
  if (!isCancelled(caught))
    throw new Error(`${name} cancelled before it begins: ${caught}`);
  assertEqual(`${name} cancelled`, state(), before);
}

async function progress() {
  refill();
  for (const start of [
    tell => store.import_file_async('p', lines, null, tell),
    tell => store.import_stream_async('p', stream(), null, tell),
    tell => Arbor.load_file_async(lines, null, tell),
    tell => n.filter('a > 3').compute_async(tell),
    tell => n.save_file_async(`${folder}/saved`, Arbor.Format.JSON, null, null, tell, null),
  ]) {
    const seen = [];
    await start((done, total) => seen.push([done, total]));
    const [done, total] = seen[seen.length - 1] ?? [];
    if (!(done > 0 && done === total || total === 0))
      throw new Error(`${start}: told ${text(seen)}`);
  }
}

async function files() {
  refill();
  const saved = Gio.File.new_for_path(`${folder}/saved.jsonl`);
  await n.save_file_async(saved);
  await store.import_file_async('again', saved);
  assertEqual('a Gio.File', text(store.get('again')), text(n));
  assertEqual('a Gio.File', text(Arbor.load_file(saved)[0]), text(n));
}

async function mistakes() {
  for (const start of [() => n.get_async(0, 1), () => n.get_n_trees_async(5)]) {
    let caught = null;
    try {
      await start();
    } catch (error) {
      caught = error;
    }
    if (!(caught instanceof TypeError))
      throw new Error(`${start}: ${caught}`);
  }
}

const loop = new GLib.MainLoop(null, false);
let status = 1;

async function main() {
  for (const name of Object.keys(ASYNC))
    await walk(name);
  for (const name of Object.keys(ARGUMENTS)) {
    if (!(name in ASYNC))
      throw new Error(`${name} has no asynchronous form`);
  }
  await progress();
  await files();
  await mistakes();
  store.close();
  print(`${Object.keys(ASYNC).length} asynchronous forms`);
  status = 0;
}

main().catch(error => printerr(`${error}\n${error.stack}`)).finally(() => loop.quit());
loop.run();
GLib.spawn_command_line_sync(`rm -r ${folder}`);
System.exit(status);
