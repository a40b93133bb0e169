// Arbor Browser: what is in a store, to look at, to search and to change. One window a store.

namespace Browser {
  public const string ID = "org.example.ArborBrowser";

  public class Application : Adw.Application {
    public Application () {
      Object (application_id: ID, flags: ApplicationFlags.HANDLES_OPEN | ApplicationFlags.NON_UNIQUE);
    }

    protected override void startup () {
      base.startup ();
      add_action_entries ({
        { "quit", quit },
        { "about", show_about },
      }, this);
      set_accels_for_action ("app.quit", { "<Control>q" });
      set_accels_for_action ("window.close", { "<Control>w" });
      set_accels_for_action ("win.open", { "<Control>o" });
      set_accels_for_action ("win.filter", { "<Control>l" });
      set_accels_for_action ("win.search", { "<Control>f" });
      set_accels_for_action ("win.import", { "<Control>i" });
      set_accels_for_action ("win.export", { "<Control>e" });
      set_accels_for_action ("win.group", { "<Control>g" });
      set_accels_for_action ("win.save", { "<Control>s" });
      set_accels_for_action ("win.undo", { "<Control>z" });
    }

    protected override void activate () {
      new Window (this).present ();
    }

    protected override void open (File[] files, string hint) {
      foreach (var file in files) {
        var window = new Window (this);
        window.present ();
        window.open.begin (file);
      }
    }

    private void show_about () {
      new Adw.AboutWindow () {
        transient_for = active_window,
        modal = true,
        application_name = _("Arbor Browser"),
        application_icon = ID,
        version = "%d.%d".printf (Arbor.MAJOR_VERSION, Arbor.MINOR_VERSION),
        license_type = Gtk.License.LGPL_2_1,
        comments = _("What is in a store: to look at, to search and to change"),
      }.present ();
    }
  }
}
