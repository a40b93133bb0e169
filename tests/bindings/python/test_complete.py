"""All functions of the library, found in its introspection data, from Python: each is there, takes Python
values wherever trees, arbors and expressions are taken, and refuses what is no argument of it in words
that say what was expected.

Usage: test_complete.py GIR [OPTIONS OF UNITTEST]
"""

import importlib.util
import inspect
import pathlib
import re
import sys
import unittest

from gi.repository import Gio, GLib

from support import PEOPLE, Arbor, StoreTestCase

GIR = sys.argv.pop(1)
ROOT = pathlib.Path(__file__).resolve().parents[3]
spec = importlib.util.spec_from_file_location("gir", ROOT / "arbor" / "bindings" / "gir.py")
gir = importlib.util.module_from_spec(spec)
sys.modules["gir"] = gir
spec.loader.exec_module(gir)

NATIVE = {"Tree": {"name": 1}, "Arbor": [{"name": 1}], "Expr": "height > 1", "Tree[]": [{"name": 1}],
          "Arbor[]": [[1], [2]], "Expr[]": ["height > 1"], "GLib.Bytes": b"{}"}
SAMPLES = {"utf8": "height", "filename": "/nonexistent/x", "gboolean": True, "gdouble": 0.5,
           "utf8[]": ["height"], "gint64[]": [0], "guint64[]": [0], "SortFlags[]": None,
           **{name: 0 for name in ("gint", "guint", "gint64", "guint64", "gsize", "gssize")}}
WRONG = {"utf8": 5, "filename": 5, "gboolean": "x", "gdouble": "x", "GLib.Variant": 5,
         "Gio.Cancellable": 5, "Gio.InputStream": 5, "Gio.OutputStream": 5, "Tree": object(),
         "Arbor": 5, "Expr": object(),
         **{name: "x" for name in ("gint", "guint", "gint64", "guint64", "gsize", "gssize")}}
# They act on the store, or on what the others are tried with.
LEFT_OUT = {"Store.close", "Store.close_async", "CloseToken.close", "Store.open", "Store.open_async",
            "CloseToken.add_closed_func"}


def list_functions():
    classes, _ = gir.read(GIR)
    for one in classes:
        if one.kind == "class":
            for function in one.functions:
                if not function.name.endswith(("_finish", "_async")):
                    yield one.name, function


def name_type(type_):
    return type_.name + ("[]" if type_.is_array else "")


class CompleteTest(StoreTestCase):
    def make(self, name):
        people = self.store["people"]
        return {
            "Arbor": lambda: people, "Builder": Arbor.Builder.new, "CloseToken": Arbor.CloseToken.new,
            "Column": lambda: people.column("height"), "Cursor": lambda: people.cursor("height"),
            "Expr": lambda: Arbor.path("name"), "Groups": lambda: people.group_by("name"),
            "Index": lambda: people.index_by("height"), "Iter": people.iterator,
            "LoadOptions": Arbor.LoadOptions, "Matches": lambda: people.query("$..height"),
            "Query": people.lazy, "Schema": people.infer_schema, "Store": lambda: self.store,
            "StoreOptions": Arbor.StoreOptions, "Transaction": self.store.begin_transaction,
            "Tree": lambda: people[0],
            "ListModel": lambda: Arbor.ListModel.new(self.store, "people"),
            "Row": lambda: Arbor.ListModel.new(self.store, "people")[0],
        }[name]()

    def functions(self):
        """Those that Python calls as they are described, and how to call them anew."""
        for owner, function in list_functions():
            name = "%s.%s" % (owner, function.name)
            if name in LEFT_OUT or owner in ("ListModel", "Row"):
                continue
            member = getattr(getattr(Arbor, owner), function.name, None)
            self.assertIsNotNone(member, name)
            try:
                shown = [each for each in inspect.signature(member).parameters if each != "self"]
            except ValueError:
                continue
            if shown == [each.name for each in function.parameters]:
                yield name, owner, function

    def call(self, owner, function, arguments):
        if function.kind == "method":
            return getattr(self.make(owner), function.name)(*arguments)
        return getattr(getattr(Arbor, owner), function.name)(*arguments)

    def test_native_values(self):
        n = 0
        for name, owner, function in self.functions():
            types = [name_type(each.type) for each in function.parameters if each.default is None]
            if not set(types) & set(NATIVE) or not set(types) <= {*NATIVE, *SAMPLES}:
                continue
            n += 1
            with self.subTest(name):
                self.store["people"] = PEOPLE
                arguments = [5 if owner == "Expr" and each == "Expr" else
                             NATIVE.get(each, SAMPLES.get(each)) for each in types]
                try:
                    self.call(owner, function, arguments)
                except Arbor.ArborError as error:
                    self.assertNotIsInstance(error, Arbor.ClosedError)
        self.assertGreater(n, 50)

    def test_wrong_types(self):
        n = 0
        for name, owner, function in self.functions():
            parameters = [each for each in function.parameters if each.default is None]
            types = [name_type(each.type) for each in parameters]
            for i, each in enumerate(types):
                if each not in WRONG or not set(types) <= {*NATIVE, *SAMPLES} or owner == "Expr" and (
                        each == "Expr"):
                    continue
                n += 1
                arguments = [NATIVE.get(one, SAMPLES.get(one)) for one in types]
                arguments[i] = WRONG[each]
                with self.subTest(name, parameter=parameters[i].name):
                    self.store["people"] = PEOPLE
                    with self.assertRaisesRegex(TypeError, "expected .*, (found|not)|no JSON value|is True or"
                                                           "|not an? |is no literal"):
                        self.call(owner, function, arguments)
        self.assertGreater(n, 100)

    def test_builders_are_functions_of_texts(self):
        """By the same name."""
        sys.path.insert(0, str(ROOT / "arbor"))
        import expressions
        builders = expressions.read_builders((ROOT / "arbor" / "expressions.table").read_text())
        self.assertGreater(len(builders), 100)
        one, text = Arbor.path("a"), Arbor.lit("day")
        for builder in builders:
            n = len(builder.parameters)
            for arguments in ([one] * (n + 1), [one] * n + [text], [one] + [text] * n,
                              [one, one, text][:n + 1]):
                try:
                    made = Arbor.Expr.new_call(builder.function, arguments)
                except Arbor.ExpressionError:
                    continue
                self.assertTrue(made.equal(Arbor.Expr.new_call(builder.name, arguments)))
                if builder.name != "when":
                    listed = ", ".join(str(each) for each in arguments)
                    read = Arbor.Expr.parse("%s(%s)" % (builder.name, listed))
                    self.assertTrue(made.equal(read), builder.name)
                break
            else:
                self.fail(builder.name)
            for kind in builder.kinds:
                value = {"int": 3, "double": 0.5, "string": "day", "boolean": True}[kind]
                values = [value] * n
                try:
                    plain = getattr(one, builder.name)(*map(Arbor.lit, values))
                except Arbor.ExpressionError:
                    with self.assertRaises(Arbor.ExpressionError):
                        getattr(one, "%s_%s" % (builder.name, kind))(*values)
                    continue
                self.assertTrue(getattr(one, "%s_%s" % (builder.name, kind))(*values).equal(plain))

    def test_numbers_of_arguments(self):
        people = self.store["people"]
        for pattern, wrong in (
                ("head takes 1 arguments at most, found 2", lambda: people.head(1, 2)),
                ("the argument n_trees is missing", lambda: people.slice(1)),
                ("slice has no argument n: there are self, start, n_trees",
                 lambda: people.slice(1, n=2))):
            with self.assertRaisesRegex(TypeError, re.escape(pattern)):
                wrong()


if __name__ == "__main__":
    unittest.main()
