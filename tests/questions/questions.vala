/* The questions of oracle.py, asked of a store in Vala.
 *
 *   questions STORE FOLDER
 *
 * Imports the tables of the folder into the new store. Prints as oracle.py does.
 */

const string COUNTRY = "substring(code, 0, 2)";
const string NUMBER = "to_number(lstrip(numeric, \"0\"))";
const Arbor.SortFlags UP = Arbor.SortFlags.NONE;
const Arbor.SortFlags DOWN = Arbor.SortFlags.DESCENDING;

Arbor.Expr expr (string text) throws Error {
  return new Arbor.Expr.parse (text);
}

Arbor.Expr[] exprs (string[] texts) throws Error {
  Arbor.Expr[] all = {};
  foreach (unowned string text in texts) {
    all += expr (text);
  }
  return all;
}

void answer (string name, string json) {
  print ("%s\t%s\n", name, json);
}

/* The array of all trees on one line: a line end inside of JSON text is white space. */
string array (Arbor.Arbor arbor) throws Error {
  return arbor.to_json ().replace ("\n", "");
}

void trees (string name, Arbor.Arbor arbor) throws Error {
  answer (name, array (arbor));
}

void figure (string name, uint64 n) {
  answer (name, n.to_string ());
}

Arbor.Arbor fields_of (Arbor.Arbor arbor, string[] names) throws Error {
  return arbor.select (names, exprs (names));
}

Arbor.Arbor where (Arbor.Arbor arbor, string condition) throws Error {
  return arbor.filter (expr (condition));
}

Arbor.Arbor sort (Arbor.Arbor arbor, string[] keys, Arbor.SortFlags[]? flags = null) throws Error {
  return arbor.sort_by (exprs (keys), flags != null ? sorted (flags) : null);
}

Arbor.SortOptions sorted (Arbor.SortFlags[] flags) {
  return new Arbor.SortOptions () { flags = flags };
}

Arbor.JoinOptions joined (Arbor.Expr[] other_keys, Arbor.JoinKind kind = Arbor.JoinKind.INNER) {
  return new Arbor.JoinOptions () { other_keys = other_keys, kind = kind };
}

Arbor.NestOptions nested (Arbor.Expr[] other_keys) {
  return new Arbor.NestOptions () { other_keys = other_keys };
}

Arbor.Arbor by_country (Arbor.Arbor arbor, string[] names, string[] aggregates) throws Error {
  return arbor.group_by ({ "country" }, { expr (COUNTRY) }).aggregate (names, exprs (aggregates));
}

/* The strings of one field, as JSON. */
string strings (Arbor.Arbor arbor, string field) throws Error {
  string[] all = {};
  foreach (var tree in arbor) {
    all += tree[field].to_json ();
  }
  return "[" + string.joinv (",", all) + "]";
}

void ask_countries (Arbor.Arbor countries) throws Error {
  figure ("countries", countries.get_n_trees ());
  trees ("countries_with_a",
         fields_of (where (countries, "alpha_2 starts_with 'A'"), { "alpha_2", "name" }));
  trees ("longest_country_names",
         countries.top_k (10, { Arbor.path ("name").len () }, new Arbor.SortOptions () { descending = true })
         .select ({ "name", "length" }, exprs ({ "name", "len(name)" })));
  figure ("countries_with_official_name",
          countries.count_matches (Arbor.path ("official_name").exists ()));
  trees ("official_name_without_name",
         fields_of (sort (where (countries, "not (official_name contains name)"), { "alpha_3" }),
                    { "alpha_3", "official_name" }));
  trees ("common_names",
         fields_of (sort (where (countries, "exists(common_name)"), { "name" }),
                    { "common_name", "name" }));
  trees ("country_of_flag",
         fields_of (countries.filter (Arbor.path ("flag").eq (new Arbor.Expr.string ("🇫🇷"))),
                    { "alpha_2", "name", "numeric" }));
  answer ("flags_are_two_characters", countries.all_of (expr ("len(flag) == 2")).to_string ());
  var form = "extract(official_name, 'Republic|Kingdom|Principality|State|Commonwealth')";
  trees ("forms_of_state", where (countries, form + " != null").value_counts (expr (form)));
  trees ("countries_by_first_letter",
         sort (countries.group_by ({ "letter" }, { expr ("substring(alpha_2, 0, 1)") })
               .aggregate ({ "n", "official", "last" },
                           exprs ({ "count()", "count(official_name)", "max(name)" })),
               { "letter" }));
}

/* One tree for each country, with the trees that its types give. */
void ask_nested_groups (Arbor.Arbor subdivisions) throws Error {
  var groups = sort (where (subdivisions, "code starts_with 'M'"), { COUNTRY })
    .group_by ({ "country" }, { expr (COUNTRY) });
  string[] all = {};
  for (uint64 i = 0; i < groups.get_n_groups (); i++) {
    var types = groups.get_members (i).value_counts (Arbor.path ("type"));
    all += "{\"country\":%s,\"types\":%s}".printf (groups.get_key (i)["country"].to_json (),
                                                  array (types));
  }
  answer ("nested_groups", "[" + string.joinv (",", all) + "]");
}

void ask_subdivisions (Arbor.Arbor subdivisions) throws Error {
  trees ("subdivision_types", subdivisions.value_counts (Arbor.path ("type")).head (10));
  trees ("countries_by_subdivisions",
         by_country (subdivisions, { "n" }, { "count()" })
         .top_k (10, exprs ({ "n", "country" }), sorted ({ DOWN, UP })));
  var types = subdivisions.group_by ({ "country", "type" }, exprs ({ COUNTRY, "type" }))
    .aggregate ({ "n" }, exprs ({ "count()" }));
  trees ("types_in_four_countries",
         sort (where (types, "country in ['FR', 'GB', 'ES', 'IT']"), { "country", "n", "type" },
               { UP, DOWN, UP }));
  trees ("groups_of_groups",
         types.group_by ({ "country" }, exprs ({ "country" }))
         .aggregate ({ "types", "n", "most" }, exprs ({ "count()", "sum(n)", "max(n)" }))
         .top_k (12, exprs ({ "types", "country" }), sorted ({ DOWN, UP })));
  ask_nested_groups (subdivisions);
  trees ("many_types",
         sort (where (by_country (subdivisions, { "types" }, { "n_unique(type)" }), "types >= 5"),
               { "types", "country" }, { DOWN, UP }));
  figure ("subdivisions_with_parent", where (subdivisions, "exists(parent)").get_n_trees ());
  trees ("largest_parents",
         where (subdivisions, "exists(parent)").value_counts (expr ("parent")).head (8));
  trees ("parents_by_country",
         sort (where (by_country (subdivisions, { "n", "inner", "parents" },
                                  { "count()", "count(parent)", "n_unique(parent)" }),
                      "inner * 2 > n"), { "country" }));
  trees ("first_and_last_names",
         sort (by_country (where (subdivisions, COUNTRY + " in ['DE', 'AT', 'CH']"),
                           { "first", "last" }, { "min(name)", "max(name)" }), { "country" }));
  figure ("subdivisions_with_numbers",
          subdivisions.count_matches (expr ("code match '^[A-Z]{2}-[0-9]+$'")));
  trees ("first_of_each_type",
         fields_of (sort (subdivisions.unique_by (exprs ({ "type" })), { "type" }).head (15),
                    { "type", "code" }));
}

void ask_languages (Arbor.Arbor languages) throws Error {
  trees ("languages_by_scope_and_type",
         sort (languages.group_by ({ "scope", "type" }, exprs ({ "scope", "type" }))
               .aggregate ({ "n", "short" }, exprs ({ "count()", "count(alpha_2)" })),
               { "n", "scope", "type" }, { DOWN, UP, UP }));
  trees ("languages_without_short_code",
         where (languages, "is_missing(alpha_2)").value_counts (expr ("type")));
  trees ("inverted_arabic",
         fields_of (sort (where (languages, "inverted_name starts_with 'Arabic,'"),
                          { "inverted_name" }), { "alpha_3", "inverted_name" }));
  trees ("heads_of_inverted_names",
         where (languages, "exists(inverted_name)")
         .add_fields ({ "head" }, exprs ({ "get(split(inverted_name, ', '), 0)" }))
         .value_counts (expr ("head")).head (10));
  answer ("macrolanguages",
          where (languages, "scope == 'M' and exists(alpha_2)")
          .aggregate ({ "n", "first", "last" }, exprs ({ "count()", "min(name)", "max(name)" }))
          .to_json ());
  trees ("words_of_languages",
         languages.select ({ "word" }, exprs ({ "split(name)" })).explode ("word", null, null)
         .value_counts (expr ("word")).head (12));
  answer ("lengths_of_languages",
          languages.add_fields ({ "length" }, exprs ({ "len(name)" }))
          .aggregate ({ "n", "sum", "mean", "std", "median", "tenth", "max" },
                      exprs ({ "count()", "sum(length)", "round(mean(length), 6)",
                               "round(std(length), 6)", "median(length)",
                               "quantile(length, 0.1)", "max(length)" }))
          .to_json ());
  trees ("histogram_of_lengths", languages.histogram (expr ("len(name)"), 8));
}

void ask_codes (Arbor.Arbor codes) throws Error {
  trees ("bibliographic_codes",
         fields_of (sort (where (codes, "exists(bibliographic)"), { "bibliographic" }, { DOWN }),
                    { "alpha_3", "bibliographic" }));
  answer ("language_families",
          where (codes, "name ends_with ' languages'")
          .aggregate ({ "n", "short", "names" },
                      exprs ({ "count()", "count(alpha_2)", "sum(len(split(name, '; ')))" }))
          .to_json ());
}

void ask_currencies_and_scripts (Arbor.Arbor currencies, Arbor.Arbor scripts) throws Error {
  trees ("currencies_by_hundred",
         sort (currencies.group_by ({ "from" }, { expr (NUMBER + " div 100 * 100") })
               .aggregate ({ "n", "first" }, exprs ({ "count()", "min(alpha_3)" })), { "from" }));
  trees ("currencies_960_to_969",
         fields_of (sort (where (currencies, NUMBER + " is_between (960, 969)"), { "numeric" }),
                    { "numeric", "name" }));
  answer ("dollars",
          strings (sort (where (currencies, "name contains 'Dollar'"), { "name" }), "alpha_3"));
  trees ("scripts_by_hundred",
         sort (scripts.group_by ({ "hundred" }, { expr ("substring(numeric, 0, 1)") })
               .aggregate ({ "n", "letters" },
                           exprs ({ "count()", "round(mean(len(name)), 6)" })), { "hundred" }));
  answer ("variants_of_scripts",
          strings (where (scripts, "name match '\\\\(.* variant\\\\)$'"), "alpha_4"));
  trees ("scripts_described", scripts.describe ());
}

void ask_several_tables (Arbor.Arbor countries, Arbor.Arbor subdivisions, Arbor.Arbor languages,
                         Arbor.Arbor codes) throws Error {
  Arbor.Expr[] alpha_2 = exprs ({ "alpha_2" }), alpha_3 = exprs ({ "alpha_3" });
  Arbor.Expr[] country = exprs ({ COUNTRY });

  answer ("countries_without_subdivisions",
          strings (countries.join (subdivisions, alpha_2, joined (country, Arbor.JoinKind.ANTI)),
                   "alpha_2"));
  trees ("parts_of_belgium",
         fields_of (where (subdivisions, COUNTRY + " == 'BE'")
                    .join (subdivisions, exprs ({ "parent" }), joined (exprs ({ "code" }))),
                    { "code", "name", "name_right" }));
  trees ("names_of_large_countries",
         fields_of (by_country (subdivisions, { "n" }, { "count()" })
                    .top_k (10, exprs ({ "n", "country" }), sorted ({ DOWN, UP }))
                    .join (countries, exprs ({ "country" }), joined (alpha_2)),
                    { "name", "n" }));
  trees ("countries_with_three_parts",
         where (countries.nest (subdivisions, alpha_2, "parts", nested (country)),
                "len(parts) == 3")
         .select ({ "name", "parts" }, exprs ({ "name", "map(parts, @.name)" })));
  figure ("other_names_of_languages",
          codes.join (languages, alpha_3)
          .count_matches (expr ("name != name_right")));

  var by_code = countries.index_by (alpha_3);
  string[] all = {};
  foreach (unowned string code in new string[] { "FRA", "NZL", "XXX" }) {
    var found = by_code.look_up_string (code);
    all += found == null ? "null" : found["name"].to_json ();
  }
  answer ("names_by_code", "[" + string.joinv (",", all) + "]");
}

void import_table (Arbor.Store store, string name, string file, string at) throws Error {
  var options = new Arbor.LoadOptions ();
  options.at = at;
  store.import_file (name, file, options);
}

void run (string store_path, string folder) throws Error {
  var store = Arbor.Store.open (store_path);
  import_table (store, "countries", folder + "/iso_3166-1.json", "3166-1");
  import_table (store, "subdivisions", folder + "/iso_3166-2.json", "3166-2");
  import_table (store, "languages", folder + "/iso_639-3.json", "639-3");
  import_table (store, "codes", folder + "/iso_639-2.json", "639-2");
  import_table (store, "currencies", folder + "/iso_4217.json", "4217");
  import_table (store, "scripts", folder + "/iso_15924.json", "15924");

  ask_countries (store["countries"]);
  ask_subdivisions (store["subdivisions"]);
  ask_languages (store["languages"]);
  ask_codes (store["codes"]);
  ask_currencies_and_scripts (store["currencies"], store["scripts"]);
  ask_several_tables (store["countries"], store["subdivisions"], store["languages"],
                      store["codes"]);
  store.close ();
}

int main (string[] args) {
  Intl.setlocale ();
  if (args.length != 3) {
    printerr ("usage: questions STORE FOLDER\n");
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
