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

from gi.module import get_introspection_module
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
           "Gio.File": Gio.File.new_for_path("/nonexistent/x"), "GLib.Variant": GLib.Variant("i", 1),
           "Gio.InputStream": Gio.MemoryInputStream(), "Gio.OutputStream": Gio.MemoryOutputStream.new_resizable(),
           **{name: 0 for name in ("gint", "guint", "gint64", "guint64", "gsize", "gssize")}}
# Methods of Python's own protocols that other languages have names for.
PROTOCOLS = {"__%s__" % name for name in (
    "len getitem setitem delitem contains iter next array ior and rand add radd sub rsub mul rmul truediv rtruediv "
    "floordiv rfloordiv mod rmod pow rpow abs invert neg").split()}
# They act on the store, or on what the others are tried with.
LEFT_OUT = {"Store.close", "Store.close_async", "CloseToken.close", "Store.open", "Store.open_async",
            "CloseToken.add_closed_func"}
# Parameters that Python has another name for, or takes in another way.
GIVEN = {"key": "height", "n": 1, "values": [1], "fields": {"a": 1}}
# They take more than the introspection data says.
OTHERWISE = {
    ("Arbor.get", "index"): "counted from the end, and out of range beyond",
    ("Store.put_many", "arbors"): "a dict of arbors", ("Store.update_where", "fields"): "a dict of fields",
    ("Store.update_where", "values"): "with names of fields, which are not a dict then",
    ("Store.set_keys", "paths"): "one path", ("Transaction.set_keys", "paths"): "one path",
}


def list_functions():
    """Of classes, and of none: the owner of those is the namespace."""
    classes, functions = gir.read(GIR)
    listed = [(one.name, one.functions) for one in classes if one.kind == "class"]
    for owner, members in [*listed, ("", functions)]:
        for function in members:
            if not function.name.endswith(("_finish", "_async")):
                yield owner, function


def find_owner(name):
    return getattr(Arbor, name) if name else Arbor


def read_wrongs():
    """What wrong.table has: types, the code of a value and words."""
    for line in (ROOT / "tests" / "bindings" / "wrong.table").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            types, code, _, words = line.split(" | ")
            yield tuple(types.split()), code, re.sub(
                "<(int|float|str|bytes|bool|None|list|dict|a list|a dict)>", r"\1", words)


def name_type(type_):
    return type_.name + ("[]" if type_.is_array else "")


class CompleteTest(StoreTestCase):
    def make(self, name):
        people = self.store["people"]
        return {
            "Arbor": lambda: people, "Builder": Arbor.Builder.new, "CloseToken": Arbor.CloseToken.new,
            "CloseObserver": lambda: Arbor.CloseObserver.new(Arbor.CloseToken.new()),
            "IndexOptions": Arbor.IndexOptions, "JoinOptions": Arbor.JoinOptions,
            "NestOptions": Arbor.NestOptions, "SortOptions": Arbor.SortOptions,
            "Column": lambda: people.column("height"), "Cursor": lambda: people.cursor("height"),
            "Expr": lambda: Arbor.path("name"), "Groups": lambda: people.group_by("name"),
            "Index": lambda: people.index_by("height"), "Iter": people.iterator,
            "LoadOptions": Arbor.LoadOptions, "Matches": lambda: people.query("$..height"),
            "Query": people.lazy, "Report": self.store.verify, "Schema": people.infer_schema,
            "Store": lambda: self.store,
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
            member = getattr(find_owner(owner), function.name, None)
            self.assertIsNotNone(member, name)
            try:
                shown = [each for each in inspect.signature(member).parameters if each != "self"]
            except ValueError:
                continue
            if shown == [each.name for each in function.parameters]:
                yield name, owner, function

    def call(self, owner, function, arguments):
        """With arguments in their order, or by their names."""
        member = getattr(self.make(owner) if function.kind == "method" else find_owner(owner),
                         function.name)
        return member(**arguments) if isinstance(arguments, dict) else member(*arguments)

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

    def check_wrong(self, owner, function, given, parameter, wrong):
        """Gives one parameter what is none of its type: its words are those of the table."""
        _, code, words = wrong
        self.store["people"] = PEOPLE
        words = words.replace("{}", parameter.name).replace("{type}", parameter.type.name)
        with self.assertRaises((TypeError, ValueError, OverflowError)) as caught:
            self.call(owner, function, {**given, parameter.name: eval(code)})
        self.assertRegex(str(caught.exception), "(?s)^%s$" % ".*".join(map(re.escape, words.split("…"))))

    def test_wrong_types(self):
        """Each parameter of each function, given by its name, with each value that is none of its type."""
        wrongs, n, seen = list(read_wrongs()), 0, set()
        for owner, function in list_functions():
            name = "%s.%s" % (owner, function.name)
            if name in LEFT_OUT or owner in ("ListModel", "Row"):
                continue
            try:
                shown = inspect.signature(getattr(find_owner(owner), function.name)).parameters
            except ValueError:  # PyGObject's own, of what takes nothing
                continue
            shown = {key: each for key, each in shown.items() if each.kind is each.POSITIONAL_OR_KEYWORD}
            parameters = [each for each in function.parameters if each.name in shown]
            needed = [each for each in parameters if shown[each.name].default is inspect.Parameter.empty]
            if not {name_type(each.type) for each in needed} <= {*NATIVE, *SAMPLES}:
                continue
            given = {each: value for each, value in GIVEN.items() if each in shown and each != "values"
                     or each in shown and shown[each].default is inspect.Parameter.empty}
            given |= {each.name: 5 if owner == "Expr" and name_type(each.type) == "Expr" else
                      NATIVE.get(name_type(each.type), SAMPLES.get(name_type(each.type)))
                      for each in needed if each.name not in given}
            given |= {"arbors": {"a": [1]}} if name == "Store.put_many" else {}
            for parameter in parameters:
                if (name, parameter.name) in OTHERWISE:
                    continue
                is_nullable = parameter.type.is_nullable or shown[parameter.name].default is None
                for wrong in wrongs:
                    if name_type(parameter.type) not in wrong[0] or owner == "Expr" and (
                            name_type(parameter.type) in ("Expr", "Expr[]")) or (
                            wrong[1] == "None" and is_nullable):
                        continue
                    seen.add(wrong[1:])
                    n += 1
                    with self.subTest(name, parameter=parameter.name, value=wrong[1]):
                        self.check_wrong(owner, function, given, parameter, wrong)
        self.assertGreater(n, 1000)
        self.assertEqual([wrong for wrong in wrongs if wrong[1:] not in seen], [])

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

    def test_counterparts(self):
        """What Python adds is what the table of the languages says, and so is what Vala has for it."""
        said, vala = {}, {}
        for line in (ROOT / "tests" / "bindings" / "counterparts.table").read_text().splitlines():
            if line and not line.startswith("#"):
                owner, python, _, other = (cell.strip() for cell in line.split("|"))
                vala.setdefault(owner, set()).add(other)
                if not python.startswith("- "):
                    said.setdefault(owner, set()).add(python)
        raw = get_introspection_module("Arbor")
        added = {}
        for name in sys.modules["gi.overrides.Arbor"].__all__:
            value = getattr(Arbor, name)
            if not hasattr(raw, name):
                if not (isinstance(value, type) and issubclass(value, GLib.Error)):
                    added.setdefault("functions", set()).add(name)
            elif isinstance(value, type):
                own = {member for cls in value.__mro__ if cls.__module__.startswith("gi.overrides.Arbor")
                       for member in vars(cls) if member in PROTOCOLS or not (
                           member.startswith("_") or hasattr(getattr(raw, name), member))}
                if own:
                    added[name] = own
        for owner in sorted({*said, *added}):
            with self.subTest(owner):
                self.assertEqual(added.get(owner, set()), said.get(owner, set()),
                                 "Python adds this to %s, and tests/bindings/counterparts.table says that: "
                                 "each name needs a line with what the other languages have" % owner)
        classes, functions = gir.read(GIR)
        known = {one.name: {each.name for each in one.functions} for one in classes}
        known["functions"] = {one.name for one in functions}
        for owner, names in vala.items():
            for name in names:
                with self.subTest(owner, vala=name):
                    # set is in the VAPI alone.
                    self.assertTrue(name.startswith("- ") or name in {*known[owner], "set"},
                                    "Vala has no %s of %s" % (name, owner))

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
