"""Values through Python and back: numbers of every size, strings of every character, nesting."""

import bz2
import dataclasses
import datetime
import enum
import json
import pathlib
import tempfile
import unittest
from decimal import Decimal

from gi.repository import Gio

from support import Arbor, StoreTestCase, GLib

ODD = [
    0, 1, -1, 2 ** 53, 2 ** 53 + 1, -2 ** 53 - 1, 2 ** 63 - 1, -2 ** 63, 2 ** 63, 2 ** 64 - 1,
    2 ** 64, -2 ** 63 - 1, 10 ** 400 + 7, -10 ** 5000 - 3,
    0.0, 1.0, 0.1, 1e22, 1e-320, 5e-324, 1.7976931348623157e308, -2.5e-7,
    Decimal("1e400"), Decimal("-1.5e400"), Decimal("1e-400"), Decimal("1e-99999"),
    True, False, None,
    "", "a\0b", "\0", "\u00e9\u20ac\U0001f600", "\"\\/\b\f\n\r\t", "\x7f\u2028", "12", "null",
    [], {}, [[]], [{}], {"": {"": []}}, {"b": 1, "a": 2, "0": 3},
    [1, 1.0, "1", None, True, [2], {"k": [3, {"l": None}]}],
]


def same(a, b):
    """Equality of value and type, all the way down, and of the order of keys."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


class Values(StoreTestCase):
    def test_round_trip(self):
        self.store["odd"] = ODD
        for arbor in (Arbor.from_python(ODD), self.store["odd"],
                      Arbor.read_jsonl(self.store["odd"].to_jsonl())):
            for value, tree in zip(ODD, arbor):
                self.assertTrue(same(tree.to_python(), value), (tree.to_json()[:60], value))
            self.assertTrue(same(arbor.to_python(), ODD))
            self.assertTrue(same([tree.to_python() for tree in arbor], ODD))
        nested = {"all": ODD}
        tree = Arbor.from_python([nested])[0]
        self.assertTrue(same(tree.to_python(), nested))
        for i, value in enumerate(ODD):
            found = tree["all"][i]
            if isinstance(found, Arbor.Tree):
                found = found.to_python()
            self.assertTrue(same(found, value), value)

    def test_minus_zero(self):
        self.assertEqual(repr(Arbor.read_jsonl("[-0.0,-0]")[0].to_python()), "[-0.0, 0]")
        self.assertEqual(Arbor.from_python([-0.0])[0].to_json(), "-0.0")

    def test_nothing_but_empty_keys(self):
        rows = [{"": 1}, {"": 2}, {}, {"": None}]
        self.store["empty"] = rows
        self.assertEqual(self.store["empty"].to_python(), rows)

    def test_beyond_decimal(self):
        tree = Arbor.read_json("[1e99999999999999999999]")[0]
        with self.assertRaisesRegex(OverflowError, "dup_number_text"):
            tree.to_python()
        self.assertEqual(tree.dup_number_text("[0]"), "1e99999999999999999999")

    def test_deep(self):
        text = "[" * 1000 + '{"a":[1,"x\\u0000",-5e400,' + "7" * 900 + "]}" + "]" * 1000
        value = Arbor.read_json(text)[0].to_python()
        self.assertEqual(Arbor.from_python([value]).to_jsonl(),
                         text.replace("e400", "E+400") + "\n")
        for _ in range(1000):
            (value,) = value
        self.assertEqual(value, {"a": [1, "x\0", Decimal("-5e400"), int(Decimal("7" * 900))]})
        deep = []
        for _ in range(1023):
            deep = [deep]
        self.assertEqual(Arbor.from_python([deep]).to_jsonl(), "[" * 1024 + "]" * 1024 + "\n")
        with self.assertRaisesRegex(ValueError, "more than 1,024 levels of arrays and objects"):
            Arbor.from_python([[deep]])
        deep = []
        deep.append(deep)
        with self.assertRaisesRegex(ValueError, "contains itself"):
            Arbor.from_python([deep])

    def test_what_json_cannot_hold(self):
        for wrong, cls in ((float("nan"), ValueError), (float("inf"), ValueError),
                           (Decimal("NaN"), ValueError), ("\ud800", ValueError),
                           ({1, 2}, TypeError), (b"x", TypeError), (object(), TypeError),
                           ({(1, 2): 3}, TypeError)):
            with self.assertRaises(cls):
                Arbor.from_python([wrong])
            with self.assertRaises(cls):
                Arbor.from_python([[{"a": wrong}]])

    def test_members_of_enumerations(self):
        class Color(enum.Enum):
            RED = "red"
            SINCE = datetime.date(2024, 1, 2)

        class Size(enum.IntEnum):
            S = 1

        @dataclasses.dataclass
        class Shirt:
            color: Color
            size: Size

        self.assertEqual(Arbor.from_python([Color.RED, [Color.SINCE], Shirt(Color.RED, Size.S)]).to_python(),
                         ["red", ["2024-01-02"], {"color": "red", "size": 1}])
        self.assertEqual(str(Arbor.path("a") == Color.RED), "a == \"red\"")

    def test_keys_as_json_does_it(self):
        value = {1: "a", True: "b", None: "c", 1.5: "d", 10 ** 700: "e"}
        del value[10 ** 700]
        with_decimal = dict(value, x=Decimal("1.50"))
        self.assertEqual(Arbor.from_python([value])[0].to_json(),
                         json.dumps(value, separators=(",", ":")))
        self.assertEqual(Arbor.from_python([with_decimal])[0].to_json(),
                         '{"1":"b","null":"c","1.5":"d","x":1.5}')

    def test_inputs(self):
        text = '{"a":"\u00e9"}\n[1]\n'
        for data in (text, text.encode(), bytearray(text.encode()), memoryview(text.encode()),
                     GLib.Bytes.new(text.encode())):
            self.assertEqual(Arbor.read_jsonl(data).to_python(), [{"a": "\u00e9"}, [1]])
        self.assertEqual(Arbor.read_jsonl("").to_python(), [])
        self.assertEqual(Arbor.read_json(b'[1,\n 2]').to_python(), [[1, 2]])
        arbor, report = Arbor.load_bytes(b'{"rows":[1,2,3]}', format=Arbor.Format.JSON, at="rows")
        self.assertEqual(arbor.to_python(), [1, 2, 3])
        self.assertEqual(report.get_n_trees(), 3)
        for settings, trees in (({}, [1, [2]]), ({"whole": True}, [[1, [2]]])):
            self.assertEqual(Arbor.load_bytes("[1,[2]]", **settings)[0].to_python(), trees)
        self.assertEqual(Arbor.load_bytes("{}[1]{\n}")[0].to_python(), [{}, [1], {}])
        self.assertEqual(Arbor.load_bytes('[{"a":1}]'.encode("utf-16"))[0].to_python(), [{"a": 1}])
        arbor, report = Arbor.load_bytes('{"d":{"x":{"n":1.10,"n":1.20}}}', at="d", as_object="id",
                                         decimals=Arbor.Decimals.EXACT)
        self.assertEqual(arbor.to_jsonl(), '{"id":"x","n":1.20}\n')
        self.assertEqual(report.get_n_repeated_keys(), 1)
        with self.assertRaisesRegex(Arbor.ParseError, "bzip2"):
            Arbor.load_bytes(bz2.compress(b"{}"))
        with self.assertRaises(Arbor.LimitError):
            Arbor.load_bytes(f'{{"a":[{"1," * 1000000}1]}}', memory_limit=2**25)
        arbor, report = Arbor.load_bytes(b'1\n{\n3\n', skip_bad=True)
        self.assertEqual(arbor.to_python(), [1, 3])
        self.assertEqual(report.dup_bad_lines(), [2])
        arbor = Arbor.read_csv("a,b\n1,x\n,007\n")
        self.assertEqual(arbor.to_python(), [{"a": 1, "b": "x"}, {"a": None, "b": "007"}])
        self.assertEqual(arbor.to_csv(), "a,b\n1,x\n,007\n")
        arbor, report = Arbor.load_bytes("1;2;3\n4;5\n6;7;8\n", delimiter=";", has_header=False,
                                         infer_numbers=False, skip_bad=True,
                                         format=Arbor.Format.CSV)
        self.assertEqual([list(tree) for tree in arbor.to_python()],
                         [["column1", "column2", "column3"]] * 2)
        self.assertEqual(arbor[1]["column3"], "8")
        self.assertEqual(report.dup_bad_lines(), [2])
        text = "id;price\n007;9.90\n008;1.00\n"
        arbor, report = Arbor.load_bytes(text, format=Arbor.Format.CSV)
        self.assertEqual(arbor.to_python(), [{"id": "007", "price": 9.9}, {"id": "008", "price": 1.0}])
        self.assertEqual(report.dup_delimiter(), ";")
        self.assertEqual(report.dup_columns(), ["id", "price"])
        self.assertEqual(report.dup_column_types(), ["text", "decimal"])
        self.assertIn("'007' (line 2)", report.dup_column_reasons()[0])
        self.assertEqual(len(report.dup_notes()), 3)
        for types in (["id=number", "price=text"], {"id": "number", "price": "text"}):
            typed, _ = Arbor.load_bytes(text, format=Arbor.Format.CSV, types=types)
            self.assertEqual(typed.to_python(), [{"id": 7, "price": "9.90"}, {"id": 8, "price": "1.00"}])
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "t.csv"
            arbor.save_file(path)
            self.assertEqual(path.read_text(), "id,price\n007,9.9\n008,1.0\n")
            arbor.save_file(path, columns=["price"], delimiter="|")
            self.assertEqual(path.read_text(), "price\n9.9\n1.0\n")
            with self.assertRaises(ValueError):
                arbor.save_file(path, Arbor.Format.JSON, columns=["id"])
            cancellable = Gio.Cancellable()
            cancellable.cancel()
            with self.assertRaises(GLib.Error):
                arbor.save_file(path, cancellable=cancellable)
            self.assertEqual([each.name for each in path.parent.iterdir()], ["t.csv"])
            self.assertEqual(path.read_text(), "price\n9.9\n1.0\n")
            with Arbor.Store.open(str(path.parent / "s.arbor")) as store:
                store.put("a", arbor)
                for own in (path.parent / "s.arbor", path.parent / "s.arbor-lock"):
                    inode = own.stat().st_ino
                    with self.assertRaisesRegex(Arbor.InvalidArgumentError, "the store itself"):
                        store["a"].save_file(own)
                    self.assertEqual(own.stat().st_ino, inode)
        arbor, report = Arbor.load_bytes("1;2;3\n4;5\n6;7;8\n", delimiter=";", has_header=False,
                                         infer_numbers=False, skip_bad=True,
                                         format=Arbor.Format.CSV)
        stream = Gio.MemoryOutputStream.new_resizable()
        arbor.save_csv(stream, ["column2", "none"], "|", None)
        self.assertEqual(stream.steal_as_bytes().get_data() if stream.close() else None,
                         b"column2|none\n2|\n7|\n")
        for columns, delimiter in ((["a", "a"], None), (None, "::")):
            with self.assertRaises(ValueError):
                arbor.save_csv(Gio.MemoryOutputStream.new_resizable(), columns, delimiter, None)
        with self.assertRaisesRegex(Exception, "U.0000"):
            Arbor.from_python([{"a": "\0"}]).to_csv()
        for wrong in (5, None, ["{}"]):
            with self.assertRaises(TypeError):
                Arbor.read_jsonl(wrong)


if __name__ == "__main__":
    unittest.main()
