#!/usr/bin/gjs -m
// Operations in GJS: order, groups, joins, JSONPath, columns.
//
//     gjs -m operations.js cities.arbor data/cities.jsonl

import Arbor from 'gi://Arbor?version=1.0';
import System from 'system';

const COUNTRIES = [
  {name: 'Egypt', continent: 'Africa'}, {name: 'Hungary', continent: 'Europe'},
  {name: 'Austria', continent: 'Europe'}, {name: 'Serbia', continent: 'Europe'},
];

/**
 * @param {string} storePath
 * @param {string} dataPath
 */
function run(storePath, dataPath) {
  const store = Arbor.Store.open(storePath);
  store.import_file('cities', dataPath);
  const cities = store.get('cities');

  for (const city of cities.sort_by('elevation', {descending: true}).head(2))
    print(`${city.dup_string('name')}: ${city.get_int64('elevation')} m`);

  // Values from outside are data, whatever they are.
  const low = cities.filter(Arbor.expr('elevation < ? and country != ?', 200, 'Egypt'));
  print(`Low: ${low.get_n_trees()}`);

  // Each city with the fields of its country; the country's own name has another name then.
  const countries = Arbor.from_native(COUNTRIES);
  const joined = cities.join(countries, 'country', {other_keys: 'name', suffix: '_of_country'});
  const groups = joined.group_by(['continent'])
    .aggregate({cities: 'count()', highest: 'max(elevation)'});
  print(groups.sort_by('continent').to_jsonl().trimEnd());

  const nested = countries.nest(cities, 'name', 'cities', {other_keys: 'country'}).get(0).to_native();
  print(`In ${nested.name}: ${nested.cities.length}`);

  const rivers = cities.query('$.rivers[*]').to_native();
  print(`Rivers: ${[...new Set(rivers)].sort().join(', ')}`);

  // All numbers at once, without an object for each tree.
  const elevations = cities.filter('elevation != null').column('elevation').to_float64_array();
  print(`Sum: ${elevations.reduce((sum, one) => sum + one, 0)} m`);
  print(`Found: ${cities.index_by('name').get('Cairo')?.dup_string('country')}`);
  store.close();
}

if (ARGV.length !== 2) {
  printerr('usage: operations.js STORE FILE');
  System.exit(2);
}
run(ARGV[0], ARGV[1]);
