"""A million rows in a column view of GTK: no more of them are made and bound than are shown and their
neighbours, when they come and when trees come and go.

Needs a display: xvfb-run.
"""

import unittest

import gi

gi.require_version("Gtk", "4.0")
from gi.repository import Gio, GLib, GObject, Gtk  # noqa: E402
from support import Arbor, StoreTestCase, run_until  # noqa: E402

N_ROWS = 1000000
# GTK 4.8 has widgets for up to 200 rows around those that are shown.
MOST = 250
TEMPLATE = """<interface><template class="GtkListItem"><property name="child"><object class="GtkLabel">
  <binding name="label"><lookup name="s" type="%s"><lookup name="item">GtkListItem</lookup></lookup></binding>
</object></property></template></interface>"""


class Counted(GObject.Object, Gio.ListModel):
    """A model as it is, which counts how many rows are asked for."""

    def __init__(self, model):
        super().__init__()
        self.model, self.n_asked = model, 0
        model.connect("items-changed", lambda _, *splice: self.items_changed(*splice))

    def do_get_item_type(self):
        return self.model.get_item_type()

    def do_get_n_items(self):
        return self.model.get_n_items()

    def do_get_item(self, position):
        self.n_asked += 1
        return self.model.get_item(position)


class Window:
    """A column view of a model, which counts what it binds."""

    def __init__(self, model):
        self.bound = {}
        self.n_binds = 0
        view = Gtk.ColumnView(model=Gtk.NoSelection(model=model))
        for title in ("n", "text"):
            view.append_column(Gtk.ColumnViewColumn(title=title, factory=self.factory(title)))
        self.window = Gtk.Window(default_width=600, default_height=400,
                                 child=Gtk.ScrolledWindow(child=view))
        self.window.present()

    def factory(self, title):
        factory = Gtk.SignalListItemFactory()
        factory.connect("setup", lambda factory, item: item.set_child(Gtk.Label()))
        factory.connect("bind", self.bind, title)
        factory.connect("unbind", lambda factory, item: self.bound.pop((title, item), None))
        return factory

    def bind(self, factory, item, title):
        row = item.get_item()
        item.get_child().set_text(str(getattr(row.props, title)))
        self.bound[title, item] = (item.get_position(), row)
        self.n_binds += 1

    def rows(self):
        return {position: row for position, row in self.bound.values()}


class Gtk4(StoreTestCase):
    def setUp(self):
        super().setUp()
        lines = "".join('{"n":%d,"text":"row %d"}\n' % (i, i * 7 % N_ROWS) for i in range(N_ROWS))
        self.store.put("many", Arbor.read_jsonl(lines))

    def turn(self, n=50):
        for i in range(n):
            GLib.MainContext.default().iteration(False)

    def settle(self, model):
        run_until(lambda: model.get_pending() == 0)
        self.turn()

    def test_million_rows(self):
        model = Arbor.ListModel(self.store, "many", columns=["n", "text"])
        window = Window(model)
        self.settle(model)
        run_until(lambda: len(window.bound) > 0)
        self.turn()
        self.assertEqual(len(model), N_ROWS)
        self.assertLessEqual(window.n_binds, 2 * MOST)
        rows = window.rows()
        self.assertEqual([rows[i].props.n for i in range(10)], list(range(10)))

        # A tree that goes in the middle of what is shown, and one that comes far away.
        kept, before = rows[5], window.n_binds
        self.store.delete_where("many", "n == 3")
        self.settle(model)
        self.store.append("many", [{"n": N_ROWS, "text": "last"}])
        self.settle(model)
        self.assertEqual(len(model), N_ROWS)
        self.assertIs(model.get_item(4), kept)
        self.assertEqual([window.rows()[i].props.n for i in range(5)], [0, 1, 2, 4, 5])
        self.assertLessEqual(window.n_binds - before, 2 * MOST)

        # Another order: what is shown is bound again, and nothing else is.
        before = window.n_binds
        model.props.sort = "n descending"
        self.settle(model)
        self.assertEqual(model.get_item(0).props.text, "last")
        self.assertGreater(len(window.rows()), 10)
        for position, row in window.rows().items():
            self.assertIs(row, model.get_item(position))
        self.assertLessEqual(window.n_binds - before, 3 * 2 * MOST)

        # Nor is there more asked for than is shown, whatever is sorted, filtered or searched, and the first
        # row is in sight.
        counted = Counted(model)
        other = Window(counted)
        run_until(lambda: len(other.bound) > 0)
        self.turn()
        for change in ({"sort": "text"}, {"sort": "n"}, {"reversed": True}, {"search": "row 99"},
                       {"search": None}):
            counted.n_asked = 0
            for name, value in change.items():
                model.set_property(name, value)
            self.settle(model)
            with self.subTest(change):
                self.assertLessEqual(counted.n_asked, 10 * MOST)
                self.assertEqual(min(other.rows()), 0)
                self.assertIs(other.rows()[0], model.get_item(0))
        # Nor where a commit makes all of them others: some pieces of what replaces them.
        for change in (lambda: self.store.update_where("many", "true", {"x": "1"}),
                       lambda: self.store.update_where("many", "n mod 2 == 0", {"x": "2"})):
            counted.n_asked = 0
            change()
            self.settle(model)
            self.assertLessEqual(counted.n_asked, 10 * 4096)
        other.window.destroy()

        self.store.close()
        run_until(lambda: len(model) == 0 and not window.bound)

    def test_lookup(self):
        """Rows in a file of GtkBuilder, by the class that set_columns made."""
        self.store.put("few", [{"n": {"s": "x"}}, {"n": {"s": "y"}}])
        model = Arbor.ListModel(self.store, "few", columns={"s": "n.s"})
        self.settle(model)
        template = TEMPLATE % model.get_item_type().name
        factory = Gtk.BuilderListItemFactory.new_from_bytes(None, GLib.Bytes.new(template.encode()))
        view = Gtk.ListView(model=Gtk.NoSelection(model=model), factory=factory)
        window = Gtk.Window(child=view, default_width=200, default_height=200)
        window.present()
        run_until(lambda: labels(view) == ["x", "y"])
        self.store.update_where("few", "n.s == 'y'", {"n": '{"s": "z"}'})
        run_until(lambda: labels(view) == ["x", "z"])
        self.store.close()
        run_until(lambda: labels(view) == [])
        window.destroy()


def labels(widget):
    """The texts of all labels below it."""
    found = [widget.get_label()] if isinstance(widget, Gtk.Label) else []
    child = widget.get_first_child()
    while child is not None:
        found += labels(child)
        child = child.get_next_sibling()
    return found


if __name__ == "__main__":
    unittest.main()
