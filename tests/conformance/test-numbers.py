"""Numbers against exact arithmetic: sums, means, variances and medians of doubles and integers, in
any order, over arrays and over trees; the edges of histograms; casts by digits; the text of doubles.
The oracle is Python's fractions and decimal, which round once."""

import decimal
import itertools
import json
import math
import random
import statistics
import sys
import unittest
from fractions import Fraction

import gi

gi.require_version("Arbor", "1.0")

from gi.repository import Arbor  # noqa: E402

MAX = sys.float_info.max
EDGES = [0.0, -0.0, 5e-324, -5e-324, 2.2250738585072014e-308, 2.225073858507201e-308, 1e-300,
         1.0, -1.0, 0.1, 1 / 3, 2.0 ** 53, 2.0 ** 53 + 2, -2.0 ** 53, 2.0 ** 63, 1e16, 1e100, 1e300,
         1.7e308, -1.7e308, MAX, -MAX,
         0, 1, -1, 2 ** 53, 2 ** 53 + 1, -2 ** 53 - 1, 2 ** 62 + 1, 2 ** 63 - 1, -2 ** 63, 2 ** 63,
         2 ** 64 - 1]
RANDOM = random.Random(20)


def nearest(number):
    """The nearest double to a fraction; None beyond the range. Division of Python's integers rounds
    once."""
    try:
        return number.numerator / number.denominator
    except OverflowError:
        return None


def draw():
    kind = RANDOM.randrange(8)
    n = RANDOM.choice([1, 2, 2, 3, 4, 7, 30])
    if kind == 0:
        return [RANDOM.choice(EDGES) for _ in range(n)]
    if kind == 1:
        return [RANDOM.uniform(-1, 1) * 10.0 ** RANDOM.randrange(-320, 308) for _ in range(n)]
    if kind == 2:
        return [1e12 + RANDOM.uniform(-1, 1) for _ in range(n)]
    if kind == 3:
        values = [RANDOM.uniform(-1, 1) * 10.0 ** RANDOM.randrange(-30, 308) for _ in range(n)]
        return values + [-value for value in values] + [RANDOM.random()]
    if kind == 4:
        return [RANDOM.randrange(-2 ** 63, 2 ** 64) for _ in range(n)]
    if kind == 5:
        return [2 ** RANDOM.randrange(50, 63) + RANDOM.randrange(-3, 4) for _ in range(n)]
    if kind == 6:
        return [RANDOM.choice([1.7e308, 1.6e308, -1.7e308, MAX, -MAX]) for _ in range(n)]
    return [round(RANDOM.uniform(0, 1000), 2) for _ in range(n)]


def get_sum(values):
    total = sum(map(Fraction, values))
    if any(isinstance(value, float) for value in values):
        return nearest(total)
    low, high = -2 ** 63, 2 ** 63 if all(v < 2 ** 63 for v in values) else 2 ** 64
    return int(total) if low <= total < high else float(int(total))


def get_mean(values):
    return nearest(sum(map(Fraction, values)) / len(values))


def get_variance(values):
    if len(values) < 2:
        return None
    mean = sum(map(Fraction, values)) / len(values)
    return sum((Fraction(value) - mean) ** 2 for value in values) / (len(values) - 1)


def get_median(values):
    ordered = sorted(map(Fraction, values))
    n = len(ordered)
    return nearest((ordered[(n - 1) // 2] + ordered[n // 2]) / 2)


def get_root(fraction):
    if fraction is None:
        return None
    with decimal.localcontext(decimal.Context(prec=60, Emin=-decimal.MAX_EMAX // 2,
                                              Emax=decimal.MAX_EMAX // 2)):
        root = (decimal.Decimal(fraction.numerator) / decimal.Decimal(fraction.denominator)).sqrt()
        return float(root)


AGGREGATES = {"sum": "sum(a)", "mean": "mean(a)", "var": "var(a)", "std": "std(a)",
              "median": "median(a)"}


class Numbers(unittest.TestCase):
    def check(self, values, found):
        variance = get_variance(values)
        expected = {"sum": get_sum(values), "mean": get_mean(values),
                    "var": None if variance is None else nearest(variance),
                    "median": get_median(values)}
        root = get_root(variance)
        for name, value in expected.items():
            self.assertEqual(repr(found[name]).replace("-0.0", "0.0"),
                             repr(value).replace("-0.0", "0.0"), (name, values))
        if root is None or math.isinf(root):
            self.assertIsNone(found["std"], values)
        else:
            self.assertLessEqual(abs(found["std"] - root), math.ulp(root), values)

    def test_arrays(self):
        rows = [draw() for _ in range(4000)]
        rows += [list(pair) for pair in itertools.product(EDGES, EDGES)]
        trees = Arbor.read_jsonl("".join(json.dumps({"a": row}) + "\n" for row in rows))
        for row, found in zip(rows, trees.select(**AGGREGATES).to_python(), strict=True):
            self.check(row, found)

    def test_trees_in_any_order(self):
        for _ in range(60):
            values = [value for _ in range(20) for value in draw()]
            values[::7] = [None] * len(values[::7])
            kept = [value for value in values if value is not None]
            results = []
            for _ in range(3):
                RANDOM.shuffle(values)
                trees = Arbor.read_jsonl("".join(
                    json.dumps({"a": value, "k": i % 3}) + "\n" for i, value in enumerate(values)))
                results.append(trees.aggregate(**AGGREGATES).to_python())
                for key, group in trees.group_by("k"):
                    members = [tree["a"] for tree in group if tree["a"] is not None]
                    row = trees.group_by("k").aggregate(**AGGREGATES).filter(
                        "k == %d" % key.to_python()["k"]).to_python()[0]
                    self.check(members, row)
            self.assertEqual(results[0], results[1])
            self.assertEqual(results[0], results[2])
            self.check(kept, results[0])

    def test_variance_far_from_zero(self):
        for values in ([1e12 - 1, 1e12, 1e12 + 1], [1e15, 1e15 + 1], [1e300, 2e300],
                       [1e12 + i % 3 for i in range(10000)]):
            trees = Arbor.from_python([{"a": value} for value in values])
            self.check(values, trees.aggregate(**AGGREGATES).to_python())

    def test_histogram_edges(self):
        cases = [([-1.7e308, 1.7e308], 7), ([-MAX, MAX], 10), ([0, 10], 10), ([0, 1], 10),
                 ([-1e-308, 1e-308], 6), ([1, 1e300], 5)]
        cases += [([RANDOM.uniform(-1, 1) * 10.0 ** RANDOM.randrange(-300, 308) for _ in range(5)],
                   RANDOM.randrange(1, 40)) for _ in range(200)]
        for values, n in cases:
            bins = Arbor.from_python([{"a": value} for value in values]).histogram("a", n)
            bins = bins.to_python()
            low, high = min(values), max(values)
            edges = [float(Fraction(low) + (Fraction(high) - Fraction(low)) * i / n)
                     for i in range(n + 1)]
            self.assertEqual([bin["from"] for bin in bins] + [bins[-1]["to"]], edges)
            counts = [sum(edges[i] <= value < edges[i + 1] or (i == n - 1 and value == high)
                          for value in values) for i in range(n)]
            self.assertEqual([bin["count"] for bin in bins], counts)

    def test_histogram_of_equal_values(self):
        for value in (0, 5, -3.25, 1e10):
            bins = Arbor.from_python([{"a": value}] * 3).histogram("a", 4).to_python()
            self.assertEqual([bin["from"] for bin in bins] + [bins[-1]["to"]],
                             [value - 0.5 + i / 4 for i in range(5)])
            self.assertEqual([bin["count"] for bin in bins], [0, 0, 3, 0])
        for value in (1e16, -1e300, 1.7e308, MAX, -MAX):
            bins = Arbor.from_python([{"a": value}] * 3).histogram("a", 4).to_python()
            self.assertEqual(sum(bin["count"] for bin in bins), 3)
            for bin in bins:
                self.assertLess(bin["from"], bin["to"])

    def test_casts(self):
        texts = ["-9223372036854775809", "-9223372036854775808.5", "9223372036854775807.9",
                 "18446744073709551615.5", "18446744073709551616", "9007199254740993.0", "1e-400",
                 "-1e-400", "1e400", "0.1e20", "1844674407370955161.55e1", "0e5", "-0.0"]
        for _ in range(2000):
            text = str(RANDOM.randrange(-2 ** 66, 2 ** 66))
            if RANDOM.random() < 0.7:
                text += "." + str(RANDOM.randrange(10 ** 6))
            if RANDOM.random() < 0.5:
                text += "e%d" % RANDOM.randrange(-22, 3)
            texts.append(text)
        # A number is that text where no 64 bits hold it; else, with a fraction, its nearest double.
        lines = "".join('{"s":"%s","n":%s}\n' % (text, text) for text in texts)
        trees = Arbor.read_jsonl(lines).select(s="cast(s, 'int')", n="cast(n, 'int')")
        for text, found in zip(texts, trees.to_python(), strict=True):
            exact = decimal.Decimal(text)
            double = exact
            if any(c in text for c in ".e") and (float(text) != 0 or exact == 0) and \
                    math.isfinite(float(text)):
                double = decimal.Decimal(float(text))
            for name, number in ("s", exact), ("n", double):
                whole = None if number.adjusted() > 25 else int(number)
                if whole is not None and not -2 ** 63 <= whole < 2 ** 64:
                    whole = None
                self.assertEqual(found[name], whole, (name, text))

    def test_text_of_doubles(self):
        values = [10.0 ** RANDOM.uniform(-330, 308) * RANDOM.choice([1, -1]) for _ in range(3000)]
        values += [10.0 ** RANDOM.uniform(15.5, 22) for _ in range(3000)]
        values += [2.0 ** i for i in range(-1074, 1024)]
        text = Arbor.from_python([{"a": value} for value in values]).to_jsonl()
        for value, line in zip(values, text.splitlines(), strict=True):
            number = line[len('{"a":'):-1]
            self.assertEqual(float(number), value)
            digits = number.lstrip("-").split("e")[0].removesuffix(".0").replace(".", "")
            self.assertLessEqual(len(digits.lstrip("0")), 17, number)


if __name__ == "__main__":
    unittest.main()
