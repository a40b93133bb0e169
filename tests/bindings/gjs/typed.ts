/* What the compiler is to find right, and, where a comment says so, wrong. It is checked, not run. */

/// <reference path="Arbor.d.ts" />

import Arbor from 'gi://Arbor?version=1.0';
import type {Column, Index, Query, Store, Tree} from 'gi://Arbor?version=1.0';

export function work(path: string): number {
  const store: Store = Arbor.Store.open(path, {create: true});
  store.put('people', [{name: 'Ek', height: 81}]);
  store.put_many({x: [1], y: store.get('people')});
  const model = new Arbor.ListModel({store, name: 'people', filter: 'height > 80'});
  model.filter = 'height > 70';
  model.filter = Arbor.path('height').gt(60);
  const people = store.get('people');
  let tall = people.filter(Arbor.path('height').gt(80).both(Arbor.expr('name == ?', 'Ek')));
  tall = tall.sort_by('height', {descending: true}).top_k(3, ['name']);
  const query: Query = tall.lazy().select({a: 'height + 1'}).group_by({a: 'a'}, {n: 'count()'});
  const first: Tree = query.execute().get(0);
  const text: string = first.to_json();
  const index: Index = people.index_by('name', {duplicates: 'first'});
  const found: Tree | null = index.look_up('Ek');
  const edited: Tree = first.set_value('a.b', [1, {c: 2}]).merge_patch({a: null});
  store.upsert('people', 'name', [{name: 'Ek', height: 82}]);
  let n: number = Number(edited.get_int64('x')) + text.length;
  for (const tree of people)
    n += tree.to_json().length;
  for (const [key, members] of people.group_by({name: 'name'}))
    n += key.to_json().length + members.get_n_trees();
  return n + (found === null ? 0 : 1);
}

export async function wait(path: string): Promise<number> {
  const store = await Arbor.Store.open_async(path);
  const column: Column = await store.get('people').get_column_async('height');
  return store.transact(transaction => {
    transaction.put('x', [1]);
    return column.get_n_rows();
  }, {retries: 2});
}

export function wrong(store: Store): void {
  store.put(5, [1]); // WRONG
  store.fliter('a'); // WRONG
  store.get('a').filter(5); // WRONG
  Arbor.Store.open('a', {creat: true}); // WRONG
  store.get('a').sort_by('a', {descend: true}); // WRONG
  const text: string = store.get('a').get_n_trees(); // WRONG
  print(text); // WRONG
}
