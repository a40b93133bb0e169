"""Verifying, recovering, backing up, dumping and loading, upgrading."""

import gzip
import json
import os
import pathlib
import shutil
import struct
import tempfile
import unittest

import gi

gi.require_version('Arbor', '1.0')
from gi.repository import Arbor, Gio, GLib

PAGE = 4096
FIXTURES = pathlib.Path(__file__).parent.parent.parent / 'fixtures'
EXACT = ('{"i":9223372036854775808,"j":-9223372036854775808,"d":0.1,"e":1e+17,"z":-0.0,'
         '"n":12345678901234567890123,"h":1e400,"s":"a\\u0000\u2028\\"","o":{"b":1,"a":[]}}')


class Trust(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='arbor-trust-')
        self.path = os.path.join(self.folder, 'store.arbor')
        self.store = Arbor.Store.open(self.path)
        self.store['people'] = Arbor.read_jsonl('\n'.join(
            json.dumps({'id': i, 'name': f'n{i}', **({'rare': i} if i % 10 == 0 else {})})
            for i in range(3000)))
        self.store['exact'] = Arbor.read_jsonl(EXACT)

    def tearDown(self):
        self.store.close()
        shutil.rmtree(self.folder)

    def at(self, name):
        return os.path.join(self.folder, name)

    def contents(self, path=None):
        with Arbor.Store.open(path or self.path, create=False) as store:
            return {name: store[name].to_jsonl() for name in store.list_names()}

    def damage(self, text, path):
        """The first place of some bytes is another one."""
        data = bytearray(pathlib.Path(self.path).read_bytes())
        at = data.index(text)
        data[at] ^= 1
        pathlib.Path(path).write_bytes(data)

    def test_keys(self):
        """Tables of keys lie beside batches: looked at, carried, and no data."""
        self.store.set_keys('people', ['id'], Arbor.KeyFlags.UNIQUE)
        self.assertTrue(self.store.verify().is_sound())
        self.store.delete_where('people', 'id == 7')
        self.store.append('people', [{'id': 7}])
        self.assertTrue(self.store.verify().is_sound())
        for name, make in {'copy': self.store.backup, 'dump': self.store.dump}.items():
            make(self.at(name))
        Arbor.recover_file(self.path, self.at('recovered'))
        with Arbor.Store.open(self.at('loaded')) as store:
            store.load(self.at('dump'))
        for name in ('copy', 'recovered', 'loaded'):
            with Arbor.Store.open(self.at(name)) as store:
                self.assertEqual(store['people'].dup_keys(), ['id'])
                self.assertTrue(store['people'].get_keys_unique())
                with self.assertRaises(Arbor.ExistsError):
                    store.append('people', [{'id': 7}])
                self.assertTrue(store.verify().is_sound())

        # Its table begins with a digest of eight bytes, its version and how many keys it has.
        self.damage(struct.pack('<IIII', 1, 3000, 10, 0)[:9], self.at('damaged'))
        report = Arbor.verify_file(self.at('damaged'))
        self.assertEqual([report.get_item(i).get_kind() for i in range(report.get_n_items())],
                         [Arbor.FindingKind.KEYS])
        self.assertEqual(report.get_n_sound_trees(None), 3001)

        self.store.set_keys('people', [])
        self.assertTrue(self.store.verify().is_sound())

    def test_sound(self):
        told = []
        report = self.store.verify(lambda done, total: told.append((done, total)))
        self.assertTrue(report.is_sound())
        self.assertEqual(report.get_n_findings(), 0)
        self.assertEqual(report.dup_names(), ['exact', 'people'])
        self.assertEqual(report.get_n_trees('people'), 3000)
        self.assertEqual(report.get_n_sound_trees(None), 3001)
        self.assertTrue(report.is_arbor_sound('people'))
        self.assertFalse(report.is_arbor_sound('nobody'))
        self.assertEqual(report.get_n_lost_pages(), 0)
        self.assertEqual(report.get_format_version(), 2)
        self.assertEqual(report.get_n_batches(), 2)
        self.assertGreater(report.get_n_pages(), report.get_n_free_pages())
        self.assertEqual(told[-1][0], told[-1][1])
        self.assertTrue(json.loads(report.to_json())['sound'])
        self.assertTrue(Arbor.verify_file(self.path).is_sound())
        self.assertTrue(Arbor.verify_gfile(Gio.File.new_for_path(self.path)).is_sound())

    def test_damaged_column(self):
        path, new = self.at('damaged.arbor'), self.at('new.arbor')
        # Strings lie one after the other.
        self.damage(b'n0n1n2n3', path)
        report = Arbor.verify_file(path)
        self.assertFalse(report.is_sound())
        self.assertEqual(report.get_n_findings(), 1)
        finding = report.dup_finding(0)
        self.assertEqual(finding.get_kind(), Arbor.FindingKind.COLUMN)
        self.assertEqual(finding.props.column, 'name')
        self.assertEqual(finding.dup_arbor_name(), 'people')
        self.assertEqual((finding.props.first_tree, finding.props.n_trees), (0, 3000))
        self.assertEqual(finding.get_page(), 0)
        self.assertGreater(finding.get_batch(), 0)
        self.assertIn('name', finding.props.message)
        self.assertIsNone(report.dup_finding(1))
        self.assertEqual([f.get_kind() for f in report], [Arbor.FindingKind.COLUMN])
        listed = json.loads(report.to_json())
        self.assertEqual(listed['findings'][0]['kind'], 'column')
        self.assertEqual(listed['findings'][0]['trees'], 3000)
        report = Arbor.recover_file(path, new)
        self.assertEqual(report.get_n_sound_trees('people'), 0)
        self.assertEqual(list(self.contents(new)), ['exact'])

    def test_tree_by_tree(self):
        path, new = self.at('damaged.arbor'), self.at('new.arbor')
        data = bytearray(pathlib.Path(self.path).read_bytes())
        # The numbers of the column rare, of two bytes each.
        at = data.index(struct.pack('<8H', *range(0, 80, 10)))
        data[at] ^= 0xff
        pathlib.Path(path).write_bytes(data)
        report = Arbor.recover_file(path, new)
        self.assertEqual(report.dup_finding(0).dup_column(), 'rare')
        self.assertEqual(report.get_n_sound_trees('people'), 2700)
        before = [line for line in self.store['people'].to_jsonl().splitlines() if 'rare' not in line]
        with Arbor.Store.open(new) as store:
            self.assertEqual(store['people'].to_jsonl().splitlines(), before)
        self.assertTrue(Arbor.verify_file(new).is_sound())

    def test_unopenable(self):
        before = self.contents()
        whole = pathlib.Path(self.path).read_bytes()
        for name, n in [('first', 1), ('both', 2)]:
            path, new = self.at(name), self.at(name + '.new')
            # The one that is newer, or both.
            data = bytearray(whole)
            newer = max((0, 1), key=lambda m: struct.unpack_from('<Q', whole, m * PAGE + 16 + 128)[0])
            for meta in (newer,) if n == 1 else (0, 1):
                data[meta * PAGE:(meta + 1) * PAGE] = bytes(PAGE)
            pathlib.Path(path).write_bytes(data)
            with self.assertRaises(Arbor.ArborError):
                Arbor.Store.open(path, create=False)
            report = Arbor.verify_file(path)
            self.assertFalse(report.is_sound())
            self.assertEqual(report.dup_finding(0).get_kind(), Arbor.FindingKind.FILE)
            Arbor.recover_gfile(Gio.File.new_for_path(path), Gio.File.new_for_path(new))
            self.assertEqual(self.contents(new)['people'], before['people'])
            self.assertEqual(pathlib.Path(path).read_bytes(), bytes(data))

    def test_places(self):
        new = self.at('new.arbor')
        pathlib.Path(new).write_text('here')
        with self.assertRaises(GLib.Error) as caught:
            Arbor.recover_file(self.path, new)
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.EXISTS))
        self.assertEqual(pathlib.Path(new).read_text(), 'here')
        with self.assertRaises(Arbor.ArborError) as caught:
            Arbor.verify_file(new)
        self.assertEqual(caught.exception.code, Arbor.Error.NOT_A_STORE)
        with self.assertRaises(GLib.Error):
            Arbor.verify_file(self.at('nowhere'))
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith('.arbor-')], [])

    def test_backup(self):
        before = self.contents()
        for flags in (Arbor.BackupFlags.NONE, Arbor.BackupFlags.COMPACT):
            told = []
            path = self.at(f'backup-{int(flags)}')
            self.store.backup(path, flags, lambda done, total: told.append((done, total)))
            self.assertEqual(told[-1][0], os.path.getsize(path))
            self.assertEqual(os.stat(path).st_mode, os.stat(self.path).st_mode)
            self.assertEqual(self.contents(path), before)
            stream = Gio.MemoryOutputStream.new_resizable()
            self.store.backup_stream(stream, flags)
            stream.close(None)
            pathlib.Path(path).write_bytes(stream.steal_as_bytes().get_data())
            self.assertEqual(self.contents(path), before)
        path = self.at('again')
        self.store.backup_gfile(Gio.File.new_for_path(path), Arbor.BackupFlags.COMPACT)
        self.assertEqual(self.contents(path), before)
        with self.assertRaises(Arbor.ArborError) as caught:
            self.store.backup(self.path, Arbor.BackupFlags.NONE)
        self.assertEqual(caught.exception.code, Arbor.Error.INVALID_ARGUMENT)
        with Arbor.Store.open(path):
            with self.assertRaises(Arbor.ArborError) as caught:
                self.store.backup(path, Arbor.BackupFlags.NONE)
            self.assertEqual(caught.exception.code, Arbor.Error.BUSY)
        cancellable = Gio.Cancellable()
        cancellable.cancel()
        with self.assertRaises(GLib.Error):
            self.store.backup(self.at('none'), Arbor.BackupFlags.NONE, None, cancellable)
        self.assertFalse(os.path.exists(self.at('none')))

    def update(self, path):
        """Batches that the older copy got, and what it has afterwards."""
        self.store.backup(path, Arbor.BackupFlags.UPDATE)
        self.assertTrue(Arbor.verify_file(path).is_sound())
        self.assertEqual(self.contents(path), self.contents())

    def generations(self, path):
        with Arbor.Store.open(path) as store:
            return {name: store[name].get_generation() for name in store.list_names()}

    def test_update(self):
        """An older copy becomes what the store is, whatever was done to it, and keeps what is the same."""
        path = self.at('copy')
        self.store.set_keys('people', ['id'], Arbor.KeyFlags.UNIQUE)
        self.update(path)
        before = self.generations(path)
        self.update(path)
        self.assertEqual(self.generations(path), before)
        size = os.path.getsize(path)
        for change in (lambda: self.store.update_where('people', 'id == 5', {'name': Arbor.lit('another')}),
                       lambda: self.store.delete_where('people', 'id % 100 == 3'),
                       lambda: self.store.append('people', [{'id': 5000}]),
                       lambda: self.store.replace('people', 10, 2, [{'id': 6000 + i} for i in range(5)]),
                       lambda: self.store.rename('people', 'persons'),
                       lambda: self.store.rename('persons', 'people'),
                       lambda: self.store.put('twice', Arbor.Arbor.concat([self.store['people']] * 2)),
                       lambda: self.store.delete('twice'),
                       lambda: self.store.set_keys('people', ['name'], Arbor.KeyFlags.NONE),
                       lambda: self.store.put('people', self.store['people'].reverse()),
                       lambda: self.store.compact(Arbor.CompactFlags.FULL),
                       lambda: None):
            change()
            self.update(path)
        self.assertEqual(self.generations(path)['exact'], before['exact'])
        self.assertLess(os.path.getsize(path), 3 * size)
        with Arbor.Store.open(path) as copy:
            self.assertEqual(copy['people'].dup_keys(), self.store['people'].dup_keys())
        self.assertFalse(os.path.exists(self.at('.arbor-')))

    def test_update_of_what_is_none(self):
        path, other = self.at('copy'), self.at('other')
        self.store.backup(path, Arbor.BackupFlags.UPDATE)
        with Arbor.Store.open(other) as store:
            store['a'] = [1]
        for target, code in ((other, Arbor.Error.INVALID_ARGUMENT), (self.path, Arbor.Error.INVALID_ARGUMENT),
                             (self.write_junk(), Arbor.Error.NOT_A_STORE)):
            before = pathlib.Path(target).read_bytes()
            with self.assertRaises(Arbor.ArborError) as caught:
                self.store.backup(target, Arbor.BackupFlags.UPDATE)
            self.assertEqual(caught.exception.code, code)
            if target != self.path:
                self.assertEqual(pathlib.Path(target).read_bytes(), before)
        with self.assertRaises(Arbor.ArborError) as caught:
            self.store.backup_stream(Gio.MemoryOutputStream.new_resizable(), Arbor.BackupFlags.UPDATE)
        self.assertEqual(caught.exception.code, Arbor.Error.INVALID_ARGUMENT)
        # The wrong way round: an older copy would undo what the store has.
        self.store.delete('exact')
        self.store.append('people', [1])
        with Arbor.Store.open(path) as copy:
            self.store.close()
            with self.assertRaises(Arbor.ArborError) as caught:
                copy.backup(self.path, Arbor.BackupFlags.UPDATE)
        self.assertEqual(caught.exception.code, Arbor.Error.INVALID_ARGUMENT)
        self.assertIn('newer', caught.exception.message)

    def write_junk(self):
        path = self.at('junk')
        pathlib.Path(path).write_bytes(b'no store' * 1000)
        return path

    def test_update_of_damage(self):
        """What is copied is checked first, and the older copy stays what it was."""
        path, damaged = self.at('copy'), self.at('damaged')
        self.store.backup(path, Arbor.BackupFlags.NONE)
        before = self.contents(path)
        self.store.append('exact', [{'text': 'a word that is damaged'}])
        self.store.compact()
        self.damage(b'a word that is damaged', damaged)
        with Arbor.Store.open(damaged) as store:
            with self.assertRaises(Arbor.ArborError) as caught:
                store.backup(path, Arbor.BackupFlags.UPDATE)
        self.assertEqual(caught.exception.code, Arbor.Error.CORRUPT)
        self.assertEqual(self.contents(path), before)

    def test_dump(self):
        before = self.contents()
        self.assertEqual(before['exact'], EXACT + '\n')
        for name in ('dump.jsonl', 'dump.jsonl.gz', 'dump.jsonl.zst'):
            path, new = self.at(name), self.at(name + '.arbor')
            self.store.dump(path)
            with Arbor.Store.open(new) as store:
                store['other'] = [{'a': 1}]
                store.load(path)
                self.assertEqual(store.list_names(), ['exact', 'other', 'people'])
                del store['other']
                store.dump(path + '.again')
            self.assertEqual(self.contents(new), before)
            if name == 'dump.jsonl':
                self.assertEqual(pathlib.Path(path).read_bytes(),
                                 pathlib.Path(path + '.again').read_bytes())
        with gzip.open(self.at('dump.jsonl.gz'), 'rt', encoding='utf-8') as lines:
            self.assertEqual(json.loads(next(lines)), {'arbor_dump': 1, 'arbors': 2})
            self.assertEqual(json.loads(next(lines)), {'arbor': 'exact', 'trees': 1})
        stream = Gio.MemoryOutputStream.new_resizable()
        self.store.dump_stream(stream)
        stream.close(None)
        text = stream.steal_as_bytes()
        self.assertEqual(text.get_data(), pathlib.Path(self.at('dump.jsonl')).read_bytes())
        with Arbor.Store.open(self.at('streamed')) as store:
            store.load_stream(Gio.MemoryInputStream.new_from_bytes(text))
        self.assertEqual(self.contents(self.at('streamed')), before)
        file = Gio.File.new_for_path(self.at('by-file'))
        self.store.dump_gfile(file)
        with Arbor.Store.open(self.at('by-file.arbor')) as store:
            store.load_gfile(file)
            self.assertEqual(len(store['people']), 3000)

    def test_bad_dumps(self):
        before = self.contents()
        head = '{"arbor_dump":1,"arbors":1}\n'
        for text, line, words in [
                ('', 1, 'not whole'),
                ('{"a":1}\n', 1, 'no dump'),
                ('nothing\n', 1, ''),
                (head, 2, 'not whole'),
                (head + '{"trees":1}\n1\n', 2, "'arbor'"),
                (head + '{"arbor":"people"}\n1\n', 2, "'trees'"),
                (head + '{"arbor":"people","trees":-1}\n', 2, "'trees'"),
                (head + '{"arbor":"a\\u0001","trees":0}\n', 2, ''),
                (head + '{"arbor":"people","trees":3}\n1\n2\n', 4, '3 trees'),
                (head + '{"arbor":"people","trees":3}\n1\n2\n{x\n', 5, ''),
                (head + '{"arbor":"people","trees":1}\n1\n', 4, 'not whole'),
                (head + '{"arbor":"people","trees":1}\n1\n{"arbor":"more","trees":0}\n', 4, 'more'),
                (head + '{"arbor":"people","trees":1}\n1\n{"end":true,"trees":2}\n', 4, '2 trees'),
                (head + '{"arbor":"people","trees":1}\n1\n{"end":true,"trees":1}\nx\n', 5, 'follows'),
                (head.replace('"arbors":1', '"arbors":2') +
                 '{"arbor":"a","trees":0}\n{"arbor":"a","trees":0}\n', 3, 'twice')]:
            data = GLib.Bytes.new(text.encode())
            with self.assertRaises(Arbor.ArborError, msg=text) as caught:
                self.store.load_stream(Gio.MemoryInputStream.new_from_bytes(data))
            self.assertEqual(caught.exception.code, Arbor.Error.PARSE, text)
            self.assertIn(f'line {line}', caught.exception.message, text)
            self.assertIn(words, caught.exception.message, text)
        data = GLib.Bytes.new(head.replace('1', '2', 1).encode())
        with self.assertRaises(Arbor.ArborError) as caught:
            self.store.load_stream(Gio.MemoryInputStream.new_from_bytes(data))
        self.assertEqual(caught.exception.code, Arbor.Error.VERSION)
        self.assertEqual(self.contents(), before)

    def test_upgrade(self):
        path = self.at('old.arbor')
        with gzip.open(FIXTURES / 'store-v1.arbor.gz') as packed:
            pathlib.Path(path).write_bytes(packed.read())
        report = Arbor.verify_file(path)
        self.assertTrue(report.is_sound(), report.to_json())
        self.assertEqual(report.get_format_version(), 1)
        before = self.contents(path)
        Arbor.recover_file(path, self.at('copy.arbor'))
        self.assertEqual(self.contents(self.at('copy.arbor')), before)
        with Arbor.Store.open(path) as store:
            self.assertEqual(store.upgrade(), len(before))
            self.assertEqual(store.upgrade(), 0)
        self.assertEqual(self.contents(path), before)
        report = Arbor.verify_file(path)
        self.assertTrue(report.is_sound(), report.to_json())
        self.assertEqual(report.get_format_version(), 2)

    def test_untrusted(self):
        self.store.close()
        with Arbor.Store.open(self.path, untrusted=True) as store:
            self.assertEqual(len(store['people']), 3000)
        path = self.at('damaged.arbor')
        self.damage(b'n0n1n2n3', path)
        with Arbor.Store.open(path) as store:
            self.assertEqual(store.list_names(), ['exact', 'people'])
        with self.assertRaises(Arbor.ArborError) as caught:
            Arbor.Store.open(path, untrusted=True)
        self.assertEqual(caught.exception.code, Arbor.Error.CORRUPT)
        self.assertIn('name', caught.exception.message)

    def test_while_writing(self):
        """What is verified, dumped or copied is of one moment, whatever comes meanwhile."""
        def change(done, total):
            self.store.update_where('people', Arbor.path('id') == 5, {'at': done})

        self.assertTrue(self.store.verify(change).is_sound())
        self.store.backup(self.at('copy'), Arbor.BackupFlags.COMPACT, change)
        self.assertTrue(Arbor.verify_file(self.at('copy')).is_sound())
        self.store.backup(self.at('copy'), Arbor.BackupFlags.UPDATE, change)
        self.assertTrue(Arbor.verify_file(self.at('copy')).is_sound())
        self.store.dump(self.at('dump'), change)
        with Arbor.Store.open(self.at('loaded')) as store:
            store.load(self.at('dump'))
            self.assertEqual(len(store['people']), 3000)
        self.assertTrue(self.store.verify().is_sound())

    def test_closing(self):
        def close(done, total):
            self.store.close()

        for call in (lambda: self.store.verify(close),
                     lambda: self.store.dump(self.at('dump'), close),
                     lambda: self.store.backup(self.at('copy'), Arbor.BackupFlags.NONE, close)):
            with self.assertRaises(Arbor.ClosedError):
                call()
            self.assertEqual(sorted(os.listdir(self.folder)), ['store.arbor', 'store.arbor-lock'])
            self.store = Arbor.Store.open(self.path)

    def test_closing_update(self):
        self.store.backup(self.at('copy'), Arbor.BackupFlags.NONE)
        before = self.contents(self.at('copy'))
        self.store.append('people', [{'id': 9000}])
        with self.assertRaises(Arbor.ClosedError):
            self.store.backup(self.at('copy'), Arbor.BackupFlags.UPDATE,
                              lambda done, total: self.store.close())
        self.assertEqual(self.contents(self.at('copy')), before)
        self.store = Arbor.Store.open(self.path)


if __name__ == '__main__':
    unittest.main()
