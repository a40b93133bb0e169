"""Ctrl-C: whatever takes long ends with KeyboardInterrupt in the main thread, nothing of it is
written, and the program goes on. Each call would take minutes; the signal comes while it is at work,
which a thread finds by looking at the process's time."""

import contextlib
import os
import resource
import signal
import tempfile
import threading
import time
import unittest

from support import Arbor, StoreTestCase

from gi.repository import Gio

# What a call may take to end: it is a matter of milliseconds, but machines are busy.
BOUND = 60
N_ROWS = 200000
# Letters by letters, half a millisecond a value of 100, so that each of these calls takes a minute in all.
SLOW = "sum(map(split(s, ''), sum(map(split(s, ''), len(@))))) == 1"


def wait_until_busy(seconds=0.05):
    """Waits until the process has worked so much from now on, whatever else the machine does."""
    def used():
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return usage.ru_utime + usage.ru_stime
    start = used()
    until = time.monotonic() + BOUND
    while used() - start < seconds and time.monotonic() < until:
        time.sleep(0.002)


class InterruptTestCase(StoreTestCase):
    @classmethod
    def setUpClass(cls):
        text = ("ab" * 50).encode()
        cls.rows = Arbor.read_jsonl(b"".join(b'{"i":%d,"s":"%s%d"}\n' % (i, text, i)
                                             for i in range(N_ROWS)))

    def setUp(self):
        super().setUp()
        self.store["rows"] = self.rows
        self.stored = self.store["rows"]
        self.old_handler = signal.signal(signal.SIGINT, signal.default_int_handler)
        self.addCleanup(signal.signal, signal.SIGINT, self.old_handler)

    def interrupt(self, function, before=wait_until_busy):
        """Calls a function that is interrupted; how long it took to end from then on."""
        sent = []

        def send():
            before()
            sent.append(time.monotonic())
            os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=send)
        is_interrupted = False
        try:
            thread.start()
            function()
        except KeyboardInterrupt:
            is_interrupted = True
            took = time.monotonic() - sent[0]
        finally:
            if not is_interrupted:
                # The signal is for nobody else.
                with contextlib.suppress(KeyboardInterrupt):
                    thread.join()
                    time.sleep(1)
        self.assertTrue(is_interrupted, "the call had ended")
        thread.join()
        self.assertLess(took, BOUND)
        # All is well afterwards.
        self.assertEqual(sorted(self.store), ["people", "rows"])
        self.assertEqual(len(self.store["rows"]), N_ROWS)
        self.assertEqual(self.store["rows"].get_generation(), self.stored.get_generation())
        self.store["more"] = [1]
        del self.store["more"]


class Writing(InterruptTestCase):
    def view(self):
        return self.stored.filter(SLOW)

    def test_put_of_a_view(self):
        self.interrupt(lambda: self.store.put("new", self.view()))
        self.interrupt(lambda: self.store.put_many({"new": self.view()}))
        self.interrupt(lambda: self.store.append("rows", self.view()))
        self.interrupt(lambda: self.store.replace("rows", 0, 1, self.view()))

    def test_where(self):
        self.interrupt(lambda: self.store.delete_where("rows", SLOW))
        self.interrupt(lambda: self.store.update_where("rows", SLOW, {"x": 1}))
        self.interrupt(lambda: self.store.upsert("rows", "i", self.view()))

    def test_transaction(self):
        def write():
            with self.store.transaction() as transaction:
                transaction["new"] = [1]
                transaction.append("rows", self.view())
                transaction.commit()
        self.interrupt(write)
        self.interrupt(lambda: self.store.transact(lambda t: t.put("new", self.view())))

    def make_pipe(self):
        """A pipe into which lines are written for as long as somebody reads: a new one each time, for
        the writer of another may be in the middle of a line yet."""
        path = os.path.join(tempfile.mkdtemp(dir=self.folder), "pipe")
        os.mkfifo(path)

        def write():
            with open(path, "wb", buffering=0) as pipe:
                try:
                    while True:
                        pipe.write(b'{"a":[1,2,3],"b":"text"}\n' * 1000)
                except BrokenPipeError:
                    pass
        thread = threading.Thread(target=write)
        thread.start()
        self.addCleanup(thread.join)
        return path

    def test_import(self):
        self.interrupt(lambda: self.store.import_file("new", self.make_pipe()))
        seen = []

        def progress(done, total):
            seen.append(threading.current_thread())
        self.interrupt(lambda: self.store.import_file("new", self.make_pipe(), progress=progress),
                       before=lambda: self.wait_for(lambda: len(seen) > 3))
        self.assertEqual(set(seen), {threading.main_thread()})
        self.interrupt(lambda: Arbor.load_file(self.make_pipe()))

    def wait_for(self, condition):
        until = time.monotonic() + BOUND
        while not condition() and time.monotonic() < until:
            time.sleep(0.002)

    def test_import_of_a_silent_pipe(self):
        """Nobody writes, so that the call waits."""
        path = self.folder + "/silent"
        os.mkfifo(path)
        self.interrupt(lambda: self.store.import_file("new", path), lambda: time.sleep(0.2))
        self.interrupt(lambda: Arbor.load_file(path), lambda: time.sleep(0.2))
        reader, writer = os.pipe()
        self.addCleanup(os.close, writer)
        stream = Gio.UnixInputStream.new(reader, True)
        self.interrupt(lambda: self.store.import_stream("new", stream), lambda: time.sleep(0.2))

    def test_interrupt_in_the_progress_function(self):
        started = threading.Event()

        def progress(done, total):
            started.set()
            while True:
                time.sleep(0.01)
        self.interrupt(lambda: self.store.import_file("new", self.make_pipe(), progress=progress),
                       started.wait)

    def test_exception_in_the_progress_function(self):
        def progress(done, total):
            raise LookupError("no more")
        with self.assertRaisesRegex(LookupError, "no more"):
            self.store.import_file("new", self.make_pipe(), progress=progress)
        self.assertNotIn("new", self.store)

    def test_waiting_for_another_writer(self):
        other = Arbor.Store.open(self.path, busy_timeout=600000)
        self.addCleanup(other.close)
        with Held(self.path):
            self.interrupt_writer(other)
        self.assertNotIn("new", self.store)

    def interrupt_writer(self, store):
        thread = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
        with self.assertRaises(KeyboardInterrupt):
            thread.start()
            store["new"] = [1]
        thread.join()


class Held:
    """Another process that holds the writer's lock of a store: the byte that storage.md names."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        import fcntl
        import struct
        self.file = open(self.path, "r+b")
        # An OFD lock on one byte: F_OFD_SETLK, struct flock.
        lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 1 << 62, 1, 0)
        fcntl.fcntl(self.file, 37, lock)

    def __exit__(self, *exception):
        self.file.close()


class Computing(InterruptTestCase):
    def test_conditions(self):
        rows = self.stored
        self.interrupt(lambda: len(rows.filter(SLOW)))
        self.interrupt(lambda: rows.filter(SLOW).get(100))
        self.interrupt(lambda: rows.count_matches(SLOW))
        self.interrupt(lambda: rows.matching_indices(SLOW))
        self.interrupt(lambda: rows.find_one(SLOW))
        self.interrupt(lambda: rows.any_of(SLOW))
        self.interrupt(lambda: rows.all_of("not " + SLOW))

    def test_a_view_goes_on(self):
        view = self.rows.filter("i < 10")
        slow = self.rows.filter(SLOW)
        self.interrupt(lambda: len(slow))
        self.interrupt(lambda: len(slow))
        self.assertEqual(len(view), 10)

    def test_reading(self):
        rows = self.stored
        self.interrupt(lambda: list(rows.filter(SLOW)))
        self.interrupt(lambda: rows.filter(SLOW).to_python())
        self.interrupt(lambda: rows.filter(SLOW).to_jsonl())
        self.interrupt(lambda: rows.select(x=SLOW).to_json())
        self.interrupt(lambda: rows.select(x=SLOW).materialize())
        self.interrupt(lambda: rows.select(x=SLOW).to_csv())
        self.interrupt(lambda: list(rows.filter(SLOW).pick("i")))
        self.interrupt(rows.filter(SLOW).compute)
        self.interrupt(lambda: rows.filter(SLOW).compute(progress=lambda done, total: None))

        def move():
            cursor = rows.filter(SLOW).cursor("i")
            while cursor.next():
                pass
        self.interrupt(move)

    def test_saving(self):
        stream = Gio.File.new_for_path("/dev/null").append_to(Gio.FileCreateFlags.NONE, None)
        self.interrupt(lambda: self.stored.filter(SLOW).save(stream, Arbor.Format.JSONL))
        self.interrupt(lambda: self.stored.select(x=SLOW).save_csv(stream, None, None))

    def test_orders(self):
        key = Arbor.Expr.parse(SLOW)
        self.interrupt(lambda: self.stored.sort_by(key).get(0))
        self.interrupt(lambda: self.stored.top_k(3, key).get(0))
        self.interrupt(lambda: len(self.stored.unique_by(key)))

    def test_groups(self):
        rows = self.stored
        self.interrupt(lambda: len(rows.group_by(x=SLOW)))
        self.interrupt(lambda: rows.group_by("i").aggregate(x="any(%s)" % SLOW).to_python())
        self.interrupt(lambda: rows.aggregate(x="n_unique(%s)" % SLOW))
        self.interrupt(lambda: rows.select(x=SLOW).describe())
        self.interrupt(lambda: rows.value_counts(SLOW).to_python())
        self.interrupt(lambda: rows.histogram("if_null(null_if(%s, false), 1)" % SLOW).to_python())
        self.interrupt(lambda: rows.lazy().filter(SLOW).to_python())

    def test_many_groups(self):
        """Their accumulators are freed meanwhile, by another thread or as one goes."""
        groups = self.rows.group_by("i")
        aggregates = {"m": "mean(i)", "c": "collect(s)", "q": "median(i)", "x": "max(s)"}
        self.interrupt(lambda: [groups.aggregate(**aggregates).to_python() for _ in range(1000)])
        self.interrupt(lambda: [groups.aggregate(**aggregates).get(0) for _ in range(1000)])
        self.interrupt(lambda: [self.rows.aggregate(**aggregates) for _ in range(10000)])
        rows = groups.aggregate(**aggregates)
        self.assertEqual([rows.get(N_ROWS - 1)[name] for name in ("m", "q")], [N_ROWS - 1] * 2)
        self.assertEqual(len(rows), N_ROWS)

    def test_two_sides(self):
        rows = self.stored
        key = Arbor.Expr.parse(SLOW)
        self.interrupt(lambda: rows.index_by(key, duplicates="first"))
        self.interrupt(lambda: rows.join(rows, key).to_python())
        self.interrupt(lambda: rows.nest(rows, key, field="x").to_python())

    def test_columns(self):
        self.interrupt(lambda: self.stored.column(Arbor.Expr.parse(SLOW)))
        self.interrupt(lambda: self.stored.filter(SLOW).column("i"))

    def test_one_large_tree(self):
        tree = Arbor.from_python([{"a": ["ab" * 100] * N_ROWS}])
        self.interrupt(lambda: tree.select(
            x="count(filter(a, %s))" % SLOW.replace("(s,", "(@,")).to_python())

    def test_jsonpath_of_one_large_tree(self):
        """Elements by elements by elements of long chains: minutes in all."""
        tree = Arbor.read_json('{"a":[%s]}' % ",".join(["[" * 400 + "]" * 400] * 100))
        cubic = "$.a..[?count(@..[?count(@..*) == 500]) == 500]"
        self.interrupt(lambda: tree.query(cubic))
        self.interrupt(lambda: tree[0].query(cubic))

    def test_patch_of_one_large_tree(self):
        """Each operation moves all elements."""
        tree = Arbor.read_json(b"[" + b",".join([b"1"] * 1000000) + b"]")[0]
        patch = Arbor.from_python([[{"op": "add", "path": "/0", "value": 1}] * 200000])[0]
        self.interrupt(lambda: tree.patch(patch))

    def test_explode_of_one_large_array(self):
        text = "ab" * 50
        tree = Arbor.from_python([{"a": [{"s": "%s%d" % (text, i)} for i in range(N_ROWS)]}])
        self.interrupt(lambda: tree.explode("a").filter(SLOW.replace("(s,", "(a.s,")).get_n_trees())
        self.assertEqual(tree.explode("a").get(N_ROWS - 1).to_python(),
                         {"a": {"s": "%s%d" % (text, N_ROWS - 1)}})

    def test_sort_of_one_large_array(self):
        """The comparisons ask; without that the first of many sorts has to end, which the time tells
        in tests/bench/interrupt.py."""
        text = "ab" * 30
        tree = Arbor.from_python([{"a": ["%s%d" % (text, i * 7919 % N_ROWS)
                                         for i in range(N_ROWS)]}])
        sorts = "sort(unique(" * 100 + "a" + "))" * 100
        self.interrupt(lambda: tree.select(x=sorts).to_python())


class Elsewhere(InterruptTestCase):
    def test_current_cancellable(self):
        """What the worker rests on, for who makes threads of their own."""
        own = Gio.Cancellable()
        ended = []

        def compute():
            own.push_current()
            try:
                len(self.stored.filter(SLOW))
            except Exception as error:
                ended.append(error)
            own.pop_current()
        thread = threading.Thread(target=compute)
        thread.start()
        wait_until_busy()
        own.cancel()
        thread.join()
        self.assertTrue(ended[0].matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))

    def test_cancellable_of_the_caller(self):
        own = Gio.Cancellable()

        def cancel():
            wait_until_busy()
            own.cancel()
        thread = threading.Thread(target=cancel)
        thread.start()
        with self.assertRaises(Exception) as caught:
            self.stored.count_matches(SLOW, own)
        thread.join()
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))

    def test_other_signals_are_handled_meanwhile(self):
        seen = []
        old = signal.signal(signal.SIGUSR1, lambda *what: seen.append(len(self.store)))
        self.addCleanup(signal.signal, signal.SIGUSR1, old)

        def send():
            wait_until_busy()
            os.kill(os.getpid(), signal.SIGUSR1)
            until = time.monotonic() + BOUND
            while not seen and time.monotonic() < until:
                time.sleep(0.002)
        self.interrupt(lambda: len(self.stored.filter(SLOW)), send)
        self.assertEqual(seen, [2])

    def test_own_handler_that_raises(self):
        def raise_other(*what):
            raise LookupError("enough")
        signal.signal(signal.SIGINT, raise_other)

        def send():
            wait_until_busy()
            os.kill(os.getpid(), signal.SIGINT)
        thread = threading.Thread(target=send)
        view = self.stored.filter(SLOW)
        with self.assertRaisesRegex(LookupError, "enough"):
            thread.start()
            len(view)
        thread.join()

    def test_after_a_fork(self):
        len(self.rows.filter("i > 5"))
        child = os.fork()
        if child == 0:
            try:
                os._exit(0 if len(self.rows.filter("i > 5")) == N_ROWS - 6 else 1)
            finally:
                os._exit(2)
        self.assertEqual(os.waitpid(child, 0)[1], 0)


if __name__ == "__main__":
    unittest.main()
