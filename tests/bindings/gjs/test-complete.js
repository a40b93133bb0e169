/* All functions of the library from JavaScript, by what their introspection data says: each takes native
 * values wherever trees, arbors and expressions are taken, and refuses what is no argument of it. */

import Arbor from 'gi://Arbor?version=1.0';
import GLib from 'gi://GLib';
import System from 'system';

const {SIGNATURES} = imports.overrides.Arbor.signatures;

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
  'gint64': 0, 'guint64': 0, 'guint': 0, 'gsize': 0, 'gssize': 0,
};
const WRONG = {
  'utf8': 5, 'filename': 5, 'gboolean': 1, 'gdouble': 'x', 'GLib.Variant': 5, 'utf8[]': [5],
  'gint64': 'x', 'guint64': 1.5, 'guint': 'x', 'gsize': null, 'gssize': {}, 'Tree': Symbol('x'),
  'Arbor': 5, 'Expr': Symbol('x'), 'Gio.Cancellable': 5, 'Gio.InputStream': 5, 'Duplicates': 'x',
  'JoinKind': 'x', 'LoadOptions': {nonesuch: 1}, 'StoreOptions': {nonesuch: 1},
};
/* They take elements of expressions, or fields in objects, which other tests look at. */
const OTHERWISE = ['map', 'filter', 'min_by', 'max_by', 'select', 'add_fields', 'group_by', 'aggregate',
  'update_where', 'put_many', 'pick', 'nest', 'sort', 'is_in'];
let nNative = 0, nWrong = 0;
const problems = [];

function call(owner, name, isMethod, args) {
  store.put('people', PEOPLE);
  return isMethod ? MAKE[owner]()[name](...args) : Arbor[owner][name](...args);
}

function attempt(what, owner, name, isMethod, args) {
  try {
    call(owner, name, isMethod, args);
  } catch (error) {
    return error;
  }
  return null;
}

for (const [owner, functions] of Object.entries(SIGNATURES)) {
  if (!(owner in MAKE))
    continue;
  for (const [name, {isMethod, parameters}] of Object.entries(functions)) {
    if (name.startsWith('close') || name.endsWith('_async') || OTHERWISE.includes(name) ||
        name === 'open')
      continue;
    const needed = parameters.filter(text => !text.includes('?') && !text.includes('=')).map(
      text => text.split(':')[1]);
    const sample = needed.map(type => NATIVE[type] ?? SAMPLE[type]);
    if (sample.includes(undefined))
      continue;
    if (needed.some(type => type in NATIVE)) {
      nNative++;
      const error = attempt('native', owner, name, isMethod, sample);
      if (error !== null && !(error instanceof GLib.Error))
        problems.push(`${owner}.${name} with native values: ${error}`);
    }
    needed.forEach((type, i) => {
      if (!(type in WRONG))
        return;
      nWrong++;
      const args = sample.map((value, j) => i === j ? WRONG[type] : value);
      const error = attempt('wrong', owner, name, isMethod, args);
      if (!(error instanceof TypeError))
        problems.push(`${owner}.${name} with a wrong ${type}: ${error}`);
    });
    if (parameters.length > 0) {
      const error = attempt('many', owner, name, isMethod,
        [...sample, ...Array(parameters.length + 1).fill(null)]);
      if (!(error instanceof TypeError))
        problems.push(`${owner}.${name} with too many arguments: ${error}`);
    }
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
  [people().join(people(), 'name', null, 'semi').get_n_trees(), 2],
]) {
  if (found !== expected)
    problems.push(`expected ${expected}, found ${found}`);
}
store.close();
if (nNative < 30 || nWrong < 100)
  problems.push(`only ${nNative} and ${nWrong} calls`);
for (const problem of problems)
  printerr(problem);
System.exit(problems.length > 0 ? 1 : 0);
