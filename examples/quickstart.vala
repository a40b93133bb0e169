/* The main job in Vala: open a store, import JSON Lines, filter, iterate, pick, close.
 *
 *   valac --pkg arbor-1 quickstart.vala
 *   ./quickstart cities.arbor data/cities.jsonl
 */

void run (string store_path, string data_path) throws Error {
  var store = Arbor.Store.open (store_path);
  store.import_file ("cities", data_path);
  var cities = store["cities"];

  var high = cities.filter (new Arbor.Expr.parse ("elevation > 1000"));
  print ("%llu cities, %llu above 1000 m\n", cities.get_n_trees (), high.get_n_trees ());
  foreach (var city in high) {
    print ("%s, %s: %lld m\n", city.dup_string ("name"), city.dup_string ("country"),
           city.get_int64 ("elevation"));
  }

  var on_danube = cities.filter (new Arbor.Expr.parse ("any(rivers[*] == \"Danube\")"));
  print ("On the Danube:\n");
  foreach (var fields in on_danube.pick ({ "name", "location.lat" })) {
    print ("%s\n", fields.to_json ());
  }

  // Everything that came from the store ends with it.
  store.close ();
  try {
    high.get_n_trees ();
  } catch (Arbor.Error.CLOSED error) {
    print ("Closed: %s\n", error.message);
  }
}

int main (string[] args) {
  Intl.setlocale ();
  if (args.length != 3) {
    printerr ("usage: quickstart STORE FILE\n");
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
