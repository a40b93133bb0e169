#!/usr/bin/python3
"""The main job in Python: open a store, import JSON Lines, filter, iterate, pick, close.

    quickstart.py cities.arbor data/cities.jsonl
"""

import json
import sys

import gi

gi.require_version("Arbor", "1.0")
from gi.repository import Arbor


def run(store_path: str, data_path: str) -> None:
    with Arbor.Store.open(store_path) as store:
        store.import_file("cities", data_path)
        cities = store["cities"]

        high = cities.filter(Arbor.path("elevation") > 1000)
        print(f"{len(cities)} cities, {len(high)} above 1000 m")
        for city in high:
            print(f"{city['name']}, {city['country']}: {city['elevation']} m")

        on_danube = cities.filter((Arbor.path("rivers[*]") == "Danube").any())
        print("On the Danube:")
        for fields in on_danube.pick("name", "location.lat"):
            print(json.dumps(fields, ensure_ascii=False, separators=(",", ":")))

    # Everything that came from the store ends with it.
    try:
        len(high)
    except Arbor.ClosedError as error:
        print(f"Closed: {error.message}")


if len(sys.argv) != 3:
    sys.exit("usage: quickstart.py STORE FILE")
run(sys.argv[1], sys.argv[2])
