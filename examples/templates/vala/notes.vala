// notes add TEXT | list | find WORD

string make_path () {
  var folder = Environment.get_variable ("NOTES_FOLDER")
      ?? Path.build_filename (Environment.get_user_data_dir (), "notes");
  DirUtils.create_with_parents (folder, 0700);
  return Path.build_filename (folder, "notes.arbor");
}

void add (Arbor.Store store, string text) throws Error {
  var builder = new Arbor.Builder ();
  var when = new DateTime.now_utc ().format_iso8601 ();
  builder.add_variant (new Variant.parsed ("{'text': <%s>, 'written': <%s>}", text, when));
  store.append ("notes", builder.finish ());
}

void print_all (Arbor.Arbor notes) throws Error {
  foreach (var note in notes)
    print ("%s\n", note.dup_string ("text"));
}

void run (string[] args) throws Error {
  var store = Arbor.Store.open (make_path ());
  if (args.length == 3 && args[1] == "add")
    add (store, args[2]);
  else if (args.length == 2 && args[1] == "list")
    print_all (store["notes"]);
  else if (args.length == 3 && args[1] == "find")
    print_all (store["notes"].filter (Arbor.Expr.parsef ("contains (casefold (text), casefold (%s))", args[2])));
  else
    throw new IOError.INVALID_ARGUMENT ("add TEXT, list or find WORD");
  store.close ();
}

int main (string[] args) {
  Intl.setlocale ();
  try {
    run (args);
    return 0;
  } catch (Error error) {
    printerr ("notes: %s\n", error.message);
    return 1;
  }
}
