"""Wrong calls, and what is said of them: what mistakes.table says for every language."""

import pathlib
import re
import unittest

from support import Arbor, StoreTestCase, GLib

TABLE = pathlib.Path(__file__).resolve().parent.parent / "mistakes.table"
PEOPLE = [{"name": "Ada", "height": 66, "tags": ["a"]}, {"name": "Bo", "height": 81, "tags": ["a"]}]


class Mistakes(StoreTestCase):
    def test_words(self):
        closed = Arbor.Store.open(self.folder + "/closed.arbor")
        closed.close()
        n = 0
        for line in TABLE.read_text(encoding="utf-8").splitlines():
            if not line or line.startswith("#"):
                continue
            n += 1
            code, _, _, words = line.split(" | ")
            words = re.sub("<(int|float|str|bytes|bool|None|list|dict|a list|a dict)>", r"\1", words)
            words = words.replace("<folder>", self.folder)
            self.store["people"] = PEOPLE
            people = self.store["people"]
            names = {"Arbor": Arbor, "store": self.store, "people": people, "tree": people[0], "closed": closed}
            with self.subTest(code):
                with self.assertRaises(Exception) as caught:
                    eval(code, names)
                said = caught.exception
                said = said.message if isinstance(said, GLib.Error) else str(said)
                self.assertRegex(said, "(?s)^%s$" % ".*".join(map(re.escape, words.split("…"))))
        self.assertGreater(n, 100)


if __name__ == "__main__":
    unittest.main()
