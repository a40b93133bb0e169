// A window: names at the left, the trees of one of them, the selected tree at the right, groups below.

namespace Browser {
  public class Window : Adw.ApplicationWindow {
    public Arbor.Store? store { get; private set; }
    public Table table { get; private set; default = new Table (); }
    public ExpressionEntry filter { get; private set; default = new ExpressionEntry (); }
    public Gtk.SearchEntry search { get; private set; default = new Gtk.SearchEntry () { hexpand = true }; }
    public TreePane pane { get; private set; default = new TreePane (); }
    public GroupPanel groups { get; private set; default = new GroupPanel () { visible = false }; }
    public Gtk.ListBox names { get; private set; default = new Gtk.ListBox (); }
    public Adw.MessageDialog? question { get; private set; }
    private Adw.WindowTitle titles = new Adw.WindowTitle (_("Arbor Browser"), "");
    private Adw.ToastOverlay toasts = new Adw.ToastOverlay ();
    private Gtk.Stack stack = new Gtk.Stack ();
    private Adw.StatusPage status;
    private Gtk.Label counted = new Gtk.Label (null) { xalign = 0 };
    private Gtk.Spinner spinner = new Gtk.Spinner ();
    private Transfer transfer;
    private GenericArray<Edit> undo_list = new GenericArray<Edit> ();

    private const ActionEntry[] ACTIONS = {
      { "open", choose_store },
      { "close-store", close_store },
      { "filter", focus_filter },
      { "search", focus_search },
      { "import", choose_import },
      { "export", choose_export },
      { "group", toggle_groups },
      { "save", save_tree },
      { "add", add_tree },
      { "delete", delete_tree },
      { "undo", undo },
    };

    public Window (Gtk.Application application) {
      Object (application: application, title: _("Arbor Browser"), default_width: 1100, default_height: 720);
    }

    construct {
      add_action_entries (ACTIONS, this);
      transfer = new Transfer (this);
      transfer.done.connect (say);
      make_contents ();
      connect_parts ();
      enable_actions ();
    }

    private void make_contents () {
      var header = new Adw.HeaderBar () { title_widget = titles };
      var open_button = new Gtk.Button.with_mnemonic (_("_Open")) { action_name = "win.open" };
      header.pack_start (open_button);
      header.pack_end (make_menu ());
      header.pack_end (make_button ("view-list-symbolic", _("Groups"), "win.group"));
      header.pack_end (make_button ("edit-undo-symbolic", _("Undo"), "win.undo"));
      header.pack_end (transfer.bar);

      names.add_css_class ("navigation-sidebar");
      names.update_property (Gtk.AccessibleProperty.LABEL, _("Arbors"), -1);
      search.update_property (Gtk.AccessibleProperty.LABEL, _("Search"), -1);
      search.placeholder_text = _("Search all fields");

      var entries = new Gtk.Box (Gtk.Orientation.HORIZONTAL, 6);
      entries.add_css_class ("toolbar");
      filter.hexpand = true;
      entries.append (filter);
      entries.append (search);
      var counts = new Gtk.Box (Gtk.Orientation.HORIZONTAL, 6) { margin_start = 6, margin_top = 3,
                                                                 margin_bottom = 3 };
      counts.append (counted);
      counts.append (spinner);
      var middle = new Gtk.Box (Gtk.Orientation.VERTICAL, 0);
      middle.append (entries);
      middle.append (table);
      middle.append (groups);
      middle.append (counts);

      var right = new Gtk.Paned (Gtk.Orientation.HORIZONTAL) { start_child = middle, end_child = pane,
                                                               resize_end_child = false, shrink_end_child = false };
      var all = new Gtk.Paned (Gtk.Orientation.HORIZONTAL) {
        start_child = new Gtk.ScrolledWindow () { child = names, width_request = 160 },
        end_child = right,
        resize_start_child = false,
        shrink_start_child = false,
      };
      status = new Adw.StatusPage () {
        icon_name = "folder-open-symbolic",
        title = _("No Store"),
        description = _("Open a store, or drop one here"),
      };
      stack.add_named (status, "status");
      stack.add_named (all, "store");
      toasts.child = stack;

      var box = new Gtk.Box (Gtk.Orientation.VERTICAL, 0);
      box.append (header);
      box.append (toasts);
      toasts.vexpand = true;
      content = box;
    }

    private Gtk.Button make_button (string icon, string label, string action) {
      var button = new Gtk.Button.from_icon_name (icon) { action_name = action, tooltip_text = label };

      button.update_property (Gtk.AccessibleProperty.LABEL, label, -1);
      return button;
    }

    private Gtk.MenuButton make_menu () {
      var menu = new Menu ();

      menu.append (_("_Import…"), "win.import");
      menu.append (_("_Export What Is Shown…"), "win.export");
      menu.append (_("_Close Store"), "win.close-store");
      menu.append (_("_About Arbor Browser"), "app.about");
      var button = new Gtk.MenuButton () { icon_name = "open-menu-symbolic", menu_model = menu, primary = true };
      button.update_property (Gtk.AccessibleProperty.LABEL, _("Menu"), -1);
      return button;
    }

    private void connect_parts () {
      names.row_selected.connect ((row) => {
        if (row != null)
          show_arbor.begin (row.name);
      });
      filter.changed.connect ((expression) => {
        table.model.filter = expression;
        count ();
      });
      search.search_changed.connect (() => {
        table.model.search = search.text != "" ? search.text : null;
      });
      table.failed.connect (say_error);
      table.selection.notify["selected-item"].connect (show_tree);
      pane.edited.connect ((before, after) => {
        edit.begin (new Edit (table.model.dup_name (), before, after));
      });
      groups.asked_for.connect (() => {
        try {
          return table.get_filtered ();
        } catch (Error error) {
          say_error (error);
          return null;
        }
      });

      var drop = new Gtk.DropTarget (typeof (Gdk.FileList), Gdk.DragAction.COPY);
      drop.on_drop.connect ((value, x, y) => {
        var file = ((Gdk.FileList) value).get_files ().data;
        if (store != null && !file.get_basename ().has_suffix (".arbor"))
          transfer.import.begin (store, file);
        else
          open.begin (file);
        return true;
      });
      ((Gtk.Widget) this).add_controller (drop);
    }

    private void enable_actions () {
      foreach (var name in new string[] { "close-store", "filter", "search", "import", "export", "group", "save",
                                          "add", "delete" })
        ((SimpleAction) lookup_action (name)).set_enabled (store != null);
      ((SimpleAction) lookup_action ("undo")).set_enabled (store != null && undo_list.length > 0);
    }

    // Stores

    public async void open (File file) {
      try {
        var opened = yield Arbor.Store.open_gfile_async (file, null);
        close_store ();
        store = opened;
        store.set_watch (true);
        store.set_auto_refresh (true);
        store.notify["closed"].connect (on_closed);
        store.changed.connect (on_changed);
        titles.title = file.get_basename ();
        titles.subtitle = file.get_path ();
        stack.visible_child_name = "store";
        enable_actions ();
        yield list_names ();
      } catch (Error error) {
        say_error (error);
      }
    }

    private async void list_names () throws Error {
      var selected = (names.get_selected_row ()?.name) ?? "";
      Gtk.Widget? row;

      var found = yield store.list_names_async ();
      while ((row = names.get_first_child ()) != null)
        names.remove (row);
      foreach (var name in found) {
        var label = new Gtk.Label (name) { xalign = 0, ellipsize = Pango.EllipsizeMode.MIDDLE };
        var added = new Gtk.ListBoxRow () { child = label, name = name };
        names.append (added);
        if (name == selected)
          names.select_row (added);
      }
      if (names.get_selected_row () == null)
        names.select_row (names.get_row_at_index (0));
    }

    private void on_changed (string name) {
      list_names.begin ((self, result) => {
        try {
          list_names.end (result);
        } catch (Error error) {
          say_error (error);
        }
      });
    }

    public void close_store () {
      if (store != null)
        store.close ();
    }

    // What was opened of it ends by itself: the model is empty, and no name can be read any more.
    private void on_closed () {
      store.notify["closed"].disconnect (on_closed);
      store.changed.disconnect (on_changed);
      store = null;
      undo_list = new GenericArray<Edit> ();
      table.clear ();
      pane.show_tree (null);
      titles.title = _("Arbor Browser");
      titles.subtitle = "";
      stack.visible_child_name = "status";
      enable_actions ();
    }

    public async void show_arbor (string name) {
      if (table.model.dup_name () == name && table.model.dup_store () == store)
        return;
      try {
        filter.entry.text = "";
        search.text = "";
        table.show_arbor.begin (store, name, (self, result) => {
          try {
            table.show_arbor.end (result);
          } catch (Error error) {
            say_error (error);
          }
        });
        yield wait_for_columns (name);
        filter.suggest (table.fields);
        groups.set_fields (table.fields);
        table.model.items_changed.connect (count);
        table.model.notify["pending"].connect (count);
        table.model.notify["error"].connect (show_model_error);
        count ();
      } catch (Error error) {
        say_error (error);
      }
    }

    private async void wait_for_columns (string name) throws Error {
      while (store != null && table.model.dup_name () != name) {
        Idle.add (wait_for_columns.callback, Priority.LOW);
        yield;
      }
    }

    private void count () {
      var n = table.model.get_n_items ();

      spinner.spinning = table.model.pending > 0;
      counted.label = ngettext ("%u tree", "%u trees", n).printf (n);
      if (table.model.pending == 0)
        groups.show_groups.begin ();
    }

    private void show_model_error () {
      var error = table.model.dup_error ();

      if (error != null && !(error is Arbor.Error.CLOSED))
        filter.show_error (error);
    }

    // Trees

    private void show_tree () {
      var row = table.selection.selected_item as Arbor.Row;

      try {
        pane.show_tree (row?.get_tree ());
      } catch (Error error) {
        pane.show_error (error);
      }
    }

    public async void edit (Edit edit) {
      try {
        yield edit.apply (store);
        undo_list.add (edit.invert ());
        say (edit.after == null ? _("Deleted") : _("Saved"));
      } catch (EditError.CONFLICT error) {
        ask (edit);
      } catch (Error error) {
        pane.show_error (error);
      }
      enable_actions ();
    }

    private void ask (Edit edit) {
      var dialog = new Adw.MessageDialog (this, _("Changed Meanwhile"),
                                          _("Somebody else has changed or deleted this tree since it was read."));

      dialog.add_response ("discard", _("_Discard Mine"));
      if (edit.after != null)
        dialog.add_response ("add", _("_Add Mine as New"));
      dialog.default_response = "discard";
      dialog.close_response = "discard";
      dialog.response.connect ((response) => {
        question = null;
        if (response == "add")
          this.edit.begin (new Edit (edit.name, null, edit.after));
        else
          show_tree ();
      });
      question = dialog;
      dialog.present ();
    }

    private void undo () {
      if (undo_list.length > 0)
        take_back.begin (undo_list.steal_index (undo_list.length - 1));
    }

    private async void take_back (Edit edit) {
      try {
        yield edit.apply (store);
        say (_("Undone"));
      } catch (Error error) {
        say_error (error);
      }
      enable_actions ();
    }

    // Actions

    private void save_tree () {
      pane.save ();
    }

    private void add_tree () {
      pane.add ();
    }

    private void delete_tree () {
      pane.delete ();
    }

    private void focus_filter () {
      filter.entry.grab_focus ();
    }

    private void focus_search () {
      search.grab_focus ();
    }

    private void toggle_groups () {
      groups.visible = !groups.visible;
      groups.show_groups.begin ();
    }

    private void choose_store () {
      transfer.choose (_("Open a Store"), Gtk.FileChooserAction.OPEN, null, (file) => open.begin (file));
    }

    private void choose_import () {
      transfer.choose (_("Import a File"), Gtk.FileChooserAction.OPEN, null,
                       (file) => transfer.import.begin (store, file));
    }

    private void choose_export () {
      transfer.choose (_("Export What Is Shown"), Gtk.FileChooserAction.SAVE,
                       table.model.dup_name () + ".jsonl", export_to);
    }

    public void export_to (File file) {
      try {
        transfer.export.begin (table.get_filtered (), file);
      } catch (Error error) {
        say_error (error);
      }
    }

    public void say (string text) {
      toasts.add_toast (new Adw.Toast (Markup.escape_text (text)));
    }

    public void say_error (Error error) {
      if (!(error is IOError.CANCELLED))
        say (error.message);
    }
  }
}
