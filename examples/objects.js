#!/usr/bin/gjs -m
// Objects in GJS: classes of trees, and back.
//
//     gjs -m objects.js cities.arbor data/cities.jsonl

import Arbor from 'gi://Arbor?version=1.0';
import System from 'system';

class City {
  /**
   * @param {string} name
   */
  constructor(name, elevation = 0, country = '') {
    this.name = name;
    this.elevation = elevation;
    this.country = country;
  }
}

/**
 * @param {string} storePath
 * @param {string} dataPath
 */
function run(storePath, dataPath) {
  const store = Arbor.Store.open(storePath);
  store.import_file('cities', dataPath);

  const city = store.get('cities').get(0).to_object(City);
  print(`${city.name}: ${city.elevation} m`);

  // What the class does not know, such as the location, stays with the object.
  city.elevation++;
  const quito = new City('Quito', 2850, 'Ecuador');
  print(`Saved: ${store.upsert_objects('cities', 'name', [city, quito])}`);
  const cities = store.get('cities');
  print(cities.get(0).get('location').to_json());
  print(`Last: ${cities.get(cities.get_n_trees() - 1).dup_string('name')}`);

  store.put_objects('few', [new City('Oslo'), new City('Rome', 21, 'Italy')]);
  print(`Few: ${[...store.get('few')].map(tree => tree.to_object(City).name).join(', ')}`);
  store.close();
}

if (ARGV.length !== 2) {
  printerr('usage: objects.js STORE FILE');
  System.exit(2);
}
run(ARGV[0], ARGV[1]);
