"""Each public class, function, method and property that Python adds or changes says what it is."""

import inspect
import unittest

from support import Arbor, StoreTestCase


def is_interface(thing):
    gtype = getattr(thing, "__gtype__", None)
    return gtype is not None and gtype.is_interface()


def list_members():
    """Names and what they stand for; those of the class structures of GObject are nobody's."""
    for name in sorted(dir(Arbor)):
        if name.startswith("_"):
            continue
        thing = getattr(Arbor, name)
        # Of records, interfaces, and their methods, PyGObject makes the docstrings itself.
        if not inspect.isclass(thing):
            if callable(thing):
                yield name, thing
        elif type(thing).__name__ != "StructMeta" and not is_interface(thing):
            yield name, thing
            for member, value in vars(thing).items():
                if not member.startswith("_") or member in ("__getitem__", "__call__"):
                    if callable(value) or isinstance(value, (property, staticmethod, classmethod)):
                        yield name + "." + member, getattr(value, "__func__", value)


class DocstringTest(unittest.TestCase):
    def test_every_member(self):
        members = dict(list_members())
        self.assertGreater(len(members), 300)
        self.assertIn("Arbor.filter", members)
        self.assertIn("Expr.eq", members)
        self.assertEqual([name for name, thing in members.items()
                          if not (getattr(thing, "__doc__", None) or "").strip()], [])


class TextOfClosedTest(StoreTestCase):
    """repr describes, which always works; the str of a tree is its data, which close ends."""

    def test_tree(self):
        store = self.store
        store.put("x", Arbor.read_jsonl('{"a":1}\n'))
        tree = store["x"][0]
        self.assertEqual((str(tree), repr(tree)), ('{"a":1}', '<ArborTree {"a":1}>'))
        kept = tree.materialize()
        store.close()
        for text in (str, "{}".format, lambda tree: f"{tree}", lambda tree: "%s" % tree):
            with self.assertRaises(Arbor.ClosedError):
                text(tree)
            self.assertEqual(text(kept), '{"a":1}')
        self.assertIn("closed", repr(tree))
        for thing in (store, tree.dup_close_token()):
            self.assertTrue(repr(thing))
            self.assertTrue(str(thing))


if __name__ == "__main__":
    unittest.main()
