// An entry for an expression: it says what is wrong as it is typed, and suggests fields and functions.

namespace Browser {
  public class ExpressionEntry : Gtk.Box {
    public Gtk.Entry entry { get; private set; }
    private Gtk.Label message;
    private Gtk.ListStore words = new Gtk.ListStore (1, typeof (string));

    // Of a text that can be one; null: of none.
    public signal void changed (Arbor.Expr? expression);

    construct {
      orientation = Gtk.Orientation.VERTICAL;
      entry = new Gtk.Entry () {
        placeholder_text = _("Expression, such as age > 30 and contains (name, 'a')"),
        primary_icon_name = "edit-find-symbolic",
        hexpand = true,
        completion = make_completion (),
      };
      entry.update_property (Gtk.AccessibleProperty.LABEL, _("Filter"), -1);
      entry.changed.connect (read);
      message = new Gtk.Label (null) { xalign = 0, wrap = true, visible = false, selectable = true };
      message.add_css_class ("error");
      message.add_css_class ("caption");
      append (entry);
      append (message);
    }

    public void suggest (string[] fields) {
      Gtk.TreeIter at;

      words.clear ();
      foreach (var field in fields)
        words.insert_with_values (out at, -1, 0, field);
      foreach (var function in FUNCTIONS)
        words.insert_with_values (out at, -1, 0, function + " (");
    }

    private void read () {
      Arbor.Expr? expression = null;

      message.visible = false;
      entry.remove_css_class ("error");
      try {
        if (entry.text.strip () != "")
          expression = new Arbor.Expr.parse (entry.text);
        changed (expression);
      } catch (Error error) {
        show_error (error);
      }
    }

    public void show_error (Error error) {
      message.label = error.message;
      message.visible = true;
      entry.add_css_class ("error");
      entry.update_state (Gtk.AccessibleState.INVALID, Gtk.AccessibleInvalidState.TRUE, -1);
    }

    private int find_word () {
      var at = entry.text.index_of_nth_char (entry.cursor_position);
      while (at > 0 && (entry.text[at - 1].isalnum () || entry.text[at - 1] == '_' || entry.text[at - 1] == '.'))
        at--;
      return at;
    }

    private Gtk.EntryCompletion make_completion () {
      var completion = new Gtk.EntryCompletion () {
        model = words,
        text_column = 0,
        minimum_key_length = 1,
        popup_set_width = false,
      };
      completion.set_match_func ((completion, key, at) => {
        var end = entry.text.index_of_nth_char (entry.cursor_position);
        var word = entry.text[find_word () : end];
        string candidate;
        words.get (at, 0, out candidate);
        return word != "" && word != candidate && candidate.has_prefix (word);
      });
      completion.match_selected.connect ((model, at) => {
        string candidate;
        model.get (at, 0, out candidate);
        var start = entry.text.char_count (find_word ());
        var position = entry.cursor_position;
        entry.delete_text (start, position);
        entry.insert_text (candidate, -1, ref start);
        entry.set_position (start);
        return true;
      });
      return completion;
    }
  }
}
