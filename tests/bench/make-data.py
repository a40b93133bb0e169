#!/usr/bin/python3
"""Makes the data that the benchmarks read, as JSON Lines. The same arguments give the same bytes.

    make-data.py flat|shuffled|nested|sales|archive|customers|products|countries FILE [N] [--seed S]

flat is N records (1,000,000, about 275 bytes each) of 13 fields, strings and integers, in the order
of their playerID; shuffled is the same records in random order. nested is N records (400,000, about
500 bytes each, most of them 300 to 800) that differ from each other: optional objects, arrays of
objects, several kinds in one field, nulls, text outside of ASCII, escaped and not, keys in other
orders. The others are those of ordinary work: sales in no order (1,000,000, 350 bytes), an archive
of older ones (a quarter), and the customers (300,000), products (5,000) and countries (151) that
they name, of whom some are named by no sale and some sales name none. In sales price and rating may
be null, discount and time may be missing.

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


# Sales and what they name.

STATES = "new paid Paid shipped RETURNED".split()
REGIONS = "Africa Americas Antarctica Asia Europe Oceania".split()
CATEGORIES = "Books Clothes Food Garden Games Music Office Sports Tools Toys".split()
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
N_PRODUCTS = 5_000
N_COUNTRIES = 151


def country_code(i):
    return chr(65 + i % 26) + chr(65 + i // 26)


class Sales(Nested):
    """Numbers of customers lie below @n * 0.32: the last ones are nobody's."""

    def __init__(self, seed, n, first_year):
        super().__init__(seed)
        self.n_customers = max(1, n * 32 // 100)
        self.first_year = first_year
        # Few things sell much: the square of a random number.
        self.below_often = lambda n: int(self.random() ** 2 * n)

    def record(self, i):
        year, month, day = self.first_year + self.below(10), 1 + self.below(12), 1 + self.below(28)
        customer = self.below(self.n_customers)
        sale = {
            "id": f"s{i * 2654435761 % 2**32:08x}", "customer": f"c{customer:07d}",
            "product": self.below_often(N_PRODUCTS + 100),
            "country": country_code(self.below_often(N_COUNTRIES + 5)),
            "date": f"{year}-{month:02d}-{day:02d}",
            "price": None if self.random() < 0.05 else (1 + self.below(50_000)) / 100,
            "amount": 1 + self.below_often(20), "cost": 1 + self.below(400),
            "status": self.one_of(STATES), "is_gift": self.random() < 0.1,
            "rating": None if self.random() < 0.1 else 1 + self.below(5),
            "code": f"{self.one_of('ABCD')}{self.one_of('XYZ')}-{self.below(10_000):04d}",
            "email": f"{self.one_of(FIRST[:1] + ['bob', 'Eve', 'carol'])}.{customer}"
                     f"@{self.one_of(WORDS[:8])}.example",
            "made": f"{MONTHS[month - 1]} {day} {year}",
            "note": " ".join([self.one_of(WORDS[:28]) for _ in range(3 + self.below(6))]),
        }
        if self.random() < 0.4:
            sale["discount"] = self.below(40) / 100
        if self.random() < 0.85:
            sale["time"] = (f"{year}-{month:02d}-{day:02d}T{self.below(24):02d}:"
                            f"{self.below(60):02d}:{self.below(60):02d}Z")
        return json.dumps(sale, ensure_ascii=False) + "\n"


def sales_records(n, seed):
    return map(Sales(seed, n, 2015).record, range(n))


def archive_records(n, seed):
    return map(Sales(seed + 1, n * 4, 2005).record, range(n * 4, n * 5))


def customer_records(n, seed):
    random_values = Nested(seed + 2)
    order = list(range(n))
    random.Random(seed).shuffle(order)
    for i in order:
        yield json.dumps({
            "id": f"c{i:07d}", "name": f"{random_values.one_of(FIRST)} {i}",
            "city": random_values.one_of(CITIES), "points": random_values.below(1000),
            "since": f"{2000 + random_values.below(20)}-{1 + random_values.below(12):02d}-01",
        }, ensure_ascii=False) + "\n"


def product_records(n, seed):
    random_values = Nested(seed + 3)
    for i in range(n):
        yield json.dumps({
            "sku": i, "title": f"{random_values.one_of(WORDS[:24])} {i}",
            "category": random_values.one_of(CATEGORIES), "weight": random_values.below(3000) / 10,
        }, ensure_ascii=False) + "\n"


def country_records(n, seed):
    random_values = Nested(seed + 4)
    for i in range(n):
        yield json.dumps({
            "code": country_code(i), "region": random_values.one_of(REGIONS),
            "people": random_values.below(10**8),
        }) + "\n"


MAKERS = {"flat": (flat_records, N_FLAT), "shuffled": (shuffled_records, N_FLAT),
          "nested": (nested_records, N_NESTED), "sales": (sales_records, N_FLAT),
          "archive": (archive_records, N_FLAT // 4), "customers": (customer_records, 300_000),
          "products": (product_records, N_PRODUCTS), "countries": (country_records, N_COUNTRIES)}


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
