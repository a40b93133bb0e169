// One tree of a stored arbor put in the place of another. The old one is found by what it was, in a
// transaction, so nothing that somebody else wrote meanwhile is lost; where it is not there any more the edit
// is in conflict, and nothing is written.

namespace Browser {
  public errordomain EditError {
    CONFLICT,
  }

  public class Edit : Object {
    // So often others may be faster.
    private const int N_TRIES = 8;

    public string name { get; construct; }
    // null: it is new.
    public Arbor.Tree? before { get; construct; }
    // null: it is deleted.
    public Arbor.Tree? after { get; construct; }
    // Where a new one goes; afterwards where it was done.
    public uint64 position { get; set; default = uint64.MAX; }

    public Edit (string name, Arbor.Tree? before, Arbor.Tree? after) {
      Object (name: name, before: before, after: after);
    }

    public Edit invert () {
      return new Edit (name, after, before) { position = position };
    }

    public async void apply (Arbor.Store store) throws Error {
      for (var i = 1;; i++) {
        try {
          yield try_once (store);
          return;
        } catch (Arbor.Error.CONFLICT error) {
          if (i == N_TRIES)
            throw error;
        }
      }
    }

    private async void try_once (Arbor.Store store) throws Error {
      var transaction = yield store.begin_transaction_async ();
      try {
        var arbor = yield transaction.get_async (name);
        position = before != null ? yield find (arbor) : uint64.min (position, arbor.n_trees);
        yield transaction.replace_async (name, position, before != null ? 1 : 0, make_arbor ());
        yield transaction.commit_async ();
      } catch (Error error) {
        transaction.rollback ();
        throw error;
      }
    }

    private async uint64 find (Arbor.Arbor arbor) throws Error {
      var is_it = new Arbor.Expr.parse_with ("$ == ?", { new Arbor.Expr.json (before.to_json ()) });
      var indices = yield arbor.matching_indices_async (is_it);
      if (indices.length == 0)
        throw new EditError.CONFLICT (_("The tree was changed or deleted meanwhile"));
      return indices[0];
    }

    private Arbor.Arbor? make_arbor () throws Error {
      if (after == null)
        return null;
      var builder = new Arbor.Builder ();
      builder.add_tree (after);
      return builder.finish ();
    }
  }
}
