#!/usr/bin/python3
"""Makes the data that the benchmarks read, as JSON Lines. The same arguments give the same bytes.

    make-data.py flat|shuffled|nested FILE [N] [--seed S]

flat is N records (1,000,000, about 275 bytes each) of 13 fields, strings and integers, in the order
of their playerID; shuffled is the same records in random order. nested is N records (400,000, about
500 bytes each, most of them 300 to 800) that differ from each other: optional objects, arrays of
objects, several kinds in one field, nulls, text outside of ASCII, escaped and not, keys in other
orders.

No module but json and random is needed; random.Random(S) gives the same numbers in every version of
Python 3 for what is called here.
"""

import argparse
import json
import random

N_FLAT = 1_000_000
N_NESTED = 400_000

FLAT = (
    '{{"playerID": "player{0:07d}", "nameFirst": "First{0}", "nameLast": "Last{0}",'
    ' "birthYear": {1}, "birthMonth": {2}, "birthDay": {3}, "debut": "19{4:02d}-04-15",'
    ' "finalGame": "20{5:02d}-09-30", "height": {6}, "weight": {7}, "career_games": {8},'
    ' "career_hits": {9}, "career_hr": {10}}}\n').format

WORDS = (
    "amber birch cedar delta ember falcon garnet harbour island juniper kestrel lantern meadow "
    "north orchid pepper quarry river saddle timber umber valley willow yarrow zenith Straße "
    "größe niño café naïve zażółć Привет мир δοκιμή 日本語 한국어 🌲 e\u0301t\u00e9").split()
FIRST = "Ada José Zoë Łukasz Наталья 李 Søren Amélie Björn Maria John Siân Ngô Yūki Ola".split()
LAST = "Müller O'Neil García Nowak Иванова 王 Åberg Smith Dvořák \"Red\" Ó\\Briain Silva".split()
COUNTRIES = "USA Cuba Japan México España Österreich Polska Türkiye Canada".split()
CITIES = "Boston Havana 東京 Mérida Cádiz Wien Łódź İzmir Montréal Austin Denver".split()
KINDS = "person company guest robot".split()


def flat(i):
    return FLAT(i, 1850 + i * 7919 % 151, 1 + i % 12, 1 + i % 28, 50 + i % 50, 10 + i % 24,
                60 + i % 25, 150 + i * 31 % 101, 100 + i % 2500, 50 + i % 4000, i * 13 % 763)


def flat_records(n, seed):
    return map(flat, range(n))


def shuffled_records(n, seed):
    order = list(range(n))
    random.Random(seed).shuffle(order)
    return map(flat, order)


class Nested:
    """Records one after the other. A method makes a field's value, or None for a null."""

    def __init__(self, seed):
        self.random = random.Random(seed).random

    def below(self, n):
        return int(self.random() * n)

    def one_of(self, values):
        return values[int(self.random() * len(values))]

    def name(self):
        name = {"first": self.one_of(FIRST), "last": self.one_of(LAST)}
        if self.random() < 0.3:
            name["given"] = f"{name['first']} {self.one_of(FIRST)}"
        return name

    def born(self):
        born = {"year": 1850 + self.below(160)}
        if self.random() < 0.8:
            born.update(month=1 + self.below(12), country=self.one_of(COUNTRIES))
        return born

    def contact(self):
        contact = {"email": f"u{self.below(10**7)}@{self.one_of(WORDS[:24])}.example"}
        if self.random() < 0.5:
            contact["phone"] = (f"+{self.below(99)} {self.below(10**8)}" if self.random() < 0.7
                                else self.below(10**9))
        if self.random() < 0.6:
            contact["address"] = {"street": f"{self.one_of(LAST)} {self.below(300)}",
                                  "city": self.one_of(CITIES), "zip": self.below(100_000)}
        return contact

    def order(self, i):
        order = {"sku": f"{self.one_of('ABCDEF')}-{self.below(5000):04d}",
                 "price": self.below(10_000) / 100 if self.random() < 0.7 else self.below(100),
                 "quantity": 1 + self.below(9)}
        if self.random() < 0.2:
            order["gift"] = self.random() < 0.5
        if self.random() < 0.2:
            order["tags"] = [self.one_of(WORDS) for _ in range(self.below(4))]
        return order

    def score(self):
        return self.one_of([self.below(1000), self.below(1000), self.random() * 1000,
                            f"{self.below(1000)} points", None, self.random() < 0.5])

    def extra(self):
        return self.one_of([{"a": self.below(9), "b": [self.below(9)]}, [1, "two", None, 3.5],
                            {}, [], "x" * self.below(20), {"deep": {"er": {"still": True}}}])

    def record(self, i):
        fields = [("id", f"n{i:07d}"), ("kind", self.one_of(KINDS)), ("name", self.name())]
        if self.random() < 0.85:
            fields.append(("born", self.born() if self.random() < 0.95 else None))
        if self.random() < 0.7:
            fields.append(("contact", self.contact()))
        if self.random() < 0.9:
            fields.append(("orders", [self.order(i) for _ in range(self.below(5))]))
        if self.random() < 0.9:
            fields.append(("score", self.score()))
        if self.random() < 0.8:
            fields.append(("notes", " ".join([self.one_of(WORDS)
                                              for _ in range(8 + self.below(24))])))
        if self.random() < 0.4:
            fields.append(("extra", self.extra()))
        fields.append(("rank", i * 7919 % 1_000_003))
        if self.random() < 0.2:
            turn = 1 + self.below(len(fields) - 1)
            fields = fields[turn:] + fields[:turn]
        return json.dumps(dict(fields), ensure_ascii=self.random() < 0.1) + "\n"


def nested_records(n, seed):
    return map(Nested(seed).record, range(n))


MAKERS = {"flat": (flat_records, N_FLAT), "shuffled": (shuffled_records, N_FLAT),
          "nested": (nested_records, N_NESTED)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=MAKERS)
    parser.add_argument("file")
    parser.add_argument("n", type=int, nargs="?", help="records")
    parser.add_argument("--seed", type=int, default=5)
    arguments = parser.parse_args()
    make, n = MAKERS[arguments.what]
    with open(arguments.file, "w", encoding="utf-8") as out:
        out.writelines(make(n if arguments.n is None else arguments.n, arguments.seed))


if __name__ == "__main__":
    main()
