// Columns of a live model as properties that expressions of GTK look up: in sorters and filters of GTK, in a list
// whose items a GtkBuilder file describes, and bound to other objects. Needs a display: xvfb-run.

imports.gi.versions.Gtk = '4.0';

const {GLib, GObject, Gtk} = imports.gi;
const Arbor = imports.gi.Arbor;
const System = imports.system;

const TEMPLATE = `<interface><template class="GtkListItem"><property name="child"><object class="GtkLabel">
  <binding name="label"><lookup name="last" type="TYPE"><lookup name="item">GtkListItem</lookup></lookup></binding>
</object></property></template></interface>`;

function assertEqual(found, expected) {
  if (JSON.stringify(found) !== JSON.stringify(expected))
    throw new Error(`expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);
}

function turnUntil(condition) {
  const context = GLib.MainContext.default();
  while (!condition())
    context.iteration(true);
}

/* The texts of all labels below a widget. */
function labels(widget) {
  const found = widget instanceof Gtk.Label ? [widget.label] : [];
  for (let child = widget.get_first_child(); child !== null; child = child.get_next_sibling())
    found.push(...labels(child));
  return found;
}

function main(folder) {
  const store = Arbor.Store.open(`${folder}/gtk.arbor`);
  store.put('people', [{name: {last: 'Ek'}, age: 40}, {name: {last: 'Ada'}, age: 30}, {name: {last: 'Bo'}}]);
  const model = new Arbor.ListModel({store, name: 'people', columns: {last: 'name.last', age: 'age'}});
  turnUntil(() => model.pending === 0);
  const rows = [...model];
  assertEqual(rows.map(row => [row.last, row.age]), [['Ek', 40], ['Ada', 30], ['Bo', 0]]);

  const last = Gtk.PropertyExpression.new(model.get_item_type(), null, 'last');
  const value = new GObject.Value();
  assertEqual([last.evaluate(rows[1], value), value.get_string()], [true, 'Ada']);
  const sorted = new Gtk.SortListModel({model, sorter: new Gtk.StringSorter({expression: last})});
  assertEqual([0, 1, 2].map(i => sorted.get_item(i).last), ['Ada', 'Bo', 'Ek']);
  const filter = new Gtk.StringFilter({expression: last, search: 'b'});
  assertEqual(new Gtk.FilterListModel({model, filter}).get_n_items(), 1);

  const label = new Gtk.Label();
  rows[0].bind_property('last', label, 'label', GObject.BindingFlags.SYNC_CREATE);
  assertEqual(label.label, 'Ek');

  const bytes = new GLib.Bytes(new TextEncoder().encode(TEMPLATE.replace('TYPE', GObject.type_name(model.get_item_type()))));
  const view = new Gtk.ListView({model: new Gtk.SingleSelection({model}), factory: Gtk.BuilderListItemFactory.new_from_bytes(null, bytes)});
  const window = new Gtk.Window({child: view, default_width: 200, default_height: 200});
  window.present();
  turnUntil(() => labels(view).length === 3);
  assertEqual(labels(view), ['Ek', 'Ada', 'Bo']);
  store.update_where('people', 'age == 30', {name: '{"last": "Cy"}'});
  turnUntil(() => model.pending === 0);
  assertEqual(labels(view), ['Ek', 'Cy', 'Bo']);
  store.close();
  turnUntil(() => model.get_n_items() === 0);
  assertEqual([rows[0].last, rows[0].age], [null, 0]);
  window.destroy();
}

Gtk.init();
const folder = GLib.dir_make_tmp('arbor-gjs-gtk-XXXXXX');
let status = 1;
try {
  main(folder);
  status = 0;
} catch (error) {
  printerr(`${error}\n${error.stack}`);
}
GLib.spawn_command_line_sync(`rm -r ${folder}`);
System.exit(status);
