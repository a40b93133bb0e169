"""Stale handles, the whole table: both policies, what became of the name, and who wrote it."""

import itertools
import subprocess
import sys
import unittest

from support import Arbor, StoreTestCase

OLD = [{"n": i} for i in range(300)]
NEW = [{"n": -1}]
ACTIONS = ("replaced", "appended", "deleted", "renamed", "recreated", "unchanged", "elsewhere")
CHILD = """
import sys
import gi
gi.require_version("Arbor", "1.0")
from gi.repository import Arbor
sys.path.insert(0, sys.argv[1])
from test_staleness import act
with Arbor.Store.open(sys.argv[2]) as store:
    act(store, sys.argv[3])
"""


def act(store, action):
    if action == "replaced":
        store["a"] = NEW
    elif action == "appended":
        store.append("a", NEW)
    elif action == "deleted":
        del store["a"]
    elif action == "renamed":
        store.rename("a", "b", None)
    elif action == "recreated":
        del store["a"]
        store["a"] = OLD
    elif action == "unchanged":
        store["a"] = OLD
    elif action == "elsewhere":
        store["other"] = NEW


class Staleness(StoreTestCase):
    def write(self, store, path, action, writer):
        if writer == "own":
            act(store, action)
            return
        if writer == "other store":
            with Arbor.Store.open(path) as other:
                act(other, action)
        else:
            subprocess.run([sys.executable, "-c", CHILD, __file__.rpartition("/")[0], path, action],
                           check=True)

    def check(self, policy, action, writer):
        path = "%s/%s-%s-%s.arbor" % (self.folder, int(policy), action, writer.replace(" ", "-"))
        with Arbor.Store.open(path, staleness=policy) as store:
            store["a"] = OLD
            arbor = store["a"]
            view = arbor.filter("n >= 0")
            iterator = arbor.iterator()
            tree = iterator.next_value()
            model = store["a"]
            self.assertEqual(model.get_n_items(), 300)
            generation = arbor.get_generation()

            self.write(store, path, action, writer)
            if writer != "own":
                self.assertEqual(arbor.to_python(), OLD)
                store.refresh()

            stays = policy == Arbor.Staleness.PINNED or action in ("unchanged", "elsewhere")
            for handle in (arbor, view):
                if stays:
                    self.assertEqual(handle.to_python(), OLD)
                    continue
                message = "Stored arbor 'a' was deleted (expected generation %d)" % generation
                if action not in ("deleted", "renamed"):
                    message = ("Stored arbor 'a' was updated (expected generation %d, current %d)"
                               % (generation, store["a"].get_generation()))
                for call in (handle.to_jsonl, handle.iterator, handle.get_n_trees,
                             lambda handle=handle: handle.get(0)):
                    self.assert_raises(Arbor.StaleError, message, call)

            # What had begun goes on, and a model stays what it was.
            self.assertEqual(tree.to_python(), OLD[0])
            rest = [each.to_python() for each in iter(iterator.next_value, None)]
            self.assertEqual(rest, OLD[1:])
            self.assertEqual([model.get_item(i).to_python() for i in (0, 299)], [OLD[0], OLD[299]])

            # Getting the name again cures.
            if action in ("deleted", "renamed"):
                self.assertNotIn("a", store)
            else:
                expected = {"replaced": NEW, "appended": OLD + NEW}.get(action, OLD)
                self.assertEqual(store["a"].to_python(), expected)

    def test_table(self):
        for policy, action, writer in itertools.product(
                (Arbor.Staleness.STRICT, Arbor.Staleness.PINNED), ACTIONS,
                ("own", "other store", "other process")):
            with self.subTest(policy=int(policy), action=action, writer=writer):
                self.check(policy, action, writer)


if __name__ == "__main__":
    unittest.main()
