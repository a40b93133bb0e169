"""Arrow as other engines read it and hand it over. Debian has none of them, so this is no part of the suite: it is run by
hand where they are.

Usage: arrow_engines.py DuckDB|PyArrow|Polars...

DuckDB is ARBOR_LIBDUCKDB=/path/to/libduckdb.so, asked over ARBOR_ARROW_TREES trees (20,000).
"""

import os
import unittest

import arrow_reader
from support import Arbor
from test_arrow import ROWS, filled


class DuckDB(unittest.TestCase):
    def setUp(self):
        self.duckdb = arrow_reader.find_duckdb()
        self.addCleanup(self.duckdb.close)

    def test_aggregates(self):
        n = int(os.environ.get("ARBOR_ARROW_TREES", "20000"))
        lines = ("".join('{"i":%d,"g":"group %d","d":%d.25,"o":{"x":%d},"l":[%d,%d],"b":%s%s}\n'
                         % (i, i % 97, i % 1000, i % 13, i % 5, i, "true" if i % 3 else "null",
                            ',"r":%d' % i if i % 11 == 0 else "") for i in range(n)))
        arbor = Arbor.read_jsonl(lines)
        self.duckdb.create_table("t", arbor)
        one = arbor.aggregate(n="count(i)", s="sum(i)", d="sum(d)", m="mean(d)", x="sum(o.x)", r="count(r)",
                              t="max(g)", b="count(b)", f="sum(l[0])")
        rows = self.duckdb.execute("select count(i), sum(i), sum(d), avg(d), sum(o.x), count(r), max(g), "
                                   "count(b), sum(l[1]) from t")
        self.assertEqual([float(x) if i != 6 else x for i, x in enumerate(rows[0])],
                         [one[name] for name in ("n", "s", "d", "m", "x", "r", "t", "b", "f")])
        groups = arbor.group_by("g").aggregate(n="count(i)", s="sum(d)", x="max(o.x)").sort_by("g")
        rows = self.duckdb.execute("select g, count(i), sum(d), max(o.x) from t group by g order by g")
        self.assertEqual([[g, int(n), float(s), int(x)] for g, n, s, x in rows],
                         [[tree["g"], tree["n"], tree["s"], tree["x"]] for tree in groups])
        kept = self.duckdb.execute("select count(*) from t where d > 500 and g = 'group 5'")
        self.assertEqual(int(kept[0][0]), arbor.count_matches("d > 500 and g == 'group 5'"))

    def test_types(self):
        arbor = Arbor.from_python(ROWS)
        self.duckdb.create_table("r", arbor)
        rows = self.duckdb.execute("select i, d, b, u, m, o.x, len(o.y) from r")
        self.assertEqual(rows[0], ["1", "1.5", "true", str(2 ** 64 - 1), '[1,"a"]', "1", "1"])
        self.assertEqual(rows[3], [None] * 7)


class PyArrow(unittest.TestCase):
    def test_both_ways(self):
        import pyarrow

        table = pyarrow.table(Arbor.from_python(ROWS))
        table.validate(full=True)
        self.assertEqual(table.column("i").to_pylist(), [row.get("i") for row in ROWS])
        self.assertEqual(Arbor.Arbor.from_arrow(table).to_python(), [filled(row) for row in ROWS])
        schema = pyarrow.schema([("s", pyarrow.dictionary(pyarrow.int32(), pyarrow.string()))])
        reader = pyarrow.RecordBatchReader.from_stream(Arbor.from_python([{"s": "x"}]), schema=schema)
        self.assertEqual(reader.read_all().column("s").to_pylist(), ["x"])


class Polars(unittest.TestCase):
    def test_both_ways(self):
        import polars

        frame = polars.DataFrame(Arbor.from_python(ROWS))
        self.assertEqual(frame["i"].to_list(), [row.get("i") for row in ROWS])
        self.assertEqual(Arbor.Arbor.from_arrow(frame["i"]).to_python(), [row.get("i") for row in ROWS])


if __name__ == "__main__":
    unittest.main()
