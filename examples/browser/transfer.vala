// Files that come in and go out, one at a time, with a bar that tells how far they are and stops them.

namespace Browser {
  public class Transfer : Object {
    public Gtk.Box bar { get; private set; default = new Gtk.Box (Gtk.Orientation.HORIZONTAL, 6); }
    private weak Gtk.Window window;
    private Gtk.ProgressBar progress = new Gtk.ProgressBar () { valign = Gtk.Align.CENTER, show_text = true };
    private Cancellable cancellable = new Cancellable ();
    private Gtk.FileChooserNative? chooser;

    public delegate void Chosen (File file);

    public signal void done (string text);

    public Transfer (Gtk.Window window) {
      this.window = window;
      var stop = new Gtk.Button.from_icon_name ("process-stop-symbolic") { tooltip_text = _("Cancel") };
      stop.update_property (Gtk.AccessibleProperty.LABEL, _("Cancel"), -1);
      stop.clicked.connect (() => cancellable.cancel ());
      bar.append (progress);
      bar.append (stop);
      bar.visible = false;
    }

    public void choose (string title, Gtk.FileChooserAction action, string? name, owned Chosen chosen) {
      chooser = new Gtk.FileChooserNative (title, window, action, null, null);
      if (name != null)
        chooser.set_current_name (name);
      chooser.response.connect ((response) => {
        if (response == Gtk.ResponseType.ACCEPT)
          chosen (chooser.get_file ());
        chooser = null;
      });
      chooser.show ();
    }

    private Cancellable begin (string text) {
      cancellable = new Cancellable ();
      progress.text = text;
      progress.fraction = 0;
      bar.visible = true;
      return cancellable;
    }

    private void tell (uint64 n, uint64 total) {
      if (total > 0)
        progress.fraction = (double) n / total;
      else
        progress.pulse ();
    }

    private void end (string text) {
      bar.visible = false;
      done (text);
    }

    // The name is that of the file, up to its first dot.
    public async void import (Arbor.Store store, File file) {
      var name = file.get_basename ().split (".")[0];
      var stop = begin (_("Importing"));

      try {
        var report = yield store.import_gfile_async (name, file, null, tell, stop);
        var n = (ulong) report.get_n_trees ();
        var notes = string.joinv ("\n", report.dup_notes ());
        end (ngettext ("%lu tree imported", "%lu trees imported", n).printf (n) +
             (notes != "" ? "\n" + notes : ""));
      } catch (Error error) {
        end (error.message);
      }
    }

    public async void export (Arbor.Arbor arbor, File file) {
      var stop = begin (_("Exporting"));

      try {
        yield arbor.save_gfile_async (file, Arbor.Format.AUTO, null, null, tell, stop);
        end (_("Exported to %s").printf (file.get_basename ()));
      } catch (Error error) {
        end (error.message);
      }
    }
  }
}
