#!/usr/bin/python3
"""Objects in Python: dataclasses and GObjects of trees, and back.

    python3 objects.py cities.arbor data/cities.jsonl
"""

import dataclasses
import sys

import gi

gi.require_version("Arbor", "1.0")
from gi.repository import Arbor  # noqa: E402


@dataclasses.dataclass
class City:
    name: str
    elevation: int = 0
    country: str = ""


def run(store_path: str, data_path: str) -> None:
    store = Arbor.Store.open(store_path)
    store.import_file("cities", data_path)

    city = store["cities"][0].to_object(City)
    print("%s: %d m" % (city.name, city.elevation))

    # What the class does not know, such as the location, stays with the object.
    city.elevation += 1
    print("Saved: %d" % store.upsert_objects("cities", "name", [city, City("Quito", 2850, "Ecuador")]))
    print(store["cities"][0]["location"].to_json())
    print("Last: %s" % store["cities"][-1]["name"])

    store.put_objects("few", [City("Oslo"), City("Rome", 21, "Italy")])
    print("Few: %s" % ", ".join(one.to_object(City).name for one in store["few"]))
    store.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: objects.py STORE FILE")
    run(*sys.argv[1:])
