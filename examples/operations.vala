/* Operations in Vala: order, groups, joins, JSONPath, columns.
 *
 *   valac --pkg arbor-1 operations.vala
 *   ./operations cities.arbor data/cities.jsonl
 */

const string COUNTRIES = """[{"name": "Egypt", "continent": "Africa"},
  {"name": "Hungary", "continent": "Europe"}, {"name": "Austria", "continent": "Europe"},
  {"name": "Serbia", "continent": "Europe"}]""";

void run (string store_path, string data_path) throws Error {
  var store = Arbor.Store.open (store_path);
  store.import_file ("cities", data_path);
  var cities = store["cities"];

  Arbor.Expr[] by_elevation = { Arbor.path ("elevation") };
  var highest = cities.sort_by (by_elevation, new Arbor.SortOptions () { descending = true });
  foreach (var city in highest.head (2)) {
    print ("%s: %lld m\n", city.dup_string ("name"), city.get_int64 ("elevation"));
  }

  // Values from outside are data, whatever they are.
  var low = cities.filter (Arbor.Expr.parsef ("elevation < %d and country != %s", 200, "Egypt"));
  print ("Low: %llu\n", low.get_n_trees ());

  // Each city with the fields of its country; the country's own name has another name then.
  var countries = Arbor.load_bytes (new Bytes (COUNTRIES.data));
  var joined = cities.join (countries, { Arbor.path ("country") }, new Arbor.JoinOptions () {
    other_keys = { Arbor.path ("name") }, suffix = "_of_country"
  });
  var groups = joined.group_by ({ "continent" }, { Arbor.path ("continent") }).aggregate (
      { "cities", "highest" },
      { new Arbor.Expr.parse ("count()"), new Arbor.Expr.parse ("max(elevation)") });
  print ("%s", groups.sort_by ({ Arbor.path ("continent") }).to_jsonl ());

  var nested = countries.nest (cities, { Arbor.path ("name") }, "cities", new Arbor.NestOptions () {
    other_keys = { Arbor.path ("country") }
  });
  print ("In %s: %llu\n", nested[0].dup_string ("name"), nested[0].get_length ("cities"));

  var rivers = new GenericArray<string> ();
  var matches = cities.query ("$.rivers[*]");
  for (uint64 i = 0; i < matches.get_n_matches (); i++) {
    var river = matches.get_match (i).dup_string ();
    if (!rivers.find_with_equal_func (river, str_equal)) {
      rivers.add (river);
    }
  }
  rivers.sort (strcmp);
  print ("Rivers: %s\n", string.joinv (", ", rivers.data));

  // All numbers at once, without an object for each tree.
  int64 sum = 0;
  var known = cities.filter (new Arbor.Expr.parse ("elevation != null"));
  var elevations = known.get_column ("elevation").dup_int64s ();
  for (var i = 0; i < elevations.length; i += (int) sizeof (int64)) {
    sum += *(int64*) (&elevations.get_data ()[i]);
  }
  print ("Sum: %lld m\n", sum);
  var by_name = cities.index_by ({ Arbor.path ("name") });
  print ("Found: %s\n", by_name.look_up_string ("Cairo").dup_string ("country"));
  store.close ();
}

int main (string[] args) {
  Intl.setlocale ();
  if (args.length != 3) {
    printerr ("usage: operations STORE FILE\n");
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
