"""Main contexts, threads and asyncio: list models, close tokens, callbacks and coroutines."""

import asyncio
import inspect
import json
import threading
import unittest

from support import PEOPLE, Arbor, StoreTestCase, GLib, run_until

from gi.repository import Gio


class Models(StoreTestCase):
    def test_model_is_emptied_in_its_context(self):
        seen = []
        self.people.connect("items-changed", lambda model, *what: seen.append(what))
        self.assertEqual(self.people.get_item_type(), Arbor.Tree.__gtype__)
        self.assertEqual(self.people.get_n_items(), 4)
        self.assertEqual(self.people.get_item(1).to_python(), PEOPLE[1])
        self.assertIsNone(self.people.get_item(4))
        item = self.people.get_item(0)
        self.store.close()
        self.assertEqual(self.people.get_n_items(), 4)
        self.assertTrue(self.people.get_item(2).is_closed())
        self.assert_closed(item.to_python)
        self.assert_closed(len, self.people)
        self.assertEqual(seen, [])
        run_until(lambda: seen)
        self.assertEqual(seen, [(0, 4, 0)])
        self.assertEqual(self.people.get_n_items(), 0)
        self.assertIsNone(self.people.get_item(0))
        self.assert_closed(len, self.people)

    def test_model_is_not_stale(self):
        self.assertEqual(self.people.get_n_items(), 4)
        self.store["people"] = [1]
        self.assertEqual(self.people.get_n_items(), 4)
        self.assertEqual(self.people.get_item(3).to_python(), PEOPLE[3])
        with self.assertRaises(Arbor.StaleError):
            len(self.people)

    def test_other_models_of_it(self):
        shown = Gio.ListStore.new(Arbor.Tree)
        for tree in self.people:
            shown.append(tree)
        self.assertEqual([tree["height"] for tree in shown if "height" in tree], [66, 81, 82.5])


class Tokens(StoreTestCase):
    def test_token_of_a_store(self):
        token = self.store.dup_close_token()
        for thing in (self.people, self.people.head(1), self.people[0], iter(self.people)):
            self.assertIs(thing.dup_close_token(), token)
        seen = []
        token.connect("closed", lambda token: seen.append(("closed", threading.get_ident())))
        token.connect("closed-in-context",
                      lambda token: seen.append(("in context", threading.get_ident())))
        cancellable = token.dup_cancellable()
        thread = threading.Thread(target=self.store.close)
        thread.start()
        thread.join()
        self.assertEqual(seen, [("closed", thread.ident)])
        self.assertTrue(cancellable.is_cancelled())
        run_until(lambda: len(seen) == 2)
        self.assertEqual(seen[1], ("in context", threading.get_ident()))
        self.store.close()
        self.assertEqual(len(seen), 2)
        token.add_closed_func(lambda token: seen.append("at once"))
        self.assertEqual(seen[2:], ["at once"])
        self.assert_closed(token.check)

    def test_token_given_to_no_store(self):
        token = Arbor.CloseToken()
        token.check()
        token.close()
        self.assertTrue(token.is_closed())
        self.assert_closed(token.check)
        self.assertEqual(self.people.to_python(), PEOPLE)
        self.store.close()
        self.assertIsNot(self.store.dup_close_token(), token)

    def test_closing_the_token_closes_the_store(self):
        self.store.dup_close_token().close()
        self.assertTrue(self.store.is_closed())
        self.assert_closed(len, self.people)

    def test_memory_is_untouched(self):
        memory = Arbor.from_python(PEOPLE)
        materialized = self.people.filter("height > 80").materialize()
        iterator = iter(materialized)
        tree = self.people[0].materialize()
        kept = memory[1]
        self.store.close()
        self.assertEqual(memory.to_python(), PEOPLE)
        self.assertEqual(materialized.to_python(), PEOPLE[1:3])
        self.assertEqual(list(iterator), PEOPLE[1:3])
        self.assertEqual(tree, PEOPLE[0])
        self.assertEqual(kept, PEOPLE[1])
        for thing in (memory, materialized, iterator, tree, kept):
            self.assertFalse(thing.is_closed())
            self.assertIsNone(thing.dup_close_token())

    def test_reading_while_closing(self):
        self.store["many"] = [{"i": i} for i in range(5000)]
        many = self.store["many"]
        found, ready = [], threading.Event()

        def read():
            try:
                while True:
                    for i, tree in enumerate(many):
                        if tree["i"] != i:
                            found.append("%d is %r" % (i, tree["i"]))
                        ready.set()
            except Arbor.ClosedError as error:
                found.append(str(error))
        threads = [threading.Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        ready.wait()
        self.store.close()
        for thread in threads:
            thread.join()
        self.assertEqual(found, ["ArborStore has been closed"] * 3)


class Callbacks(StoreTestCase):
    def test_gio_style(self):
        done = []
        Arbor.Store.open_async(self.path, None, None,
                               lambda source, result, data: done.append((source, result, data)),
                               "data")
        run_until(lambda: done)
        source, result, data = done.pop()
        self.assertEqual((source, data), (None, "data"))
        with Arbor.Store.open_finish(result) as store:
            store.put_async("more", [1, 2], None, lambda source, result: done.append(result))
            run_until(lambda: done)
            self.assertTrue(store.put_finish(done.pop()))
            self.assertEqual(store["more"].to_python(), [1, 2])
            store.put_async("", [1], None, lambda source, result: done.append(result))
            run_until(lambda: done)
            with self.assertRaises(Arbor.InvalidNameError):
                store.put_finish(done.pop())

    def test_progress(self):
        lines = self.folder + "/lines"
        with open(lines, "w") as file:
            file.writelines(json.dumps({"i": i}) + "\n" for i in range(1000))
        seen = []
        report = self.store.import_file("n", lines, progress=lambda *done: seen.append(done))
        size = report.get_n_bytes()
        self.assertEqual(seen[-1], (size, size))

        def fail(done, total):
            raise ZeroDivisionError
        with self.assertRaises(ZeroDivisionError):
            self.store.import_file("n", lines, progress=fail)
        stopped = Gio.Cancellable()
        stopped.cancel()
        for cancellable in (stopped,):
            with self.assertRaises(GLib.Error) as caught:
                self.store.import_file("m", lines, cancellable=cancellable,
                                       progress=lambda *done: None)
            self.assertTrue(caught.exception.matches(Gio.io_error_quark(),
                                                     Gio.IOErrorEnum.CANCELLED))
        self.assertNotIn("m", self.store)

        stream = Gio.File.new_for_path(lines).read(None)
        self.store.import_stream("s", stream)
        self.assertEqual(self.store["s"].to_python(), [{"i": i} for i in range(1000)])


class Coroutines(StoreTestCase):
    def test_await(self):
        lines = self.folder + "/lines"
        with open(lines, "w") as file:
            file.write('{"a":1}\n{"a":2}\n')

        async def work():
            with await Arbor.Store.open_async(self.path) as store:
                await asyncio.gather(*(store.put_async("n%d" % i, [i]) for i in range(5)))
                report = await store.import_file_async("lines", lines)
                self.assertEqual(report.get_n_trees(), 2)
                with self.assertRaises(Arbor.InvalidNameError):
                    await store.put_async("", [1])
                return {name: arbor.to_python() for name, arbor in store.items()}
        self.assertEqual(asyncio.run(work()),
                         {"lines": [{"a": 1}, {"a": 2}], "n0": [0], "n1": [1], "n2": [2],
                          "n3": [3], "n4": [4], "people": PEOPLE})

        async def closed():
            self.store.close()
            with self.assertRaises(Arbor.ClosedError):
                await self.store.put_async("x", [1])
        asyncio.run(closed())

    def test_cancelling_a_task_ends_the_call(self):
        """The reader waits for a pipe that nobody writes to until the task is cancelled."""
        import os
        reader, writer = os.pipe()
        stream = Gio.UnixInputStream.new(reader, True)
        from gi.overrides.Arbor.calls import in_thread

        async def work():
            task = asyncio.create_task(
                in_thread(self.store.import_stream, "never", stream, None, None))
            await asyncio.sleep(0)
            os.write(writer, b'{"a":1}\n')
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
        asyncio.run(work())
        os.close(writer)
        self.assertNotIn("never", self.store)


class Loops(StoreTestCase):
    def test_async_for(self):
        self.store["many"] = list(range(1000))

        async def read(values):
            return [tree async for tree in values]
        many = self.store["many"]
        self.assertEqual([tree.to_python() for tree in asyncio.run(read(many))], many.to_python())
        self.assertEqual([tree.to_python() for tree in asyncio.run(read(iter(many.tail(3))))],
                         [997, 998, 999])
        self.assertEqual(asyncio.run(read(self.people.pick("name"))), list(self.people.pick("name")))

        async def close():
            async for _ in many:
                self.store.close()
        with self.assertRaises(Arbor.ClosedError):
            asyncio.run(close())


class NewerPyGObject(StoreTestCase):
    """PyGObject 3.50 and later have what starts an asynchronous call without a callback give an awaitable of
    their own, and tell of finish functions. Stubs stand for its functions: ours give what they always gave."""

    class Started:
        def __init__(self, function):
            self.function = function
            self.finish_func = None

        def __call__(self, *arguments):
            if not any(callable(one) for one in arguments):
                raise AssertionError("PyGObject's own awaitable was asked for")
            return self.function(*arguments)

        def __getattr__(self, name):
            return getattr(self.function, name)

    def each(self):
        """Asynchronous forms, of the namespace and of its classes."""
        for owner in [Arbor, *(getattr(Arbor, name) for name in dir(Arbor))]:
            if owner is Arbor or isinstance(owner, type):
                for name in dir(owner):
                    if name.endswith("_async"):
                        yield getattr(owner, name)

    def twins(self):
        for function in self.each():
            for cell in getattr(function, "__closure__", None) or ():
                if hasattr(cell.cell_contents, "begin_here"):
                    yield cell.cell_contents

    def test_without_a_callback(self):
        found = {id(made): made for made in self.twins()}
        self.assertGreater(len(found), 100)
        starts = {key: made.start for key, made in found.items()}
        for made in found.values():
            made.start = self.Started(made.start)
        try:
            async def work():
                await self.store.put_async("new", [1, 2])
                self.assertEqual((await self.store.get_async("new")).to_python(), [1, 2])
                self.assertEqual(await self.people.get_n_trees_async(), 4)
                arbor, _ = await Arbor.load_bytes_async("3\n", progress=lambda done, total: None)
                self.assertEqual(arbor.to_python(), [3])
            asyncio.run(work())
            ended = []
            self.store.get_async("new", callback=lambda store, result: ended.append(result))
            run_until(lambda: ended)
            self.assertEqual(self.store.get_finish(ended[0]).to_python(), [1, 2])
        finally:
            for key, made in found.items():
                made.start = starts[key]

    def test_every_asynchronous_form_is_ours(self):
        for function in self.each():
            self.assertTrue(inspect.isfunction(function), function)


if __name__ == "__main__":
    unittest.main()
