"""Every error of the library as an exception of Python, and its message as the library gave it."""

import copy
import os
import pickle
import unittest

from support import Arbor, StoreTestCase, GLib

CLASSES = {
    "CLOSED": ("ClosedError", RuntimeError),
    "STALE": ("StaleError", RuntimeError),
    "NOT_FOUND": ("NotFoundError", KeyError),
    "EXISTS": ("ExistsError", RuntimeError),
    "INVALID_NAME": ("InvalidNameError", ValueError),
    "INVALID_OPTIONS": ("InvalidOptionsError", ValueError),
    "INVALID_ARGUMENT": ("InvalidArgumentError", ValueError),
    "OUT_OF_RANGE": ("OutOfRangeError", IndexError),
    "PARSE": ("ParseError", ValueError),
    "EXPRESSION": ("ExpressionError", ValueError),
    "TYPE": ("WrongTypeError", TypeError),
    "CARDINALITY": ("CardinalityError", ValueError),
    "SCHEMA": ("SchemaError", ValueError),
    "CONFLICT": ("ConflictError", RuntimeError),
    "BUSY": ("BusyError", RuntimeError),
    "READ_ONLY": ("ReadOnlyError", RuntimeError),
    "FULL": ("FullError", RuntimeError),
    "TOO_MANY_READERS": ("TooManyReadersError", RuntimeError),
    "CORRUPT": ("CorruptError", RuntimeError),
    "NOT_A_STORE": ("NotAStoreError", RuntimeError),
    "VERSION": ("VersionError", RuntimeError),
    "LIMIT": ("LimitError", RuntimeError),
    "WRONG_PROCESS": ("WrongProcessError", RuntimeError),
    "NOT_SUPPORTED": ("NotSupportedError", RuntimeError),
    "TEST_FAILED": ("TestFailedError", RuntimeError),
}


class Classes(unittest.TestCase):
    def test_one_for_each_code(self):
        from gi.overrides.Arbor import errors as _arbor_errors
        names = {name for name in dir(Arbor.Error) if name.isupper()}
        self.assertEqual(names, set(CLASSES))
        for name, (class_name, base) in CLASSES.items():
            code = getattr(Arbor.Error, name)
            cls = getattr(Arbor, class_name)
            self.assertTrue(issubclass(cls, (Arbor.ArborError, base)))
            self.assertTrue(issubclass(cls, GLib.Error) and issubclass(cls, base))
            error = _arbor_errors.convert(
                GLib.Error.new_literal(Arbor.error_quark(), "it's so", code))
            self.assertIs(type(error), cls)
            self.assertEqual(str(error), "it's so")
            self.assertEqual(repr(error), "%s(\"it's so\")" % class_name)
            self.assertTrue(error.matches(Arbor.error_quark(), code))
            for twin in (copy.copy(error), error.copy(), pickle.loads(pickle.dumps(error))):
                self.assertIs(type(twin), cls)
                self.assertEqual((twin.message, twin.domain, twin.code),
                                 (error.message, error.domain, error.code))

    def test_others(self):
        from gi.overrides.Arbor import errors as _arbor_errors
        error = GLib.Error("no", "g-io-error-quark", 1)
        self.assertIs(_arbor_errors.convert(error), error)
        error = _arbor_errors.convert(GLib.Error("new", _arbor_errors.DOMAIN, 999))
        self.assertIs(type(error), Arbor.ArborError)
        self.assertEqual((str(error), error.code), ("new", 999))


class Raised(StoreTestCase):
    def test_key_errors(self):
        error = self.assert_raises(
            Arbor.NotFoundError, "Store '%s' has no arbor named 'nobody'" % self.path,
            self.store.__delitem__, "nobody")
        self.assertIsInstance(error, KeyError)
        for function in (self.store.get, self.store.__getitem__):
            with self.assertRaisesRegex(KeyError, "nobody") as caught:
                function("nobody")
            self.assertIs(type(caught.exception), Arbor.NotFoundError)
            self.assertNotIn('"', str(caught.exception))

    def test_stale(self):
        filtered = self.people.filter("height > 80")
        iterator, tree = iter(self.people), self.people[0]
        self.store["other"] = [1]
        self.assertEqual(len(self.people), 4)
        self.store["people"] = [{"new": 1}]
        for function in (lambda: len(self.people), lambda: self.people[0],
                         lambda: list(self.people), lambda: len(filtered),
                         lambda: self.people.pick("a")):
            with self.assertRaisesRegex(
                    Arbor.StaleError, r"^Stored arbor 'people' was updated \(expected generation "
                                      r"\d+, current \d+\)$") as caught:
                function()
            self.assertIsInstance(caught.exception, RuntimeError)
        self.assertEqual(tree["height"], 66)
        self.assertEqual(len(list(iterator)), 4)
        self.assertEqual(self.store["people"].to_python(), [{"new": 1}])
        self.people = self.store["people"]
        del self.store["people"]
        with self.assertRaisesRegex(Arbor.StaleError, "deleted"):
            len(self.people)

    def test_pinned(self):
        with Arbor.Store.open(self.path, staleness=Arbor.Staleness.PINNED) as store:
            people = store["people"]
            store["people"] = [1]
            self.assertEqual(len(people), 4)

    def test_refresh(self):
        with Arbor.Store.open(self.path) as other:
            seen = []
            self.store.connect("changed", lambda store, name: seen.append(name))
            other["people"] = [1]
            other["more"] = [2]
            self.assertEqual(len(self.people), 4)
            self.assertEqual(self.store.refresh(), ["more", "people"])
            self.assertEqual(seen, ["more", "people"])
            with self.assertRaises(Arbor.StaleError):
                len(self.people)

    def test_arguments(self):
        for name in ("", "a\nb", "x" * 256):
            with self.assertRaises(Arbor.InvalidNameError):
                self.store[name] = [1]
        for function in (lambda: self.store.put("a\0b", [1]), lambda: self.store["people\0"],
                         lambda: self.store.put_many({"a\0b": [1]}), lambda: Arbor.path("a\0"),
                         lambda: self.people.pick("a\0"), lambda: self.people[0].get(path="a\0")):
            with self.assertRaisesRegex(ValueError, "embedded null character"):
                function()
        with self.assertRaises(Arbor.InvalidOptionsError):
            Arbor.Store.open(self.path, map_size=1)
        with self.assertRaises(Arbor.InvalidArgumentError):
            self.store.put_many(["a", "a"], [[1], [2]])
        with self.assertRaisesRegex(Arbor.ParseError, "line 2"):
            Arbor.read_jsonl('{}\n{"a":}\n')
        with self.assertRaises(Arbor.ExpressionError):
            Arbor.path("a[")
        with self.assertRaises(Arbor.ExpressionError):
            Arbor.Expr.parse("a >")
        with self.assertRaises(Arbor.OutOfRangeError):
            self.people.take([0, 4])
        with self.assertRaises(Arbor.WrongTypeError):
            self.people[0].dup_string("height")
        with self.assertRaises(Arbor.CardinalityError):
            self.people[0].dup_string("tags[*]")
        deep = Arbor.read_json("[" * 60 + "]" * 60)[0]
        with self.assertRaises(Arbor.LimitError):
            deep.to_variant()
        with self.assertRaises(Arbor.NotSupportedError):
            Arbor.from_python(["a\0b"])[0].to_variant()

    def test_files(self):
        with open(self.folder + "/text", "w") as file:
            file.write("not a store, but text, " * 1000)
        with self.assertRaises(Arbor.NotAStoreError):
            Arbor.Store.open(self.folder + "/text")
        with self.assertRaises(GLib.Error) as caught:
            self.store.import_file("x", self.folder + "/nothing")
        self.assertNotIsInstance(caught.exception, Arbor.ArborError)
        self.assertTrue(caught.exception.matches(GLib.quark_from_string("g-io-error-quark"), 1))
        with Arbor.Store.open(self.path, read_only=True) as store:
            with self.assertRaises(Arbor.ReadOnlyError):
                store["x"] = [1]

    def test_never_opened(self):
        for cls in (Arbor.Store, Arbor.Arbor, Arbor.Tree, Arbor.Iter):
            with self.assertRaisesRegex(Arbor.ClosedError, "has not been opened"):
                next(cls()) if cls is Arbor.Iter else len(cls())
            self.assertTrue(cls().is_closed())

    def test_after_fork(self):
        child = os.fork()
        if child == 0:
            try:
                len(self.people)
            except Arbor.WrongProcessError:
                os._exit(7)
            os._exit(1)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 7)

    def test_one_message_for_many(self):
        """What the raw functions say is what the wrapped ones say: nothing is wrapped twice."""
        self.store.close()
        token = self.store.dup_close_token()
        error = self.assert_raises(Arbor.ClosedError, "ArborStore has been closed", token.check)
        self.assertIsNone(error.__cause__)
        self.assertTrue(error.__suppress_context__)


if __name__ == "__main__":
    unittest.main()
