"""Trees as objects and back, through Python: GObject classes, dataclasses, others."""

import asyncio
import dataclasses
import datetime
import enum
import typing
import unittest
from decimal import Decimal

from gi.repository import Gio, GLib, GObject
from support import Arbor, StoreTestCase, run_until


class Colour(enum.Enum):
    RED = "red"
    BLUE = 2


@dataclasses.dataclass
class Place:
    lat: float
    lon: float = 0.0


@dataclasses.dataclass
class Person:
    id: int
    name: str = ""
    home: typing.Optional[Place] = None
    tags: typing.List[str] = dataclasses.field(default_factory=list)
    born: typing.Optional[datetime.date] = None
    seen: typing.Optional[datetime.datetime] = None
    colour: Colour = Colour.RED
    money: Decimal = Decimal(0)
    photo: bytes = b""
    scores: typing.Dict[str, int] = dataclasses.field(default_factory=dict)


class Item(GObject.Object):
    __gtype_name__ = "TestItem"
    id = GObject.Property(type=int)
    full_name = GObject.Property(type=str)
    sort = GObject.Property(type=Arbor.SortFlags, default=Arbor.SortFlags.NONE,
                            flags=GObject.ParamFlags.READWRITE)
    items = GObject.Property(type=Gio.ListModel)
    when = GObject.Property(type=GLib.DateTime)


class Special(GObject.Object, Arbor.Mappable):
    __gtype_name__ = "TestSpecial"
    id = GObject.Property(type=int)

    def do_dup_field_name(self, pspec):
        return "number"

    def do_write_property(self, pspec, value):
        return '"#%d"' % self.id

    def do_read_property(self, pspec, tree):
        self.id = int(tree.to_python()[1:])
        return True


class Plain:
    def __init__(self):
        raise AssertionError("not called")


class Objects(StoreTestCase):
    def tree(self, value):
        return Arbor.from_python([value])[0]

    def test_dataclasses(self):
        person = Person(1, "Ada", Place(1.5), ["x"], datetime.date(1815, 12, 10),
                        datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc),
                        Colour.BLUE, Decimal("1.5"), b"\x00\x01", {"a": 1})
        tree = Arbor.Tree.new_from_object(person)
        self.assertEqual(tree.to_python(), {
            "id": 1, "name": "Ada", "home": {"lat": 1.5, "lon": 0.0}, "tags": ["x"],
            "born": "1815-12-10", "seen": "2026-01-02T03:04:05+00:00", "colour": 2, "money": 1.5,
            "photo": "AAE=", "scores": {"a": 1}})
        self.assertEqual(tree.to_object(Person), person)
        self.assertEqual(self.tree({"id": 2, "home": {"lat": 3}}).to_object(Person),
                         Person(2, home=Place(3.0)))
        for bad, message in [({"id": "1"}, "Person.id takes int, found str"),
                             ({"name": "x"}, "Person has the fields id, which the tree has not"),
                             ({"id": 1, "tags": [1]}, "Person.tags[0] takes str, found int"),
                             ({"id": 1, "colour": "green"}, "Person.colour takes Colour, found str"),
                             ({"id": 1, "born": "soon"}, "Person.born takes date, found str")]:
            with self.assertRaises(TypeError) as caught:
                self.tree(bad).to_object(Person)
            self.assertEqual(str(caught.exception), message)

    def test_saving(self):
        self.store.put_objects("p", [Person(1, "Ada"), Person(2, "Bo")])
        self.store.append("p", [{"id": 3, "name": "Cy", "shoes": 44}])
        third = self.store["p"][2].to_object(Person)
        third.name = "Cyd"
        self.assertEqual(self.store.upsert_objects("p", "id", [third, Person(4)]), 2)
        self.assertEqual([(t["id"], t["name"]) for t in self.store["p"]],
                         [(1, "Ada"), (2, "Bo"), (3, "Cyd"), (4, "")])
        self.assertEqual(self.store["p"][2]["shoes"], 44)
        with self.assertRaises(TypeError):
            self.store.put_objects("p", [object()])

    def test_saving_later(self):
        people = [Person(1, "Ada"), Item(id=2, full_name="Bo")]
        begun = self.store.put_objects_async("p", people)
        people[0].name = "changed"
        self.assertTrue(asyncio.run(self.waited(begun)))
        self.assertEqual([t["id"] for t in self.store["p"]], [1, 2])
        self.assertEqual(self.store["p"][0]["name"], "Ada")
        begun = self.store.upsert_objects_async("p", "id", objects=people[:1])
        self.assertEqual(asyncio.run(self.waited(begun)), 1)
        self.assertEqual(self.store["p"][0]["name"], "changed")

    async def waited(self, begun):
        return await begun

    def test_gobjects(self):
        item = self.tree({"id": 5, "full_name": "x", "sort": ["descending"], "items": [{"y": 1}],
                          "when": "2026-01-02T03:04:05Z", "more": True}).to_object(Item)
        self.assertIs(type(item), Item)
        self.assertEqual((item.id, item.full_name, item.when.get_hour()), (5, "x", 3))
        self.assertEqual(item.items.get_item(0).to_python(), {"y": 1})
        self.assertEqual(Arbor.Tree.new_from_object(item).to_python()["more"], True)
        with self.assertRaises(TypeError):
            self.tree({"id": "5"}).to_object(Item)
        special = self.tree({"number": "#7"}).to_object(Special)
        self.assertEqual(special.id, 7)
        self.assertEqual(Arbor.Tree.new_from_object(special), {"number": "#7"})

    def test_model(self):
        self.store.put_objects("items", [Item(id=1), Item(id=2)])
        rows = Arbor.ListModel(self.store, "items")
        model = Arbor.ObjectModel.new(rows, Item)
        run_until(lambda: rows.get_pending() == 0)
        self.assertEqual([item.id for item in model], [1, 2])
        first = model.get_item(0)
        self.assertIs(model.get_item(0), first)
        first.full_name = "changed"
        self.store.upsert_objects("items", "id", [first])
        run_until(lambda: rows.get_pending() == 0)
        self.assertEqual([item.full_name for item in model], ["changed", ""])

    def test_plain(self):
        plain = self.tree({"a": 1, "b": {"c": 2}}).to_object(Plain)
        self.assertEqual((plain.a, plain.b), (1, {"c": 2}))
        self.assertEqual(Arbor.Tree.new_from_object(plain), {"a": 1, "b": {"c": 2}})


if __name__ == "__main__":
    unittest.main()
