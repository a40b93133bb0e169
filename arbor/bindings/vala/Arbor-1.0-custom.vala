// What Vala's own syntax asks for, over functions that the library has under other names: an arbor put by
// store["x"] = arbor, and what options keep as arrays, as properties.
namespace Arbor {
	public class Store : GLib.Object {
		[CCode (cname = "arbor_store_put")]
		public void set (string name, global::Arbor.Arbor arbor, GLib.Cancellable? cancellable = null) throws GLib.Error;
	}

	public class Transaction : GLib.Object {
		[CCode (cname = "arbor_transaction_put")]
		public void set (string name, global::Arbor.Arbor arbor, GLib.Cancellable? cancellable = null) throws GLib.Error;
	}

	public class JoinOptions : GLib.Object {
		[CCode (array_length_type = "gsize")]
		public global::Arbor.Expr[] other_keys { set; }
	}

	public class NestOptions : GLib.Object {
		[CCode (array_length_type = "gsize")]
		public global::Arbor.Expr[] other_keys { set; }
	}

	public class SortOptions : GLib.Object {
		[CCode (array_length_type = "gsize")]
		public global::Arbor.SortFlags[] flags { set; }
	}
}
