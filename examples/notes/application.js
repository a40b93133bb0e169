// Notes: one window, and the search provider while the program runs.

import Adw from 'gi://Adw?version=1';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Gio from 'gi://Gio';

import {Notebook} from './notebook.js';
import {SearchProvider} from './search-provider.js';
import {Window} from './window.js';

export const ID = 'org.example.ArborNotes';

export const Application = GObject.registerClass(class Application extends Adw.Application {
  _init(folder) {
    super._init({application_id: ID, flags: Gio.ApplicationFlags.FLAGS_NONE});
    GLib.mkdir_with_parents(folder, 0o700);
    this.notebook = new Notebook(GLib.build_filenamev([folder, 'notes.arbor']));
    this._provider = new SearchProvider(this.notebook, this);
  }

  vfunc_dbus_register(connection, path) {
    this._provider.export(connection);
    return super.vfunc_dbus_register(connection, path);
  }

  vfunc_dbus_unregister(connection, path) {
    this._provider.unexport();
    super.vfunc_dbus_unregister(connection, path);
  }

  vfunc_startup() {
    super.vfunc_startup();
    for (const [action, keys] of Object.entries({
      'win.new': '<Control>n',
      'win.delete': '<Control>Delete',
      'win.undo': '<Control><Shift>z',
      'window.close': '<Control>w',
    }))
      this.set_accels_for_action(action, [keys]);
  }

  vfunc_activate() {
    this.window ??= new Window(this, this.notebook);
    this.window.present();
  }

  vfunc_shutdown() {
    super.vfunc_shutdown();
    this.notebook.close();
  }

  showNote(id) {
    this.activate();
    this.window.showNote(id);
  }

  showSearch(text) {
    this.activate();
    this.window.search.text = text;
  }
});
