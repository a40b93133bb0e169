#!/usr/bin/gjs -m
// The main job in GJS: open a store, import JSON Lines, filter, iterate, pick, close.
//
//     gjs -m quickstart.js cities.arbor data/cities.jsonl

import Arbor from 'gi://Arbor?version=1.0';
import GLib from 'gi://GLib';
import System from 'system';

/**
 * @param {string} storePath
 * @param {string} dataPath
 */
function run(storePath, dataPath) {
  const store = Arbor.Store.open(storePath);
  store.import_file('cities', dataPath);
  const cities = store.get('cities');

  const high = cities.filter(Arbor.Expr.parse('elevation > 1000'));
  print(`${cities.get_n_trees()} cities, ${high.get_n_trees()} above 1000 m`);
  for (const city of high)
    print(`${city.dup_string('name')}, ${city.dup_string('country')}: ${city.get_int64('elevation')} m`);

  const onDanube = cities.filter(Arbor.Expr.parse('any(rivers[*] == "Danube")'));
  print('On the Danube:');
  for (const fields of onDanube.pick(['name', 'location.lat']))
    print(JSON.stringify(fields));

  // Everything that came from the store ends with it.
  store.close();
  try {
    high.get_n_trees();
  } catch (error) {
    if (!(error instanceof GLib.Error) || !error.matches(Arbor.Error, Arbor.Error.CLOSED))
      throw error;
    print(`Closed: ${error.message}`);
  }
}

if (ARGV.length !== 2) {
  printerr('usage: quickstart.js STORE FILE');
  System.exit(2);
}
run(ARGV[0], ARGV[1]);
