/* A live model in Vala: rows that follow the store, as a list of GTK would show them.
 *
 *   valac --pkg arbor-1 live.vala
 *   ./live cities.arbor data/cities.jsonl
 */

/* What a program's main loop does by itself. */
void settle (Arbor.ListModel model) {
  while (model.pending > 0) {
    MainContext.default ().iteration (true);
  }
}

string name_of (Object row) {
  string name;
  row.get ("name", out name);
  return name;
}

void run (string store_path, string data_path) throws Error {
  var store = Arbor.Store.open (store_path);
  store.import_file ("cities", data_path);

  var model = new Arbor.ListModel (store, "cities");
  model.sort = "elevation descending";
  model.set_columns ({ "name", "elevation" },
                     { new Arbor.Expr.parse ("name"), new Arbor.Expr.parse ("elevation") });
  settle (model);
  model.items_changed.connect ((position, removed, added) => {
    print ("At %u: %u gone, %u new\n", position, removed, added);
  });
  for (uint i = 0; i < model.get_n_items (); i++) {
    int64 elevation;
    var row = model.get_item (i);
    row.get ("elevation", out elevation);
    print ("%s: %s m\n", name_of (row), elevation.to_string ());
  }

  // Commits, of this program or of another one: one place for each tree that came or went.
  var quito = "{\"name\":\"Quito\",\"country\":\"Ecuador\",\"elevation\":2850}";
  store.append ("cities", Arbor.read_jsonl (new Bytes (quito.data)));
  store.delete_where ("cities", new Arbor.Expr.parse ("name == \"Cairo\""));
  settle (model);
  print ("Highest: %s, of %u\n", name_of (model.get_item (0)), model.get_n_items ());

  model.search = "DANUBE";
  settle (model);
  string[] found = {};
  for (uint i = 0; i < model.get_n_items (); i++) {
    found += name_of (model.get_item (i));
  }
  print ("Found: %s\n", string.joinv (", ", found));

  // Everything that came from the store ends with it.
  store.close ();
  while (model.get_n_items () > 0) {
    MainContext.default ().iteration (true);
  }
  print ("Closed: %s\n", model.error.message);
}

int main (string[] args) {
  Intl.setlocale ();
  if (args.length != 3) {
    printerr ("usage: live STORE FILE\n");
    return 2;
  }
  try {
    run (args[1], args[2]);
  } catch (Error error) {
    printerr ("%s\n", error.message);
    return 1;
  }
  return 0;
}
