"""What a type checker is to find right, and, where a comment says so, wrong. It is checked, not run."""

import asyncio
import datetime
import pathlib

from gi.repository import Arbor


def names(arbor: Arbor.Arbor) -> list[str]:
    return [str(tree["name"]) for tree in arbor]


def work(path: pathlib.Path) -> int:
    with Arbor.Store.open(path, create=True) as store:
        store["people"] = Arbor.read_jsonl(b'{"name": "Ek", "height": 81}')
        store.put("short", [{"a": 1, "on": datetime.date(2024, 1, 2)}])
        people = store["people"]
        tall = people.filter((Arbor.path("height") > 80) & ~Arbor.path("gone").exists())
        tall = tall.filter(Arbor.expr("name == ?", "Ek")).sort_by("height", descending=True)
        first: Arbor.Tree = tall.lazy().head(1).execute()[0]
        text: str = first.to_json()
        groups = people.group_by("name", tall="height > 80")
        n: int = groups.aggregate(n="count()").get_n_trees()
        for key, members in groups:
            n += len(members) + len(key.keys())
        found: Arbor.Tree | None = people.find_one("height > 80")
        index = people.index_by("name", duplicates="first")
        store.update(more=[1], fewer=people)
        store.update_where("people", "height > 80", {"height": 1})
        with store.transaction() as transaction:
            transaction["x"] = [1]
            transaction.commit()
        report: Arbor.LoadReport = store.import_file("people", path, format=Arbor.Format.AUTO)
        return n + len(text) + report.get_n_bad() + (0 if found is None else 1) + len(index)


def look(store: Arbor.Store, person: object) -> None:
    tree: Arbor.Tree = Arbor.Tree.new_from_object(person)
    long: Arbor.Expr = Arbor.call("len", Arbor.path("name")) > 2 ** Arbor.path("height")
    store.set_keys("people", [Arbor.path("at.x"), "name"])
    store["people"].filter(long).explode(Arbor.path("tags"))
    findings: list[Arbor.Finding] = list(store.verify())
    model = Arbor.ListModel(store, "people", columns=["name"])
    row: Arbor.Row = model[0]
    print(tree["name"], row.get_tree(), len(model), len(findings))
    store.put_async("sums", [1], None, print)
    store.put_async("sums", [1], callback=lambda store, result: print(store.put_finish(result)))
    Arbor.Store.open_async("people.arbor", callback=print, read_only=True)
    try:
        asyncio.run(store.put_async("sums", [1]))
    except Arbor.ArborError as error:
        print(error.matches(Arbor.error_quark(), Arbor.Error.CLOSED), Arbor.kind_to_string(Arbor.Kind.NULL))


async def wait(path: str) -> bool:
    async with await Arbor.Store.open_async(path) as store:
        column: Arbor.Column = await store["people"].get_column_async("height")
        return await store.put_async("sums", [sum(column.to_list())])


def wrong(store: Arbor.Store, arbor: Arbor.Arbor) -> None:
    store.put(5, arbor)  # WRONG
    arbor.filter(5)  # WRONG
    arbor.fliter("a > 1")  # WRONG
    arbor.slice("1", 2)  # WRONG
    text: str = arbor.get_n_trees()  # WRONG
    number: int = asyncio.run(store.contains_async("people")) + asyncio.run(arbor.to_json_async())  # WRONG
    number += store.put_async("sums", [1], callback=print)  # WRONG
    arbor.sort_by("a", ascending=True)  # WRONG
    print(text, number)


if __name__ == "__main__":
    asyncio.run(wait("people.arbor"))
