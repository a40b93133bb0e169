"""The signal `changed`: by a write of the caller's thread before it returns, in that thread, whoever
works for it; by others when the main context is iterated."""

import asyncio
import contextlib
import io
import os
import signal
import threading
import time
import unittest

from support import Arbor, StoreTestCase

from gi.repository import Gio, GLib


class Changed(StoreTestCase):
    def setUp(self):
        super().setUp()
        self.other = Arbor.Store.open(self.path)
        self.addCleanup(self.other.close)
        self.seen = []
        self.store.connect("changed", lambda store, name: self.seen.append(name))

    def take(self):
        taken, self.seen[:] = list(self.seen), []
        return taken

    def test_own_writes(self):
        self.other["z"] = [1]
        self.store["a"] = [1]
        self.assertEqual(self.take(), ["a", "z"])
        self.store["a"] = [1]
        self.assertEqual(self.take(), [])
        self.store.rename("a", "b")
        self.assertEqual(self.take(), ["a", "b"])
        del self.store["b"]
        self.assertEqual(self.take(), ["b"])
        self.store.append("z", Arbor.from_python([2]))
        self.assertEqual(self.take(), ["z"])
        self.assertEqual(self.store.refresh(), [])
        self.assertEqual(self.take(), [])

    def test_detail(self):
        one = []
        self.store.connect("changed::b", lambda store, name: one.append(name))
        for name in "abc":
            self.other[name] = [1]
        self.assertEqual(self.store.refresh(), ["a", "b", "c"])
        self.assertEqual(self.take(), ["a", "b", "c"])
        self.assertEqual(one, ["b"])

    def test_transaction(self):
        with self.store.transaction() as t:
            t["b"] = [1]
            t["a"] = [1]
            self.other["c"] = [1]
            self.assertEqual(self.take(), [])
            t.commit()
        self.assertEqual(self.take(), ["a", "b", "c"])

    def test_close_in_handler(self):
        self.store.connect("changed", lambda store, name: store.close())
        self.store["a"] = [1]
        self.assertTrue(self.store.is_closed())
        self.other.refresh()
        self.assertEqual(self.other["a"].to_python(), [1])

    def test_async(self):
        threads = []
        self.store.connect("changed", lambda *_: threads.append(threading.get_ident()))
        loop = GLib.MainLoop()

        def done(store, result):
            store.put_finish(result)
            self.seen.append("done")
            loop.quit()
        self.store.put_async("a", [1], None, done)
        loop.run()
        self.assertEqual(self.take(), ["a", "done"])
        self.assertEqual(threads, [threading.get_ident()])

    def test_in_the_thread_of_the_caller(self):
        """Whatever writes, whichever thread the binding has do it: at once, and here."""
        threads = []
        self.store.connect("changed", lambda *_: threads.append(threading.get_ident()))
        path = self.folder + "/rows.jsonl"
        with open(path, "w") as file:
            file.write('{"i":1}\n{"i":2}\n')
        store = self.store
        for write in (
                lambda: store.put("n", [{"i": 1}, {"i": 2}]),
                lambda: store.put_many({"n": [{"i": 1}], "m": [1]}),
                lambda: store.append("n", [{"i": 2}]),
                lambda: store.replace("n", 0, 1, [{"i": 3}]),
                lambda: store.update_where("n", "i == 2", {"i": 4}),
                lambda: store.upsert("n", "i", [{"i": 5}]),
                lambda: store.delete_where("n", "i == 5"),
                lambda: store.import_file("n", path),
                lambda: store.import_file("k", path, progress=lambda done, total: None),
                lambda: store.import_stream("s", Gio.File.new_for_path(path).read(None)),
                lambda: store.rename("n", "o"),
                lambda: store.delete("o"),
                lambda: store.transact(lambda t: t.put("n", [1])),
                lambda: store.put("p", store["k"].filter("i > 1"))):
            write()
            self.assertNotEqual(self.take(), [])
            self.assertFalse(GLib.MainContext.default().iteration(False))
            self.assertEqual(self.take(), [])
        self.assertEqual(set(threads), {threading.get_ident()})

    def test_each_call_tells_its_own(self):
        """Nothing is left for the next call, and the order is that of the calls."""
        for name in ("c", "a", "b"):
            self.store[name] = [1]
            self.seen.append("put")
        self.assertEqual(self.take(), ["c", "put", "a", "put", "b", "put"])

    def test_handler_that_writes(self):
        def write(store, name):
            if name == "a":
                store["b"] = [name]
                self.seen.append("written")
        self.store.connect("changed", write)
        self.store["a"] = [1]
        self.assertEqual(self.take(), ["a", "b", "written"])
        self.assertEqual(self.other.refresh(), ["a", "b"])

    def test_handler_that_raises(self):
        """As PyGObject has it for every signal: it is printed, the call goes on, and so do others."""
        def fail(store, name):
            raise LookupError("in a handler")
        self.store.connect("changed", fail)
        printed = io.StringIO()
        with contextlib.redirect_stderr(printed):
            self.store["a"] = [1]
            with self.store.transaction() as transaction:
                transaction["b"] = [1]
                transaction.commit()
        self.assertEqual(printed.getvalue().count("LookupError: in a handler"), 2)
        self.assertEqual(self.take(), ["a", "b"])
        self.assertEqual(len(self.store["b"]), 1)

    def test_handler_that_closes(self):
        path = self.folder + "/rows.jsonl"
        with open(path, "w") as file:
            file.write('{"i":1}\n')
        for write in (lambda store: store.put("n", [1]),
                      lambda store: store.import_file("n", path),
                      lambda store: store.update_where("people", "true", {"x": 1}),
                      lambda store: store.transact(lambda t: t.put("n", [2]))):
            with Arbor.Store.open(self.path) as store:
                store.connect("changed", lambda store, name: store.close())
                write(store)
                self.assertTrue(store.is_closed())
                self.assert_closed(store.list_names)
        self.other.refresh()
        self.assertEqual(self.other["n"].to_python(), [2])

    def test_write_in_a_loop(self):
        """The caller owns the context while it is iterated."""
        loop = GLib.MainLoop()

        def write():
            self.store["a"] = [1]
            self.seen.append("put")
            loop.quit()
        GLib.idle_add(write)
        loop.run()
        self.assertEqual(self.take(), ["a", "put"])

    def test_write_of_another_thread(self):
        """It waits for the context, or for a call of this thread."""
        def write():
            self.store["a"] = [time.monotonic()]

        def write_elsewhere():
            thread = threading.Thread(target=write)
            thread.start()
            thread.join()
        write_elsewhere()
        self.assertEqual(self.take(), [])
        self.assertTrue(GLib.MainContext.default().iteration(False))
        self.assertEqual(self.take(), ["a"])
        write_elsewhere()
        self.assertEqual(self.take(), [])
        self.store.tell_changed()
        self.assertEqual(self.take(), ["a"])
        self.assertFalse(GLib.MainContext.default().iteration(False))

    def test_context_of_another_thread(self):
        """A store that another thread opened, whose loop is at work, tells there."""
        threads = []
        opened = []
        is_told = threading.Event()
        context = GLib.MainContext()
        loop = GLib.MainLoop.new(context, False)

        def note(store, name):
            threads.append(threading.get_ident())
            is_told.set()

        def serve():
            context.push_thread_default()
            store = Arbor.Store.open(self.path)
            store.connect("changed", note)
            opened.append(store)
            source = GLib.idle_source_new()
            source.set_callback(lambda _: is_ready.set())
            source.attach(context)
            loop.run()
            context.pop_thread_default()
        is_ready = threading.Event()
        server = threading.Thread(target=serve)
        server.start()
        is_ready.wait()
        opened[0]["a"] = [1]
        is_told.wait()
        loop.quit()
        server.join()
        self.assertEqual(threads, [server.ident])
        opened[0].close()

    def test_coroutine(self):
        """In the thread of asyncio's loop, before the coroutine goes on."""
        threads = []
        self.store.connect("changed", lambda *_: threads.append(threading.get_ident()))

        async def write():
            await self.store.put_async("a", [1])
            self.seen.append("put")
            with self.store.transaction() as transaction:
                transaction["b"] = [1]
                await transaction.commit_async()
            self.seen.append("committed")
        asyncio.run(write())
        self.assertEqual(self.take(), ["a", "put", "b", "committed"])
        self.assertEqual(set(threads), {threading.get_ident()})

    def test_interrupt(self):
        """What an interrupted call has committed is told."""
        def handle(*what):
            raise KeyboardInterrupt
        old = signal.signal(signal.SIGINT, handle)
        self.addCleanup(signal.signal, signal.SIGINT, old)
        path = self.folder + "/pipe"
        os.mkfifo(path)
        for _ in range(3):
            def write():
                with open(path, "wb") as pipe:
                    pipe.write(b"1\n")
                os.kill(os.getpid(), signal.SIGINT)
            thread = threading.Thread(target=write)
            try:
                thread.start()
                self.store.import_file("n", path)
                thread.join()
                time.sleep(1)
            except KeyboardInterrupt:
                thread.join()
            self.assertEqual(self.take(), ["n"] if "n" in self.store else [])
            self.store.delete("n")
            self.take()


if __name__ == "__main__":
    unittest.main()
