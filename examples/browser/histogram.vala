// A small picture of how the values of a field are spread: bins of numbers, or the most frequent values. Its
// description says the same for who cannot see it.

namespace Browser {
  public class Histogram : Gtk.DrawingArea {
    public const int N_BARS = 12;
    private double[] counts = {};

    construct {
      content_height = 18;
      content_width = 4 * N_BARS;
      can_target = false;
      accessible_role = Gtk.AccessibleRole.IMG;
      set_draw_func (draw);
    }

    public async void show_field (Arbor.Arbor arbor, string path, Cancellable cancellable) throws Error {
      var field = new Arbor.Expr.path (path);
      var bins = yield read_first (yield arbor.histogram_async (field, N_BARS, cancellable), N_BARS, cancellable);
      var words = _("Numbers, from the least to the greatest");
      if (bins.length == 0) {
        bins = yield read_first (yield arbor.value_counts_async (field, cancellable), N_BARS, cancellable);
        words = _("The most frequent values");
      }
      counts = {};
      foreach (var bin in bins)
        counts += (double) bin.get_int64 ("count");
      update_property (Gtk.AccessibleProperty.LABEL, "%s: %s".printf (path, words), -1);
      tooltip_text = words;
      queue_draw ();
    }

    private void draw (Gtk.DrawingArea area, Cairo.Context context, int width, int height) {
      var color = get_style_context ().get_color ();
      var most = 1.0;
      foreach (var count in counts)
        most = double.max (most, count);
      Gdk.cairo_set_source_rgba (context, { color.red, color.green, color.blue, 0.5f });
      for (var i = 0; i < counts.length; i++) {
        var bar = height * counts[i] / most;
        context.rectangle (i * width / counts.length, height - bar, width / counts.length - 1, bar);
      }
      context.fill ();
    }
  }
}
