// The rows of one arbor: a live model of it in a column view, a column for each field, filtered, searched and
// sorted by the model.

namespace Browser {
  public class Table : Adw.Bin {
    private const int MOST_COLUMNS = 40;

    public Arbor.ListModel model { get; private set; default = new Arbor.ListModel (); }
    public string[] fields { get; private set; default = {}; }
    public Gtk.SingleSelection selection { get; private set; }
    private Gtk.ColumnView view;
    private Cancellable histograms = new Cancellable ();
    // Of the sorter that was asked last, by which the one that counts is found.
    private Gtk.ColumnViewColumn? asked;

    public signal void failed (Error error);

    construct {
      selection = new Gtk.SingleSelection (null) { autoselect = false, can_unselect = true };
      view = new Gtk.ColumnView (selection) {
        show_row_separators = true,
        reorderable = true,
        vexpand = true,
        hexpand = true,
      };
      view.add_css_class ("data-table");
      view.update_property (Gtk.AccessibleProperty.LABEL, _("Trees"), -1);
      view.sorter.changed.connect (sort);
      child = new Gtk.ScrolledWindow () { child = view };
    }

    // The arbor that the filter leaves.
    public Arbor.Arbor get_filtered () throws Error {
      var arbor = model.dup_store ().get (model.dup_name ());
      var filter = model.dup_filter ();
      return filter != null ? arbor.filter (filter) : arbor;
    }

    public async void show_arbor (Arbor.Store store, string name) throws Error {
      var arbor = yield store.get_async (name);
      var first = yield read_first (arbor, 1);
      var found = list_fields (yield arbor.infer_schema_async (), first.length > 0 ? first[0] : null);

      histograms.cancel ();
      histograms = new Cancellable ();
      fields = found.length > MOST_COLUMNS ? found[0:MOST_COLUMNS] : found;
      set_columns (new Arbor.ListModel (store, name));
      yield show_histograms (arbor, histograms);
    }

    public void clear () {
      histograms.cancel ();
      fields = {};
      set_columns (new Arbor.ListModel ());
    }

    private void set_columns (Arbor.ListModel shown) {
      Arbor.Expr[] values = {};
      var columns = view.columns;

      selection.model = null;
      while (columns.get_n_items () > 0)
        view.remove_column ((Gtk.ColumnViewColumn) columns.get_item (0));
      try {
        foreach (var field in fields)
          values += new Arbor.Expr.call ("to_string", { new Arbor.Expr.path (field) });
        if (fields.length > 0)
          shown.set_columns (fields, values);
      } catch (Error error) {
        failed (error);
      }
      foreach (var field in fields)
        view.append_column (make_column (shown, field));
      model = shown;
      selection.model = shown;
    }

    private Gtk.ColumnViewColumn make_column (Arbor.ListModel shown, string field) {
      var property = shown.dup_column_property (field);
      var factory = new Gtk.SignalListItemFactory ();
      var column = new Gtk.ColumnViewColumn (field, factory) { resizable = true };

      factory.setup.connect ((item) => {
        ((Gtk.ListItem) item).child = new Gtk.Label (null) {
          xalign = 0,
          ellipsize = Pango.EllipsizeMode.END,
          width_chars = 8,
          max_width_chars = 40,
          single_line_mode = true,
        };
      });
      factory.bind.connect ((item) => {
        var list_item = (Gtk.ListItem) item;
        string? text;

        list_item.item.get (property, out text);
        ((Gtk.Label) list_item.child).label = text ?? "";
      });
      column.sorter = new Gtk.CustomSorter ((a, b) => {
        asked = asked ?? column;
        return Gtk.Ordering.SMALLER;
      });
      return column;
    }

    // GTK 4.8 does not tell which column sorts, but asks its sorter first, and turns what that says around for
    // the other direction.
    private void sort () {
      asked = null;
      var order = view.sorter.compare (new Object (), new Object ());
      try {
        if (asked == null)
          model.set_sort (null);
        else
          model.sort_by ({ new Arbor.Expr.path (asked.title) },
                         new Arbor.SortOptions () { descending = order == Gtk.Ordering.LARGER });
      } catch (Error error) {
        failed (error);
      }
    }

    // Into the headers, which are what they are made of in GTK 4: a row of titles, each with a box.
    private async void show_histograms (Arbor.Arbor arbor, Cancellable cancellable) {
      var title = view.get_first_child ()?.get_first_child ();

      for (var i = 0; i < fields.length && title != null; i++, title = title.get_next_sibling ()) {
        var box = title.get_first_child () as Gtk.Box;
        if (box == null)
          continue;
        var histogram = new Histogram () { margin_start = 6 };
        box.append (histogram);
        try {
          yield histogram.show_field (arbor, fields[i], cancellable);
        } catch (IOError.CANCELLED error) {
          return;
        } catch (Error error) {
          // There is a table without it.
          debug ("%s: %s", fields[i], error.message);
        }
      }
    }
  }
}
