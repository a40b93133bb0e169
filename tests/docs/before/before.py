import dataclasses
import json

import gi

gi.require_version("Arbor", "1.0")
gi.require_version("Gtk", "4.0")
from gi.repository import Arbor, Gio, GLib, Gtk

try:
    import numpy
except ImportError:
    numpy = None

TEMPLATE = '<interface><template class="GtkListItem"><property name="name">%s</property></template></interface>'
PEOPLE = [{"id": i, "name": {"first": "A%d" % i, "last": "B%d" % (i % 7)}, "height": 60 + i % 30, "weight": 150 + i,
           "age": 20 + i % 60, "country": "USA" if i % 2 else "Peru", "team": "BOS" if i % 3 else "NYA",
           "birth": {"country": "USA" if i % 2 else "Peru", "year": 1900 + i % 90}} for i in range(100)]
TEAMS = [{"id": "BOS", "name": "Boston"}, {"id": "NYA", "name": "New York"}]

with open("people.jsonl", "w") as lines:
    for person in PEOPLE:
        lines.write(json.dumps(dict(person, id="ada" if person["id"] == 0 else str(person["id"]))) + "\n")


def show(arbor):
    len(arbor)


def clear():
    pass


with Arbor.Store.open("players.arbor") as other:
    other["people"] = PEOPLE

store = Arbor.Store.open("store.arbor")
for name in ("people", "players", "old"):
    store[name] = PEOPLE
store["teams"] = store["draft"] = TEAMS
del store["teams"]
store["counter"] = [{"n": 1}]
people, players, teams = store["people"], store["players"], Arbor.from_python(TEAMS)
tree = Arbor.from_python([{"book": [{"title": "A", "price": 8}]}])[0]
model = Arbor.ListModel(store, "people", columns=["age"])

BLOCK
