"""The four behaviours of closing, as they were first written down."""

import re
import tempfile
import unittest
from contextlib import contextmanager

import gi

gi.require_version("Arbor", "1.0")

from gi.repository import Arbor as arbors  # noqa: E402

ArborStore = arbors.Store
path = arbors.path


@contextmanager
def raises(cls, match):
    try:
        yield
    except cls as error:
        if not re.search(match, str(error)):
            raise AssertionError("%r does not match %r" % (str(error), match))
    else:
        raise AssertionError("did not raise %s" % cls.__name__)


def test_close_invalidates_derived_arbors():
    """Access after base.close() errors for previously derived Stored arbor."""
    with tempfile.TemporaryDirectory() as tmp:
        base = ArborStore.open(f"{tmp}/test.arbors")
        base.put("data", arbors.read_jsonl(b'{"x":1}'))
        stored = base["data"]
        _ = len(stored)  # Should work BEFORE close

        base.close()

        # After close, access should fail
        with raises(RuntimeError, match="closed"):
            _ = len(stored)


def test_context_manager_invalidates_derived_arbors():
    """Context manager exit closes base and invalidates derived arbors."""
    with tempfile.TemporaryDirectory() as tmp:
        with ArborStore.open(f"{tmp}/test.arbors") as base:
            base.put("data", arbors.read_jsonl(b'{"x":1}'))
            stored = base["data"]
            _ = len(stored)  # Should work inside context

        # After context exit (close), access should fail
        with raises(RuntimeError, match="closed"):
            _ = len(stored)


def test_close_invalidates_iterators():
    """Iterator fails after base.close()."""
    with tempfile.TemporaryDirectory() as tmp:
        base = ArborStore.open(f"{tmp}/test.arbors")
        base.put("data", arbors.read_jsonl(b'{"x":1}\n{"x":2}'))
        stored = base["data"]
        it = iter(stored.pick())
        next(it)  # First item works

        base.close()

        # After close, next should fail
        with raises(RuntimeError, match="closed"):
            next(it)


def test_close_invalidates_filtered_arbors():
    """Filtered views fail after base.close()."""
    with tempfile.TemporaryDirectory() as tmp:
        base = ArborStore.open(f"{tmp}/test.arbors")
        base.put("data", arbors.read_jsonl(b'{"x":1}\n{"x":2}'))
        stored = base["data"]
        filtered = stored.filter(path("x") > 0)
        _ = len(filtered)  # Works before close

        base.close()

        with raises(RuntimeError, match="closed"):
            _ = len(filtered)


def load_tests(loader, tests, pattern):
    return unittest.TestSuite(unittest.FunctionTestCase(function) for function in (
        test_close_invalidates_derived_arbors,
        test_context_manager_invalidates_derived_arbors,
        test_close_invalidates_iterators,
        test_close_invalidates_filtered_arbors,
    ))


if __name__ == "__main__":
    unittest.main()
