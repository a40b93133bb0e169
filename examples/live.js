#!/usr/bin/gjs -m
// A live model in GJS: rows that follow the store, as a list of GTK would show them.
//
//     gjs -m live.js cities.arbor data/cities.jsonl

import Arbor from 'gi://Arbor?version=1.0';
import GLib from 'gi://GLib';
import System from 'system';

/**
 * What a program's main loop does by itself.
 *
 * @param {InstanceType<typeof Arbor.ListModel>} model
 */
function settle(model) {
  while (model.pending > 0)
    GLib.MainContext.default().iteration(true);
}

/**
 * @param {string} storePath
 * @param {string} dataPath
 */
function run(storePath, dataPath) {
  const store = Arbor.Store.open(storePath);
  store.import_file('cities', dataPath);

  const model = new Arbor.ListModel({store, name: 'cities', sort: 'elevation descending'});
  model.set_columns({name: 'name', elevation: 'elevation'});
  settle(model);
  model.connect('items-changed', (_model, position, removed, added) =>
    print(`At ${position}: ${removed} gone, ${added} new`));
  for (const row of model)
    print(`${row.name}: ${row.elevation} m`);

  // Commits, of this program or of another one: one place for each tree that came or went.
  const quito = Arbor.from_native([{name: 'Quito', country: 'Ecuador', elevation: 2850}]);
  store.append('cities', quito, null);
  store.delete_where('cities', 'name == "Cairo"');
  settle(model);
  print(`Highest: ${model.get_item(0)?.name}, of ${model.get_n_items()}`);

  model.search = 'DANUBE';
  settle(model);
  print(`Found: ${[...model].map(row => row.name).join(', ')}`);

  // Everything that came from the store ends with it.
  store.close();
  while (model.get_n_items() > 0)
    GLib.MainContext.default().iteration(true);
  print(`Closed: ${model.error.message}`);
}

if (ARGV.length !== 2) {
  printerr('usage: live.js STORE FILE');
  System.exit(2);
}
run(ARGV[0], ARGV[1]);
