// The window: notes at the left, found as somebody types; the chosen one at the right, saved by itself.

import Adw from 'gi://Adw?version=1';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Gio from 'gi://Gio';
import Gtk from 'gi://Gtk?version=4.0';
import Gettext from 'gettext';

import {makeId} from './notebook.js';

const {gettext: _} = Gettext.domain('arbor-1.0');
const SAVE_AFTER = 500; // milliseconds without typing

export const Window = GObject.registerClass(class Window extends Adw.ApplicationWindow {
  _init(application, notebook) {
    super._init({application, default_width: 800, default_height: 560, title: _('Notes')});
    this.notebook = notebook;
    this._id = null;
    this._timer = 0;
    this._makeContents();
    this._addActions();
    this.connect('close-request', () => {
      this.saveNow().catch(logError);
      return false;
    });
  }

  _makeContents() {
    const header = new Adw.HeaderBar();
    header.pack_start(this._makeButton('list-add-symbolic', _('New Note'), 'win.new'));
    header.pack_end(this._makeButton('user-trash-symbolic', _('Delete'), 'win.delete'));
    header.pack_end(this._makeButton('edit-undo-symbolic', _('Undo'), 'win.undo'));

    this.search = new Gtk.SearchEntry({placeholder_text: _('Search'), margin_start: 6, margin_end: 6,
      margin_top: 6, margin_bottom: 6});
    this.search.connect('search-changed', () => {
      this.notebook.model.search = this.search.text === '' ? null : this.search.text;
    });
    this.selection = new Gtk.SingleSelection({model: this.notebook.model, autoselect: false,
      can_unselect: true});
    this.selection.connect('notify::selected-item', () => {
      if (this.selection.selected_item)
        this.showNote(this.selection.selected_item.id);
    });
    const list = new Gtk.ListView({model: this.selection, factory: this._makeFactory(), vexpand: true});
    list.add_css_class('navigation-sidebar');
    list.update_property([Gtk.AccessibleProperty.LABEL], [_('Notes')]);
    const left = new Gtk.Box({orientation: Gtk.Orientation.VERTICAL, width_request: 220});
    left.append(this.search);
    left.append(new Gtk.ScrolledWindow({child: list}));

    this.text = new Gtk.TextView({wrap_mode: Gtk.WrapMode.WORD_CHAR, hexpand: true, left_margin: 12,
      right_margin: 12, top_margin: 12, bottom_margin: 12});
    this.text.update_property([Gtk.AccessibleProperty.LABEL], [_('Text of the note')]);
    this._changed = this.text.buffer.connect('changed', () => this._saveLater());

    const toasts = new Adw.ToastOverlay({vexpand: true, child: new Gtk.Paned({
      start_child: left,
      end_child: new Gtk.ScrolledWindow({child: this.text}),
      resize_start_child: false,
      shrink_start_child: false,
    })});
    this._toasts = toasts;
    const box = new Gtk.Box({orientation: Gtk.Orientation.VERTICAL});
    box.append(header);
    box.append(toasts);
    this.content = box;
  }

  _makeButton(icon_name, label, action_name) {
    const button = new Gtk.Button({icon_name, action_name, tooltip_text: label});
    button.update_property([Gtk.AccessibleProperty.LABEL], [label]);
    return button;
  }

  _makeFactory() {
    const factory = new Gtk.SignalListItemFactory();
    factory.connect('setup', (_factory, item) => {
      item.child = new Gtk.Label({xalign: 0, ellipsize: 3});
    });
    factory.connect('bind', (_factory, item) => {
      item.child.label = item.item.title || _('Empty note');
    });
    return factory;
  }

  _addActions() {
    for (const [name, act] of Object.entries({
      new: () => this.newNote(),
      delete: () => this.deleteNote(),
      undo: () => this.undo(),
    })) {
      const action = new Gio.SimpleAction({name});
      action.connect('activate', () => {
        Promise.resolve(act()).catch(error => this._say(error.message));
      });
      this.add_action(action);
    }
  }

  _say(title) {
    this._toasts.add_toast(new Adw.Toast({title: GLib.markup_escape_text(title, -1)}));
  }

  _setText(text) {
    if (this.text.buffer.text === text)
      return;
    GObject.signal_handler_block(this.text.buffer, this._changed);
    this.text.buffer.text = text;
    GObject.signal_handler_unblock(this.text.buffer, this._changed);
  }

  async newNote() {
    await this.saveNow();
    this.selection.selected = Gtk.INVALID_LIST_POSITION;
    this._id = makeId();
    this._setText('');
    this.text.grab_focus();
  }

  showNote(id) {
    if (id === this._id)
      return;
    this.saveNow().catch(error => this._say(error.message));
    this._id = id;
    this._setText(this.notebook.find(id)?.text ?? '');
  }

  _saveLater() {
    if (this._timer !== 0)
      GLib.source_remove(this._timer);
    this._timer = GLib.timeout_add(GLib.PRIORITY_DEFAULT, SAVE_AFTER, () => {
      this._timer = 0;
      this._save().catch(error => this._say(error.message));
      return GLib.SOURCE_REMOVE;
    });
  }

  // What is typed and not saved yet.
  async saveNow() {
    if (this._timer === 0)
      return;
    GLib.source_remove(this._timer);
    this._timer = 0;
    await this._save();
  }

  async _save() {
    this._id ??= makeId();
    await this.notebook.save(this._id, this.text.buffer.text);
  }

  async deleteNote() {
    if (this._id === null)
      return;
    await this.saveNow();
    const id = this._id;
    this._id = null;
    this._setText('');
    await this.notebook.remove(id);
    this._say(_('Deleted'));
  }

  async undo() {
    await this.saveNow();
    await this.notebook.undo();
    if (this._id !== null)
      this._setText(this.notebook.find(this._id)?.text ?? '');
  }
});
