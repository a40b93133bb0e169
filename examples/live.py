#!/usr/bin/python3
"""A live model in Python: rows that follow the store, as a list of GTK would show them.

    python3 live.py cities.arbor data/cities.jsonl
"""

import sys

import gi

gi.require_version("Arbor", "1.0")
from gi.repository import Arbor, GLib  # noqa: E402


def settle(model: Arbor.ListModel) -> None:
    """What a program's main loop does by itself."""
    while model.props.pending > 0:
        GLib.MainContext.default().iteration(True)


def run(store_path: str, data_path: str) -> None:
    store = Arbor.Store.open(store_path)
    store.import_file("cities", data_path)

    model = Arbor.ListModel(store, "cities", sort="elevation descending", columns=["name", "elevation"])
    settle(model)
    model.connect("items-changed", lambda model, position, removed, added:
                  print("At %d: %d gone, %d new" % (position, removed, added)))
    for row in model:
        print("%s: %d m" % (row.props.name, row.props.elevation))

    # Commits, of this program or of another one: one place for each tree that came or went.
    store.append("cities", [{"name": "Quito", "country": "Ecuador", "elevation": 2850}])
    store.delete_where("cities", "name == 'Cairo'")
    settle(model)
    print("Highest: %s, of %d" % (model.get_item(0).props.name, len(model)))

    model.props.search = "DANUBE"
    settle(model)
    print("Found: %s" % ", ".join(row["name"] for row in model))

    # Everything that came from the store ends with it.
    store.close()
    while len(model) > 0:
        GLib.MainContext.default().iteration(True)
    error = model.dup_error()
    if error is not None:
        print("Closed: %s" % error.message)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: live.py STORE FILE")
    run(*sys.argv[1:])
