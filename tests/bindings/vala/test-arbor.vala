/* The API from Vala: what closing does, foreach, [], in, default arguments, yield, errors. */

const string PEOPLE = """{"name":{"last":"Byron"},"height":66,"tags":["math","poetry"]}
{"name":{"last":"Ek"},"height":81,"birth":{"country":"SE"},"tags":[]}
{"name":{"last":"Young"},"height":82.5,"birth":{"country":"USA"}}
""";

string folder;
MainLoop loop;

Arbor.Store open_store () throws Error {
  var store = Arbor.Store.open (folder + "/test.arbor");
  store.put ("people", Arbor.read_jsonl (new Bytes (PEOPLE.data)));
  return store;
}

void assert_closed_error (Error error) {
  assert_true (error is Arbor.Error.CLOSED);
  assert_cmpstr (error.message, CompareOperator.EQ, "ArborStore has been closed");
}

void assert_closed (Arbor.Arbor arbor) {
  try {
    arbor.get_n_trees ();
    assert_not_reached ();
  } catch (Error error) {
    assert_closed_error (error);
  }
}

string names (Arbor.Arbor arbor) throws Error {
  string[] found = {};

  foreach (var tree in arbor) {
    found += tree.dup_string ("name.last");
  }
  return string.joinv (" ", found);
}

/* The four behaviours of closing. */

void test_close_invalidates_derived_arbors () {
  try {
    var store = open_store ();
    var stored = store["people"];
    assert_true (stored.get_n_trees () == 3);
    store.close ();
    assert_closed (stored);
    try {
      store["people"].get_n_trees ();
      assert_not_reached ();
    } catch (Arbor.Error.CLOSED error) {
      assert_closed_error (error);
    }
  } catch (Error error) {
    assert_no_error (error);
  }
}

void test_leaving_a_block_invalidates_derived_arbors () {
  try {
    Arbor.Arbor? stored = null;
    {
      var store = open_store ();
      try {
        stored = store["people"];
        assert_true (stored.get_n_trees () == 3);
      } finally {
        store.close ();
      }
    }
    assert_closed ((!) stored);
  } catch (Error error) {
    assert_no_error (error);
  }
}

void test_close_invalidates_iterators () {
  try {
    var store = open_store ();
    var iter = store["people"].iterator ();
    var picked = store["people"].pick ({ "height" });
    int n_seen = 0;
    assert_cmpstr (iter.next_value ().dup_string ("name.last"), CompareOperator.EQ, "Byron");
    assert_cmpstr (picked.next_value ().to_json (), CompareOperator.EQ, "{\"height\":66}");
    try {
      foreach (var tree in store["people"]) {
        assert_true (tree.get_kind () == Arbor.Kind.OBJECT);
        n_seen++;
        store.close ();
      }
      assert_not_reached ();
    } catch (Arbor.Error.CLOSED error) {
      assert_closed_error (error);
    }
    assert_true (n_seen == 1);
    try {
      iter.next_value ();
      assert_not_reached ();
    } catch (Arbor.Error.CLOSED error) {
      assert_closed_error (error);
    }
    try {
      picked.next_value ();
      assert_not_reached ();
    } catch (Arbor.Error.CLOSED error) {
      assert_closed_error (error);
    }
  } catch (Error error) {
    assert_no_error (error);
  }
}

void test_close_invalidates_filtered_arbors () {
  try {
    var store = open_store ();
    var filtered = store["people"].filter (Arbor.path ("height").gt (new Arbor.Expr.int64 (80)));
    assert_true (filtered.get_n_trees () == 2);
    store.close ();
    assert_closed (filtered);
  } catch (Error error) {
    assert_no_error (error);
  }
}

void test_memory_is_untouched () {
  try {
    var store = open_store ();
    var token = new Arbor.CloseToken ();
    var memory = Arbor.read_jsonl (new Bytes (PEOPLE.data));
    var materialized = store["people"].filter (new Arbor.Expr.parse ("height > 80")).materialize ();
    token.close ();
    assert_true (token.is_closed ());
    assert_cmpstr (names (store["people"]), CompareOperator.EQ, "Byron Ek Young");
    store.close ();
    assert_cmpstr (names (memory), CompareOperator.EQ, "Byron Ek Young");
    assert_cmpstr (names (materialized), CompareOperator.EQ, "Ek Young");
    assert_true (materialized.dup_close_token () == null);
    try {
      token.check ();
      assert_not_reached ();
    } catch (Arbor.Error error) {
      assert_closed_error (error);
    }
  } catch (Error error) {
    assert_no_error (error);
  }
}

void test_groups () {
  try {
    var store = open_store ();
    var people = store["people"];
    var groups = people.group_by ({ "tall" }, { new Arbor.Expr.parse ("height > 80") });
    var sums = groups.aggregate ({ "n" }, { new Arbor.Expr.parse ("count()") });
    assert_cmpstr (sums.to_jsonl (), CompareOperator.EQ,
                   "{\"tall\":false,\"n\":1}\n{\"tall\":true,\"n\":2}\n");
    assert_true (groups.get_n_groups () == 2);
    assert_cmpstr (names (groups.get_members (1)), CompareOperator.EQ, "Ek Young");
    uint64 index;
    assert_true (groups.find (groups.get_key (1), out index) && index == 1);
    var all = people.aggregate ({ "most" }, { new Arbor.Expr.parse ("max(height)") });
    assert_true (all.get_double ("most") == 82.5);
    assert_true (people.value_counts (new Arbor.Expr.parse ("birth.country")).get_n_trees () == 3);
    assert_true (people.histogram (new Arbor.Expr.parse ("height"), 4).get_n_trees () == 4);
    assert_cmpstr (people.describe ()[0].dup_string ("path"), CompareOperator.EQ, "birth");
    store.close ();
    try {
      groups.get_n_groups ();
      assert_not_reached ();
    } catch (Arbor.Error.CLOSED error) {
      assert_closed_error (error);
    }
  } catch (Error error) {
    assert_no_error (error);
  }
}

void test_columns () {
  try {
    var store = open_store ();
    var people = store["people"];
    var column = people.get_column ("height");
    assert_true (column.get_layout () == Arbor.ColumnLayout.DOUBLE);
    unowned double[] heights = (double[]) column.dup_doubles ().get_data ();
    assert_true (column.get_n_rows () == 3);
    assert_true (heights[0] == 66 && heights[1] == 81 && heights[2] == 82.5);
    assert_cmpstr (string.joinv (" ", people.get_column ("name.last").dup_dictionary ()),
                   CompareOperator.EQ, "Byron Ek Young");
    assert_true (people.get_column_of (new Arbor.Expr.parse ("height > 80")).get_layout () ==
                 Arbor.ColumnLayout.BOOL);
    try {
      column.dup_int64s ();
      assert_not_reached ();
    } catch (Arbor.Error.OUT_OF_RANGE error) {
      assert_cmpstr (error.message, CompareOperator.EQ,
                     "The number 82.5 at 'height' is not exactly a gint64");
    }
    var cursor = new Arbor.Cursor (people, { "height", "name.last" });
    double sum = 0;
    string[] names = {};
    bool has_tree;
    while (cursor.next (out has_tree) && has_tree) {
      sum += cursor.get_double (0);
      names += cursor.dup_string (1);
    }
    assert_true (sum == 66 + 81 + 82.5);
    assert_cmpstr (string.joinv (" ", names), CompareOperator.EQ, "Byron Ek Young");
    cursor.seek (1);
    store.close ();
    assert_cmpstr (column.to_json (), CompareOperator.EQ, "[66,81,82.5]");
    try {
      cursor.get_double (0);
      assert_not_reached ();
    } catch (Arbor.Error.CLOSED error) {
      assert_closed_error (error);
    }
  } catch (Error error) {
    assert_no_error (error);
  }
}

void test_ordinary_use () {
  try {
    var store = open_store ();
    var people = store["people"];
    assert_true ("people" in store);
    assert_false ("nobody" in store);
    assert_cmpstr (people[2].dup_string ("name.last"), CompareOperator.EQ, "Young");
    assert_true (people[0].get_int64 ("height") == 66);
    assert_true (people[0]["tags"].get_length () == 2);
    assert_true ("birth.country" in people[1]);
    assert_cmpstr (string.joinv (" ", people[0].dup_keys ()), CompareOperator.EQ,
                   "name height tags");
    store.put ("view", people.reverse ());
    assert_cmpstr (names (store["view"]), CompareOperator.EQ, "Young Ek Byron");
    assert_cmpstr (names (people.take ({ 2, 0, 2 })), CompareOperator.EQ, "Young Byron Young");
    store.put_many ({ "x", "y" }, { people.head (1), people.tail (1) });
    assert_cmpstr (string.joinv (" ", store.list_names ()), CompareOperator.EQ,
                   "people view x y");
    assert_true (store.delete ("x"));
    assert_false (store.delete ("x"));
    var indices = people.matching_indices (new Arbor.Expr.parse ("height > 80"));
    assert_true (indices.length == 2 && indices[0] == 1 && indices[1] == 2);
    assert_true (people.find_one (new Arbor.Expr.parse ("height > 99")) == null);
    store.put ("keyed", people);
    store.set_keys ("keyed", { "name.last" }, Arbor.KeyFlags.UNIQUE);
    assert_true (store["keyed"].keys_unique && store["keyed"].dup_keys ().length == 1);
    assert_true (store["keyed"].find_string ("Ek").get_int64 ("height") == 81);
    assert_true (store["keyed"].find (new Arbor.Tree.from_json ("\"Ek\"")).get_int64 ("height") == 81);
    assert_true (store["keyed"].find_string ("Ekk") == null);
    try {
      store.append ("keyed", people.head (1));
      assert_not_reached ();
    } catch (Arbor.Error.EXISTS error) {
    }
    assert_true (store.upsert ("keyed", null, people.head (1)) == 0);
    store.delete ("keyed");
    var text = new StringBuilder ();
    foreach (var picked in people.pick ({ "height", "birth.country" })) {
      text.append (picked.to_json ());
    }
    assert_cmpstr (text.str, CompareOperator.EQ,
                   "{\"height\":66}{\"height\":81,\"birth.country\":\"SE\"}" +
                   "{\"height\":82.5,\"birth.country\":\"USA\"}");
    var tall = Arbor.Expr.parsef ("height > %d and name.last != %s", 80, "Young");
    assert_true (names (people.filter (tall)) == "Ek");
    assert_true (tall.equal (Arbor.path ("height").gt_int (80).both (
        Arbor.path ("name.last").ne_string ("Young"))));
    assert_true (new Arbor.Tree.from_json ("{\"a\":1}").get_int64 ("a") == 1);
    assert_true (people.join (people, { Arbor.path ("height") }).get_n_trees () == 3);
    assert_true (people.join (people, { Arbor.path ("height") }, new Arbor.JoinOptions () {
      kind = Arbor.JoinKind.ANTI, other_keys = { Arbor.path ("name.last") }, suffix = "_other"
    }).get_n_trees () == 3);
    assert_true (people.nest (people, { Arbor.path ("height") }, "same", new Arbor.NestOptions () {
      kind = Arbor.NestKind.ONE
    })[0].get_int64 ("same.height") == people[0].get_int64 ("height"));
    assert_true (people.index_by ({ Arbor.path ("height") }).get_n_keys () == 3);
    assert_true (people.index_by ({ Arbor.path ("1") }, new Arbor.IndexOptions () {
      duplicates = Arbor.Duplicates.LAST
    }).get_n_keys () == 0);
    assert_true (people.sort_by ({ Arbor.path ("height") })[0].get_int64 ("height") == 66);
    assert_true (people.top_k (1)[0] != null && people.shuffle ().get_n_trees () == 3);
    var expr = Arbor.path ("name.last").is_in ({ new Arbor.Expr.string ("Ek") });
    assert_cmpstr (names (people.filter (expr)), CompareOperator.EQ, "Ek");
    var dates = new Arbor.Expr.string ("%d.%m.%Y");
    Arbor.Expr[] made = {
      Arbor.path ("s").parse_json (), Arbor.path ("d").parse_date (dates),
      Arbor.path ("d").parse_date (dates).week_year (), Arbor.path ("e").date_from_epoch (null),
      Arbor.path ("d").parse_date (dates).to_epoch (null), Arbor.path ("v[*]").collect (),
      Arbor.path ("v[*]").collect_unique ()
    };
    var json = "{\"s\":\"[1]\",\"d\":\"3.1.2021\",\"e\":1,\"v\":[2,1,2]}";
    var read = Arbor.read_jsonl (new Bytes (json.data));
    assert_cmpstr (read.select ({ "j", "d", "w", "e", "t", "c", "u" }, made)[0].to_json (),
                   CompareOperator.EQ,
                   "{\"j\":[1],\"d\":\"2021-01-03\",\"w\":2020,\"e\":\"1970-01-01T00:00:01Z\"," +
                   "\"t\":1609632000,\"c\":[2,1,2],\"u\":[2,1]}");
    Arbor.Expr[] keys = { Arbor.path ("height") };
    var down = new Arbor.SortOptions () { descending = true };
    assert_cmpstr (names (people.sort_by (keys, down)), CompareOperator.EQ, "Young Ek Byron");
    assert_cmpstr (names (people.sort_by ({ new Arbor.Expr.parse ("height > 0"), Arbor.path ("height") },
        new Arbor.SortOptions () { flags = { NONE, DESCENDING } })), CompareOperator.EQ, "Young Ek Byron");
    assert_cmpstr (names (people.top_k (1, keys, null)), CompareOperator.EQ, "Byron");
    assert_cmpstr (names (people.unique_by (keys)), CompareOperator.EQ, "Byron Ek Young");
    assert_cmpstr (names (people.sample (9, 1)), CompareOperator.EQ, "Byron Ek Young");
    assert_true (people.shuffle (-1).get_n_trees () == 3);
    store.close ();
  } catch (Error error) {
    assert_no_error (error);
  }
}

void test_options_and_reports () {
  try {
    var path = folder + "/lines";
    FileUtils.set_contents (path, "{\"a\":1}\n{\n{\"a\":3}\n");
    var store = Arbor.Store.open (folder + "/test.arbor", new Arbor.StoreOptions ());
    var options = new Arbor.LoadOptions ();
    options.set_skip_bad (true);
    uint64 last = 0;
    var report = store.import_file ("lines", path, options, (done, total) => { last = done; });
    assert_true (report.get_n_trees () == 2 && report.get_n_bad () == 1);
    assert_true (report.dup_bad_lines ()[0] == 2);
    assert_true (last == 18);
    FileUtils.set_contents (path, "{\"d\":{\"x\":{\"n\":1.50},\"y\":{}}}");
    var parts = new Arbor.LoadOptions ();
    parts.at = "d";
    parts.as_object = "id";
    parts.decimals = Arbor.Decimals.EXACT;
    parts.memory_limit = 1 << 26;
    var members = store.import_file ("members", path, parts);
    assert_true (members.get_n_trees () == 2 && members.get_n_repeated_keys () == 0);
    assert_true (store["members"][0].to_json () == "{\"id\":\"x\",\"n\":1.50}");
    FileUtils.set_contents (path, "{\"a\":1}\n{\n{\"a\":3}\n");
    Arbor.LoadReport loaded;
    var arbor = Arbor.load_file (path, options, out loaded);
    assert_true (arbor.get_n_trees () == 2 && loaded.get_n_trees () == 2);

    var csv = folder + "/table.csv";
    FileUtils.set_contents (csv, "id;n\n007;1\n");
    options = new Arbor.LoadOptions ();
    options.types = { "n=text" };
    arbor = Arbor.load_file (csv, options, out loaded);
    assert_true (arbor.to_jsonl () == "{\"id\":\"007\",\"n\":\"1\"}\n");
    assert_true (loaded.dup_delimiter () == ";" && loaded.dup_columns ()[1] == "n");
    assert_true (loaded.dup_column_types ()[0] == "text" && loaded.dup_notes ().length == 2);
    string text;
    arbor.save_file (csv, Arbor.Format.AUTO);
    FileUtils.get_contents (csv, out text);
    assert_true (text == "id,n\n007,1\n");
    store.close ();
    try {
      Arbor.Store.open (path);
      assert_not_reached ();
    } catch (Arbor.Error.NOT_A_STORE error) {
    }
  } catch (Error error) {
    assert_no_error (error);
  }
}

void test_errors () {
  try {
    var store = open_store ();
    var people = store["people"];
    try {
      store["nobody"].get_n_trees ();
      assert_not_reached ();
    } catch (Arbor.Error.NOT_FOUND error) {
    }
    try {
      people[3].to_json ();
      assert_not_reached ();
    } catch (Arbor.Error.OUT_OF_RANGE error) {
      assert_cmpstr (error.message, CompareOperator.EQ,
                     "Index 3 is out of range: the arbor has 3 trees");
    }
    try {
      Arbor.read_jsonl (new Bytes ("{\"a\":}".data));
      assert_not_reached ();
    } catch (Arbor.Error.PARSE error) {
    }
    try {
      Arbor.path ("a[");
      assert_not_reached ();
    } catch (Arbor.Error.EXPRESSION error) {
    }
    store.put ("people", people.head (1));
    try {
      people.get_n_trees ();
      assert_not_reached ();
    } catch (Arbor.Error.STALE error) {
    }
    assert_cmpstr (names (store["people"]), CompareOperator.EQ, "Byron");
    store.close ();
  } catch (Error error) {
    assert_no_error (error);
  }
}

async void use_asynchronously () {
  try {
    var path = folder + "/lines";
    FileUtils.set_contents (path, PEOPLE);
    var store = yield Arbor.Store.open_async (folder + "/test.arbor");
    var report = yield store.import_file_async ("people", path);
    assert_true (report.get_n_trees () == 3);
    yield store.put_async ("view", store["people"].tail (1));
    assert_cmpstr (names (store["view"]), CompareOperator.EQ, "Young");

    var people = yield store.get_async ("people");
    var condition = new Arbor.Expr.parse ("exists(birth)");
    var n_matches = yield people.count_matches_async (condition);
    assert_true (n_matches == people.count_matches (condition));
    var indices = yield people.matching_indices_async (condition);
    assert_true (indices.length == n_matches);
    var first = yield people.get_async (0);
    assert_cmpstr (first.to_json (), CompareOperator.EQ, people[0].to_json ());
    assert_null (yield people.find_one_async (new Arbor.Expr.parse ("nothing == 1")));
    var iter = people.iterator ();
    var step = yield iter.next_value_async ();
    assert_cmpstr (yield step.to_json_async (), CompareOperator.EQ, first.to_json ());
    assert_cmpstr (yield people.to_jsonl_async (), CompareOperator.EQ, people.to_jsonl ());
    uint64 told = 0;
    yield people.filter (condition).compute_async ((done, total) => {
      told = done;
    });
    assert_true (told == n_matches);
    Arbor.LoadReport read;
    var loaded = yield Arbor.load_file_async (path, null, null, null, out read);
    assert_true (loaded.get_n_trees () == 3 && read.get_n_trees () == 3);
    var transaction = yield store.begin_transaction_async ();
    yield transaction.put_async ("staged", loaded);
    yield transaction.commit_async ();
    assert_true (transaction.state == Arbor.TransactionState.COMMITTED);
    yield store.delete_async ("staged");

    var cancellable = new Cancellable ();
    cancellable.cancel ();
    try {
      yield store.import_file_async ("more", path, null, null, cancellable);
      assert_not_reached ();
    } catch (IOError.CANCELLED error) {
    }
    assert_false ("more" in store);

    yield store.close_async ();
    assert_true (store.is_closed ());
    try {
      yield store.put_async ("view", Arbor.read_jsonl (new Bytes ({ '1' })));
      assert_not_reached ();
    } catch (Arbor.Error.CLOSED error) {
      assert_closed_error (error);
    }
  } catch (Error error) {
    assert_no_error (error);
  }
  loop.quit ();
}

void test_async () {
  loop = new MainLoop ();
  use_asynchronously.begin ();
  loop.run ();
}

/* A call that would take minutes, and one that waits for a writer who never comes. */
async void cancel_asynchronously () {
  try {
    var store = open_store ();
    var pipe = folder + "/pipe";
    Process.spawn_command_line_sync (@"mkfifo $pipe");
    var text = new StringBuilder ();
    for (int i = 0; i < 50000; i++) {
      text.append (@"{\"s\":\"$(string.nfill (200, 'a'))$i\"}\n");
    }
    /* Letters by letters, milliseconds a value of 200: minutes in all. */
    var slow = new Arbor.Expr.parse ("sum(map(split(s, ''), sum(map(split(s, ''), len(@))))) == 1");
    var rows = read_text (text.str);
    for (int i = 0; i < 4; i++) {
      var cancellable = new Cancellable ();
      Timeout.add (50, () => {
        cancellable.cancel ();
        return Source.REMOVE;
      });
      try {
        if (i == 0) {
          yield store.import_file_async ("new", pipe, null, null, cancellable);
        } else if (i == 1) {
          yield store.put_async ("new", rows.filter (slow), cancellable);
        } else if (i == 2) {
          yield rows.sort_by ({ slow }, null).compute_async (null, cancellable);
        } else {
          yield rows.group_by ({ "x" }, { slow }).aggregate ({ "n" }, { new Arbor.Expr.parse ("count()") })
            .compute_async (null, cancellable);
        }
        assert_not_reached ();
      } catch (IOError.CANCELLED error) {
      }
      assert_false ("new" in store);
    }
    store.close ();
  } catch (Error error) {
    assert_no_error (error);
  }
  loop.quit ();
}

void test_cancelling () {
  loop = new MainLoop ();
  cancel_asynchronously.begin ();
  loop.run ();
}

/* A test of a JSON Patch that does not hold is no conflict with other writers. */
void test_failed_patch () {
  try {
    var tree = read_text ("{\"a\":1}\n")[0];
    var patch = read_text ("[{\"op\":\"test\",\"path\":\"/a\",\"value\":2}]\n")[0];
    try {
      tree.patch (patch);
      assert_not_reached ();
    } catch (Arbor.Error.TEST_FAILED error) {
      assert_true ("Operation 0 (test)" in error.message);
    }
  } catch (Error error) {
    assert_no_error (error);
  }
}

void test_models_and_signals () {
  try {
    var store = open_store ();
    var people = store["people"];
    ListModel model = people;
    string seen = "";
    int n_closed = 0;
    model.items_changed.connect ((at, removed, added) => { seen += @"$at $removed $added;"; });
    store.dup_close_token ().closed_in_context.connect (() => { n_closed++; });
    assert_true (model.get_n_items () == 3);
    assert_cmpstr (((Arbor.Tree) model.get_item (1)).dup_string ("name.last"), CompareOperator.EQ,
                   "Ek");
    store.close ();
    assert_true (model.get_n_items () == 3);
    assert_true (((Arbor.Tree) model.get_item (1)).is_closed ());
    while (seen == "" || n_closed == 0) {
      MainContext.@default ().iteration (true);
    }
    assert_cmpstr (seen, CompareOperator.EQ, "0 3 0;");
    assert_true (n_closed == 1);
    assert_true (model.get_n_items () == 0);
    assert_true (model.get_item (0) == null);
    assert_closed (people);
  } catch (Error error) {
    assert_no_error (error);
  }
}

/* Transactions, figures, watching. */

Arbor.Arbor read_text (string text) throws Error {
  return Arbor.read_jsonl (new Bytes (text.data));
}

void test_transactions () {
  try {
    var store = open_store ();
    var other = Arbor.Store.open (folder + "/test.arbor");
    var staged = store.begin_transaction ();
    staged.put ("a", read_text ("1\n2\n"));
    staged.append ("a", read_text ("3\n"));
    assert_true (staged.delete ("people"));
    assert_cmpstr (staged["a"].to_jsonl (), CompareOperator.EQ, "1\n2\n3\n");
    assert_false ("people" in staged);
    other.refresh ();
    assert_false ("a" in other);
    staged.commit ();
    other.refresh ();
    assert_cmpstr (other["a"].to_jsonl (), CompareOperator.EQ, "1\n2\n3\n");
    assert_cmpstr (string.joinv (" ", other.list_names ()), CompareOperator.EQ, "a");
    try {
      staged.commit ();
      assert_not_reached ();
    } catch (Arbor.Error.CLOSED error) {
      assert_cmpstr (error.message, CompareOperator.EQ,
                     "The transaction has been committed: begin another one");
    }

    var stale = store.begin_transaction ();
    stale.expect ("a", store["a"].get_generation ());
    stale.put ("b", read_text ("1\n"));
    other.put ("a", read_text ("9\n"));
    try {
      stale.commit ();
      assert_not_reached ();
    } catch (Arbor.Error.CONFLICT error) {
      assert_true ("'a'" in error.message);
    }
    stale.rollback ();
    store.close ();
    other.refresh ();
    assert_false ("b" in other);
    try {
      store.begin_transaction ();
      assert_not_reached ();
    } catch (Arbor.Error.CLOSED error) {
      assert_closed_error (error);
    }
  } catch (Error error) {
    assert_no_error (error);
  }
}

/* The loop of the manual. */
void add_one (Arbor.Store store, Arbor.Store other, ref int n_tries) throws Error {
  while (true) {
    try {
      var staged = store.begin_transaction ();
      var n = staged["counter"][0].get_int64 ("n");
      if (n_tries++ < 2) {
        other.put ("counter", read_text ("""{"n":%d}""".printf (10 * n_tries)));
      }
      staged.put ("counter", read_text ("""{"n":%lld}""".printf (n + 1)));
      staged.commit ();
      return;
    } catch (Arbor.Error.CONFLICT error) {
      continue;
    }
  }
}

void test_conflict_loop () {
  try {
    var store = open_store ();
    var other = Arbor.Store.open (folder + "/test.arbor");
    int n_tries = 0;
    store.put ("counter", read_text ("""{"n":0}"""));
    add_one (store, other, ref n_tries);
    assert_cmpint (n_tries, CompareOperator.EQ, 3);
    assert_cmpstr (store["counter"].to_jsonl (), CompareOperator.EQ, "{\"n\":21}\n");
  } catch (Error error) {
    assert_no_error (error);
  }
}

void test_watching () {
  try {
    var store = open_store ();
    var other = Arbor.Store.open (folder + "/test.arbor");
    var main = new MainLoop ();
    var seen = "";
    store.committed.connect (() => { seen += "committed "; });
    store.changed["a"].connect ((name) => { seen += name; main.quit (); });
    store.watch = true;
    store.auto_refresh = true;
    other.put ("b", read_text ("1\n"));
    other.put ("a", read_text ("1\n"));
    main.run ();
    assert_true (seen.has_prefix ("committed ") && seen.has_suffix ("a"));
    assert_true ("a" in store && "b" in store);

    var stats = store.get_stats ();
    assert_true (stats.get_n_batches_written () == 1);
    assert_true (stats.get_file_bytes () % stats.get_page_size () == 0);
    store.close ();
    assert_false (store.watch);
    assert_true (stats.get_n_batches_written () == 1);
  } catch (Error error) {
    assert_no_error (error);
  }
}

/* Each test has a folder of its own. */
void add (string name, TestDataFunc func) {
  Test.add_data_func ("/vala/" + name, () => {
    try {
      folder = DirUtils.make_tmp ("arbor-vala-XXXXXX");
      func ();
      var dir = Dir.open (folder);
      string? file;
      while ((file = dir.read_name ()) != null) {
        FileUtils.unlink (folder + "/" + file);
      }
      DirUtils.remove (folder);
    } catch (Error error) {
      assert_no_error (error);
    }
  });
}

int main (string[] args) {
  Intl.setlocale ();
  Test.init (ref args);
  add ("close-invalidates-derived-arbors", test_close_invalidates_derived_arbors);
  add ("leaving-a-block-invalidates", test_leaving_a_block_invalidates_derived_arbors);
  add ("close-invalidates-iterators", test_close_invalidates_iterators);
  add ("close-invalidates-filtered-arbors", test_close_invalidates_filtered_arbors);
  add ("memory-is-untouched", test_memory_is_untouched);
  add ("groups", test_groups);
  add ("columns", test_columns);
  add ("ordinary-use", test_ordinary_use);
  add ("options-and-reports", test_options_and_reports);
  add ("errors", test_errors);
  add ("async", test_async);
  add ("cancelling", test_cancelling);
  add ("failed-patch", test_failed_patch);
  add ("models-and-signals", test_models_and_signals);
  add ("transactions", test_transactions);
  add ("conflict-loop", test_conflict_loop);
  add ("watching", test_watching);
  return Test.run ();
}
