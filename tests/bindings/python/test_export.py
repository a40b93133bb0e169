"""Text of views as it is written by columns, beside the text of its trees one by one."""

import asyncio
import json
import random
import unittest

from gi.repository import Gio

from support import PEOPLE, Arbor, StoreTestCase, resource_file, run_until

STRINGS = ["", "a", "b,c", 'say "x"', "two\nlines", "naïve", "tab\t", "\x01", "x" * 40, "7", "\r"]


def make_value(rng, depth=0):
    kind = rng.randrange(11 if depth < 2 else 8)
    if kind < 2:
        return rng.choice(STRINGS)
    if kind == 2:
        return rng.choice([0, 1, -5, 2**40, 2**63 - 1, -2**63, 2**64 - 1, 10**30])
    if kind < 5:
        return rng.choice([1.5, 100000.0, 1e17, 1e-7, 1e300, -0.0, 12.34, 0.1, 3.0, 1e22])
    if kind == 5:
        return rng.choice([True, False])
    if kind == 6:
        return None
    if kind == 7:
        return rng.randrange(50)
    if kind == 8:
        return [make_value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {key: make_value(rng, depth + 1) for key in rng.sample("abcd", rng.randrange(4))}


def make_tree(rng, number, is_even):
    """Where @is_even, fields have one kind each, and nearly one order."""
    tree = {"n": number, "k": number % 7, "s": rng.choice(STRINGS)}
    if is_even:
        tree.update(price=rng.randrange(10000) / 100, flag=rng.random() < 0.5)
        if rng.random() < 0.5:
            tree["gap"] = rng.choice(STRINGS)
        return tree
    for key in rng.sample(["a", "b", "c", "x y", 'q"', ""], rng.randrange(6)):
        tree[key] = make_value(rng)
    if rng.random() < 0.1:
        tree["many"] = {"key%d" % rng.randrange(10**6): 1 for _ in range(20)}
    return dict(rng.sample(list(tree.items()), len(tree))) if rng.random() < 0.2 else tree


def cell(tree, name, is_alone):
    if name not in tree or tree[name] == "null":
        return '""' if is_alone else ""
    text = tree[name]
    if text.startswith('"'):
        text = json.loads(text)
    if text == "" or any(c in text for c in ',"\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text


class ExportTest(unittest.TestCase):
    def make(self, seed):
        rng = random.Random(seed)
        parts, number = [], 0
        for size in (3, 300, 150, 400):
            trees = [make_tree(rng, number + i, seed % 2 == 0) for i in range(size)]
            number += size
            text = "".join(json.dumps(tree) + "\n" for tree in trees)
            parts.append(Arbor.read_jsonl(text.encode()))
        return Arbor.Arbor.concat(parts)

    def views(self, arbor, seed):
        rng = random.Random(seed)
        other = Arbor.from_python([{"key": i, "title": "t%d" % i, "n": i} for i in range(5)])
        yield "all", arbor
        yield "filtered", arbor.filter("n mod 3 != 0")
        yield "sorted", arbor.sort_by("s", "n desc")
        yield "shuffled", arbor.shuffle(seed)
        yield "taken", arbor.take([rng.randrange(len(arbor)) for _ in range(700)])
        yield "selected", arbor.select(n="n", t="upper(s)", x="n * 2.5", deep="a", gap="gap")
        yield "added", arbor.add_fields(x="n / 4", s="lower(s)", new="concat(s, 'é')")
        yield "dropped", arbor.drop_fields("s", "a")
        yield "renamed", arbor.rename_fields(s="text")
        yield "joined", arbor.join(other, "k", "key")
        yield "several", arbor.sort_by("k").select(k="k", s="s", y="n + 0.5").filter("k != 3")
        yield "sorted last", arbor.add_fields(y="n mod 10").sort_by("y", "s")

    def test_views(self):
        for seed in range(4):
            arbor = self.make(seed)
            for name, view in self.views(arbor, seed):
                with self.subTest(seed=seed, view=name):
                    self.check(view)

    def selected(self, arbor, seed):
        """Trees that consist of expressions alone, over views of all kinds."""
        fields = {"none": "nothing", "n": "n", "a b": "price", "t": "upper(s)", 'q"': "flag", "g": "gap",
                  "x": "n * 2.5 - k", "y": "if_null(a, 's')", "z": "c", "v": "s contains 'a'"}
        plain = {key: value for key, value in fields.items() if key != "z"}
        other = Arbor.from_python([{"key": i, "title": "t%d" % i, "n": i} for i in range(5)])
        for name, view in (("all", arbor), ("filtered", arbor.filter("n mod 3 != 0")),
                           ("sorted", arbor.sort_by("s", "n desc")), ("sliced", arbor[100:600]),
                           ("joined", arbor.join(other, "k", "key")),
                           ("added", arbor.add_fields(s="lower(s)", gap="n"))):
            yield name, view.select(**fields)
            yield name + ", plain", view.select(**plain)
            yield name + ", filtered then", view.select(**plain).filter("n > 300")
            yield name + ", one", view.select(g="gap")
            yield name + ", twice", view.select(**plain).select(m="n", t="concat(t, g)")

    def test_before_trees_are_made(self):
        """What is written without trees is what is written of trees."""
        for seed in range(4):
            arbor = self.make(seed)
            for views in (self.views, self.selected):
                self.check_fresh(lambda: views(arbor, seed), seed)

    def check_fresh(self, make, seed):
        writes = (lambda view: view.to_jsonl(), lambda view: view.to_json(),
                  lambda view: view.to_csv(), lambda view: self.save(view, None, None),
                  lambda view: self.save(view, ["t", "n"], ";"),
                  lambda view: self.save(view, ["nothing", "n"], "1"))
        made = [(name, view) for name, view in make()]
        for name, view in made:
            len(list(view))
        for write in writes:
            for (name, fresh), (_, view) in zip(make(), made):
                with self.subTest(seed=seed, view=name):
                    self.assertEqual(write(fresh), write(view))

    def save(self, view, columns, delimiter):
        stream = Gio.MemoryOutputStream.new_resizable()
        view.save_csv(stream, columns, delimiter)
        stream.close()
        return stream.steal_as_bytes().get_data()

    def check(self, view):
        trees = list(view)
        texts = [tree.to_json() for tree in trees]
        self.assertEqual(view.to_jsonl(), "".join(text + "\n" for text in texts))
        self.assertEqual(view.to_json(), "[\n" + ",\n".join(texts) + "\n]\n")
        rows = [self.split(text) for text in texts]
        names = list(dict.fromkeys(name for row in rows for name in row))
        lines = [",".join(cell({name: json.dumps(name)}, name, False) if name else ""
                          for name in names)]
        lines += [",".join(cell(row, name, len(names) == 1) for name in names) for row in rows]
        self.assertEqual(view.to_csv(), "".join(line + "\n" for line in lines))

    def split(self, text):
        """The texts of the members of an object, cut out of its text."""
        decoder, at, found = json.JSONDecoder(), 1, {}
        while text[at] != "}":
            key, at = decoder.raw_decode(text, at)
            begin = at + 1
            _, at = decoder.raw_decode(text, begin)
            found[key] = text[begin:at]
            at += text[at] == ","
        return found

    def test_no_trees(self):
        arbor = Arbor.from_python([{"a": 1, "b": 2}])
        none = arbor.filter("a > 1")
        self.assertEqual(none.select(b="b", a="a").to_csv(), "b,a\n")
        self.assertEqual(none.select(b="b").filter("b == 1").to_csv(), "b\n")
        self.assertEqual(arbor.select(x="nothing", y="none").to_csv(), "x,y\n,\n")
        self.assertEqual(none.to_csv(), "a,b\n")
        mixed = Arbor.from_python([1, {"b": 2}, {"a": 3, "b": None}])
        self.assertEqual(mixed.filter("a > 3").sort_by("b").to_csv(), "b,a\n")
        self.assertEqual(mixed.filter("a == 3")[1:].to_csv(), "b,a\n")
        self.assertEqual(Arbor.from_python([]).to_csv(), "")
        self.assertEqual(none.to_jsonl(), "")
        self.assertEqual(none.to_json(), "[]\n")



class Files(StoreTestCase):
    def test_gio_files(self):
        """Wherever a path is taken, so is a Gio.File."""
        saved = Gio.File.new_for_path(self.folder + "/saved.jsonl")
        self.people.save_file(saved)
        self.assertEqual(Arbor.load_file(saved)[0].to_python(), PEOPLE)
        self.store.import_file("again", saved)
        self.assertEqual(self.store["again"].to_python(), PEOPLE)
        with Arbor.Store.open(Gio.File.new_for_path(self.path), read_only=True) as store:
            self.assertIn("again", store)

    def test_files_elsewhere(self):
        """A Gio.File without a path is read as a stream, and told where only a path does."""
        away = resource_file(self.folder, "people.jsonl", "".join(json.dumps(each) + "\n" for each in PEOPLE))
        self.assertIsNone(away.get_path())
        told = []
        self.store.import_file("away", away, progress=lambda done, total: told.append(done))
        self.assertTrue(told)
        self.assertEqual(self.store["away"].to_python(), PEOPLE)
        self.assertEqual(Arbor.load_file(away, skip_bad=True)[0].to_python(), PEOPLE)
        for start, read in ((self.store.import_file_async("later", away), lambda _: self.store["later"]),
                            (self.store.import_file_async("told", away, progress=lambda *done: None),
                             lambda _: self.store["told"]),
                            (Arbor.load_file_async(away, progress=lambda *done: None), lambda made: made[0]),
                            (Arbor.load_file_async(away), lambda made: made[0])):
            self.assertEqual(read(asyncio.run(start)).to_python(), PEOPLE)
        ended = []
        self.store.import_file_async("called", away, callback=lambda store, result: ended.append(result))
        run_until(lambda: ended)
        self.assertEqual(self.store.import_gfile_finish(ended[0]).get_n_trees(), len(PEOPLE))
        for call in (lambda: Arbor.Store.open(away), lambda: self.people.save_file(away),
                     lambda: asyncio.run(Arbor.Store.open_async(away)),
                     lambda: asyncio.run(self.people.save_file_async(away))):
            with self.assertRaisesRegex(Arbor.NotSupportedError, "^'%s' has no path on this machine: "
                                        % away.get_uri()):
                call()


if __name__ == "__main__":
    unittest.main()
