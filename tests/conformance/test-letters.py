"""Letters and white space against Python's tables: each character that both libraries know, alone and
between others, through the row evaluator and through a filter. Where one of them is newer than the
other, characters that it does not know, and mappings to such ones, are left out."""

import ctypes
import json
import re
import unicodedata
import unittest

import gi

gi.require_version("Arbor", "1.0")

from gi.repository import Arbor  # noqa: E402


def open_unistring():
    """The library that Arbor was linked with, as it is loaded: it says what it has assigned."""
    Arbor.read_jsonl("1\n")
    with open("/proc/self/maps", encoding="utf-8") as maps:
        for line in maps:
            if re.search(r"/libunistring\.so", line):
                return ctypes.CDLL(line.split(None, 5)[5].strip())
    raise AssertionError("libunistring is not loaded")


UNISTRING = open_unistring()


def is_known(text):
    """Both libraries have these characters."""
    return all(unicodedata.category(c) != "Cn" and
               not UNISTRING.uc_is_property_unassigned_code_value(ctypes.c_uint32(ord(c))) & 0xff
               for c in text)


ALL = [c for c in map(chr, range(0x110000)) if unicodedata.category(c) != "Cs" and is_known(c)]

# White_Space of the Unicode character database; str.isspace has the separators U+001C to 1F besides.
SPACE = {c for c in ALL if c.isspace()} - set("\x1c\x1d\x1e\x1f")
STRANGE = set(map(chr, [0x0b, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000]))


def map_simply(c, full):
    """Python has the full mapping. Where that is one character it is the simple one, too."""
    if len(full) == 1:
        return full
    if c == "\u0130":
        return "i" if full != c.upper() else c
    # Of what has a full upper case, the simple one is the title case, where that is one character.
    title = c.title()
    return title if full == c.upper() and len(title) == 1 else c


def load(texts):
    return Arbor.read_jsonl("".join(json.dumps({"a": text}) + "\n" for text in texts))


class Letters(unittest.TestCase):
    def compare(self, expression, oracle, texts=ALL):
        results = load(texts).select(b=expression).to_python()
        wrong = []
        n = 0
        for text, result in zip(texts, results, strict=True):
            expected = oracle(text)
            found = result.get("b")
            if found != expected and is_known(str(found)) and is_known(str(expected)):
                wrong.append((ascii(text), ascii(found), ascii(expected)))
            n += found != text
        self.assertEqual(wrong[:20], [], f"{len(wrong)} of {len(texts)} differ")
        return n

    def test_both_know_much(self):
        self.assertGreater(len(ALL), 140000)
        self.assertEqual(len(SPACE), 25)
        self.assertLess(STRANGE, SPACE)

    def test_lower(self):
        self.assertGreater(self.compare("lower(a)", lambda c: map_simply(c, c.lower())), 1300)

    def test_upper(self):
        self.assertGreater(self.compare("upper(a)", lambda c: map_simply(c, c.upper())), 1300)

    def test_casefold(self):
        self.assertGreater(self.compare("casefold(a)", str.casefold), 1400)

    def test_neighbours(self):
        """No mapping looks at what stands beside a character."""
        texts = ["aΣ" + c + "Σ \x00" + c + "é" for c in ALL if c.lower() != c or c.upper() != c]
        self.compare("casefold(a)", str.casefold, texts)
        self.compare("lower(a)", lambda s: "".join(map_simply(c, c.lower()) for c in s), texts)
        self.compare("upper(a)", lambda s: "".join(map_simply(c, c.upper()) for c in s), texts)

    def test_strip(self):
        texts = [c + "x" + c + "y" + c for c in ALL]
        for name, left, right in [("strip", 1, 1), ("lstrip", 1, 0), ("rstrip", 0, 1)]:
            def oracle(text, left=left, right=right):
                c = text[0] if text[0] in SPACE else ""
                return text[len(c) * left:len(text) - len(c) * right]
            self.assertEqual(self.compare(f"{name}(a)", oracle, texts), len(SPACE))

    def test_split(self):
        texts = [c + "é" + c + c + "y" + c for c in ALL]
        self.compare("join(split(a), '|')", lambda s: "é|y" if s[0] in SPACE else s, texts)

    def test_numbers(self):
        spaced = [c + "-1.5e1" + c for c in ALL]
        self.compare("to_number(a)", lambda s: -15.0 if s[0] in SPACE else None, spaced)
        self.compare("cast(a, 'int')", lambda s: -15 if s[0] in SPACE else None, spaced)
        self.compare("to_number(a)", lambda c: int(c) if c in "0123456789" else None)

    def test_filter(self):
        """Conditions decide for whole batches what rows decide one by one."""
        texts = [c for c in ALL if c.casefold() != c or c.lower() != c or c in SPACE]
        trees = load(texts)
        for form in ["lower(a) == {}", "casefold(a) == {}", "upper(a) != {}", "starts_with(lower(a), {})",
                     "strip(a) == {}", "contains(casefold(a), {})"]:
            for literal in ["ⅷ", "ⓐ", "ss", "ꭰ", "", "σ", "i", "Ꭰ"]:
                condition = form.format(json.dumps(literal))
                kept = trees.filter(condition).to_python()
                rows = trees.select(a="a", keep=condition).to_python()
                self.assertEqual(kept, [{"a": row["a"]} for row in rows if row["keep"] is True],
                                 condition)


if __name__ == "__main__":
    unittest.main()
