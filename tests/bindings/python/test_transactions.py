"""Transactions in Python: `with`, dict manners, conflicts, and the loop that repeats an update."""

import asyncio
import threading
import unittest

from support import PEOPLE, StoreTestCase, run_until
from gi.repository import Arbor, Gio, GLib

FORGOTTEN = "the transaction was neither committed nor rolled back: nothing of it was written"


class TransactionTestCase(StoreTestCase):
    def setUp(self):
        super().setUp()
        self.other = Arbor.Store.open(self.path)
        self.addCleanup(self.other.close)

    def content(self):
        self.other.refresh()
        return {name: arbor.to_python() for name, arbor in self.other.items()}


class Blocks(TransactionTestCase):
    def test_commit(self):
        with self.store.transaction() as t:
            t["numbers"] = [1, 2, 3]
            t.append("numbers", [4])
            t.replace("numbers", 0, 2, ["one"])
            t.replace("numbers", 1, 1)
            t.append("people", PEOPLE[:1])
            t.rename("numbers", "counts")
            self.assertEqual(t["counts"].to_python(), ["one", 4])
            self.assertEqual(t["people"].to_python(), PEOPLE + PEOPLE[:1])
            self.assertEqual(self.content(), {"people": PEOPLE})
            self.assertTrue(t.has_changes())
            t.commit()
            self.assertFalse(t.has_changes())
        self.assertEqual(self.content(),
                         {"counts": ["one", 4], "people": PEOPLE + PEOPLE[:1]})
        self.assert_raises(Arbor.ClosedError,
                           "The transaction has been committed: begin another one", t.get, "counts")

    def test_forgotten(self):
        with self.assertRaises(RuntimeError) as caught:
            with self.store.transaction() as t:
                t["a"] = [1]
        self.assertEqual(str(caught.exception), FORGOTTEN)
        self.assertTrue(t.is_closed())
        with self.store.transaction() as t:
            self.assertIn("people", t)
        with self.store.transaction() as t:
            t["a"] = [1]
            t.rollback()
        self.assertEqual(self.content(), {"people": PEOPLE})

    def test_exceptions_pass(self):
        for error in (ZeroDivisionError("x"), KeyboardInterrupt(), Arbor.NotFoundError("y")):
            with self.assertRaises(type(error)) as caught:
                with self.store.transaction() as t:
                    t["a"] = [1]
                    raise error
            self.assertIs(caught.exception, error)
            self.assertTrue(t.is_closed())
        self.assertEqual(self.content(), {"people": PEOPLE})

    def test_closed_inside(self):
        with self.store.transaction() as t:
            t["a"] = [1]
            staged = t["a"]
            self.store.close()
        self.assert_closed(t.commit)
        self.assert_closed(staged.to_python)
        self.assert_closed(self.store.transaction)
        self.assertEqual(self.content(), {"people": PEOPLE})


class Manners(TransactionTestCase):
    def test_dict(self):
        t = self.store.transaction()
        t["b"] = [2]
        t["a"] = self.people.filter("height > 81")
        self.assertEqual(list(t), ["a", "b", "people"])
        self.assertEqual(t.keys(), ["a", "b", "people"])
        self.assertEqual(len(t), 3)
        self.assertEqual([arbor.to_python() for arbor in t.values()],
                         [[PEOPLE[2]], [2], PEOPLE])
        del t["people"]
        self.assertEqual([(name, len(arbor)) for name, arbor in t.items()], [("a", 1), ("b", 1)])
        self.assertNotIn("people", t)
        self.assertNotIn("", t)
        self.assertNotIn(7, t)
        self.assertIsNone(t.get("people", None))
        self.assert_raises(Arbor.NotFoundError, "Store '%s' has no arbor 'people'"
                           % self.store.dup_path(), t.get, "people")
        self.assert_raises(Arbor.NotFoundError, "The transaction has no arbor named 'people'",
                           t.__delitem__, "people")
        self.assertTrue(t)
        for wrong in ("text", {"a": 1}, b"bytes"):
            self.assertRaises(TypeError, t.put, "a", wrong)
        self.assertRaises(ValueError, t.put, "a\0b", [])
        t.rollback()

    def test_generations(self):
        first = self.store["people"].get_generation()
        self.assertGreater(first, 0)
        self.assertEqual(self.store["people"].head(1).get_generation(), first)
        self.assertEqual(Arbor.from_python([1]).get_generation(), 0)
        self.store["people"] = [1]
        self.assertGreater(self.store["people"].get_generation(), first)
        with self.store.transaction() as t:
            t.expect("people", first)
            t.expect("nobody", 0)
            t["a"] = [1]
            error = self.assertRaises(Arbor.ConflictError, t.commit)
            t.rollback()
        with self.store.transaction() as t:
            t.expect("people", self.store["people"].get_generation())
            t["a"] = [1]
            t.commit()
        self.assertEqual(self.content(), {"a": [1], "people": [1]})

    def test_conflict(self):
        with self.store.transaction() as t:
            t.append("people", [1])
            t.append("a", [1])
            self.other["people"] = [2]
            self.other["a"] = [2]
            with self.assertRaises(Arbor.ConflictError) as caught:
                t.commit()
            self.assertIn("'people'", str(caught.exception))
            self.assertIn("'a'", str(caught.exception))
            t.rollback()
        self.assertEqual(self.content(), {"a": [2], "people": [2]})

    def test_async(self):
        t = self.store.transaction()
        t["a"] = [1]
        results = []
        loop = GLib.MainLoop()

        def done(source, result):
            results.append(source.commit_finish(result))
            loop.quit()
        t.commit_async(None, done)
        loop.run()
        self.assertEqual(results, [True])
        self.assertEqual(self.content()["a"], [1])

    def test_async_for_asyncio(self):
        async def run():
            t = self.store.transaction()
            t["a"] = [1]
            await t.commit_async()
            self.assertTrue(t.is_closed())
        asyncio.run(run())
        self.assertEqual(self.content()["a"], [1])

    def test_cancelled(self):
        cancellable = Gio.Cancellable()
        cancellable.cancel()
        with self.store.transaction() as t:
            with self.assertRaises(GLib.Error) as caught:
                t.put("a", [1], cancellable)
            self.assertTrue(caught.exception.matches(Gio.io_error_quark(),
                                                     Gio.IOErrorEnum.CANCELLED))


class Transact(TransactionTestCase):
    def test_result(self):
        def update(t):
            t["a"] = [1]
            return "result"
        self.assertEqual(self.store.transact(update), "result")
        self.assertEqual(self.content()["a"], [1])
        self.assertIsNone(self.store.transact(lambda t: None))
        with self.assertRaisesRegex(TypeError, "expected a function, found int"):
            self.store.transact(5)

    def test_repeats(self):
        calls = []

        def update(t):
            calls.append(t["people"].to_python())
            if len(calls) < 4:
                self.other["people"] = [len(calls)]
            t.append("people", ["mine"])
        self.store.transact(update)
        self.assertEqual(calls, [PEOPLE, [1], [2], [3]])
        self.assertEqual(self.content(), {"people": [3, "mine"]})

    def test_gives_up(self):
        calls = []

        def update(t):
            calls.append(1)
            self.other["people"] = [len(calls)]
            t.append("people", ["mine"])
        self.assertRaises(Arbor.ConflictError, self.store.transact, update, retries=2)
        self.assertEqual(len(calls), 3)
        self.assertRaises(Arbor.ConflictError, self.store.transact, update, retries=0)
        self.assertEqual(len(calls), 4)

    def test_others_pass(self):
        def update(t):
            t["a"] = [1]
            raise ZeroDivisionError
        self.assertRaises(ZeroDivisionError, self.store.transact, update)
        self.assertRaises(Arbor.NotFoundError, self.store.transact, lambda t: t["nobody"])

        def roll_back(t):
            t["a"] = [1]
            t.rollback()
        self.store.transact(roll_back)
        self.assertEqual(self.content(), {"people": PEOPLE})

        def close(t):
            t["a"] = [1]
            self.store.close()
        self.assert_closed(self.store.transact, close)
        self.assertEqual(self.content(), {"people": PEOPLE})

    def test_counter(self):
        self.store["counter"] = [{"n": 0}]

        def add(t):
            t["counter"] = [{"n": t["counter"][0]["n"] + 1}]

        def add_many(store):
            for _ in range(20):
                store.transact(add, retries=1000)
        threads = [threading.Thread(target=add_many, args=[store])
                   for store in (self.store, self.other, self.store)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(self.content()["counter"], [{"n": 60}])


class Repeating(StoreTestCase):
    def test_a_failed_test_of_a_patch_is_not_repeated(self):
        calls = []

        def update(transaction):
            calls.append(1)
            tree = transaction["people"][0]
            transaction["new"] = [tree.patch([{"op": "test", "path": "/height", "value": 0}])]
        self.assertRaises(Arbor.TestFailedError, self.store.transact, update)
        self.assertEqual(len(calls), 1)
        self.assertNotIn("new", self.store)



class Properties(StoreTestCase):
    def told(self, transaction):
        seen = []
        transaction.connect("notify::state", lambda one, _: seen.append(one.props.state))
        return seen

    def test_states(self):
        State = Arbor.TransactionState
        ends = {"commit": State.COMMITTED, "rollback": State.ROLLED_BACK}
        for how, state in ends.items():
            transaction = self.store.begin_transaction()
            transaction.put("x", [1])
            seen = self.told(transaction)
            self.assertIs(transaction.props.store, self.store)
            self.assertIs(transaction.dup_store(), self.store)
            self.assertEqual(transaction.props.state, State.OPEN)
            getattr(transaction, how)()
            self.assertEqual((transaction.props.state, transaction.get_state()), (state, state))
            run_until(lambda: seen)
            self.assertEqual(seen, [state])
        self.assertEqual(Arbor.Transaction().props.state, State.CLOSED)
        self.assertIsNone(Arbor.Transaction().props.store)

    def test_closed_store(self):
        transaction = self.store.begin_transaction()
        seen = self.told(transaction)
        self.store.close()
        self.assertEqual(transaction.props.state, Arbor.TransactionState.CLOSED)
        run_until(lambda: seen)
        self.assertEqual(seen, [Arbor.TransactionState.CLOSED])

    def test_kinds_of_trees(self):
        tree = self.people[0]
        self.assertEqual(tree.props.kind, Arbor.Kind.OBJECT)
        self.assertEqual(tree.get("tags").props.kind, Arbor.Kind.ARRAY)
        self.store.close()
        self.assertEqual(tree.props.kind, Arbor.Kind.MISSING)


if __name__ == "__main__":
    unittest.main()
