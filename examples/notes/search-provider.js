// What the overview of GNOME Shell asks for, by D-Bus: org.gnome.Shell.SearchProvider2.
// https://developer.gnome.org/documentation/tutorials/search-provider.html

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';

import {getTitle} from './notebook.js';

const PATH = '/org/example/ArborNotes/SearchProvider';
const INTERFACE = `
<node>
  <interface name="org.gnome.Shell.SearchProvider2">
    <method name="GetInitialResultSet">
      <arg type="as" name="terms" direction="in"/>
      <arg type="as" name="results" direction="out"/>
    </method>
    <method name="GetSubsearchResultSet">
      <arg type="as" name="previous_results" direction="in"/>
      <arg type="as" name="terms" direction="in"/>
      <arg type="as" name="results" direction="out"/>
    </method>
    <method name="GetResultMetas">
      <arg type="as" name="identifiers" direction="in"/>
      <arg type="aa{sv}" name="metas" direction="out"/>
    </method>
    <method name="ActivateResult">
      <arg type="s" name="identifier" direction="in"/>
      <arg type="as" name="terms" direction="in"/>
      <arg type="u" name="timestamp" direction="in"/>
    </method>
    <method name="LaunchSearch">
      <arg type="as" name="terms" direction="in"/>
      <arg type="u" name="timestamp" direction="in"/>
    </method>
  </interface>
</node>`;

export class SearchProvider {
  constructor(notebook, application) {
    this._notebook = notebook;
    this._application = application;
    this._object = Gio.DBusExportedObject.wrapJSObject(INTERFACE, this);
  }

  export(connection) {
    this._object.export(connection, PATH);
  }

  unexport() {
    this._object.unexport();
  }

  GetInitialResultSet(terms) {
    return this._notebook.search(terms);
  }

  GetSubsearchResultSet(previous, terms) {
    return this._notebook.search(terms, previous);
  }

  GetResultMetas(ids) {
    return ids.map(id => this._notebook.find(id)).filter(note => note !== null).map(note => ({
      id: new GLib.Variant('s', note.id),
      name: new GLib.Variant('s', getTitle(note.text)),
      description: new GLib.Variant('s', note.text.trim().slice(0, 200)),
    }));
  }

  ActivateResult(id, _terms, _timestamp) {
    this._application.showNote(id);
  }

  LaunchSearch(terms, _timestamp) {
    this._application.showSearch(terms.join(' '));
  }
}
