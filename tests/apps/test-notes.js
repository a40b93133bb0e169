// Notes in a window of their own: typed, found, deleted, undone, and what the shell's search asks by D-Bus.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import System from 'system';

import {Application, ID} from '../../examples/notes/application.js';
import {Notebook} from '../../examples/notes/notebook.js';

const folder = GLib.Dir.make_tmp('arbor-notes-XXXXXX');
const context = GLib.MainContext.default();
let failure = null;

function assertEqual(actual, expected) {
  if (JSON.stringify(actual) !== JSON.stringify(expected))
    throw new Error(`expected ${JSON.stringify(expected)}, found ${JSON.stringify(actual)}`);
}

function later(milliseconds) {
  return new Promise(resolve => GLib.timeout_add(GLib.PRIORITY_DEFAULT, milliseconds, () => {
    resolve();
    return GLib.SOURCE_REMOVE;
  }));
}

async function until(condition) {
  while (!condition())
    await later(10);
}

function titles(model) {
  return Array.from({length: model.get_n_items()}, (_, i) => model.get_item(i).title);
}

function call(application, method, parameters, type) {
  const connection = application.get_dbus_connection();
  return new Promise((resolve, reject) => connection.call(connection.get_unique_name(),
    '/org/example/ArborNotes/SearchProvider', 'org.gnome.Shell.SearchProvider2', method, parameters,
    type === null ? null : new GLib.VariantType(type), Gio.DBusCallFlags.NONE, -1, null, (_connection, result) => {
      try {
        resolve(connection.call_finish(result)?.recursiveUnpack());
      } catch (error) {
        reject(error);
      }
    }));
}

async function write(window, text) {
  await window.newNote();
  window.text.buffer.text = text;
  await window.saveNow();
}

async function play(application) {
  const {window, notebook} = application;
  const {model} = notebook;

  // Saved by itself, once nobody types any more.
  await window.newNote();
  window.text.buffer.text = 'Buy milk\nand bread';
  await until(() => model.get_n_items() === 1);
  assertEqual(titles(model), ['Buy milk']);
  await write(window, 'Call Ada');
  await write(window, 'Bread recipe');
  await until(() => model.get_n_items() === 3);
  assertEqual(titles(model), ['Bread recipe', 'Call Ada', 'Buy milk']);

  // Found as somebody types.
  window.search.text = 'bread';
  window.search.emit('search-changed');
  await until(() => model.pending === 0 && model.get_n_items() === 2);
  assertEqual(titles(model), ['Bread recipe', 'Buy milk']);
  window.search.text = '';
  window.search.emit('search-changed');
  await until(() => model.pending === 0 && model.get_n_items() === 3);

  // Chosen, deleted, undone.
  window.selection.selected = 1;
  assertEqual(window.text.buffer.text, 'Call Ada');
  await window.deleteNote();
  await until(() => model.get_n_items() === 2);
  await window.undo();
  await until(() => model.get_n_items() === 3);

  // Somebody else writes.
  const other = new Notebook(GLib.build_filenamev([folder, 'notes.arbor']));
  await other.save('theirs', 'Bread of theirs');
  other.close();
  await until(() => model.get_n_items() === 4);

  // The shell's search.
  if (application.get_dbus_connection() !== null) {
    const [ids] = await call(application, 'GetInitialResultSet', new GLib.Variant('(as)', [['bread']]), '(as)');
    assertEqual(ids.length, 3);
    const [fewer] = await call(application, 'GetSubsearchResultSet',
      new GLib.Variant('(asas)', [ids, ['bread', 'theirs']]), '(as)');
    assertEqual(fewer, ['theirs']);
    const [metas] = await call(application, 'GetResultMetas', new GLib.Variant('(as)', [['theirs', 'none']]),
      '(aa{sv})');
    assertEqual(metas, [{id: 'theirs', name: 'Bread of theirs', description: 'Bread of theirs'}]);
    await call(application, 'ActivateResult', new GLib.Variant('(sasu)', ['theirs', ['bread'], 0]), null);
    assertEqual(window.text.buffer.text, 'Bread of theirs');
  }

  // Closing ends all of it.
  notebook.close();
  await until(() => model.get_n_items() === 0);
}

const application = new Application(folder);
application.connect_after('activate', () => {
  if (application.window.isPlayed)
    return;
  application.window.isPlayed = true;
  play(application).catch(error => {
    failure = error;
  }).finally(() => application.quit());
});
application.run([ID]);
if (failure !== null) {
  printerr(`${failure.message}\n${failure.stack}`);
  System.exit(1);
}
