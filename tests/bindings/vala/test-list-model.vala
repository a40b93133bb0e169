/* Live models and rows through Vala. */

using Arbor;

string shown (Arbor.ListModel model) {
  var found = new StringBuilder ();
  while (model.pending > 0) {
    MainContext.default ().iteration (true);
  }
  for (uint i = 0; i < model.get_n_items (); i++) {
    try {
      var row = (Row) model.get_item (i);
      found.append_printf ("%s ", row.get_tree ().get_int64 ("n").to_string ());
    } catch (GLib.Error error) {
      assert_no_error (error);
    }
  }
  return found.str;
}

void test_list_model () {
  try {
    var folder = DirUtils.make_tmp ("arbor-vala-XXXXXX");
    var store = Store.open (folder + "/test.arbor");
    store.put ("a", read_jsonl (new Bytes ("{\"n\":1}\n{\"n\":2,\"s\":\"two\"}\n{\"n\":3}\n".data)));
    var model = new Arbor.ListModel (store, "a");
    uint n_told = 0;
    assert_cmpstr (shown (model), EQ, "1 2 3 ");
    model.items_changed.connect ((position, removed, added) => {
      n_told++;
    });
    store.delete_where ("a", new Expr.parse ("n == 1"));
    assert_cmpstr (shown (model), EQ, "2 3 ");
    assert_true (n_told == 1);
    model.sort = "n descending";
    assert_cmpstr (shown (model), EQ, "3 2 ");
    model.filter = new Expr.parse ("n > 2");
    assert_cmpstr (shown (model), EQ, "3 ");
    model.filter = null;
    model.search = "TWO";
    assert_cmpstr (shown (model), EQ, "2 ");

    model.set_columns ({ "n", "text" }, { new Expr.parse ("n"), new Expr.parse ("s") });
    assert_true (model.item_type.is_a (typeof (Row)));
    int64 n;
    string text;
    model.get_item (0).get ("n", out n, "text", out text);
    assert_true (n == 2);
    assert_cmpstr (text, EQ, "two");
    var row = (Row) model.get_item (0);
    store.close ();
    while (model.get_n_items () > 0) {
      MainContext.default ().iteration (true);
    }
    assert_true (model.error.matches (Arbor.Error.quark (), Arbor.Error.CLOSED));
    row.get_tree ();
    assert_not_reached ();
  } catch (Arbor.Error.CLOSED error) {
  } catch (GLib.Error error) {
    assert_no_error (error);
  }
}

int main (string[] args) {
  Test.init (ref args);
  Test.add_func ("/vala/list-model", test_list_model);
  return Test.run ();
}
