"""Compressed files in and out: every way to read, whatever lies in them, cut and damaged ones."""

import gzip
import json
import os
import pathlib
import tempfile
import unittest
import zlib

from gi.repository import Gio, GLib

from support import Arbor

TREES = [{"i": i, "s": f"text {i * 7919 % 1000}", "o": {"x": [i, None]}} for i in range(30000)]
LINES = "".join(json.dumps(tree, separators=(",", ":")) + "\n" for tree in TREES)


BUILT_WITH = os.environ.get("ARBOR_BUILT_WITH", ".gz .zst").split()


class PackingTest(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = pathlib.Path(self.temporary.name)

    def write(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return str(path)

    def check_all_ways(self, data):
        path = self.write("x", data)
        self.assertEqual(Arbor.load_bytes(data)[0].to_jsonl(), LINES)
        self.assertEqual(Arbor.load_file(path)[0].to_jsonl(), LINES)
        stream = Gio.MemoryInputStream.new_from_bytes(GLib.Bytes.new(data))
        self.assertEqual(Arbor.load_stream(stream)[0].to_jsonl(), LINES)
        with Arbor.Store.open(str(self.folder / "s.arbor"), create=True) as store:
            report = store.import_file("a", path)
            self.assertEqual(report.get_n_bytes(), len(LINES))
            self.assertEqual(store["a"].to_jsonl(), LINES)
            stream = Gio.MemoryInputStream.new_from_bytes(GLib.Bytes.new(data))
            store.import_stream("b", stream)
            self.assertEqual(store["b"].to_jsonl(), LINES)

    @unittest.skipUnless(".gz" in BUILT_WITH, "built without zlib")
    def test_gzip(self):
        middle = LINES.index("\n", len(LINES) // 2) + 1
        whole = gzip.compress(LINES.encode())
        self.check_all_ways(whole)
        self.check_all_ways(gzip.compress(LINES[:middle].encode()) +
                            gzip.compress(LINES[middle:].encode()))
        for codec in ("utf-8-sig", "utf-16"):
            data = gzip.compress(LINES.encode(codec))
            self.assertEqual(Arbor.load_bytes(data)[0].to_jsonl(), LINES)

    @unittest.skipUnless(".zst" in BUILT_WITH, "built without zstd")
    def test_zstd(self):
        path = str(self.folder / "x.jsonl.zst")
        Arbor.read_jsonl(LINES).save_file(path)
        data = pathlib.Path(path).read_bytes()
        self.assertLess(len(data), len(LINES) // 4)
        self.check_all_ways(data)
        self.assertEqual(Arbor.load_bytes(data + data)[0].to_jsonl(), LINES + LINES)
        with self.assertRaisesRegex(Arbor.ParseError, "compressed by zstd: cut off"):
            Arbor.load_bytes(data[:-100])

    @unittest.skipUnless(".gz" in BUILT_WITH, "built without zlib")
    def test_formats(self):
        def load(text, name="x.gz", **options):
            return Arbor.load_file(self.write(name, gzip.compress(text.encode())), **options)[0]
        self.assertEqual(load("[1,[2],3]").to_jsonl(), "1\n[2]\n3\n")
        self.assertEqual(load('{"a":{"b":[1,2]}}', at="a.b").to_jsonl(), "1\n2\n")
        self.assertEqual(load("a,b\n1,x\n", "x.CSV.GZ").to_jsonl(), '{"a":1,"b":"x"}\n')
        self.assertEqual(load("a\tb\n1\tx,y\n", "x.tsv.gz").to_jsonl(), '{"a":1,"b":"x,y"}\n')
        self.assertEqual(load("").to_jsonl(), "")
        with self.assertRaisesRegex(Arbor.ParseError, "y.gz: line 2, byte 7"):
            load('{}\n{"a"}\n', "y.gz")
        with self.assertRaisesRegex(Arbor.ParseError, "expected text, found data compressed by gzip"):
            Arbor.load_bytes(gzip.compress(gzip.compress(b"{}")))

    @unittest.skipUnless(".gz" in BUILT_WITH, "built without zlib")
    def test_damage(self):
        """What was there before stays, and the message says how far it went."""
        data = gzip.compress(LINES.encode())
        flipped, lying = bytearray(data), bytearray(data)
        flipped[len(data) // 2] ^= 0x55
        lying[-2] ^= 1
        with Arbor.Store.open(str(self.folder / "s.arbor"), create=True) as store:
            store["a"] = [{"old": 1}]
            for bad, what in ((data[:len(data) // 2], "cut off"), (data[:-1], "cut off"),
                              (flipped, "damaged|line"), (lying, "damaged"),
                              (data + b"more", "damaged")):
                path = self.write("bad.gz", bytes(bad))
                with self.assertRaisesRegex(Arbor.ParseError, f"bad.gz: .*({what})"):
                    store.import_file("a", path)
                self.assertEqual(store["a"].to_jsonl(), '{"old":1}\n')

    def test_out(self):
        arbor = Arbor.read_jsonl(LINES)
        for ending, expand in ((".gz", gzip.decompress), ("", bytes)):
            if ending and ending not in BUILT_WITH:
                continue
            for name, expected in (("x.jsonl", LINES), ("x.csv", arbor.to_csv())):
                path = str(self.folder / (name + ending))
                arbor.save_file(path)
                self.assertEqual(expand(pathlib.Path(path).read_bytes()).decode(), expected)
        path = self.folder / ("none.jsonl.gz" if ".gz" in BUILT_WITH else "none.jsonl")
        arbor.filter("i < 0").save_file(str(path))
        self.assertEqual(Arbor.load_file(str(path))[0].to_jsonl(), "")

    @unittest.skipUnless(".gz" in BUILT_WITH, "built without zlib")
    def test_progress(self):
        """In bytes of the file, which is how long it is known to be."""
        data = gzip.compress(LINES.encode(), 1)
        path, seen = self.write("x.gz", data), []
        with Arbor.Store.open(str(self.folder / "s.arbor"), create=True) as store:
            store.import_file("a", path, progress=lambda done, total, *rest: seen.append((done, total)))
        self.assertTrue(seen)
        self.assertEqual({total for _, total in seen}, {len(data)})
        self.assertEqual(seen[-1][0], len(data))
        self.assertEqual(seen, sorted(seen))
        self.assertEqual(zlib.crc32(LINES.encode()), int.from_bytes(data[-8:-4], "little"))


if __name__ == "__main__":
    unittest.main()
