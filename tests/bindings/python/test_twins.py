"""Every ..._async is awaitable, takes what its synchronous twin takes, and gives the same; so do those
that are called back, and those of closed stores and cancelled ones fail as they should."""

import asyncio
import inspect
import sys
import unittest
from unittest import mock

from support import Arbor, StoreTestCase, GLib, run_until

from gi.repository import Gio

TREES = [{"a": i, "g": i % 3, "s": "text %d" % i, "b": {"c": [i, "x"]}} for i in range(40)]

# By class: what the methods are called on, and by method the arguments, all made anew for each call; the
# methods that are not listed take none. Keywords are the last dict in a list of their own.
CALLS = {
    "": {
        "read_json": ['{"a": 1}'], "read_jsonl": ["1\n2\n"], "read_csv": ["a,b\n1,2\n"],
        "load_bytes": ["1\n2\n"], "load_file": lambda test: [test.write()],
        "load_gfile": lambda test: [Gio.File.new_for_path(test.write())],
        "load_stream": lambda test: [test.stream()],
        "verify_file": lambda test: [test.path],
        "verify_gfile": lambda test: [Gio.File.new_for_path(test.path)],
        "recover_file": lambda test: [test.path, test.new_name()],
        "recover_gfile": lambda test: [Gio.File.new_for_path(test.path),
                                       Gio.File.new_for_path(test.new_name())],
    },
    "Store": {
        "open": lambda test: [test.path],
        "open_gfile": lambda test: [Gio.File.new_for_path(test.path)], "get": ["n"], "contains": ["n"], "put": ["new", [{"a": 5}]],
        "put_many": [{"n": [1], "m": [2]}], "append": ["n", [7]], "replace": ["n", 1, 2, [8]],
        "rename": ["n", "m"], "delete": ["n"], "delete_where": ["n", "a > 1"], "set_keys": ["n", "a"],
        "update_where": ["n", "a > 1", {"b": 7}], "upsert": ["n", "a", [{"a": 1, "b": 2}, {"a": 90}]],
        "put_objects": lambda test: ["new", [test.n[1], test.n[2]]],
        "upsert_objects": lambda test: ["n", "a", [test.n[1]]],
        "import_file": lambda test: ["n", test.write()],
        "import_gfile": lambda test: ["n", Gio.File.new_for_path(test.write())],
        "import_stream": lambda test: ["n", test.stream()],
        "backup": lambda test: [test.new_name()],
        "backup_gfile": lambda test: [Gio.File.new_for_path(test.new_name())],
        "backup_stream": lambda test: [test.output()],
        "dump": lambda test: [test.new_name()],
        "dump_gfile": lambda test: [Gio.File.new_for_path(test.new_name())],
        "dump_stream": lambda test: [test.output()],
        "load": lambda test: [test.dump()],
        "load_gfile": lambda test: [Gio.File.new_for_path(test.dump())],
        "load_stream": lambda test: [Gio.File.new_for_path(test.dump()).read(None)],
    },
    "Transaction": {
        "get": ["n"], "contains": ["n"], "expect": ["n", 0], "put": ["n", [1]], "append": ["n", [1]],
        "replace": ["n", 0, 3], "rename": ["n", "m"], "delete": ["n"], "set_keys": ["n", "a"],
    },
    "Builder": {},
    "Arbor": {
        "get": [-1], "find": [5], "find_string": ["x"], "find_int64": [5], "find_one": ["a == 5"], "find_one_or_error": ["a == 5"], "any_of": ["a > 5"],
        "all_of": ["a > 5"], "count_matches": ["a > 5"], "matching_indices": ["a > 5"],
        "take": [[3, 1, 3]], "query": ["$.b.c[*]"], "aggregate": {"n": "count()"}, "group_by": ["g"],
        "index_by": ["a"], "value_counts": ["g"], "histogram": ["a", 4],
        "check_paths": lambda test: [[Arbor.path("nothing")]], "get_column": ["a"],
        "get_column_of": ["a + 1"], "column": ["a"], "save": lambda test: [test.output(), Arbor.Format.CSV],
        "save_csv": lambda test: [test.output(), ["a", "s"], ";"],
        "save_file": lambda test: [test.folder + "/saved.jsonl"],
        "save_gfile": lambda test: [Gio.File.new_for_path(test.folder + "/saved.jsonl")],
    },
    "Query": {},
    "Iter": {"next_many": [5]},
    "Cursor": {"seek": [7]},
    "Groups": {"get_key": [1], "get_members": [1], "find": {"g": 2}, "aggregate": {"n": "count()"}},
    "Index": {"look_up": [3], "look_up_string": ["x"], "look_up_int64": [3], "look_up_all": [3],
              "contains": lambda test: [Arbor.from_python([3])[0]]},
    "Matches": {"get_match": [3]},
    "Column": {},
    "Tree": {"query": ["$..*"], "diff": lambda test: [test.n[2]], "set_value": ["a", 9],
             "insert": ["b.c[0]", 9], "remove": ["a"], "merge_patch": [{"a": None}],
             "patch": [[{"op": "remove", "path": "/a"}]]},
}
# Methods that work on something else than the others of their class.
OWNERS = {
    "Store.open": lambda test: Arbor.Store,
    "Store.open_gfile": lambda test: Arbor.Store,
    "Store.close": lambda test: Arbor.Store.open(test.path),
    "Index.look_up_string": lambda test: test.n.index_by("s"),
    "Column.dup_booleans": lambda test: test.n.column(Arbor.path("a") > 3),
    **{"Column." + name: lambda test: test.n.column("s") for name in
       ("dup_codes", "dup_dictionary", "dup_dictionary_offsets", "dup_dictionary_bytes", "dup_offsets",
        "dup_bytes")},
}
UNLIKE = {"Arbor.explain_analyze": "the times differ"}


def full_builder():
    builder = Arbor.Builder()
    builder.add_json("1")
    builder.add_json("2")
    return builder


class Twins(StoreTestCase):
    def setUp(self):
        super().setUp()
        self.refill()

    def refill(self):
        for name in self.store.list_names():
            self.store.delete(name)
        self.store["n"] = TREES
        self.n = self.store["n"]

    def write(self):
        path = self.folder + "/lines.jsonl"
        with open(path, "w") as file:
            file.write('{"a":1}\n{"a":2}\n')
        return path

    def new_name(self):
        self.n_names = getattr(self, "n_names", 0) + 1
        return f"{self.folder}/new-{self.n_names}"

    def dump(self):
        path = self.new_name()
        with open(path, "w") as file:
            file.write('{"arbor_dump":1,"arbors":1}\n{"arbor":"n","trees":1}\n{"a":1}\n'
                       '{"end":true,"trees":1}\n')
        return path

    def stream(self):
        return Gio.MemoryInputStream.new_from_bytes(GLib.Bytes.new(b'{"a":1}\n{"a":2}\n'))

    def output(self):
        return Gio.MemoryOutputStream.new_resizable()

    def owner(self, cls, name):
        if cls + "." + name in OWNERS:
            return OWNERS[cls + "." + name](self)
        return {
            "": lambda: Arbor, "Store": lambda: self.store,
            "Transaction": self.store.begin_transaction, "Builder": full_builder,
            "Arbor": lambda: self.n, "Query": lambda: Arbor.Query.new(self.n).filter("a > 30"),
            "Iter": lambda: iter(self.n), "Cursor": lambda: self.n.cursor("a"),
            "Groups": lambda: self.n.group_by("g"), "Index": lambda: self.n.index_by("a"),
            "Matches": lambda: self.n.query("$.b.c[*]"), "Column": lambda: self.n.column("a"),
            "Tree": lambda: self.n[1],
        }[cls]()

    def prepare(self, cls, name):
        """An owner, and arguments by position and by keyword."""
        self.refill()
        given = CALLS[cls].get(name, [])
        given = given(self) if callable(given) else given
        keywords = given if isinstance(given, dict) else {}
        return self.owner(cls, name), list(given if not keywords else []), keywords

    def plain(self, value):
        """Something to be compared."""
        if isinstance(value, (list, tuple)):
            return [self.plain(each) for each in value]
        if isinstance(value, (Arbor.Arbor, Arbor.Tree)):
            return value.to_python()
        if isinstance(value, Arbor.Store):
            value.close()
            return "a store"
        if isinstance(value, Arbor.Transaction):
            return value.list_names()
        if isinstance(value, Arbor.Groups):
            return [(key.to_python(), len(members)) for key, members in value]
        if isinstance(value, (Arbor.Index, Arbor.Schema)):
            return value.to_string()
        if isinstance(value, Arbor.Matches):
            return value.to_json()
        if isinstance(value, Arbor.Report):
            return value.to_json()
        if isinstance(value, Arbor.Column):
            return value.to_list()
        if isinstance(value, GLib.Bytes):
            return value.get_data()
        if isinstance(value, Arbor.LoadReport):
            return value.get_n_trees()
        if isinstance(value, Arbor.Stats):
            return value.get_page_size()
        return str(value) if isinstance(value, GLib.Variant) else value

    def outcome(self, owner, call):
        """What came of a call: its result or error, and what is stored and staged then."""
        try:
            result = self.plain(call())
        except GLib.Error as error:
            result = type(error), str(error)
        state = {name: arbor.to_python() for name, arbor in self.store.items()}
        staged = None
        if isinstance(owner, Arbor.Transaction) and not owner.is_closed():
            staged = {name: arbor.to_python() for name, arbor in owner.items()}
        return result, state, staged

    def each(self, check):
        """Calls check (class, name) for all; how many there are."""
        n = 0
        for cls, methods in CALLS.items():
            names = {name[:-len("_async")] for name in dir(getattr(Arbor, cls) if cls else Arbor)
                     if name.endswith("_async")}
            self.assertEqual(set(methods) - names, set())
            for name in sorted(names - {"column"} if cls != "Arbor" else names):
                with self.subTest("%s.%s" % (cls, name)):
                    check(cls, name)
                n += 1
        self.assertGreater(n, 100)

    def test_all_classes_are_known(self):
        found = {cls for cls in dir(Arbor) if isinstance(getattr(Arbor, cls), type)
                 for name in dir(getattr(Arbor, cls)) if name.endswith("_async")}
        self.assertEqual(found | {""}, set(CALLS))

    def test_coroutines(self):
        def check(cls, name):
            owner, arguments, keywords = self.prepare(cls, name)
            expected = self.outcome(owner, lambda: getattr(owner, name)(*arguments, **keywords))
            owner, arguments, keywords = self.prepare(cls, name)

            async def call():
                return await getattr(owner, name + "_async")(*arguments, **keywords)
            found = self.outcome(owner, lambda: asyncio.run(call()))
            if name == "close":
                expected = (True, *expected[1:])
            if cls + "." + name not in UNLIKE:
                self.assertEqual(found, expected)
        self.each(check)

    def call_back(self, owner, name, arguments, keywords):
        ended = []
        getattr(owner, name + "_async")(*arguments, **keywords,
                                        callback=lambda source, result: ended.append(result))
        run_until(lambda: ended)
        return getattr(owner, {"column": "get_column"}.get(name, name) + "_finish")(ended[0])

    def test_callbacks(self):
        def check(cls, name):
            owner, arguments, keywords = self.prepare(cls, name)
            expected = self.outcome(owner, lambda: getattr(owner, name)(*arguments, **keywords))
            owner, arguments, keywords = self.prepare(cls, name)
            found = self.outcome(owner, lambda: self.call_back(owner, name, arguments, keywords))
            if name == "close":
                expected = (True, *expected[1:])
            if cls + "." + name not in UNLIKE:
                self.assertEqual(found, expected)
        self.each(check)

    def test_cancelled_before_the_start(self):
        cancellable = Gio.Cancellable()
        cancellable.cancel()

        def check(cls, name):
            if name == "close":
                return
            owner, arguments, keywords = self.prepare(cls, name)
            before = self.outcome(owner, lambda: None)
            found = []
            for call in (lambda: asyncio.run(self.cancelled(owner, name, arguments, keywords, cancellable)),
                         lambda: self.call_back(owner, name, arguments,
                                                {**keywords, "cancellable": cancellable})):
                with self.assertRaises(GLib.Error) as caught:
                    call()
                found.append(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))
            self.assertEqual(found, [True, True])
            self.assertEqual(self.outcome(owner, lambda: None), before)
        self.each(check)

    async def cancelled(self, owner, name, arguments, keywords, cancellable):
        await getattr(owner, name + "_async")(*arguments, **keywords, cancellable=cancellable)

    def each_that_tells(self, check):
        """Calls check (class, name, whether the synchronous form tells, too)."""
        n = []

        def choose(cls, name):
            owner = getattr(Arbor, cls) if cls else Arbor
            if "progress" in inspect.signature(getattr(owner, name + "_async")).parameters:
                n.append(name)
                check(cls, name, "progress" in inspect.signature(getattr(owner, name)).parameters)
        self.each(choose)
        self.assertGreater(len(n), 25)

    def test_progress(self):
        """The last figures are those of the synchronous form, wherever they are told."""
        def check(cls, name, tells):
            told = []
            for call in (lambda: asyncio.run(self.tell(owner, name, arguments, keywords, note)),
                         lambda: self.call_back(owner, name, arguments, {**keywords, "progress": note}),
                         lambda: getattr(owner, name)(*arguments, **keywords, progress=note))[:2 + tells]:
                seen = []

                def note(done, total):
                    seen.append((done, total))
                owner, arguments, keywords = self.prepare(cls, name)
                call()
                told.append(seen[-1] if seen else None)
            self.assertGreater(told[0][0], 0)
            if name in ("compact", "backup", "backup_gfile", "backup_stream", "verify"):
                # The file grows by what was done before.
                told = [done == total for done, total in told]
            self.assertEqual(told, told[:1] * len(told))
        self.each_that_tells(check)
        with self.assertRaisesRegex(TypeError, "get_async tells no progress"):
            self.n.get_async(0, progress=lambda *done: None)

    def test_exception_of_a_progress_function(self):
        """It ends the call and is raised there, whatever the call is; nothing is written."""
        def progress(done, total):
            raise LookupError("enough")

        def check(cls, name, tells):
            owner, arguments, keywords = self.prepare(cls, name)
            before = self.outcome(owner, lambda: None)
            with self.assertRaisesRegex(LookupError, "enough"):
                asyncio.run(self.tell(owner, name, arguments, keywords, progress))
            self.assertEqual(self.outcome(owner, lambda: None), before)
            if tells:
                owner, arguments, keywords = self.prepare(cls, name)
                with self.assertRaisesRegex(LookupError, "enough"):
                    getattr(owner, name)(*arguments, **keywords, progress=progress)
                self.assertEqual(self.outcome(owner, lambda: None), before)
        self.each_that_tells(check)

    async def tell(self, owner, name, arguments, keywords, progress):
        await getattr(owner, name + "_async")(*arguments, **keywords, progress=progress)

    def test_closed_in_the_middle(self):
        """What was begun ends as it would have ended, or is closed."""
        def check(cls, name):
            owner, arguments, keywords = self.prepare(cls, name)
            expected = self.outcome(owner, lambda: getattr(owner, name)(*arguments, **keywords))[0]
            owner, arguments, keywords = self.prepare(cls, name)
            ended = []
            getattr(owner, name + "_async")(*arguments, **keywords,
                                            callback=lambda source, result: ended.append(result))
            self.store.close()
            self.store = Arbor.Store.open(self.path)
            run_until(lambda: ended)
            try:
                getattr(owner, {"column": "get_column"}.get(name, name) + "_finish")(ended[0])
            except Arbor.ClosedError as error:
                self.assertEqual(str(error), "ArborStore has been closed")
            except GLib.Error as error:
                self.assertEqual((type(error), str(error)), expected)
        self.each(check)

    def test_callbacks_that_throw(self):
        """PyGObject shows what they raise, and all goes on."""
        shown = []
        with mock.patch.object(sys, "excepthook", lambda kind, error, traceback: shown.append(kind)):
            def throw(*arguments):
                ended.append(arguments)
                raise LookupError

            def check(cls, name):
                owner, arguments, keywords = self.prepare(cls, name)
                ended.clear()
                getattr(owner, name + "_async")(*arguments, **keywords, callback=throw)
                run_until(lambda: ended)
            ended = []
            self.each(check)
        self.assertGreater(len(shown), 100)
        self.assertEqual(set(shown), {LookupError})
        self.refill()
        self.assertEqual(len(self.n), len(TREES))


if __name__ == "__main__":
    unittest.main()
