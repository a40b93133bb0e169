"""Random CSV, read and written again: the same cells in the same order, to the letter but for zeros
at the end of decimals; what each column became, as plain Python finds it; in memory, from a stream
and through a store, also where a column turns out to be text late, after batches of its numbers
were written.

The long form: ARBOR_CSV_ROUNDS=2000.
"""

import csv
import io
import math
import os
import pathlib
import random
import re
import resource
import subprocess
import sys
import tempfile
import unittest
from decimal import Decimal

import gi
gi.require_version("Arbor", "1.0")
from gi.repository import Arbor, Gio, GLib  # noqa: E402

ROUNDS = int(os.environ.get("ARBOR_CSV_ROUNDS", "150"))
GROUP = 16384  # trees; batches end where they are full, and after each group
DELIMITERS = ",;\t|"
NOT_NUMBERS = ("0E0", "0E8", "557e90", "1e3", "007", "02134", "+7", "-0", "-0.00", "1.", ".5", " 7", "7 ",
               "1,5", "0x1f", "NaN", "inf", "-Infinity", "1_000", "true", "false", "null", "1E400",
               "2024-02-30", "12:30", "Zürich", "東京", "🙂", "a\"b", "\"", "a,b;c\td|e", "x\ny",
               "x\r\ny", " ", "''", "#", "=1+1", "\\", "\ufeff", "\x00", "1.2.3")
INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.([0-9]+)")


def write(rng, rows, delimiter):
    """CSV whose cells are quoted where they must be, and some others too; and which are."""
    text, quoted = [], []
    for row in rows:
        cells, marks = [], []
        for cell in row:
            must = any(c in cell for c in "\"\n\r" + delimiter) or cell.startswith("\ufeff")
            marks.append(must or (rng is not None and rng.random() < 0.002))
            cells.append('"%s"' % cell.replace('"', '""') if marks[-1] else cell)
        if len(row) == 1 and cells == [""]:
            cells, marks = ['""'], [True]
        text.append(delimiter.join(cells))
        quoted.append(marks)
    return text, quoted


def is_same(cell):
    """Whether a number is written as its cell; the generator makes no exponents but those that are not."""
    if INTEGER.fullmatch(cell):
        return cell != "-0"
    if cell == "1E400":  # no double has it: its text is kept
        return True
    return DECIMAL.fullmatch(cell) is not None and repr(float(cell)) == cell


def cut(cell):
    """A decimal without the zeros at its end."""
    return re.sub(r"(\.[0-9]+?)0+$", r"\1", cell)


def judge(cells, quoted):
    """What a column is."""
    marked = [(cell, mark) for cell, mark in zip(cells, quoted) if cell or mark]
    if not marked:
        return "empty"
    if not any(mark for _, mark in marked):
        if all(is_same(cell) for cell, _ in marked):
            return "number"
        found = [DECIMAL.fullmatch(cell) for cell, _ in marked]
        if (all(found) and len({len(match[2]) for match in found}) == 1
                and all(repr(float(cell)) == cut(cell) for cell, _ in marked)):
            return "decimal"
    return "text"


def to_value(cell, mark, kind):
    if kind != "text":
        if not cell:
            return None
        return (int(cell) if INTEGER.fullmatch(cell) else
                Decimal(cell) if math.isinf(float(cell)) else float(cell))
    return cell if cell or mark else None


class Table:
    """Columns of a random kind, each with perhaps a cell that does not belong there."""

    def __init__(self, rng, n_rows, wide=False, ragged=0):
        self.delimiter = rng.choice(DELIMITERS)
        n_columns = rng.randint(1, 5)
        names = rng.sample(["a", "b.c", "", "x y", "ü", "a;b,c", "q\"", "n[0]", "id"], n_columns)
        if names == [""]:
            names = ["a"]
        columns = [self.make_column(rng, n_rows) for _ in names]
        if wide:  # so that a batch has few records
            columns[0] = ["%s%0*d" % ("w", 400, i) for i in range(n_rows)]
        self.names = names
        self.rows = [list(row) for row in zip(*columns)]
        header, _ = write(None, [names], self.delimiter)
        lines, self.quoted = write(rng, self.rows, self.delimiter)
        self.n_bad = 0
        for _ in range(ragged):  # too many cells, and none that says anything of its column
            lines.insert(rng.randint(0, len(lines)), self.delimiter.join(["zzz"] * (n_columns + 1)))
            self.n_bad += 1
        ends = ["\n", "\r\n", "\r"] if not any(c in "".join(names) for c in "\r\n") else ["\n"]
        self.text = (rng.choice(("", "\ufeff")) + rng.choice(ends).join(header + lines)
                     + rng.choice(("", "\n"))).encode()
        self.kinds = [judge(column, [row[i] for row in self.quoted])
                      for i, column in enumerate(zip(*self.rows))]

    @staticmethod
    def make_column(rng, n_rows):
        makes = (lambda: "", lambda: str(rng.randint(-10 ** 4, 10 ** 4)),
                 lambda: str(rng.randint(-10 ** 25, 10 ** 25)),
                 lambda: "%.2f" % rng.uniform(-1e4, 1e4), lambda: "%.5f" % rng.uniform(1, 9),
                 lambda: repr(round(rng.uniform(1, 1e4), 2)), lambda: rng.choice(NOT_NUMBERS))
        make = rng.choice(makes)
        empty = rng.choice((0, 0.1, 0.9))
        cells = ["" if rng.random() < empty else make() for _ in range(n_rows)]
        if rng.random() < 0.5:
            cells[rng.randrange(n_rows)] = rng.choice(makes)()
        return cells


class RoundTripTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.store = Arbor.Store.open(str(self.folder / "s.arbor"), create=True)
        self.addCleanup(self.store.close)

    def check_rows(self, table, arbor):
        stream = Gio.MemoryOutputStream.new_resizable()
        arbor.save_csv(stream, None, table.delimiter, None)
        stream.close()
        text = stream.steal_as_bytes().get_data().decode()
        # Python's reader of this version refuses NUL.
        rows = list(csv.reader(io.StringIO(text.replace("\x00", "\ue000"), newline=""),
                               delimiter=table.delimiter))
        expected = [table.names] + [
            [cut(cell) if kind == "decimal" else cell for cell, kind in zip(row, table.kinds)]
            for row in table.rows]
        self.assertEqual(rows, [[cell.replace("\x00", "\ue000") for cell in row]
                                for row in expected])
        return text

    def check(self, table):
        options = {"format": Arbor.Format.CSV, "delimiter": table.delimiter,
                   "skip_bad": table.n_bad > 0}
        arbor, report = Arbor.load_bytes(table.text, **options)
        self.assertEqual(report.dup_columns(), table.names)
        self.assertEqual(report.dup_column_types(), table.kinds)
        self.assertEqual(report.get_n_trees(), len(table.rows))
        self.assertEqual(report.get_n_bad(), table.n_bad)
        text = self.check_rows(table, arbor)
        for tree, row, marks in zip(arbor.to_python(), table.rows, table.quoted):
            values = [to_value(*each) for each in zip(row, marks, table.kinds)]
            self.assertEqual((list(tree), list(tree.values())), (table.names, values))

        lines = arbor.to_jsonl()
        report = self.store.import_stream("t", Gio.MemoryInputStream.new_from_data(table.text),
                                          **options)
        stored = self.store["t"]
        self.assertEqual(stored.to_jsonl(), lines)
        self.assertEqual(report.dup_column_types(), table.kinds)
        self.assertEqual(report.get_n_batches_written() + report.get_n_batches_skipped(),
                         stored.get_n_batches())
        self.assertEqual(self.store.get_stats().get_n_staged_batches(), 0)
        return lines, text

    def test_random(self):
        for seed in range(ROUNDS):
            with self.subTest(seed=seed):
                rng = random.Random(seed)
                self.check(Table(rng, rng.choice((1, 2, 3, 10, 60))))

    def test_ragged(self):
        """Records with other numbers of cells, left out as the options say."""
        for seed in range(ROUNDS // 3):
            with self.subTest(seed=seed):
                rng = random.Random(seed)
                self.check(Table(rng, rng.choice((2, 10, 60)), ragged=rng.randint(1, 5)))

    def test_delimiter_found(self):
        """With a header and no other candidate in it, whatever the cells hold."""
        for seed in range(ROUNDS):
            with self.subTest(seed=seed):
                table = Table(random.Random(seed), 20)
                if len(table.names) > 1 and not any(c in "".join(table.names) for c in DELIMITERS):
                    _, report = Arbor.load_bytes(table.text, format=Arbor.Format.CSV)
                    self.assertEqual(report.dup_delimiter(), table.delimiter)

    def test_late(self):
        """Many batches, of which some, all or none are made anew."""
        for seed in range(max(4, ROUNDS // 30)):
            with self.subTest(seed=seed):
                rng = random.Random(seed)
                self.check(Table(rng, 2 * GROUP + 100 if seed % 2 else 6000, wide=seed % 2 == 0))

    def test_again(self):
        """An import of the same again writes nothing, also where batches are made anew."""
        text = "n,m\n" + "".join("%d,%d.50\n" % (i, i) for i in range(2 * GROUP)) + "x,0.1\n"
        stream = Gio.MemoryInputStream.new_from_data(text.encode())
        first = self.store.import_stream("t", stream, format=Arbor.Format.CSV)
        self.assertEqual(first.dup_column_types(), ["text", "text"])
        self.assertEqual(self.store["t"].to_csv(), text)
        stream = Gio.MemoryInputStream.new_from_data(text.encode())
        again = self.store.import_stream("t", stream, format=Arbor.Format.CSV)
        self.assertEqual(again.get_n_batches_skipped(), self.store["t"].get_n_batches())
        self.assertEqual(again.get_n_batches_written(), 0)
        self.assertEqual(self.store["t"].to_csv(), text)

    def test_failure_late(self):
        """What an import had written before it failed is gone; the name has what it had."""
        self.store.put("t", [{"a": 1}])
        text = ("n,m\n" + "".join("%d,%0900d\n" % (i, i) for i in range(9000)) + "x,1\ny\n").encode()
        with self.assertRaisesRegex(Arbor.ParseError, "expected 2 cells"):
            self.store.import_stream("t", Gio.MemoryInputStream.new_from_data(text),
                                     format=Arbor.Format.CSV)
        self.assertEqual(self.store["t"].to_python(), [{"a": 1}])

    def test_cancel(self):
        """Also while batches are made anew."""
        text = ("n\n" + "".join("%d\n" % i for i in range(3 * GROUP)) + "x\n").encode()
        cancellable = Gio.Cancellable()
        seen = []

        def progress(done, total, *data):
            seen.append(done)
            if done == len(text):
                cancellable.cancel()

        self.store.put("t", [{"a": 1}])
        with self.assertRaises(GLib.Error) as caught:
            self.store.import_stream("t", Gio.MemoryInputStream.new_from_data(text),
                                     progress=progress, cancellable=cancellable,
                                     format=Arbor.Format.CSV)
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))
        self.assertEqual(seen[-1], len(text))
        self.assertEqual(self.store["t"].to_python(), [{"a": 1}])

    @staticmethod
    def import_within(path, n_bytes):
        """In a process of its own, which may not take more memory than that for data."""
        store = Arbor.Store.open(path + ".arbor", create=True)
        store.import_file("warm", path + ".small.csv")
        with open("/proc/self/status", encoding="ascii") as status:
            used = int(re.search(r"VmData:\s*(\d+)", status.read())[1]) * 1024
        if "ASAN_OPTIONS" not in os.environ:  # whose shadow is data, too
            resource.setrlimit(resource.RLIMIT_DATA, (used + n_bytes, used + n_bytes))
        report = store.import_file("t", path)
        print(report.get_n_trees(), *report.dup_column_types())
        store.close()

    def test_memory(self):
        """A column that turns out to be text in the last record of much."""
        path = self.folder / "large.csv"
        block = "".join("%d,%d.25,%s\n" % (i, i, "ab%05d" % i * 20) for i in range(20000))
        with open(path, "w", encoding="ascii") as file:
            file.write("n,d,t\n")
            for _ in range(15):
                file.write(block)
            file.write("x,0.5,\n")
        with open(str(path) + ".small.csv", "w", encoding="ascii") as file:
            file.write("n,d,t\n1,2,x\n")
        done = subprocess.run([sys.executable, __file__, "--import", str(path), str(38 << 20)],
                              stdout=subprocess.PIPE, text=True, check=True)
        self.assertGreater(path.stat().st_size, 40 << 20)
        self.assertEqual(done.stdout.split(), ["300001", "text", "number", "text"])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--import"]:
        RoundTripTest.import_within(sys.argv[2], int(sys.argv[3]))
    else:
        unittest.main()
