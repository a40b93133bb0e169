// Groups of what is shown: by a field, with an aggregate of another one, as bars.

namespace Browser {
  public class GroupPanel : Gtk.Box {
    private const int MOST_BARS = 20;
    private const string[] AGGREGATES = { "count", "sum", "mean", "min", "max" };

    public Gtk.DropDown by { get; private set; }
    private Gtk.DropDown aggregate;
    private Gtk.DropDown of;
    public Gtk.ListBox bars { get; private set; }
    private Cancellable cancellable = new Cancellable ();

    public signal Arbor.Arbor? asked_for ();

    construct {
      orientation = Gtk.Orientation.VERTICAL;
      by = make_choice (_("Group by"));
      aggregate = make_choice (_("Aggregate"));
      aggregate.model = new Gtk.StringList (AGGREGATES);
      of = make_choice (_("Of field"));

      var choices = new Gtk.Box (Gtk.Orientation.HORIZONTAL, 6);
      choices.add_css_class ("toolbar");
      choices.append (new Gtk.Label (_("Group by")));
      choices.append (by);
      choices.append (aggregate);
      choices.append (of);

      bars = new Gtk.ListBox () { selection_mode = Gtk.SelectionMode.NONE };
      bars.update_property (Gtk.AccessibleProperty.LABEL, _("Groups"), -1);
      foreach (var choice in new Gtk.DropDown[] { by, aggregate, of })
        choice.notify["selected-item"].connect (() => show_groups.begin ());
      append (choices);
      append (new Gtk.ScrolledWindow () { child = bars, min_content_height = 180, vexpand = true });
    }

    private Gtk.DropDown make_choice (string label) {
      var choice = new Gtk.DropDown (null, null);

      choice.update_property (Gtk.AccessibleProperty.LABEL, label, -1);
      return choice;
    }

    public void set_fields (string[] fields) {
      by.model = new Gtk.StringList (fields);
      of.model = new Gtk.StringList (fields);
    }

    private string? get_choice (Gtk.DropDown choice) {
      return (choice.selected_item as Gtk.StringObject)?.string;
    }

    public async void show_groups () {
      var field = get_choice (by);
      var function = get_choice (aggregate);
      var value = get_choice (of);

      of.visible = function != "count";
      cancellable.cancel ();
      cancellable = new Cancellable ();
      if (!get_mapped () || field == null || function == null || value == null)
        return;
      try {
        var arbor = asked_for ();
        if (arbor == null)
          return;
        var groups = arbor.group_by ({ "group" }, { new Arbor.Expr.path (field) });
        var number = function == "count" ? new Arbor.Expr.parse ("count ()")
                                         : new Arbor.Expr.call (function, { new Arbor.Expr.path (value) });
        var result = yield groups.aggregate_async ({ "number" }, { number }, cancellable);
        Arbor.Expr[] order = { new Arbor.Expr.path ("number") };
        result = result.top_k (MOST_BARS, order, new Arbor.SortOptions () { descending = true });
        var most = yield read_first (result, MOST_BARS, cancellable);
        fill (most);
      } catch (IOError.CANCELLED error) {
        // Another one is on its way.
      } catch (Error error) {
        clear ();
        bars.append (new Gtk.Label (error.message));
      }
    }

    private void clear () {
      Gtk.Widget? row;
      while ((row = bars.get_first_child ()) != null)
        bars.remove (row);
    }

    private void fill (Arbor.Tree[] groups) throws Error {
      var most = 0.0;

      clear ();
      foreach (var group in groups)
        if (is_number (group))
          most = double.max (most, group.get_double ("number"));
      foreach (var group in groups) {
        var row = new Gtk.Box (Gtk.Orientation.HORIZONTAL, 6) {
          margin_start = 6, margin_end = 6, margin_top = 3, margin_bottom = 3,
        };
        var number = is_number (group) ? group.dup_number_text ("number") : _("none");
        row.append (new Gtk.Label (get_name_of (group)) { xalign = 0, width_chars = 16, max_width_chars = 16,
                                           ellipsize = Pango.EllipsizeMode.END });
        row.append (new Gtk.LevelBar.for_interval (0, double.max (most, 1)) {
          value = is_number (group) ? double.max (group.get_double ("number"), 0) : 0,
          hexpand = true,
          valign = Gtk.Align.CENTER,
        });
        row.append (new Gtk.Label (number) { xalign = 1, width_chars = 10 });
        bars.append (row);
      }
    }

    private string get_name_of (Arbor.Tree group) throws Error {
      if (!group.contains ("group"))
        return "";
      if (group.get_kind ("group") == Arbor.Kind.STRING)
        return group.dup_string ("group");
      return group.get ("group").to_json ();
    }

    private bool is_number (Arbor.Tree group) throws Error {
      if (!group.contains ("number"))
        return false;
      var kind = group.get_kind ("number");
      return kind == Arbor.Kind.INT64 || kind == Arbor.Kind.UINT64 || kind == Arbor.Kind.DOUBLE ||
             kind == Arbor.Kind.NUMBER;
    }
  }
}
