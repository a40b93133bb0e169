/* Objects in Vala: classes of trees, and back, by their properties.
 *
 *   valac --pkg arbor-1 objects.vala
 *   ./objects cities.arbor data/cities.jsonl
 */

class City : Object {
  public string name { get; set; }
  public int64 elevation { get; set; }
  public string country { get; set; default = ""; }
}

City city_of (Arbor.Tree tree) throws Error {
  return (City) tree.to_object (typeof (City));
}

void run (string store_path, string data_path) throws Error {
  var store = Arbor.Store.open (store_path);
  store.import_file ("cities", data_path);

  var city = city_of (store["cities"][0]);
  print ("%s: %lld m\n", city.name, city.elevation);

  // What the class does not know, such as the location, stays with the object.
  city.elevation++;
  var quito = new City () { name = "Quito", elevation = 2850, country = "Ecuador" };
  print ("Saved: %llu\n", store.upsert_objects ("cities", "name", { city, quito }));
  var cities = store["cities"];
  print ("%s\n", cities[0]["location"].to_json ());
  print ("Last: %s\n", cities[cities.get_n_trees () - 1].dup_string ("name"));

  store.put_objects ("few", {
    new City () { name = "Oslo" }, new City () { name = "Rome", elevation = 21, country = "Italy" }
  });
  string[] names = {};
  foreach (var tree in store["few"]) {
    names += city_of (tree).name;
  }
  print ("Few: %s\n", string.joinv (", ", names));
  store.close ();
}

int main (string[] args) {
  Intl.setlocale ();
  if (args.length != 3) {
    printerr ("usage: objects STORE FILE\n");
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
