/* All functions of the library from JavaScript, by what their introspection data says: each takes native
 * values wherever trees, arbors and expressions are taken, and refuses what is no argument of it. */

import Arbor from 'gi://Arbor?version=1.0';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import System from 'system';

const {FUNCTIONS, SIGNATURES} = imports.overrides.Arbor.signatures;

function readLines(path) {
  const [, text] = Gio.File.new_for_path(path).load_contents(null);
  return new TextDecoder().decode(text).split('\n').filter(line => line !== '' && line[0] !== '#');
}

const folder = GLib.dir_make_tmp('arbor-gjs-XXXXXX');
const store = Arbor.Store.open(`${folder}/test.arbor`, {create: true});
const PEOPLE = [{name: 'Ada', height: 66}, {name: 'Ek', height: 81}];

const people = () => store.get('people');
const MAKE = {
  Arbor: people,
  Builder: () => Arbor.Builder.new(),
  Cursor: () => people().cursor('height'),
  Expr: () => Arbor.path('name'),
  Groups: () => people().group_by(['name']),
  Index: () => people().index_by('height'),
  IndexOptions: () => new Arbor.IndexOptions(),
  JoinOptions: () => new Arbor.JoinOptions(),
  LoadOptions: () => new Arbor.LoadOptions(),
  NestOptions: () => new Arbor.NestOptions(),
  StoreOptions: () => new Arbor.StoreOptions(),
  Column: () => people().column('height'),
  Iter: () => people().iterator(),
  Matches: () => people().query('$..height'),
  Schema: () => people().infer_schema(),
  Query: () => people().lazy(),
  Store: () => store,
  Transaction: () => store.begin_transaction(),
  Tree: () => people().get(0),
};
const NATIVE = {
  'Tree': {name: 1}, 'Arbor': [{name: 1}], 'Expr': 'height > 1', 'Arbor[]': [[1], [2]],
  'Expr[]': ['height > 1'], 'GLib.Bytes': '{}',
};
const SAMPLE = {
  'utf8': 'height', 'filename': '/nonexistent/x', 'gboolean': true, 'gdouble': 0.5,
  'utf8[]': ['height'], 'gint64[]': [0], 'guint64[]': [0], 'SortFlags[]': null,
  'Gio.File': Gio.File.new_for_path('/nonexistent/x'), 'GLib.Variant': new GLib.Variant('i', 1),
  'Gio.InputStream': new Gio.MemoryInputStream(), 'Gio.OutputStream': Gio.MemoryOutputStream.new_resizable(),
  'BackupFlags': 0, 'gint': 0, 'gint64': 0, 'guint64': 0, 'guint': 0, 'gsize': 0, 'gssize': 0,
};
/* Values that are none of a type, and what is said of them. */
const WORDS = {
  int: 'number', float: 'number', str: 'string', bytes: 'object', bool: 'boolean', None: 'null',
  list: 'an array', dict: 'object', 'a list': 'an array', 'a dict': 'an object',
};
const WRONG = readLines(ARGV[1]).map(line => {
  const [types, , code, words] = line.split(' | ');
  return {types: types.split(' '), code, words, isSeen: false};
});
/* They act on the store, or on what the others are tried with. */
const LEFT_OUT = ['open', 'add_closed_func'];
/* They take elements of expressions, or fields in objects, which other tests look at. */
const OF_FIELDS = ['map', 'filter', 'min_by', 'max_by', 'select', 'add_fields', 'group_by', 'aggregate',
  'update_where', 'put_many', 'pick', 'nest', 'sort', 'is_in'];
let nNative = 0, nWrong = 0;
const problems = [];

function call(owner, name, isMethod, args) {
  store.put('people', PEOPLE);
  return (isMethod ? MAKE[owner]() : owner === '' ? Arbor : Arbor[owner])[name](...args);
}

function attempt(what, owner, name, isMethod, args) {
  try {
    call(owner, name, isMethod, args);
  } catch (error) {
    return error;
  }
  return null;
}

/* What is none of its type, for each parameter of a function, those behind it left out. */
function tryWrong(owner, name, isMethod, parameters, sample) {
  parameters.forEach(({label, type, isNullable, isGiven}, i) => {
    if (OF_FIELDS.includes(name) && /^(names|fields|paths|values|cancellable)$/.test(label) || owner === 'Expr' && /^Expr/.test(type))
      return;
    for (const wrong of WRONG.filter(one => one.types.includes(type))) {
      const isPath = name === 'set_keys' && label === 'paths' && wrong.code === "'abc'";
      if (isPath || wrong.code === 'null' && (isNullable || !isGiven))
        continue;
      nWrong++;
      wrong.isSeen = true;
      const args = [...sample.slice(0, i), new Function(`return ${wrong.code};`)()];
      for (let j = i + 1; j < sample.length && parameters[j].isGiven; j++)
        args.push(sample[j]);
      const error = attempt('wrong', owner, name, isMethod, args);
      const words = wrong.words.replace('{}', label).replace('{type}', type).replace(
        /<([\w ]+)>/g, (token, each) => WORDS[each]);
      const pattern = words.split('…').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*');
      if (!(error instanceof TypeError || error instanceof RangeError) ||
          !new RegExp(`^${pattern}$`, 's').test(error.message))
        problems.push(`${owner}.${name} with ${wrong.code} for ${label}: ${error}\n  expected ${words}`);
    }
  });
}

for (const [owner, functions] of Object.entries({...SIGNATURES, '': FUNCTIONS})) {
  for (const [name, {isMethod, parameters: texts}] of Object.entries(functions)) {
    if (name.startsWith('close') || name.endsWith('_async') || LEFT_OUT.includes(name) || isMethod && !(owner in MAKE))
      continue;
    const parameters = texts.map(text => {
      const [label, type] = text.split(/[:?=]/);
      return {label, type, isNullable: text.includes('?'), isGiven: !/[?=]/.test(text)};
    });
    const needed = parameters.filter(one => one.isGiven).map(one => one.type);
    const sample = parameters.map(one => one.isGiven ? NATIVE[one.type] ?? SAMPLE[one.type] : undefined);
    if (parameters.some((one, i) => one.isGiven && sample[i] === undefined))
      continue;
    if (!OF_FIELDS.includes(name) && needed.some(type => type in NATIVE)) {
      nNative++;
      const error = attempt('native', owner, name, isMethod, sample);
      if (error !== null && !(error instanceof GLib.Error))
        problems.push(`${owner}.${name} with native values: ${error}`);
    }
    tryWrong(owner, name, isMethod, parameters, sample);
    if (parameters.length > 0 && !OF_FIELDS.includes(name)) {
      const error = attempt('many', owner, name, isMethod,
        [...sample, ...Array(parameters.length + 1).fill(null)]);
      if (!(error instanceof TypeError))
        problems.push(`${owner}.${name} with too many arguments: ${error}`);
    }
  }
}
for (const {code, types, isSeen} of WRONG) {
  /* Members of enumerations have defaults, which null stands for. */
  if (!isSeen && code !== 'null')
    problems.push(`nothing takes ${types} to be given ${code}`);
}

/* What JavaScript adds is what the table of the languages says. */
const said = {}, added = {};
const note = (names, owner, name) => (names[owner] ??= new Set()).add(name);
for (const line of readLines(ARGV[0])) {
  const [owner, , name] = line.split('|').map(cell => cell.trim());
  if (!name.startsWith('- '))
    note(said, owner, name);
}
/* Accessors are properties, and what GJS has of the library says so in its text. */
function isAdded(owner, name) {
  const value = Object.getOwnPropertyDescriptor(owner, name)?.value;
  return typeof value === 'function' && !`${value}`.includes('wrapper for native symbol');
}
for (const [owner, functions] of Object.entries(SIGNATURES)) {
  for (const target of [Arbor[owner].prototype, Arbor[owner]]) {
    if (isAdded(target, Symbol.iterator))
      note(added, owner, '[Symbol.iterator]');
    for (const name of Object.getOwnPropertyNames(target)) {
      if (isAdded(target, name) && !(name in functions) && name !== 'constructor' && name !== 'toString' && !/^_|_finish$/.test(name))
        note(added, owner, name);
    }
  }
}
for (const name of Object.getOwnPropertyNames(Arbor)) {
  if (isAdded(Arbor, name) && Arbor[name].$gtype === undefined && !(name in FUNCTIONS) &&
    !/^_|_finish$/.test(name))
    note(added, 'functions', name);
}
for (const owner of new Set([...Object.keys(said), ...Object.keys(added)])) {
  const [has, should] = [added, said].map(names => [...names[owner] ?? []].sort().join(', '));
  if (has !== should) {
    problems.push(`JavaScript adds ${has} to ${owner}, and tests/bindings/counterparts.table says ${should}: ` +
      'each name needs a line with what the other languages have');
  }
}

/* Integers that no Number holds. */
store.put('large', [{n: 2n ** 63n - 1n, u: 2n ** 64n - 1n, small: -5, real: 1.5}]);
const large = store.get('large').get(0);
for (const [found, expected] of [
  [large.get_int64('n'), 2n ** 63n - 1n], [large.get_uint64('u'), 2n ** 64n - 1n],
  [large.get_int64('small'), -5], [large.to_native().n, 2n ** 63n - 1n],
]) {
  if (found !== expected)
    problems.push(`expected ${expected}, found ${found}`);
}
for (const wrong of [() => large.get_int64('u'), () => large.get_int64('real'),
  () => large.get_uint64('small'), () => large.get_int64('nonesuch')]) {
  try {
    problems.push(`${wrong} gave ${wrong()}`);
  } catch (error) {
    if (!(error instanceof GLib.Error))
      problems.push(`${wrong}: ${error}`);
  }
}
for (const [pattern, wrong] of [
  [/^the argument n_trees is missing$/, () => people().slice(1)],
  [/^head takes 1 arguments at most, found 2$/, () => people().head(1, 2)],
  [/^expected an integer for n_trees, found string$/, () => people().head('x')],
  [/^unknown option 'creat'/, () => Arbor.Store.open('x', {creat: true})],
  [/^expected the text of an expression, found number$/, () => Arbor.expr(5)],
]) {
  try {
    wrong();
    problems.push(`${wrong} gave no error`);
  } catch (error) {
    if (!(error instanceof TypeError) || !pattern.test(error.message))
      problems.push(`${wrong}: ${error}`);
  }
}
/* What is the same in Python. */
for (const [found, expected] of [
  [Arbor.when('height > 70').then('tall').otherwise(null).to_string(),
    'when height > 70 then "tall" otherwise null'],
  [Arbor.path('a').coalesce(1).to_string(), 'coalesce(a, 1)'],
  [JSON.stringify(people().query('$.height').to_native()), '[66,81]'],
  [[...people().query('$.height')].map(tree => tree.to_native()).join(), '66,81'],
  [JSON.stringify(people().infer_schema().to_native()[0]),
    '{"path":"height","kinds":{"int64":2},"optional":false}'],
  [people().index_by('name').get('Ek').to_native().height, 81],
  [people().index_by('name').get('Bo'), null],
  [people().join(people(), 'name', {kind: 'semi'}).get_n_trees(), 2],
]) {
  if (found !== expected)
    problems.push(`expected ${expected}, found ${found}`);
}
store.close();
if (nNative < 30 || nWrong < 1000)
  problems.push(`only ${nNative} and ${nWrong} calls`);
for (const problem of problems)
  printerr(problem);
System.exit(problems.length > 0 ? 1 : 0);
