/* Columns of a live model as properties that expressions of GTK look up. Needs a display: xvfb-run. */

void test_expressions () {
  try {
    var folder = DirUtils.make_tmp ("arbor-vala-gtk-XXXXXX");
    var store = Arbor.Store.open (folder + "/test.arbor");
    store["a"] = Arbor.read_jsonl (new Bytes ("{\"n\":{\"s\":\"x\"},\"k\":2}\n{\"n\":{\"s\":\"b\"}}\n".data));
    var model = new Arbor.ListModel (store, "a");
    model.set_columns ({ "s", "k" }, { Arbor.path ("n.s"), Arbor.path ("k") });
    while (model.pending > 0)
      MainContext.default ().iteration (true);

    var s = new Gtk.PropertyExpression (model.get_item_type (), null, "s");
    var sorted = new Gtk.SortListModel (model, new Gtk.StringSorter (s));
    string shown;
    sorted.get_item (0).get ("s", out shown);
    assert_cmpstr (shown, EQ, "b");
    var label = new Gtk.Label (null);
    model.get_item (1).bind_property ("s", label, "label", BindingFlags.SYNC_CREATE);
    assert_cmpstr (label.label, EQ, "b");
    var k = new Gtk.PropertyExpression (model.get_item_type (), null, "k");
    var by_number = new Gtk.SortListModel (model, new Gtk.NumericSorter (k));
    by_number.get_item (1).get ("s", out shown);
    assert_cmpstr (shown, EQ, "x");

    store.close ();
    FileUtils.remove (folder + "/test.arbor");
    FileUtils.remove (folder + "/test.arbor-lock");
    DirUtils.remove (folder);
  } catch (Error error) {
    assert_no_error (error);
  }
}

int main (string[] args) {
  Test.init (ref args);
  /* GTK warns where there is no session bus. */
  Log.set_always_fatal (LogLevelFlags.FLAG_FATAL | LogLevelFlags.LEVEL_CRITICAL);
  Gtk.init ();
  Test.add_func ("/gtk/expressions", test_expressions);
  return Test.run ();
}
