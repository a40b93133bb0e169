// The tree that is selected, as text that can be changed.

namespace Browser {
  public class TreePane : Gtk.Box {
    public Gtk.TextView text { get; private set; }
    private Gtk.Label message;
    private Arbor.Tree? tree;
    private string printed = "";

    public signal void edited (Arbor.Tree? before, Arbor.Tree? after);

    construct {
      orientation = Gtk.Orientation.VERTICAL;
      width_request = 260;
      text = new Gtk.TextView () {
        monospace = true,
        vexpand = true,
        left_margin = 12,
        right_margin = 12,
        top_margin = 12,
        bottom_margin = 12,
        wrap_mode = Gtk.WrapMode.WORD_CHAR,
      };
      text.update_property (Gtk.AccessibleProperty.LABEL, _("Tree as JSON"), -1);
      message = new Gtk.Label (null) { xalign = 0, wrap = true, visible = false, margin_start = 12 };
      message.add_css_class ("error");

      var save = new Gtk.Button.with_mnemonic (_("_Save")) { action_name = "win.save" };
      save.add_css_class ("suggested-action");
      var bar = new Gtk.Box (Gtk.Orientation.HORIZONTAL, 6);
      bar.add_css_class ("toolbar");
      bar.append (save);
      bar.append (new Gtk.Button.with_mnemonic (_("_Add as New")) { action_name = "win.add" });
      bar.append (new Gtk.Button.with_mnemonic (_("_Delete")) { action_name = "win.delete" });

      append (new Gtk.ScrolledWindow () { child = text });
      append (message);
      append (bar);
    }

    public bool has_changes () {
      return text.buffer.text != printed;
    }

    public void show_tree (Arbor.Tree? shown) {
      message.visible = false;
      try {
        printed = shown != null ? print_tree (shown) : "";
        // It outlives the state of the store that it is of.
        tree = shown?.materialize ();
      } catch (Error error) {
        printed = "";
        tree = null;
        show_error (error);
      }
      text.buffer.text = printed;
    }

    public void save () {
      if (tree != null && has_changes ())
        tell (tree);
    }

    public void add () {
      tell (null);
    }

    public void @delete () {
      if (tree != null)
        edited (tree, null);
    }

    private void tell (Arbor.Tree? before) {
      message.visible = false;
      try {
        edited (before, new Arbor.Tree.from_json (text.buffer.text));
      } catch (Error error) {
        show_error (error);
      }
    }

    public void show_error (Error error) {
      message.label = error.message;
      message.visible = true;
    }
  }
}
