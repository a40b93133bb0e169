"""A main loop goes on beside asynchronous calls: its turns are counted, not the time that they take. The
same with a clock is tests/bench/frames.py."""

import os
import unittest

from support import Arbor, StoreTestCase, GLib

from gi.repository import Gio

N_TREES = 30000
# A call that worked in the caller's main loop would leave it one turn, or two, however much it has to do;
# one that works in a thread may be over before the loop turns, but not with twice as much time after time.
N_TURNS = 10
N_DOUBLINGS = 8


class Turns:
    """Counts the turns of the default main context while it waits."""

    def __init__(self):
        self.n = 0

    def _turn(self):
        self.n += 1
        return GLib.SOURCE_CONTINUE

    def wait(self, is_done):
        source = GLib.idle_add(self._turn)
        try:
            while not is_done():
                GLib.MainContext.default().iteration(True)
        finally:
            GLib.source_remove(source)
        return self.n


class MainLoop(StoreTestCase):
    def setUp(self):
        super().setUp()
        self.lines = self.folder + "/lines.jsonl"
        with open(self.lines, "w") as file:
            for i in range(N_TREES):
                file.write('{"a":%d,"g":%d,"s":"text %d"}\n' % (i * 7919 % N_TREES, i % 100, i))
        self.store.import_file("rows", self.lines)

    def double(self):
        self.store.append("rows", self.store["rows"])
        with open(self.lines, "rb") as file:
            lines = file.read()
        with open(self.lines, "ab") as file:
            file.write(lines)

    def assert_turns(self, start, finish):
        """That the main loop turns while a call is made that has enough to do: start(rows, callback=…),
        finish(rows, result)."""
        for _ in range(N_DOUBLINGS):
            rows, ended = self.store["rows"], []
            start(rows, callback=lambda source, result: ended.append((source, result)))
            turns = Turns().wait(lambda: ended)
            finish(*ended[0])
            if turns > N_TURNS:
                return
            self.double()
        self.fail("%d turns beside %d trees" % (turns, rows.get_n_trees()))

    def test_turns(self):
        folder, lines = self.folder, self.lines
        calls = {
            "import": (lambda rows, **how: self.store.import_file_async("new", lines, **how),
                       Arbor.Store.import_file_finish),
            "group": (lambda rows, **how: rows.group_by("g").get_n_groups_async(**how),
                      Arbor.Groups.get_n_groups_finish),
            "sort": (lambda rows, **how: rows.sort_by("a").compute_async(**how), Arbor.Arbor.compute_finish),
            "export": (lambda rows, **how: rows.save_file_async(folder + "/out.csv", **how),
                       Arbor.Arbor.save_file_finish),
            "text": (lambda rows, **how: rows.to_json_async(**how), Arbor.Arbor.to_json_finish),
            "describe": (lambda rows, **how: rows.describe_async(**how), Arbor.Arbor.describe_finish),
        }
        for name, (start, finish) in calls.items():
            with self.subTest(name):
                self.assert_turns(start, finish)

    def test_imports_that_wait(self):
        """Two dozen imports, of which the first waits for a pipe: the loop turns, and reads go on."""
        pipe = self.folder + "/pipe"
        os.mkfifo(pipe)
        writer = os.open(pipe, os.O_RDWR)
        ended = []
        for i in range(24):
            self.store.import_file_async("import %d" % i, pipe if i == 0 else self.lines,
                                         callback=lambda source, result: ended.append(result))
        read = []
        Gio.File.new_for_path(self.lines).load_contents_async(
            None, lambda file, result: read.append(file.load_contents_finish(result)[1]))
        counted = []
        self.store["rows"].count_matches_async("a >= 0", callback=lambda rows, result: counted.append(
            rows.count_matches_finish(result)))
        turns = Turns()
        turns.wait(lambda: read and counted and turns.n > 1000)
        self.assertEqual(len(read[0]), os.path.getsize(self.lines))
        self.assertEqual(counted, [N_TREES])
        self.assertEqual(ended, [])
        os.write(writer, b'{"a":1}\n')
        os.close(writer)
        turns.wait(lambda: len(ended) == 24)
        self.assertEqual([self.store.import_file_finish(result).get_n_trees() for result in ended],
                         [1] + [N_TREES] * 23)


if __name__ == "__main__":
    unittest.main()
