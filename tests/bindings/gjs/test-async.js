// Every ..._async gives a promise, takes what its synchronous twin takes, and gives the same; so does one
// that is called back, and one that is cancelled before it begins fails and does nothing.

import Arbor from 'gi://Arbor?version=1.0';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import System from 'system';

const {ASYNC} = imports.overrides.Arbor.asyncs;
const {FUNCTIONS, SIGNATURES} = imports.overrides.Arbor.signatures;
const TREES = Array.from({length: 40}, (_, i) => ({a: i, g: i % 3, s: `text ${i}`, b: {c: [i, 'x']}}));

const folder = GLib.dir_make_tmp('arbor-gjs-async-XXXXXX');
const lines = `${folder}/lines`;
const dump = `${folder}/dump`;
GLib.file_set_contents(lines, '{"a":1}\n{"a":2}\n');
GLib.file_set_contents(dump, `{"arbor_dump":1,"arbors":1}\n{"arbor":"n","trees":1}\n{"a":1}\n{"end":true,"trees":1}\n`);
let store = Arbor.Store.open(`${folder}/test.arbor`);
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
  'Store.open_gfile': () => Arbor.Store,
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

/* A file that is not there. */
let n_passing = 0;
function passing() {
  return `${folder}/passing-${n_passing++}`;
}

/* The arguments of those that take some, as the synchronous form takes them. */
const ARGUMENTS = {
  'read_json': () => ['{"a": 1}'],
  'read_jsonl': () => ['1\n2\n'],
  'read_csv': () => ['a,b\n1,2\n'],
  'load_bytes': () => ['1\n2\n'],
  'load_file': () => [lines],
  'load_gfile': () => [Gio.File.new_for_path(lines)],
  'load_stream': () => [stream()],
  'Store.open': () => [`${folder}/test.arbor`],
  'Store.open_gfile': () => [Gio.File.new_for_path(`${folder}/test.arbor`)],
  'Store.get': () => ['n'],
  'Store.contains': () => ['n'],
  'Store.put': () => ['new', [{a: 5}]],
  'Store.put_many': () => [['n', 'm'], [Arbor.from_native([1]), Arbor.from_native([2])]],
  'Store.append': () => ['n', Arbor.from_native([7])],
  'Store.replace': () => ['n', 1, 2, Arbor.from_native([8])],
  'Store.rename': () => ['n', 'm'],
  'Store.delete': () => ['n'],
  'Store.set_keys': () => ['n', 'a', 'none'],
  'Store.delete_where': () => ['n', 'a > 1'],
  'Store.update_where': () => ['n', 'a > 1', {b: 7}],
  'Store.upsert': () => ['n', 'a', Arbor.from_native([{a: 1, b: 2}, {a: 90}])],
  'Store.put_objects': () => ['new', [{a: 5}, n.get(1)]],
  'Store.upsert_objects': () => ['n', 'a', [{a: 1, b: 2}]],
  'Store.import_file': () => ['n', lines],
  'Store.import_gfile': () => ['n', Gio.File.new_for_path(lines)],
  'Store.import_stream': () => ['n', stream()],
  'Store.backup': () => [passing(), Arbor.BackupFlags.NONE],
  'Store.backup_gfile': () => [Gio.File.new_for_path(passing()), Arbor.BackupFlags.NONE],
  'Store.backup_stream': () => [Gio.MemoryOutputStream.new_resizable(), Arbor.BackupFlags.NONE],
  'Store.dump': () => [passing()],
  'Store.dump_gfile': () => [Gio.File.new_for_path(passing())],
  'Store.dump_stream': () => [Gio.MemoryOutputStream.new_resizable()],
  'Store.load': () => [dump],
  'Store.load_gfile': () => [Gio.File.new_for_path(dump)],
  'Store.load_stream': () => [Gio.File.new_for_path(dump).read(null)],
  'verify_file': () => [`${folder}/test.arbor`],
  'verify_gfile': () => [Gio.File.new_for_path(`${folder}/test.arbor`)],
  'recover_file': () => [`${folder}/test.arbor`, passing()],
  'recover_gfile': () => [Gio.File.new_for_path(`${folder}/test.arbor`), Gio.File.new_for_path(passing())],
  'Transaction.get': () => ['n'],
  'Transaction.contains': () => ['n'],
  'Transaction.expect': () => ['n', 0],
  'Transaction.put': () => ['n', [1]],
  'Transaction.append': () => ['n', [1]],
  'Transaction.replace': () => ['n', 0, 3],
  'Transaction.rename': () => ['n', 'm'],
  'Transaction.delete': () => ['n'],
  'Transaction.set_keys': () => ['n', 'a', 'none'],
  'Arbor.get': () => [5],
  'Arbor.find': () => [5],
  'Arbor.find_string': () => ['x'],
  'Arbor.find_int64': () => [5],
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
  'Arbor.save_gfile': () => [Gio.File.new_for_path(`${folder}/saved.jsonl`)],
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

/* What was begun when the store is closed ends as it would have ended, or is closed. */
async function closing(name) {
  const given = ARGUMENTS[name] ?? (() => []);
  let [owner, method] = ownerOf(name);
  const attempt = async call => {
    try {
      return [null, await call()];
    } catch (error) {
      return [error, null];
    }
  };
  const [expected] = await attempt(() => owner[method](...filled(owner[method], given())));

  [owner] = ownerOf(name);
  const call = attempt(() => owner[`${method}_async`](...given()));
  store.close();
  store = Arbor.Store.open(`${folder}/test.arbor`);
  const [error, result] = await call;
  if (error?.matches?.(Arbor.Error, Arbor.Error.CLOSED)) {
    assertEqual(`${name} closed in the middle`, error.message, 'ArborStore has been closed');
    nClosed++;
  } else {
    assertEqual(`${name} closed in the middle`, `${error}`, `${expected}`);
  }
  /* What came of it is closed, too, or needs no store. */
  const [later] = await attempt(() => text(result));
  if (later !== null && !later.matches?.(Arbor.Error, Arbor.Error.CLOSED))
    throw new Error(`${name} gave what is not closed: ${later}`);
}

/* GJS writes down what a callback throws, and all goes on. */
async function throwingBack() {
  let n = 0;
  for (const [name, [count, tells]] of Object.entries(ASYNC)) {
    const [owner, method] = ownerOf(name);
    const given = (ARGUMENTS[name] ?? (() => []))();
    const args = tells ? [...given, ...Array(count).fill(null)].slice(0, count + 1) : given;
    await new Promise(resolve => owner[`${method}_async`](...args, null, () => {
      n++;
      resolve();
      throw new RangeError('enough');
    }));
  }
  refill();
  print(n);
}

/* In a process of its own, in which what GJS writes is not the end. */
function checkThrowingBack() {
  const launcher = Gio.SubprocessLauncher.new(Gio.SubprocessFlags.STDOUT_PIPE | Gio.SubprocessFlags.STDERR_PIPE);
  launcher.unsetenv('G_DEBUG');
  const child = launcher.spawnv(['gjs', '-m', System.programPath, 'throw']);
  const [, told, written] = child.communicate_utf8(null, null);
  const n = Object.keys(ASYNC).length;
  assertEqual('callbacks that throw', told, `${n}\n`);
  assertEqual('what is written down', written.match(/JS ERROR: RangeError: enough/g).length, n);
  assertEqual('other criticals', written.match(/CRITICAL/g).length, n);
}

/* A function that says how far it is ends the call when it throws, and that is what comes of it. */
async function throwing(name) {
  const [count, tells] = ASYNC[name];
  if (!tells)
    return;
  const progress = () => {
    throw new RangeError('enough');
  };
  const given = ARGUMENTS[name] ?? (() => []);
  for (const suffix of ['_async', '']) {
    const [owner, method] = ownerOf(name);
    if (suffix === '' && !takesProgress(name))
      continue;
    const before = state();
    let caught = null;
    try {
      const args = [...given(), ...Array(count).fill(null)].slice(0, count);
      await owner[`${method}${suffix}`](...args, progress);
    } catch (error) {
      caught = error;
    }
    if (!(caught instanceof RangeError))
      throw new Error(`${name}${suffix} whose progress throws: ${caught}`);
    /* The thread of an asynchronous form may have come to its end meanwhile. */
    if (suffix === '')
      assertEqual(`${name} whose progress throws`, state(), before);
    nThrown++;
  }
}

/* Whether the synchronous form tells how far it is. */
function takesProgress(name) {
  const [cls, method] = name.includes('.') ? name.split('.') : ['', name];
  const {parameters} = (cls === '' ? FUNCTIONS : SIGNATURES[cls])[method];
  return parameters.some(one => one.startsWith('progress:'));
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

/* A Gio.File that has no path: a resource of the program. */
function resourceFile(name, contents) {
  const write = (path, data) => GLib.file_set_contents(`${folder}/${path}`, data);
  write(name, contents);
  write('test.xml', `<gresources><gresource prefix="/test"><file>${name}</file></gresource></gresources>`);
  const compiler = Gio.Subprocess.new(['glib-compile-resources', '--sourcedir', folder, '--target',
    `${folder}/test.gresource`, `${folder}/test.xml`], Gio.SubprocessFlags.NONE);
  compiler.wait_check(null);
  Gio.resources_register(Gio.Resource.load(`${folder}/test.gresource`));
  return Gio.File.new_for_uri(`resource:///test/${name}`);
}

async function files() {
  refill();
  const saved = Gio.File.new_for_path(`${folder}/saved.jsonl`);
  await n.save_file_async(saved);
  await store.import_file_async('again', saved);
  assertEqual('a Gio.File', text(store.get('again')), text(n));
  assertEqual('a Gio.File', text(Arbor.load_file(saved)[0]), text(n));

  /* One without a path is read as a stream, and told where only a path does. */
  const away = resourceFile('people.jsonl', '{"a":1}\n{"a":2}\n');
  const rows = '[{"a":1},{"a":2}]';
  assertEqual('a resource', away.get_path(), null);
  store.import_file('away', away, {skip_bad: true});
  assertEqual('a resource', text(store.get('away')), rows);
  await store.import_file_async('later', away, null, () => null);
  assertEqual('a resource', text(store.get('later')), rows);
  assertEqual('a resource', text(Arbor.load_file(away)[0]), rows);
  assertEqual('a resource', text((await Arbor.load_file_async(away))[0]), rows);
  for (const start of [async () => Arbor.Store.open(away), () => Arbor.Store.open_async(away),
    async () => n.save_file(away), () => n.save_file_async(away)]) {
    let caught = null;
    try {
      await start();
    } catch (error) {
      caught = error;
    }
    if (!caught?.matches?.(Arbor.Error, Arbor.Error.NOT_SUPPORTED) ||
        !caught.message.startsWith(`'${away.get_uri()}' has no path on this machine: `))
      throw new Error(`${start}: ${caught}`);
  }
}

async function loops() {
  refill();
  const seen = [];
  for await (const tree of n)
    seen.push(tree.to_native());
  assertEqual('for await', text(seen), text(n));
  for await (const tree of n.filter('a > 3')) {
    assertEqual('the first', tree.to_native().a, 4);
    break;
  }
  assertEqual('a tree as text', `${n.get(0)}`, n.get(0).to_json());
  assertEqual('an arbor as text', `${n}`, n.to_string());
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

let nThrown = 0;
let nClosed = 0;
const loop = new GLib.MainLoop(null, false);
let status = 1;

async function main() {
  if (ARGV[0] === 'throw') {
    await throwingBack();
    status = 0;
    return;
  }
  for (const name of Object.keys(ASYNC))
    await walk(name);
  for (const name of Object.keys(ASYNC))
    await throwing(name);
  for (const name of Object.keys(ASYNC))
    await closing(name);
  if (nClosed === 0)
    throw new Error('no call was closed in the middle');
  if (nThrown < 40)
    throw new Error(`only ${nThrown} functions say how far they are`);
  for (const name of Object.keys(ARGUMENTS)) {
    if (!(name in ASYNC))
      throw new Error(`${name} has no asynchronous form`);
  }
  checkThrowingBack();
  await progress();
  await files();
  await loops();
  await mistakes();
  store.close();
  print(`${Object.keys(ASYNC).length} asynchronous forms`);
  status = 0;
}

main().catch(error => printerr(`${error}\n${error.stack}`)).finally(() => loop.quit());
loop.run();
GLib.spawn_command_line_sync(`rm -r ${folder}`);
System.exit(status);
