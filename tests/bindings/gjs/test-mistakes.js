// Wrong calls, and what is said of them: what mistakes.table, which is the argument, says for every language.

import Arbor from 'gi://Arbor?version=1.0';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import System from 'system';

const PEOPLE = [{name: 'Ada', height: 66, tags: ['a']}, {name: 'Bo', height: 81, tags: ['a']}];
const WORDS = {
  int: 'number', float: 'number', str: 'string', bytes: 'object', bool: 'boolean', None: 'null',
  list: 'an array', dict: 'object', 'a list': 'an array', 'a dict': 'an object',
};

const folder = GLib.dir_make_tmp('arbor-mistakes-XXXXXX');
const store = Arbor.Store.open(`${folder}/test.arbor`);
const closed = Arbor.Store.open(`${folder}/closed.arbor`);
closed.close();
const [, contents] = Gio.File.new_for_path(ARGV[0]).load_contents(null);
let nWrong = 0;
let n = 0;
for (const line of new TextDecoder().decode(contents).split('\n')) {
  if (line === '' || line.startsWith('#'))
    continue;
  n++;
  const [, code, , words] = line.split(' | ');
  const expected = words.replace(/<([\w ]+)>/g, (token, name) => name === 'folder' ? folder : WORDS[name]);
  const pattern = expected.split('…').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*');
  store.put('people', PEOPLE);
  const people = store.get('people');
  let said = 'no error';
  try {
    new Function('Arbor', 'store', 'people', 'tree', 'closed', `return ${code};`)(
      Arbor, store, people, people.get(0), closed);
  } catch (error) {
    said = error.message;
  }
  if (!new RegExp(`^${pattern}$`, 's').test(said)) {
    printerr(`${code}\n  expected ${expected}\n  found ${said}`);
    nWrong++;
  }
}
store.close();
for (const name of ['test', 'closed']) {
  GLib.unlink(`${folder}/${name}.arbor`);
  GLib.unlink(`${folder}/${name}.arbor-lock`);
}
GLib.rmdir(folder);
System.exit(nWrong > 0 || n < 100 ? 1 : 0);
