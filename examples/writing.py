#!/usr/bin/python3
"""Writing in Python: transactions, changes, asynchronous calls, closing.

    python3 writing.py cities.arbor data/cities.jsonl
"""

import asyncio
import sys

import gi

gi.require_version("Arbor", "1.0")
from gi.repository import Arbor  # noqa: E402


async def write_later(store: Arbor.Store) -> None:
    """In a thread of the library, while the program goes on."""
    await store.append_async("log", [{"what": "appended"}])
    print("Log: %d" % await store["log"].get_n_trees_async())


def run(store_path: str, data_path: str) -> None:
    store = Arbor.Store.open(store_path)
    store.import_file("cities", data_path)
    token = store.dup_close_token()
    assert token is not None
    # Who may only look is given this.
    observer = Arbor.CloseObserver.new(token)
    observer.connect("closed", lambda observer: print("Told of closing"))

    # All or nothing, and others see all of it or nothing.
    with store.transaction() as transaction:
        transaction["log"] = [{"what": "begun"}]
        transaction["countries"] = [{"name": "Egypt"}]
        transaction.commit()
    print("Names: %s" % ", ".join(sorted(store)))

    print("Changed: %d" % store.update_where("cities", "elevation < 100", {"is_low": True}))
    print("Deleted: %d" % store.delete_where("cities", "country == 'Colombia'"))
    egypt = store["countries"][0].set_value("capital", "Cairo").set_value("area", 1002450)
    print("Upserted: %d" % store.upsert("countries", "name", [egypt]))
    print(store["countries"][0].to_json())

    # A tree is found by its key without a look at the others, and no two have the same.
    store.set_keys("countries", "name", Arbor.KeyFlags.UNIQUE)
    found = store["countries"].find("Egypt")
    assert found is not None
    print("The capital of Egypt: %s" % found["capital"])
    try:
        store.append("countries", [{"name": "Egypt"}])
    except Arbor.ExistsError:
        print("The name Egypt is taken")

    asyncio.run(write_later(store))

    store.close()
    print("Closed: %s" % ("yes" if observer.is_closed() else "no"))
    try:
        observer.check()
    except Arbor.ClosedError as error:
        print(error)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: writing.py STORE FILE")
    run(*sys.argv[1:])
