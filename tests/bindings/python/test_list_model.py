"""Live models and rows through Python."""

import gc
import unittest
import warnings

from gi.repository import GObject
from support import Arbor, PEOPLE, StoreTestCase, run_until


def settle(model):
    run_until(lambda: model.get_pending() == 0)
    return model


class ListModels(StoreTestCase):
    def model(self, *arguments, **settings):
        return settle(Arbor.ListModel(self.store, *arguments, **settings))

    def names(self, model):
        return [row["name"]["first"] for row in settle(model)]

    def test_follow(self):
        model = self.model("people")
        self.assertEqual([row.to_python() for row in model], PEOPLE)
        self.assertEqual(len(model), 4)
        told = []
        model.connect("items-changed", lambda model, *splice: told.append(splice))
        self.store.delete_where("people", "name.first == 'Bo'")
        self.assertEqual(self.names(model), ["Ada", "Cy", "Di"])
        self.store.append("people", [{"name": {"first": "Ed"}}])
        self.assertEqual(self.names(model), ["Ada", "Cy", "Di", "Ed"])
        self.assertEqual(told, [(1, 1, 0), (3, 0, 1)])
        self.assertEqual(repr(model), "<ArborListModel ('people', 4 rows)>")

    def test_settings(self):
        model = self.model("people", filter="height > 70", sort="height descending")
        self.assertEqual(self.names(model), ["Cy", "Bo"])
        model.set_filter(Arbor.path("birth.country") == "USA")
        self.assertEqual(self.names(model), ["Cy", "Di"])
        # By the property, too: a text, and an expression that nobody else has.
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for give in (lambda value: setattr(model.props, "filter", value),
                         lambda value: model.set_property("filter", value)):
                give("height < 70")
                self.assertEqual(self.names(model), ["Ada"])
                give(Arbor.path("height") == 81)
                self.assertEqual(self.names(model), ["Bo"])
                self.assertEqual(str(model.props.filter), "height == 81")
                with self.assertRaisesRegex(TypeError, "expected an expression or its text, found int"):
                    give(5)
                with self.assertRaisesRegex(Arbor.ExpressionError, "found the end"):
                    give("height <")
        self.assertIn("filter", dir(model.props))
        self.assertIn("filter", {spec.name for spec in model.props})
        self.assertEqual(Arbor.ListModel.props.filter.name, "filter")
        model.set_filter(None)
        model.sort_by("name.first", descending=True)
        self.assertEqual(model.props.sort, "name.first descending")
        self.assertEqual(self.names(model), ["Di", "Cy", "Bo", "Ada"])
        model.props.reversed = True
        self.assertEqual(self.names(model), ["Ada", "Bo", "Cy", "Di"])
        model.props.search = "usa YOUNG"
        self.assertEqual(self.names(model), ["Cy"])
        model.props.search_paths = ["tags[*]"]
        model.props.search = "BALL"
        self.assertEqual(self.names(model), ["Di"])
        self.assertIsNone(model.dup_error())
        model.props.sort = "name.first upwards"
        self.assertTrue(model.dup_error().matches(Arbor.error_quark(), Arbor.Error.EXPRESSION))
        with self.assertRaises(TypeError):
            model.set_filter(5)
        with self.assertRaises(ValueError):
            model.set_filter("a ==")

    def test_rows(self):
        model = self.model("people")
        row = model.get_item(0)
        self.assertIs(row, model.get_item(0))
        self.assertIs(type(row), Arbor.Row)
        self.assertEqual(row["tags"].to_python(), ["math", "poetry"])
        self.assertEqual(row.get("name.last"), "Byron")
        self.assertEqual(row.get("name.middle", "-"), "-")
        self.assertIn("height", row)
        self.assertEqual(list(row), ["name", "height", "tags"])
        self.assertEqual(row.get_tree(), PEOPLE[0])
        self.assertEqual(row.props.tree, PEOPLE[0])
        self.store["people"] = PEOPLE[1:]
        settle(model)
        self.assertEqual(row.to_python(), PEOPLE[0])
        self.store.close()
        self.assert_closed(row.get_tree)
        self.assert_closed(row.get, "height")
        self.assertEqual(repr(row), "<ArborRow (ArborStore has been closed)>")

    def test_columns(self):
        model = self.model("people", columns=["height", {"first name": "name.first"}])
        self.assertEqual(model.dup_column_property("first name"), "first-name")
        row = model.get_item(1)
        self.assertIsInstance(row, Arbor.Row)
        self.assertEqual(row.props.height, 81.0)
        self.assertEqual(row.props.first_name, "Bo")
        self.assertEqual(GObject.type_name(model.get_item_type()), type(row).__gtype__.name)
        model.set_columns(is_tall="height > 80")
        self.assertIs(model.get_item(1).props.is_tall, True)
        self.assertIs(model.get_item(3).props.is_tall, False)
        # What binds to a property of a row.
        target = Arbor.ListModel()
        model.set_columns("name.first")
        row = model.get_item(2)
        row.bind_property(model.dup_column_property("name.first"), target, "search",
                          GObject.BindingFlags.SYNC_CREATE)
        self.assertEqual(target.props.search, "Cy")
        with self.assertRaises(ValueError):
            model.set_columns("tags[*]")

    def test_close(self):
        model = self.model("people")
        self.store.close()
        run_until(lambda: len(model) == 0)
        self.assertTrue(model.dup_error().matches(Arbor.error_quark(), Arbor.Error.CLOSED))
        self.assert_closed(model.set_columns, "height")

    def test_rows_are_let_go(self):
        """Neither rows nor old states stay: readers of the file are no more after 200 commits."""
        model = self.model("people")
        kept = [model.get_item(i) for i in range(4)]
        for i in range(200):
            self.store["people"] = [*PEOPLE, {"name": {"first": "N%d" % i}, "n": i}]
            settle(model)
            [row["name"] for row in model]
        self.assertEqual([row.to_python() for row in kept], PEOPLE)
        gc.collect()
        self.assertLessEqual(self.store.get_stats().get_n_pinned(), 2)


class Finding(StoreTestCase):
    def test_find(self):
        """What is written in docs/gtk.md: the selected row of many is found after another order."""
        self.store["many"] = [{"n": i} for i in range(17000)]
        model = Arbor.ListModel(self.store, "many")
        run_until(lambda: model.get_pending() == 0 and len(model) == 17000)
        row = model[16990]
        seen = []

        def select(*_):
            if model.props.pending == 0:
                found, position = model.find(row)
                if found:
                    seen.append(position)
                model.disconnect(handler)
        handler = model.connect("notify::pending", select)
        model.props.sort = "n descending"
        run_until(lambda: seen)
        self.assertEqual(seen, [9])
        self.assertIs(model[9], row)
        with self.assertRaisesRegex(TypeError, "Row"):
            model.find(5)


if __name__ == "__main__":
    unittest.main()
