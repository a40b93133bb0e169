// Live models and rows through JavaScript.

import Arbor from 'gi://Arbor?version=1.0';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import System from 'system';

const folder = GLib.dir_make_tmp('arbor-gjs-XXXXXX');
const store = Arbor.Store.open(`${folder}/test.arbor`, null, null);

function assertEqual(found, expected) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b)
    throw new Error(`expected ${b}, found ${a}`);
}

function shown(model) {
  while (model.pending > 0)
    GLib.MainContext.default().iteration(true);
  return [...model].map(row => row.get('n').to_native());
}

const Target = GObject.registerClass({
  Properties: {n: GObject.ParamSpec.int64('n', '', '', GObject.ParamFlags.READWRITE, 0, 100, 0)},
}, class Target extends GObject.Object {});

class Place {
  constructor() {
    throw new Error('not called');
  }

  get sum() {
    return this.a + this.b.length;
  }
}

function runObjects() {
  const tree = Arbor.from_native([{a: 1, b: [2, 3]}]).get(0);
  const place = tree.to_object(Place);
  assertEqual([place instanceof Place, place.sum], [true, 3]);
  place.a = 5;
  store.put_objects('places', [place, {a: 6, b: [], at: new Date(0)}]);
  assertEqual(store.get('places').to_native(),
    [{a: 5, b: [2, 3]}, {a: 6, b: [], at: '1970-01-01T00:00:00.000Z'}]);
  assertEqual(store.upsert_objects('places', 'a', [{a: 6, b: [1]}]), 1);

  const target = Arbor.from_native([{n: 3, more: 'x'}]).get(0).to_object(Target);
  assertEqual([target instanceof Target, target.n], [true, 3]);
  target.n = 4;
  store.put_objects('targets', [target]);
  assertEqual(store.get('targets').to_native(), [{n: 4, more: 'x'}]);
  const model = Arbor.ObjectModel.new(store.get('targets'), Target);
  assertEqual(model.get_item(0).n, 4);
}

function run() {
  runObjects();
  store.put('a', [{n: 1, s: 'x'}, {n: 2, s: 'y'}, {n: 3, s: 'Z'}]);
  const model = Arbor.ListModel.new(store, 'a');
  const told = [];
  assertEqual(shown(model), [1, 2, 3]);
  model.connect('items-changed', (_model, ...splice) => told.push(splice));
  const third = model.get_item(2);
  store.delete_where('a', 'n == 2');
  store.append('a', Arbor.read_jsonl('{"n":4}'), null);
  assertEqual(shown(model), [1, 3, 4]);
  assertEqual(told.length > 0, true);
  assertEqual(model.get_item(1) === third, true);

  model.set_filter('n > 1');
  assertEqual(shown(model), [3, 4]);
  /* By the property, too. */
  model.filter = 'n < 2';
  assertEqual(shown(model), [1]);
  assertEqual(`${model.filter}`, 'n < 2');
  model.filter = Arbor.path('n').eq(4);
  assertEqual(shown(model), [4]);
  let caught = null;
  try {
    model.filter = 5;
  } catch (error) {
    caught = error;
  }
  assertEqual(caught instanceof TypeError, true);
  model.filter = null;
  assertEqual(shown(model), [1, 3, 4]);
  model.sort_by('n', {descending: true});
  assertEqual(model.sort, 'n descending');
  assertEqual(shown(model), [4, 3, 1]);
  model.search = 'z';
  assertEqual(shown(model), [3]);
  model.search = null;
  model.sort = 'bad (';
  assertEqual(model.error.matches(Arbor.error_quark(), Arbor.Error.EXPRESSION), true);
  model.sort = 'n';
  assertEqual(shown(model), [1, 3, 4]);
  assertEqual(model.error, null);

  model.set_columns({n: 'n', 'the text': 's'});
  const row = model.get_item(1);
  assertEqual(row instanceof Arbor.Row, true);
  assertEqual([row.n, row.the_text, row.tree.to_native()], [3, 'Z', {n: 3, s: 'Z'}]);
  assertEqual(model.dup_column_property('the text'), 'the-text');
  const target = new Target();
  row.bind_property('n', target, 'n', GObject.BindingFlags.SYNC_CREATE);
  assertEqual(target.n, 3);

  const other = new Arbor.ListModel({store, name: 'a', filter: 'n > 1', sort: 'n descending',
    columns: {m: 'n + 1'}});
  assertEqual(shown(other), [4, 3]);
  assertEqual([other.get_item(0).m, other.get_item(0).keys()], [5, ['n']]);
  assertEqual([...other.get_item(0)].map(([key, tree]) => [key, tree.to_native()]), [['n', 4]]);
  assertEqual(new Arbor.ListModel().get_n_items(), 0);

  store.close();
  while (model.get_n_items() > 0)
    GLib.MainContext.default().iteration(true);
  assertEqual(model.error.matches(Arbor.error_quark(), Arbor.Error.CLOSED), true);
  assertEqual(row.n, 0);
  let error = null;
  try {
    row.get_tree();
  } catch (caught) {
    error = caught;
  }
  assertEqual(error.matches(Arbor.error_quark(), Arbor.Error.CLOSED), true);
}

let status = 0;
try {
  run();
} catch (error) {
  printerr(`${error}\n${error.stack}`);
  status = 1;
}
for (const name of ['test.arbor', 'test.arbor-lock'])
  GLib.unlink(`${folder}/${name}`);
GLib.rmdir(folder);
System.exit(status);
