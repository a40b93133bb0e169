// The notes of a store: each has an id, its text and when it was written. What is saved is told by the live
// model, whoever has written it.

import Arbor from 'gi://Arbor?version=1.0';
import GLib from 'gi://GLib';

const NAME = 'notes';
const TITLE_LENGTH = 60;

export class Notebook {
  constructor(path) {
    this.store = Arbor.Store.open(path);
    this.store.watch = true;
    this.store.auto_refresh = true;
    if (!this.store.contains(NAME)) {
      this.store.put(NAME, Arbor.from_native([]), null);
      this.store.set_keys(NAME, ['id'], Arbor.KeyFlags.UNIQUE, null, null);
    }
    this.model = new Arbor.ListModel({store: this.store, name: NAME, sort: 'written descending'});
    this.model.set_columns({
      id: 'id',
      text: 'text',
      title: `substring(get(split(strip(text), '\\n'), 0), 0, ${TITLE_LENGTH})`,
    });
    this._undo = [];
  }

  get canUndo() {
    return this._undo.length > 0;
  }

  // null: there is none.
  find(id) {
    const tree = this.store.get(NAME).find(id);
    return tree === null ? null : tree.to_native();
  }

  // Waits for the disk in a thread of the library.
  async save(id, text) {
    const before = this.find(id);
    if (before?.text === text)
      return;
    await this._write(id, {id, text, written: GLib.DateTime.new_now_utc().format_iso8601()});
    // Typing on is one change.
    if (this._undo.at(-1)?.id !== id || before === null)
      this._undo.push({id, before});
  }

  async remove(id) {
    const before = this.find(id);
    if (before === null)
      return;
    await this._write(id, null);
    this._undo.push({id, before});
  }

  async undo() {
    const change = this._undo.pop();
    if (change)
      await this._write(change.id, change.before);
  }

  async _write(id, note) {
    if (note === null)
      await this.store.delete_where_async(NAME, Arbor.expr('id == ?', id), null);
    else
      await this.store.upsert_async(NAME, 'id', Arbor.from_native([note]), null);
  }

  // Ids of the notes that have all these words, the newest first.
  search(words, ids = null) {
    let notes = this.store.get(NAME);
    for (const word of words)
      notes = notes.filter(Arbor.expr('contains(casefold(text), casefold(?))', word));
    const found = [...notes.sort_by('written descending')].map(tree => tree.to_native().id);
    return ids === null ? found : found.filter(id => ids.includes(id));
  }

  close() {
    this.store.close();
  }
}

export function makeId() {
  return GLib.uuid_string_random();
}

export function getTitle(text) {
  return text.trim().split('\n')[0].slice(0, TITLE_LENGTH);
}
