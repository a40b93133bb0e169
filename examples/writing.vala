/* Writing in Vala: transactions, changes, asynchronous calls, closing.
 *
 *   valac --pkg arbor-1 writing.vala
 *   ./writing cities.arbor data/cities.jsonl
 */

Arbor.Arbor trees_of (string lines) throws Error {
  return Arbor.read_jsonl (new Bytes (lines.data));
}

// In a thread of the library, while the main loop goes on.
async void write_later (Arbor.Store store) throws Error {
  yield store.append_async ("log", trees_of ("{\"what\":\"appended\"}\n"));
  print ("Log: %llu\n", yield store["log"].get_n_trees_async ());
}

void wait (Arbor.Store store) throws Error {
  var loop = new MainLoop ();
  Error? failure = null;
  write_later.begin (store, (object, result) => {
    try {
      write_later.end (result);
    } catch (Error error) {
      failure = error;
    }
    loop.quit ();
  });
  loop.run ();
  if (failure != null) {
    throw failure;
  }
}

void run (string store_path, string data_path) throws Error {
  var store = Arbor.Store.open (store_path);
  store.import_file ("cities", data_path);
  // Who may only look is given this.
  var observer = new Arbor.CloseObserver (store.dup_close_token ());
  observer.closed.connect (() => print ("Told of closing\n"));

  // All or nothing, and others see all of it or nothing.
  var transaction = store.begin_transaction ();
  transaction["log"] = trees_of ("{\"what\":\"begun\"}\n");
  transaction["countries"] = trees_of ("{\"name\":\"Egypt\"}\n");
  transaction.commit ();
  print ("Names: %s\n", string.joinv (", ", store.list_names ()));

  var changed = store.update_where ("cities", new Arbor.Expr.parse ("elevation < 100"), { "is_low" },
                                    { new Arbor.Expr.boolean (true) });
  print ("Changed: %llu\n", changed);
  print ("Deleted: %llu\n",
         store.delete_where ("cities", Arbor.path ("country").eq_string ("Colombia")));
  var egypt = store["countries"][0].set_value ("capital", new Arbor.Tree.from_json ("\"Cairo\""))
      .set_value ("area", new Arbor.Tree.from_json ("1002450"));
  print ("Upserted: %llu\n", store.upsert ("countries", "name", trees_of (egypt.to_json ())));
  print ("%s\n", store["countries"][0].to_json ());

  // A tree is found by its key without a look at the others, and no two have the same.
  store.set_keys ("countries", { "name" }, Arbor.KeyFlags.UNIQUE);
  print ("The capital of Egypt: %s\n",
         store["countries"].find_string ("Egypt").dup_string ("capital"));
  try {
    store.append ("countries", trees_of ("{\"name\":\"Egypt\"}\n"));
  } catch (Arbor.Error.EXISTS error) {
    print ("The name Egypt is taken\n");
  }

  wait (store);

  store.close ();
  print ("Closed: %s\n", observer.is_closed () ? "yes" : "no");
  try {
    observer.check ();
  } catch (Arbor.Error.CLOSED error) {
    print ("%s\n", error.message);
  }
}

int main (string[] args) {
  Intl.setlocale ();
  if (args.length != 3) {
    printerr ("usage: writing STORE FILE\n");
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
