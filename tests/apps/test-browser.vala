/* The parts of Arbor Browser in a window of their own, typed into and clicked as people would; what they
 * show is what the library answers. `test-browser PICTURE.png iso_639-3.json` draws the window instead. */

private Browser.Window window;
private string folder;

private delegate bool Condition () throws Error;

private void wait_until (Condition condition) throws Error {
  while (!condition ())
    MainContext.default ().iteration (true);
}

private void act (string name) {
  assert_true (window.lookup_action (name).enabled);
  window.lookup_action (name).activate (null);
}

private void settle () throws Error {
  var later = false;

  Timeout.add (20, () => {
    later = true;
    return Source.REMOVE;
  });
  wait_until (() => later && window.table.model.pending == 0);
}

private Arbor.Arbor make_people (int n) throws Error {
  var builder = new Arbor.Builder ();
  for (var i = 0; i < n; i++)
    builder.add_json ("""{"id":%d,"name":"Person %d","town":"%s","age":%d,"tags":["a","b"]}""".printf (
        i, i, i % 3 == 0 ? "Oslo" : i % 3 == 1 ? "Lima" : "Pune", 20 + i * 7 % 50));
  return builder.finish ();
}

private Arbor.Store open_people () throws Error {
  var path = Path.build_filename (folder, "people.arbor");
  var store = Arbor.Store.open (path);

  store.set_watch (true);
  store.set_auto_refresh (true);

  store["people"] = make_people (3000);
  store["rest"] = make_people (10);
  return store;
}

private void assert_rows (Arbor.Arbor expected) throws Error {
  settle ();
  assert_cmpuint (window.table.model.get_n_items (), CompareOperator.EQ, (uint) expected.n_trees);
  for (var i = 0; i < 20 && i < expected.n_trees; i++)
    assert_cmpstr (((Arbor.Row) window.table.model.get_item (i)).get_tree ().to_json (), CompareOperator.EQ,
                   expected[i].to_json ());
}

private void type_filter (string text) throws Error {
  window.filter.entry.text = text;
  settle ();
}

private void test_open () throws Error {
  window.open.begin (File.new_for_path (Path.build_filename (folder, "people.arbor")));
  wait_until (() => window.table.model.dup_name () == "people" && window.table.fields.length == 5);
  assert_rows (window.store["people"]);
}

private void test_filter (Arbor.Store store) throws Error {
  type_filter ("age > 40 and town == 'Oslo'");
  assert_rows (store["people"].filter (new Arbor.Expr.parse ("age > 40 and town == 'Oslo'")));
  assert_false (window.filter.entry.has_css_class ("error"));
  type_filter ("age >");
  assert_true (window.filter.entry.has_css_class ("error"));
  type_filter ("");
  assert_false (window.filter.entry.has_css_class ("error"));
  assert_rows (store["people"]);
  window.search.text = "person 2999";
  window.search.search_changed ();
  assert_rows (store["people"].filter (new Arbor.Expr.parse ("id == 2999")));
  window.search.text = "";
  window.search.search_changed ();
  assert_rows (store["people"]);
}

private void test_sort (Arbor.Store store) throws Error {
  var view = (Gtk.ColumnView) ((Gtk.ScrolledWindow) window.table.child).child;
  var age = (Gtk.ColumnViewColumn) view.columns.get_item (3);
  Arbor.Expr[] keys = { new Arbor.Expr.path ("age") };

  assert_cmpstr (age.title, CompareOperator.EQ, "age");
  view.sort_by_column (age, Gtk.SortType.ASCENDING);
  assert_rows (store["people"].sort_by (keys));
  view.sort_by_column (age, Gtk.SortType.DESCENDING);
  assert_rows (store["people"].sort_by (keys, new Arbor.SortOptions () { descending = true }));
  view.sort_by_column (null, Gtk.SortType.ASCENDING);
  assert_rows (store["people"]);
}

private string? find (Arbor.Store store, int id) throws Error {
  return store["people"].find_one (Arbor.Expr.parsef ("id == %d", id))?.to_json ();
}

private void change_text (string from, string to) {
  window.pane.text.buffer.text = window.pane.text.buffer.text.replace (from, to);
}

private void test_edit (Arbor.Store store) throws Error {
  window.table.selection.selected = 7;
  settle ();
  assert_true (window.pane.text.buffer.text.contains ("\"name\": \"Person 7\""));
  change_text ("Person 7", "Ada");
  act ("save");
  wait_until (() => "Ada" in (find (store, 7) ?? ""));
  assert_cmpstr (store["people"][7].dup_string ("name"), CompareOperator.EQ, "Ada");
  assert_cmpuint ((uint) store["people"].n_trees, CompareOperator.EQ, 3000);
  act ("undo");
  wait_until (() => "Person 7" in (find (store, 7) ?? ""));

  // What is no JSON is said, and nothing is written.
  settle ();
  window.table.selection.selected = 8;
  settle ();
  var before = store["people"].generation;
  change_text ("{", "{{");
  act ("save");
  settle ();
  assert_true (before == store["people"].generation);

  // Deleted, and back where it was.
  window.table.selection.selected = 9;
  settle ();
  act ("delete");
  wait_until (() => find (store, 9) == null);
  settle ();
  act ("undo");
  wait_until (() => find (store, 9) != null);
  assert_cmpint ((int) store["people"][9].get_int64 ("id"), CompareOperator.EQ, 9);
}

/* Somebody else was faster: nothing of theirs is lost, and the question is asked. */
private void test_conflict (Arbor.Store store) throws Error {
  settle ();
  window.table.selection.selected = 11;
  settle ();
  var mine = window.pane.text.buffer.text.replace ("Person 11", "Mine");
  // The model follows, so its text is put back as somebody would have typed it just before.
  var edit = new Browser.Edit ("people", store["people"][11].materialize (), new Arbor.Tree.from_json (mine));
  store.update_where ("people", new Arbor.Expr.parse ("id == 11"), { "name" }, { new Arbor.Expr.string ("Theirs") });
  window.edit.begin (edit);
  wait_until (() => window.question != null);
  assert_true ("Theirs" in find (store, 11));
  window.question.response ("add");
  wait_until (() => store["people"].n_trees == 3001);
  assert_true ("Theirs" in find (store, 11));
  assert_cmpstr (store["people"][3000].dup_string ("name"), CompareOperator.EQ, "Mine");
}

private string get_label (Gtk.Widget? widget) {
  return ((Gtk.Label) widget).label;
}

private void test_groups (Arbor.Store store) throws Error {
  act ("group");
  assert_true (window.groups.visible);
  window.groups.by.selected = 2;
  wait_until (() => window.groups.bars.get_row_at_index (3) == null &&
                    window.groups.bars.get_row_at_index (2) != null);
  // Oslo has one of three, and what was added is of somebody in Pune.
  var expected = store["people"].value_counts (new Arbor.Expr.path ("town"));
  for (var i = 0; i < 3; i++) {
    var row = window.groups.bars.get_row_at_index (i).child;
    assert_cmpstr (get_label (row.get_first_child ()), CompareOperator.EQ, expected[i].dup_string ("value"));
    assert_cmpstr (get_label (row.get_last_child ()), CompareOperator.EQ, expected[i].dup_number_text ("count"));
  }
}

private void test_files (Arbor.Store store) throws Error {
  var path = Path.build_filename (folder, "out.jsonl");

  type_filter ("id < 5");
  window.export_to (File.new_for_path (path));
  wait_until (() => FileUtils.test (path, FileTest.EXISTS));
  settle ();
  assert_cmpuint ((uint) Arbor.load_file (path, null, null).n_trees, CompareOperator.EQ, 5);
  type_filter ("");
}

/* Closing ends all that is shown of it. */
private void test_close () throws Error {
  var model = window.table.model;

  act ("close-store");
  wait_until (() => window.store == null);
  assert_cmpuint (model.get_n_items (), CompareOperator.EQ, 0);
  assert_cmpuint (window.table.model.get_n_items (), CompareOperator.EQ, 0);
}

private void draw (string path) throws Error {
  var later = false;
  Timeout.add (1000, () => {
    later = true;
    return Source.REMOVE;
  });
  wait_until (() => later);
  var paintable = new Gtk.WidgetPaintable (window);
  var snapshot = new Gtk.Snapshot ();
  paintable.snapshot (snapshot, window.get_width (), window.get_height ());
  var renderer = window.get_native ().get_renderer ();
  renderer.render_texture (snapshot.free_to_node (), null).save_to_png (path);
}

private void run (string[] args) throws Error {
  var store = open_people ();

  test_open ();
  if (args.length > 2) {
    store.import_file ("languages", args[2], new Arbor.LoadOptions () { at = "639-3" });
    wait_until (() => window.names.get_row_at_index (2) != null);
    window.names.select_row (window.names.get_row_at_index (0));
    wait_until (() => (window.groups.by.model as Gtk.StringList)?.get_string (3) == "type");
    act ("group");
    window.groups.by.selected = 3;
    type_filter ("len (name) > 4");
    window.table.selection.selected = 2;
    settle ();
    draw (args[1]);
    return;
  }
  test_filter (store);
  test_sort (store);
  test_edit (store);
  test_conflict (store);
  test_groups (store);
  test_files (store);
  test_close ();
  store.close ();
}

int main (string[] args) {
  var status = 1;
  var application = new Adw.Application (Browser.ID, ApplicationFlags.NON_UNIQUE);

  Intl.setlocale ();
  application.activate.connect (() => {
    window = new Browser.Window (application);
    window.present ();
    try {
      folder = DirUtils.make_tmp ("arbor-browser-XXXXXX");
      run (args);
      status = 0;
    } catch (Error error) {
      printerr ("%s\n", error.message);
    }
    window.destroy ();
    application.quit ();
  });
  application.run ({ args[0] });
  return status;
}
