#!/usr/bin/gjs -m
// Writing in GJS: transactions, changes, asynchronous calls, closing.
//
//     gjs -m writing.js cities.arbor data/cities.jsonl

import Arbor from 'gi://Arbor?version=1.0';
import GLib from 'gi://GLib';
import System from 'system';

/**
 * In a thread of the library, while the main loop goes on.
 *
 * @param {InstanceType<typeof Arbor.Store>} store
 */
async function writeLater(store) {
  await store.append_async('log', [{what: 'appended'}]);
  print(`Log: ${await store.get('log').get_n_trees_async()}`);
}

/** @param {Promise<void>} promise */
function wait(promise) {
  const loop = new GLib.MainLoop(null, false);
  /** @type {unknown} */
  let failure = null;
  promise.catch(error => (failure = error)).finally(() => loop.quit());
  loop.run();
  if (failure !== null)
    throw failure;
}

/**
 * @param {string} storePath
 * @param {string} dataPath
 */
function run(storePath, dataPath) {
  const store = Arbor.Store.open(storePath);
  store.import_file('cities', dataPath);
  // Who may only look is given this.
  const token = store.dup_close_token();
  if (token === null)
    return;
  const observer = Arbor.CloseObserver.new(token);
  observer.connect('closed', () => print('Told of closing'));

  // All or nothing, and others see all of it or nothing.
  const transaction = store.begin_transaction();
  transaction.put('log', [{what: 'begun'}]);
  transaction.put('countries', [{name: 'Egypt'}]);
  transaction.commit();
  print(`Names: ${store.list_names().sort().join(', ')}`);

  print(`Changed: ${store.update_where('cities', 'elevation < 100', {is_low: true})}`);
  print(`Deleted: ${store.delete_where('cities', 'country == "Colombia"')}`);
  const egypt = store.get('countries').get(0).set_value('capital', 'Cairo').set_value('area', 1002450);
  print(`Upserted: ${store.upsert('countries', 'name', [egypt])}`);
  print(store.get('countries').get(0).to_json());

  // A tree is found by its key without a look at the others, and no two have the same.
  store.set_keys('countries', ['name'], Arbor.KeyFlags.UNIQUE, null, null);
  print(`The capital of Egypt: ${store.get('countries').find_string('Egypt')?.dup_string('capital')}`);
  try {
    store.append('countries', [{name: 'Egypt'}]);
  } catch (error) {
    print('The name Egypt is taken');
  }

  wait(writeLater(store));

  store.close();
  print(`Closed: ${observer.is_closed() ? 'yes' : 'no'}`);
  try {
    observer.check();
  } catch (error) {
    if (!(error instanceof GLib.Error) || !error.matches(Arbor.Error, Arbor.Error.CLOSED))
      throw error;
    print(error.message);
  }
}

if (ARGV.length !== 2) {
  printerr('usage: writing.js STORE FILE');
  System.exit(2);
}
run(ARGV[0], ARGV[1]);
