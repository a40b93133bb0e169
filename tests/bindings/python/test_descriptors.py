"""The files of a store in Python. A program with standard input, output or error closed, in each
combination: nothing of a store gets these numbers. The mode of new files."""

import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import gi

gi.require_version("Arbor", "1.0")

from gi.repository import Arbor  # noqa: E402

PROGRAM = r"""
import os, sys
import gi
gi.require_version("Arbor", "1.0")
from gi.repository import Arbor

store_path, input_path, report_path, numbers = sys.argv[1:]
numbers = [int(number) for number in numbers]

# The interpreter opens them anew when it starts without.
for number in numbers:
    os.close(number)

def check(step):
    for number in numbers:
        try:
            found = os.readlink("/proc/self/fd/%d" % number)
        except FileNotFoundError:
            continue
        assert "eventfd" in found, (step, number, found)
        try:
            os.write(number, b"NOISE\n")
        except OSError:
            continue
        assert False, (step, number)

try:
    store = Arbor.Store.open(store_path, map_size=1 << 20)
    check("open")
    store.import_file("imported", input_path)
    check("import")
    store["loaded"] = Arbor.load_file(input_path)[0]
    check("load")
    store.props.watch = True
    check("watch")
    assert len(store["imported"]) == len(store["loaded"]) == 40000
    store.close()
    with Arbor.Store.open(store_path, verify_checksums=True) as store:
        check("open again")
        assert [tree["n"] for tree in store["imported"]] == list(range(40000))
    result = "good"
except BaseException as error:
    result = repr(error)
with open(report_path, "w") as report:
    report.write(result)
"""


class DescriptorsTest(unittest.TestCase):
    def test_closed(self):
        folder = tempfile.mkdtemp(prefix="arbor-python-")
        self.addCleanup(shutil.rmtree, folder)
        text = folder + "/input.jsonl"
        with open(text, "w", encoding="ascii") as file:
            file.writelines(json.dumps({"n": n, "s": "text %d" % n}) + "\n" for n in range(40000))
        for count in range(4):
            for numbers in itertools.combinations("012", count):
                closed = "".join(numbers)
                with self.subTest(closed=closed):
                    report = folder + "/report" + closed
                    subprocess.run([sys.executable, "-c", PROGRAM,
                                    "%s/s%s.arbor" % (folder, closed), text, report, closed],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env=os.environ, check=False)
                    with open(report, encoding="utf-8") as file:
                        self.assertEqual(file.read(), "good")

    def test_mode(self):
        """The mode of new files, which is not that of the umask."""
        folder = tempfile.mkdtemp(prefix="arbor-python-")
        self.addCleanup(shutil.rmtree, folder)
        for mode in (None, 0o640, 0o666):
            path = "%s/%s.arbor" % (folder, mode)
            with Arbor.Store.open(path, **({} if mode is None else {"mode": mode})):
                for name in (path, path + "-lock"):
                    self.assertEqual(os.stat(name).st_mode & 0o7777, mode or 0o600)
        with self.assertRaises(Arbor.InvalidOptionsError):
            Arbor.Store.open(folder + "/new.arbor", mode=0o400)
        self.assertFalse(os.path.exists(folder + "/new.arbor"))


if __name__ == "__main__":
    unittest.main()
