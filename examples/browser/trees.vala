// What several parts need of arbors and trees.

namespace Browser {
  public async Arbor.Tree[] read_first (Arbor.Arbor arbor, uint n, Cancellable? cancellable = null) throws Error {
    return yield arbor.head (n).iterator ().next_many_async (n, cancellable);
  }

  // Paths of fields that hold something to show, in the order that the first tree has.
  public string[] list_fields (Arbor.Schema schema, Arbor.Tree? first) throws Error {
    string[] fields = {};
    var keys = first != null && first.kind == Arbor.Kind.OBJECT ? first.dup_keys () : new string[] {};

    foreach (var key in keys)
      for (var i = 0; i < schema.get_n_fields (); i++)
        if (get_top (schema.dup_path (i)) == key && is_shown (schema, i))
          fields += schema.dup_path (i);
    for (var i = 0; i < schema.get_n_fields (); i++)
      if (!(get_top (schema.dup_path (i)) in keys) && is_shown (schema, i))
        fields += schema.dup_path (i);
    return fields;
  }

  private string get_top (string path) {
    return path.split (".")[0];
  }

  // Objects are shown by what is in them.
  private bool is_shown (Arbor.Schema schema, uint field) {
    var path = schema.dup_path (field);
    uint64 n = 0;

    foreach (var kind in new Arbor.Kind[] { Arbor.Kind.BOOL, Arbor.Kind.INT64, Arbor.Kind.UINT64, Arbor.Kind.DOUBLE,
                                            Arbor.Kind.NUMBER, Arbor.Kind.STRING, Arbor.Kind.ARRAY })
      n += schema.get_count (field, kind);
    return n > 0 && path != "" && !path.contains ("[");
  }

  // JSON as people read it.
  public string print_tree (Arbor.Tree tree, string indent = "") throws Error {
    var inner = indent + "  ";
    string[] parts = {};
    if ((tree.kind != Arbor.Kind.OBJECT && tree.kind != Arbor.Kind.ARRAY) || tree.get_length () == 0)
      return tree.to_json ();
    if (tree.kind == Arbor.Kind.OBJECT) {
      foreach (var key in tree.dup_keys ())
        parts += "%s%s: %s".printf (inner, quote (key), print_tree (tree.get_member (key), inner));
      return "{\n%s\n%s}".printf (string.joinv (",\n", parts), indent);
    }
    for (var i = 0; i < tree.get_length (); i++)
      parts += inner + print_tree (tree.get_element (i), inner);
    return "[\n%s\n%s]".printf (string.joinv (",\n", parts), indent);
  }

  private string quote (string key) throws Error {
    return new Arbor.Tree.from_variant (key).to_json ();
  }
}
