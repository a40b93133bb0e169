"""Making a store's file smaller: in place, as a whole, and what stays as it is meanwhile."""

import os
import random
import unittest

from support import StoreTestCase
from gi.repository import Arbor, Gio, GLib


def trees(seed, n):
    rng = random.Random(seed)
    return [{"n": i, "x": "%0128x" % rng.getrandbits(512)} for i in range(n)]


class Compact(StoreTestCase):
    def setUp(self):
        super().setUp()
        self.kept = trees(1, 3000)
        for name in ("a", "b", "c"):
            self.store[name] = trees(name, 5000)
        self.store["kept"] = self.kept
        for name in ("a", "b", "c"):
            del self.store[name]

    def disk(self):
        return self.store.get_stats().get_disk_bytes()

    def check(self):
        self.assertEqual([tree.to_python() for tree in self.store["kept"]], self.kept)

    def test_in_place(self):
        before = self.store.get_stats()
        told = []
        self.assertTrue(self.store.compact(Arbor.CompactFlags.NONE,
                                           lambda done, total: told.append((done, total))))
        after = self.store.get_stats()
        self.assertEqual(after.get_file_bytes(), os.path.getsize(self.path))
        self.assertEqual(after.get_file_bytes(), before.get_file_bytes())
        self.assertEqual(after.get_disk_bytes(), os.stat(self.path).st_blocks * 512)
        self.assertLess(after.get_disk_bytes(), before.get_disk_bytes() / 2)
        self.assertLess(after.get_reclaimable_bytes(), before.get_reclaimable_bytes() / 10)
        self.assertEqual(told[-1], (after.get_file_bytes(), after.get_file_bytes()))
        self.check()

    def test_full(self):
        arbor = self.store["kept"]
        view = arbor.filter("n > 10").sort_by("x")
        self.assertEqual(len(view), 2989)
        names = []
        self.store.connect("changed", lambda store, changed: names.extend(changed))
        self.store.compact(Arbor.CompactFlags.FULL)
        self.assertLess(os.path.getsize(self.path), 4 * 3000 * 140)
        self.assertEqual(len(view), 2989)
        self.assertEqual(len(arbor), 3000)
        self.check()
        self.assertEqual(names, [])
        self.store.append("kept", [{"n": -1}])
        self.assertEqual(self.store["kept"].get(3000)["n"], -1)
        self.store.compact(Arbor.CompactFlags.FULL)
        self.assertEqual(len(self.store["kept"]), 3001)
        with Arbor.Store.open(self.path) as other:
            self.assertEqual(len(other["kept"]), 3001)

    def test_pinned(self):
        """What somebody holds is neither given back nor exchanged."""
        iterator = iter(self.store["kept"])
        first = next(iterator)
        self.store["kept"] = [1]
        options = Arbor.StoreOptions(busy_timeout=50)
        with Arbor.Store.open(self.path, options) as other:
            with self.assertRaises(GLib.Error) as caught:
                other.compact(Arbor.CompactFlags.FULL)
            self.assertTrue(caught.exception.matches(Arbor.error_quark(), Arbor.Error.BUSY))
            self.assertIn("1 snapshot", caught.exception.message)
            other.compact()
        self.assertEqual([first.to_python()] + [tree.to_python() for tree in iterator], self.kept)
        del iterator, first
        self.store.compact(Arbor.CompactFlags.FULL)
        self.assertEqual([tree.to_python() for tree in self.store["kept"]], [1])

    def test_refused(self):
        cancellable = Gio.Cancellable()
        cancellable.cancel()
        for flags in (Arbor.CompactFlags.NONE, Arbor.CompactFlags.FULL):
            with self.assertRaises(GLib.Error) as caught:
                self.store.compact(flags, None, cancellable)
            self.assertTrue(caught.exception.matches(Gio.io_error_quark(),
                                                     Gio.IOErrorEnum.CANCELLED))
        with Arbor.Store.open(self.path, Arbor.StoreOptions(read_only=True)) as store:
            with self.assertRaises(GLib.Error) as caught:
                store.compact()
            self.assertTrue(caught.exception.matches(Arbor.error_quark(), Arbor.Error.READ_ONLY))
        self.assertEqual(os.listdir(self.folder), [name for name in os.listdir(self.folder)
                                                   if not name.startswith(".arbor-")])

    def test_stopped(self):
        """Cancelled, and closed, in the middle of the copy: nothing is left behind."""
        self.store["much"] = trees(9, 40000)
        for stop in ("cancel", "close"):
            store = Arbor.Store.open(self.path)
            cancellable = Gio.Cancellable()
            calls = []

            def progress(done, total):
                calls.append(done)
                if len(calls) == 1:
                    cancellable.cancel() if stop == "cancel" else store.close()

            with self.assertRaises(GLib.Error) as caught:
                store.compact(Arbor.CompactFlags.FULL, progress, cancellable)
            domain, code = ((Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED) if stop == "cancel"
                            else (Arbor.error_quark(), Arbor.Error.CLOSED))
            self.assertTrue(caught.exception.matches(domain, code), caught.exception)
            self.assertGreater(len(calls), 0)
            store.close()
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith(".arbor-")], [])
        self.assertEqual(len(self.store["much"]), 40000)
        self.check()

    def test_others(self):
        """Another store on the file in this process goes on with the new one."""
        with Arbor.Store.open(self.path) as other:
            arbor = other["kept"]
            self.assertEqual(len(arbor), 3000)
            self.store.compact(Arbor.CompactFlags.FULL)
            self.assertEqual(len(arbor.filter("n < 100")), 100)
            other["from-other"] = [1, 2, 3]
            self.store.refresh()
            self.assertEqual(len(self.store["from-other"]), 3)

    def test_watch(self):
        """Who watches the file hears of commits after the exchange."""
        heard = []
        with Arbor.Store.open(self.path) as other:
            other.set_watch(True)
            other.connect("committed", lambda store: heard.append(1))
            self.store.compact(Arbor.CompactFlags.FULL)
            self.store["later"] = [1]
            context = GLib.MainContext.default()
            deadline = GLib.get_monotonic_time() + 20 * GLib.USEC_PER_SEC
            while not heard and GLib.get_monotonic_time() < deadline:
                context.iteration(False)
            self.assertTrue(heard)


if __name__ == "__main__":
    unittest.main()
