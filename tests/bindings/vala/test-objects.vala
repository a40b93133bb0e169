/* Objects of classes of Vala, and what its own syntax calls: store["x"] = arbor, "x" in store, foreach. */

enum Colour {
  RED,
  GREEN
}

class Item : Object {
  public int64 id { get; set; }
  public string full_name { get; set; default = ""; }
  public double price { get; set; }
  public Colour colour { get; set; }
  public string[] tags { get; set; }
  public DateTime? seen { get; set; }
}

Arbor.Arbor trees_of (string lines) throws Error {
  return Arbor.read_jsonl (new Bytes (lines.data));
}

void settle (Arbor.ListModel model) {
  while (model.pending > 0) {
    MainContext.default ().iteration (true);
  }
}

string names (Arbor.Arbor arbor) throws Error {
  var found = new StringBuilder ();
  foreach (var tree in arbor) {
    found.append_printf ("%s ", tree.dup_string ("full_name"));
  }
  return found.str;
}

async void save_later (Arbor.Store store, Item item) throws Error {
  assert_true (yield store.put_objects_async ("later", { item }));
  item.price = 2;
  assert_true ((yield store.upsert_objects_async ("later", "id", { item })) == 1);
}

void check_objects (Arbor.Store store) throws Error {
  store["items"] = trees_of (
      "{\"id\":1,\"full_name\":\"a\",\"price\":0.5,\"colour\":\"green\",\"tags\":[\"x\",\"y\"]," +
      "\"seen\":\"2026-01-02T03:04:05Z\",\"more\":[1]}\n");
  var item = (Item) store["items"][0].to_object (typeof (Item));
  assert_true (item.id == 1 && item.price == 0.5 && item.colour == Colour.GREEN);
  assert_true (item.tags.length == 2 && item.tags[1] == "y" && item.seen.get_hour () == 3);
  item.full_name = "changed";
  assert_true (store.upsert_objects ("items", "id", { item, new Item () { id = 2 } }) == 2);
  assert_cmpstr (names (store["items"]), EQ, "changed  ");
  assert_cmpstr (store["items"][0]["more[0]"].to_json (), EQ, "1");
  assert_true (new Arbor.Tree.from_object (item).get_int64 ("id") == 1);

  store.put_objects ("others", { new Item () { id = 5, full_name = "five" } });
  var rows = new Arbor.ListModel (store, "others");
  var model = new Arbor.ObjectModel (rows, typeof (Item));
  settle (rows);
  assert_true (model.get_n_items () == 1);
  assert_cmpstr (((Item) model.get_item (0)).full_name, EQ, "five");

  try {
    trees_of ("{\"id\":\"x\"}\n")[0].to_object (typeof (Item));
    assert_not_reached ();
  } catch (Arbor.Error.TYPE error) {
  }
}

void check_later (Arbor.Store store) throws Error {
  var loop = new MainLoop ();
  save_later.begin (store, new Item () { id = 7, full_name = "seven" }, (object, result) => {
    try {
      save_later.end (result);
    } catch (Error error) {
      assert_no_error (error);
    }
    loop.quit ();
  });
  loop.run ();
  assert_cmpstr (names (store["later"]), EQ, "seven ");
}

void check_syntax (Arbor.Store store) throws Error {
  assert_false ("a" in store);
  store["a"] = trees_of ("{\"full_name\":\"one\"}\n");
  assert_true ("a" in store);
  assert_cmpstr (names (store["a"]), EQ, "one ");
  var transaction = store.begin_transaction ();
  transaction["a"] = trees_of ("{\"full_name\":\"two\"}\n");
  assert_true ("a" in transaction);
  assert_cmpstr (names (transaction["a"]), EQ, "two ");
  transaction.commit ();
  assert_cmpstr (names (store["a"]), EQ, "two ");
  store.close ();
  try {
    store["a"] = trees_of ("1\n");
    assert_not_reached ();
  } catch (Arbor.Error.CLOSED error) {
  }
}

void test_objects () {
  try {
    var folder = DirUtils.make_tmp ("arbor-vala-XXXXXX");
    var store = Arbor.Store.open (folder + "/test.arbor");
    check_objects (store);
    check_later (store);
    check_syntax (store);
  } catch (Error error) {
    assert_no_error (error);
  }
}

int main (string[] args) {
  Test.init (ref args);
  Test.add_func ("/vala/objects", test_objects);
  return Test.run ();
}
