#!/usr/bin/python3
"""Operations in Python: order, groups, joins, JSONPath, columns.

    python3 operations.py cities.arbor data/cities.jsonl
"""

import sys

import gi

gi.require_version("Arbor", "1.0")
from gi.repository import Arbor  # noqa: E402

COUNTRIES = [{"name": "Egypt", "continent": "Africa"}, {"name": "Hungary", "continent": "Europe"},
             {"name": "Austria", "continent": "Europe"}, {"name": "Serbia", "continent": "Europe"}]


def run(store_path: str, data_path: str) -> None:
    store = Arbor.Store.open(store_path)
    store.import_file("cities", data_path)
    cities = store["cities"]

    for city in cities.sort_by("elevation", descending=True).head(2):
        print("%s: %d m" % (city["name"], city["elevation"]))

    # Values from outside are data, whatever they are.
    low = cities.filter(Arbor.expr("elevation < ? and country != ?", 200, "Egypt"))
    print("Low: %d" % len(low))

    # Each city with the fields of its country; the country's own name has another name then.
    countries = Arbor.from_python(COUNTRIES)
    joined = cities.join(countries, "country", "name", how="inner", suffix="_of_country")
    groups = joined.group_by("continent").aggregate(cities="count()", highest="max(elevation)")
    print(groups.sort_by("continent").to_jsonl(), end="")

    nested = countries.nest(cities, "name", "country", field="cities")
    print("In %s: %d" % (nested[0]["name"], len(nested[0]["cities"])))

    rivers = cities.query("$.rivers[*]")
    print("Rivers: %s" % ", ".join(sorted(set(rivers.to_python()))))

    # All numbers at once, without an object for each tree.
    print("Sum: %d m" % sum(cities.filter("elevation != null").column("elevation")))
    print("Found: %s" % cities.index_by("name")["Cairo"]["country"])
    store.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: operations.py STORE FILE")
    run(*sys.argv[1:])
