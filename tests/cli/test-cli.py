"""The `arbor` command from outside: every command, every error, exit codes.

Usage: test-cli.py ARBOR [unittest arguments]
"""

import bz2
import csv
import fcntl
import gzip
import io
import json
import lzma
import os
import pathlib
import pty
import signal
import struct
import subprocess
import termios
import unittest

from command import ARBOR, ENVIRONMENT, PEOPLE, CommandTest, dump, lines


class HelpTest(CommandTest):
    def test_help(self):
        text = self.run_arbor('--help')
        for command in ('import', 'ls', 'show', 'query', 'export', 'delete'):
            self.assertIn(f'\n  {command} ', text)
            own = self.run_arbor(command, '--help')
            self.assertIn(f'arbor {command}', own)
            self.assertIn('Example', own)
            self.assertIn('STORE', own)

    def test_version(self):
        self.assertRegex(self.run_arbor('--version'), r'\Aarbor \d+\.\d+\.\d+ \([+-]gzip [+-]zstd [+-]editline [+-]sysprof\)\n\Z')


class UsageTest(CommandTest):
    def check(self, *words, says):
        self.run_arbor(*words, status=2)
        self.assertIn(says, self.stderr)
        self.assertIn('--help', self.stderr)
        self.assertFalse(self.store.exists())

    def test_command(self):
        self.check(says='Expected a command')
        self.check('frobnicate', says='frobnicate')
        self.check('--frobnicate', says='--frobnicate')
        self.check('ls', '--frobnicate', 's', says='--frobnicate')

    def test_words(self):
        for words, count in (('import', 3), ('ls', 1), ('show', 1), ('query', 2), ('export', 2),
                             ('delete', 2)):
            self.check(words, *[self.store] * (count - 1), says='needs more arguments')
        for words, count in (('ls', 1), ('show', 2), ('export', 3), ('delete', 2)):
            self.check(words, *[self.store] * count, 'surplus', says='surplus')

    def test_utf8(self):
        bad = b'\xff\xfe'
        self.check('show', self.store, bad, says='NAME')
        self.check('query', self.store, 'x', bad, says='EXPRESSION')
        self.check('query', self.store, 'x', '--pick', bad, says='--pick')
        self.check('import', self.store, 'x', '-', '--at', bad, says='--at')

    def test_import_options(self):
        self.check('import', self.store, 'x', '-', '--format', 'xml', says='xml')
        self.check('import', self.store, 'x', '-', '--format=jsonl', '--at', 'a', says='--at')
        self.check('import', self.store, 'x', '-', '--format=csv', '--at', 'a', says='--at')
        self.check('import', self.store, 'x', '-', '--format=json', '--text', says='--text')
        self.check('import', self.store, 'x', '-', '--no-header', '--at', 'a', says='--no-header')
        for bad in ('', '"', ';;', '\n', 'é'):
            self.check('import', self.store, 'x', '-', '--delimiter', bad, says='--delimiter')
        self.check('import', self.store, 'x', '-', '--skip-bad', '--at', 'a', says='--skip-bad')
        self.check('import', self.store, 'x', '-', '--skip-bad', '--format=json',
                   says='--skip-bad')

    def test_query_options(self):
        for option in ('--limit', '--offset', '--sample', '-n'):
            for bad in ('-2', 'many', '', '1.5', '1e3', '0x10', str(2**63), b'\xff'):
                self.check('query', self.store, 'x', option, bad,
                           says=option.replace('-n', '--limit') + ' takes a number of trees')
        self.check('query', self.store, 'x', '--count', '--pick', 'a', says='--count')
        self.check('query', self.store, 'x', '--pick', 'a,,b', says='a,,b')
        self.check('query', self.store, 'x', '--pick', '', says='empty path')
        self.check('query', self.store, 'x', '--paths', says='--paths')
        self.check('query', self.store, 'x', '--jsonpath', '$', '--count', says='--jsonpath')
        self.check('query', self.store, 'x', '--jsonpath', '$', '--pick', 'a', says='--jsonpath')
        self.check('query', self.store, 'x', '--jsonpath', '$', '--format', 'csv', says='--jsonpath')

    def test_export_format(self):
        self.check('export', self.store, 'x', '--format', 'xml', says='xml')
        self.check('export', self.store, 'x', '--format', 'json', '--delimiter', ';',
                   says='--delimiter')


def read_screen(screen):
    """All that was written to a terminal whose other side is closed: it comes in pieces, and its
    end is an error."""
    shown = b''
    try:
        while piece := screen.read(65536):
            shown += piece
    except OSError:
        pass
    return shown


class ImportTest(CommandTest):
    def export(self, name='x'):
        return self.run_arbor('export', self.store, name)

    def test_lines(self):
        self.import_people()
        self.assertEqual(self.export('people'), lines(PEOPLE))

    def test_formats(self):
        one = self.write('one.json', json.dumps(PEOPLE, ensure_ascii=False, indent=2))
        self.run_arbor('import', self.store, 'x', one)
        self.assertEqual(self.export(), lines(PEOPLE))
        self.run_arbor('import', self.store, 'x', one, '--whole')
        self.assertEqual(self.export(), dump(PEOPLE) + '\n')
        self.run_arbor('import', self.store, 'x', one, '--format', 'json')
        self.assertEqual(self.export(), dump(PEOPLE) + '\n')
        self.run_arbor('import', self.store, 'x', one, '--format', 'jsonl', status=1)
        self.assertEqual(self.export(), dump(PEOPLE) + '\n')

    def test_shapes(self):
        keyed = '{"data": {"a": {"n": 1}, "b": {"n": 2.50}}}'
        for text, words, trees in (
                ('{"n":1}{"n":2}\n{"n":3}\n\n{\n "n": 4\n}\n', (),
                 '{"n":1}\n{"n":2}\n{"n":3}\n{"n":4}\n'),
                (keyed, ('--at', 'data'), '{"key":"a","n":1}\n{"key":"b","n":2.5}\n'),
                (keyed, ('--at', 'data', '--as-object', 'id', '--exact'),
                 '{"id":"a","n":1}\n{"id":"b","n":2.50}\n'),
                ('{"a":{"n":1}}', ('--as-object', 'id'), '{"id":"a","n":1}\n'),
                (keyed, ('--at', 'data', '--whole'), '{"a":{"n":1},"b":{"n":2.5}}\n')):
            with self.subTest(text=text, words=words):
                self.run_arbor('import', self.store, 'x', '-', *words, stdin=text)
                self.assertEqual(self.export(), trees)
        self.run_arbor('import', self.store, 'x', '-', stdin='{"a":1,"a":2}')
        self.assertIn('-: 1 key came again', self.stderr)
        self.assertEqual(self.export(), '{"a":2}\n')
        self.check_memory()

    def check_memory(self):
        text = '{"a":[' + '1,' * 2000000 + '1]}'
        self.run_arbor('import', self.store, 'x', '-', '--memory', '64M', stdin=text, status=1)
        self.assertIn('memory-limit', self.stderr)
        self.run_arbor('import', self.store, 'x', '-', '--memory', '640M', stdin=text)
        for bad in ('', '5X', '-1', '0', '5MM', '99999999999T'):
            self.run_arbor('import', self.store, 'x', '-', '--memory', bad, stdin='1', status=2)

    def test_encodings(self):
        for codec in ('utf-16-le', 'utf-16-be', 'utf-8'):
            path = self.folder / codec
            path.write_bytes('\ufeff{"a":"é😀"}\n'.encode(codec))
            self.run_arbor('import', self.store, 'x', path)
            self.assertEqual(self.export(), '{"a":"é😀"}\n')
        for name, data in (('gzip', gzip.compress(b'1')[:-1]), ('bzip2', bz2.compress(b'1')),
                           ('xz', lzma.compress(b'1'))):
            path = self.folder / 'x.jsonl'
            path.write_bytes(data)
            self.run_arbor('import', self.store, 'x', path, status=1)
            self.assertIn(name, self.stderr)
        self.assertEqual(self.export(), '{"a":"é😀"}\n')

    def test_at(self):
        text = json.dumps({'about': 1, 'list-a': {'of people': PEOPLE}}, ensure_ascii=False)
        document = self.write('document.json', text)
        self.run_arbor('import', self.store, 'x', document, '--at', 'list-a["of people"]')
        self.assertEqual(self.export(), lines(PEOPLE))
        self.run_arbor('import', self.store, 'x', document, '--at', 'about', status=1)
        self.assertIn('about', self.stderr)
        self.run_arbor('import', self.store, 'x', document, '--at', 'a[', status=1)
        self.assertEqual(self.export(), lines(PEOPLE))

    def test_csv(self):
        table = self.write('t.csv', '\ufeffid,name,x.y\r\n1,"Zoë ""Z"" Müller",007\r\n2,,1.5\r\n')
        trees = [{'id': 1, 'name': 'Zoë "Z" Müller', 'x.y': '007'},
                 {'id': 2, 'name': None, 'x.y': '1.5'}]
        self.run_arbor('import', self.store, 'x', table)
        self.assertEqual(self.export(), lines(trees))
        self.assertEqual(self.stderr, '')
        self.run_arbor('import', self.store, 'x', '-', '--format', 'csv', stdin='a\n1\n')
        self.assertEqual(self.export(), '{"a":1}\n')
        self.run_arbor('import', self.store, 'x', '-', '--delimiter', ';', '--no-header', '--text',
                       stdin='1;2,5\n')
        self.assertEqual(self.export(), '{"column1":"1","column2":"2,5"}\n')
        self.run_arbor('import', self.store, 'x', self.write('T.TSV', 'a\tb\n1\t"x\ty"\n'))
        self.assertEqual(self.export(), '{"a":1,"b":"x\\ty"}\n')
        self.run_arbor('import', self.store, 'x', '-', '--delimiter=tab', stdin='a\tb\n1\t2\n')
        self.assertEqual(self.export(), '{"a":1,"b":2}\n')

    def test_csv_columns(self):
        table = 'code;version;price\n0E0;0.270;9.90\n557e90;3.10;12.00\n'
        self.run_arbor('import', self.store, 'x', self.write('t.csv', table))
        self.assertEqual(self.stderr.splitlines(), [
            "arbor: x: cells are parted by ';'",
            "arbor: x: column 'code' is text: as a number the cell '0E0' (line 2) would be written "
            "as 0.0",
            "arbor: x: column 'version' is text: the number '3.10' (line 3) has not as many digits "
            "behind the point as those before it, so that zeros at the end would be lost",
            "arbor: x: column 'price' is numbers: zeros at the end, as in '9.90' (line 2), will not "
            "be written again"])
        self.assertEqual(self.export(), lines([
            {'code': '0E0', 'version': '0.270', 'price': 9.9},
            {'code': '557e90', 'version': '3.10', 'price': 12.0}]))
        self.run_arbor('import', self.store, 'x', '-', '--type', 'version=number,price=text',
                       '--type=code=text', stdin=table)
        self.assertEqual(self.export(), lines([
            {'code': '0E0', 'version': 0.27, 'price': '9.90'},
            {'code': '557e90', 'version': 3.1, 'price': '12.00'}]))
        self.assertEqual(self.stderr, '')
        self.run_arbor('import', self.store, 'x', '-', '--type', 'nmae=text', status=1, stdin=table)
        self.assertIn("expected the name of a column, found 'nmae'", self.stderr)
        self.run_arbor('import', self.store, 'x', '-', '--type', 'a=b', status=2)
        self.assertIn("found 'a=b'", self.stderr)

    def test_csv_order(self):
        text = 'a,b,c\n,1,\n2,3,\n'
        self.run_arbor('import', self.store, 'x', self.write('t.csv', text))
        self.assertEqual(self.run_arbor('export', self.store, 'x', '-f', 'csv'), text)
        many = ','.join('c%d' % i for i in range(30)) + '\n' + ','.join(['007'] * 30) + '\n'
        self.run_arbor('import', self.store, 'x', '-', '-f', 'csv', stdin=many)
        self.assertEqual(len(self.stderr.splitlines()), 21)
        self.assertIn('and 10 more notes', self.stderr)

    def test_csv_bad(self):
        table = self.write('t.csv', 'a,b\n1,2\n3\n"4"4,5\n6,7\n')
        self.run_arbor('import', self.store, 'x', table, status=1)
        self.assertRegex(self.stderr, r't\.csv: line 3, byte 8 \(tree 1\): expected 2 cells')
        self.run_arbor('import', self.store, 'x', table, '--skip-bad')
        self.assertIn('line 4', self.stderr)
        self.assertIn('2 bad lines', self.stderr)
        self.assertEqual(self.export(), '{"a":1,"b":2}\n{"a":6,"b":7}\n')

    def test_stdin(self):
        self.run_arbor('import', self.store, 'x', '-', stdin=lines(PEOPLE))
        self.assertEqual(self.export(), lines(PEOPLE))

    def test_empty(self):
        self.run_arbor('import', self.store, 'x', '-')
        self.assertEqual(self.export(), '')
        self.run_arbor('import', self.store, 'x', '-', '--format', 'json', status=1)

    def test_replace(self):
        self.import_people()
        self.run_arbor('import', self.store, 'people', '-', stdin='{"a":1}\n')
        self.assertEqual(self.export('people'), '{"a":1}\n')

    def test_reports(self):
        text = self.run_arbor('import', self.store, 'x', '-', stdin=lines(PEOPLE))
        self.assertRegex(text, r'\Ax: 4 trees from \d+ bytes\n\Z'.replace(' bytes', '\\sbytes'))
        self.assertEqual(self.stderr, '')

    def test_bad_line(self):
        self.import_people()
        bad = self.write('bad.jsonl', lines(PEOPLE) + '{"a":1,}\n' + lines(PEOPLE))
        self.run_arbor('import', self.store, 'people', bad, status=1)
        self.assertRegex(self.stderr, r'bad\.jsonl.*line 5')
        self.assertEqual(self.export('people'), lines(PEOPLE))

    def test_skip_bad(self):
        bad = self.write('bad.jsonl', b'{"a":1}\n{"a":2,}\n{"a":3}\n"\xff"\n{"a":5}\n')
        self.run_arbor('import', self.store, 'x', bad, '--skip-bad')
        self.assertEqual(self.export(), '{"a":1}\n{"a":3}\n{"a":5}\n')
        self.run_arbor('import', self.store, 'x', bad, '--skip-bad')
        messages = self.stderr.splitlines()
        self.assertEqual(len(messages), 3)
        self.assertRegex(messages[0], r'^arbor: .*line 2\b')
        self.assertRegex(messages[1], r'^arbor: .*line 4\b')
        self.assertRegex(messages[2], r'^arbor: .*2 bad lines')

    def test_input_missing(self):
        self.run_arbor('import', self.store, 'x', 'nowhere.jsonl', status=1)
        self.assertIn('nowhere.jsonl', self.stderr)
        self.run_arbor('import', self.store, 'x', self.folder, status=1)
        self.assertIn(str(self.folder), self.stderr)
        self.assertFalse(self.store.exists())

    def test_bad_name(self):
        self.run_arbor('import', self.store, 'a\nb', '-', stdin='1\n', status=1)
        self.run_arbor('import', self.store, '', '-', stdin='1\n', status=1)
        self.run_arbor('import', self.store, 'x' * 256, '-', stdin='1\n', status=1)
        self.run_arbor('import', self.store, 'x' * 255, '-', stdin='1\n')
        self.assertEqual(self.names(), ['x' * 255])

    def test_no_locale(self):
        bare = {key: value for key, value in ENVIRONMENT.items()
                if not key.startswith(('LC_', 'LANG'))}
        self.run_arbor('import', self.store, 'Bäume', '-', stdin=lines(PEOPLE), environment=bare)
        self.assertEqual(self.run_arbor('ls', self.store, environment=bare), 'Bäume\n')
        found = self.run_arbor('query', self.store, 'Bäume', 'name.last == "Gödel"',
                               environment=bare)
        self.assertEqual(found, lines(PEOPLE[2:3]))

    def test_progress(self):
        data = self.write('people.jsonl', lines(PEOPLE))
        master, terminal = pty.openpty()
        with os.fdopen(master, 'rb', 0) as screen:
            done = subprocess.run([ARBOR, 'import', self.store, 'people', data], check=True,
                                  stdout=subprocess.PIPE, stderr=terminal, env=ENVIRONMENT)
            os.close(terminal)
            shown = read_screen(screen).decode()
        self.assertIn('4 trees', done.stdout.decode())
        self.assertRegex(shown, r'\A\rpeople  \[#* *\] +\d+%')
        self.assertTrue(shown.endswith('\r\033[K'), shown)


class SignalTest(CommandTest):
    # More than any pipe holds: when it is written, the command is reading.
    MUCH = (lines(PEOPLE) * 10000).encode()

    def start(self, on_interrupt=signal.SIG_DFL):
        self.import_people()
        process = subprocess.Popen([ARBOR, 'import', self.store, 'people', '-'], env=ENVIRONMENT,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE,
                                   preexec_fn=lambda: signal.signal(signal.SIGINT, on_interrupt))
        process.stdin.write(self.MUCH)
        process.stdin.flush()
        return process

    def test_interrupt(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.start()
            process.send_signal(number)
            self.assertEqual(process.wait(), -number)
            process.stdin.close()
            self.assertEqual(process.stdout.read(), b'')
            self.assertRegex(process.stderr.read().decode(), r'\Aarbor: Interrupted')
            process.stdout.close()
            process.stderr.close()
            self.assertEqual(self.run_arbor('export', self.store, 'people'), lines(PEOPLE))
            self.assertEqual(self.names(), ['people'])

    def test_ignored(self):
        process = self.start(signal.SIG_IGN)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate()
        self.assertEqual((process.returncode, stderr), (0, b''))
        self.assertIn(b'40000 trees', stdout)

    def test_closed_pipe(self):
        self.run_arbor('import', self.store, 'much', self.write('much.jsonl', self.MUCH))
        for words in (['query', self.store, 'much'], ['query', self.store, 'much', '-p', 'name'],
                      ['export', self.store, 'much']):
            process = subprocess.Popen([ARBOR, *words], env=ENVIRONMENT, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE)
            self.assertTrue(process.stdout.readline().endswith(b'}\n'))
            process.stdout.close()
            self.assertEqual((process.stderr.read(), process.wait()), (b'', 0))
            process.stderr.close()

    def test_full_device(self):
        self.import_people()
        for words in (['ls', self.store], ['show', self.store], ['query', self.store, 'people'],
                      ['query', self.store, 'people', '--count'], ['export', self.store, 'people'],
                      ['--help'], ['ls', '--help'], ['--version']):
            with open('/dev/full', 'wb') as full:
                done = subprocess.run([ARBOR, *words], env=ENVIRONMENT, stdout=full, check=False,
                                      stderr=subprocess.PIPE)
            self.assertEqual(done.returncode, 1, words)
            self.assertTrue(done.stderr.startswith(b'arbor: '))


class ReadTest(CommandTest):
    def test_no_store(self):
        for words in (['ls'], ['show'], ['show', 'x'], ['query', 'x'], ['export', 'x'],
                      ['delete', 'x']):
            self.run_arbor(words[0], self.store, *words[1:], status=1)
            self.assertIn('test.arbor', self.stderr)
            self.assertEqual(list(self.folder.iterdir()), [])

    def test_foreign_file(self):
        foreign = self.write('foreign', 'not a store\n' * 1000)
        for words in (['ls'], ['show'], ['query', 'x'], ['export', 'x'], ['delete', 'x']):
            self.run_arbor(words[0], foreign, *words[1:], status=1)
            self.assertIn('foreign', self.stderr)
        self.run_arbor('import', foreign, 'x', '-', stdin='1\n', status=1)
        self.assertEqual(foreign.read_text(), 'not a store\n' * 1000)

    def test_unknown_name(self):
        self.import_people()
        for command in ('show', 'query', 'export', 'delete'):
            self.run_arbor(command, self.store, 'poeple', status=1)
            self.assertIn('poeple', self.stderr)

    def test_names_that_turn(self):
        """Marks of direction and a byte order mark in names are seen, and do nothing."""
        source = self.write('d.jsonl', '{"n":1}\n{"n":')
        good = self.write('good.jsonl', '{"n":1}\n')
        for mark in '\u061c\u200e\u200f\u202a\u202e\u2066\u2069\ufeff':
            name, shown = 'a' + mark + 'b', 'a\\u%04xb' % ord(mark)
            text = self.run_arbor('import', self.store, name, good)
            self.assertIn(shown, text)
            self.assertNotIn(mark, text)
            self.assertIn(shown, self.names())
            for words in (('show', self.store), ('show', self.store, name),
                          ('query', self.store, name, 'n > 0', '--explain')):
                text = self.run_arbor(*words)
                self.assertNotIn(mark, text, words)
            for words in (('show', self.store, 'no' + mark), ('query', self.store, 'no' + mark),
                          ('describe', self.store, 'no' + mark),
                          ('export', self.store, 'no' + mark), ('delete', self.store, 'no' + mark),
                          ('ls', str(self.store) + mark), ('import', self.store, name, source),
                          ('import', self.store, name, str(source) + mark)):
                self.run_arbor(*words, status=1)
                self.assertNotIn(mark, self.stderr, words)
            self.run_arbor('frobnicate' + mark, status=2)
            self.assertNotIn(mark, self.stderr)
            # Data is as it is.
            text = self.run_arbor('export', self.store, name)
            self.assertEqual(text, '{"n":1}\n')

    def test_csv_prices(self):
        table = 'price,size\n9.90,0.00001\n100000.00,100000.0\n-2500000.50,0.5\n'
        self.run_arbor('import', self.store, 'x', '-', '--format', 'csv', stdin=table)
        self.assertEqual(self.run_arbor('query', self.store, 'x', 'is_number(price) and '
                                        'is_number(size)', '--count'), '3\n')
        self.assertEqual(self.run_arbor('export', self.store, 'x', '--format', 'csv'),
                         'price,size\n9.9,0.00001\n100000.0,100000.0\n-2500000.5,0.5\n')

    def test_immutable(self):
        self.import_people()
        lock = pathlib.Path(str(self.store) + '-lock')
        lock.unlink()
        for words in (('ls', self.store), ('show', self.store), ('query', self.store, 'people'),
                      ('describe', self.store, 'people'), ('export', self.store, 'people'),
                      ('stats', self.store)):
            self.run_arbor(*words, '--immutable')
            self.assertFalse(lock.exists(), words)
        self.run_arbor('delete', self.store, 'people', '--immutable', status=2)

    def test_ls(self):
        for name in ('b', 'Z', 'ä', 'a b'):
            self.run_arbor('import', self.store, name, '-', stdin='1\n')
        self.assertEqual(self.names(), ['Z', 'a b', 'b', 'ä'])

    def test_show(self):
        self.import_people()
        self.run_arbor('import', self.store, 'one', '-', stdin='{"a":[1]}\n')
        text = self.run_arbor('show', self.store).replace('\u00a0', ' ').splitlines()
        self.assertRegex(text[0], r'test\.arbor: 2 arbors, a file of \d+\.\d kB$')
        self.assertRegex(text[1], r'^one: 1 tree, 1 batch, \d+(\.\d)? (bytes|kB)$')
        self.assertRegex(text[2], r'^people: 4 trees, 1 batch, \d+(\.\d)? (bytes|kB)$')
        self.assertEqual(len(text), 3)

        own = self.run_arbor('show', self.store, 'people').splitlines()
        self.assertEqual(own[0].replace('\u00a0', ' '), text[2])
        schema = '\n'.join(own[1:])
        for path in ('id', 'name.first', 'name.last', 'born', 'tags', '["a,b"]', 'big'):
            self.assertIn(path, schema)

    def test_stats(self):
        keys = ['arbors', 'file_bytes', 'disk_bytes', 'reclaimable_bytes', 'map_bytes', 'page_size', 'free_pages', 'held_pages',
                'readers', 'max_readers', 'oldest_reader_age', 'dead_batches', 'staged_batches',
                'mended_batches', 'patch_batches', 'dead_trees', 'can_shrink']
        self.import_people()
        self.run_arbor('import', self.store, 'one', '-', stdin='{"a":[1]}\n')
        text = self.run_arbor('stats', self.store, '--json')
        self.assertEqual(text, dump(json.loads(text)) + '\n')
        found = json.loads(text)
        size = os.path.getsize(self.store)
        self.assertEqual(list(found), keys)
        self.assertEqual(found['arbors'], 2)
        self.assertEqual(found['file_bytes'], size)
        self.assertEqual(size % found['page_size'], 0)
        self.assertEqual(found['disk_bytes'], os.stat(self.store).st_blocks * 512)
        self.assertLess(found['reclaimable_bytes'], size)
        self.assertTrue(found['can_shrink'])
        self.assertGreaterEqual(found['map_bytes'], size)
        self.assertLess(found['free_pages'], size // found['page_size'])
        self.assertEqual(found['readers'], 1)
        self.assertGreater(found['max_readers'], 1)
        for key in ('held_pages', 'oldest_reader_age', 'dead_batches', 'staged_batches',
                    'mended_batches', 'patch_batches', 'dead_trees'):
            self.assertEqual(found[key], 0, key)

        plain = self.run_arbor('stats', self.store).replace('\u00a0', ' ').splitlines()
        self.assertEqual([line.split(': ')[0] for line in plain], [
            'arbors', 'file', 'on disk', 'of these, what compact would give back', 'address space', 'page', 'free pages',
            'free pages held by the oldest reader', 'readers', 'readers at most',
            'commits since the oldest reader began', 'batches to be deleted',
            'batches of unfinished writes',
            'mended batches', 'patches', 'dead trees in batches and patches'])
        values = [line.split(': ')[1] for line in plain]
        self.assertEqual(values[0], '2')
        self.assertEqual(values[1], '%.1f kB' % (size / 1000))
        self.assertEqual(values[6:], [str(found[key]) for key in keys[6:-1]])

    def test_stats_errors(self):
        self.run_arbor('stats', self.store, status=1)
        self.assertFalse(self.store.exists())
        self.run_arbor('stats', self.write('text', 'no store\n' * 1000), status=1)
        self.run_arbor('stats', status=2)
        self.run_arbor('stats', self.store, 'people', status=2)
        self.run_arbor('stats', self.store, '--jsn', status=2)

    def test_delete_where(self):
        self.import_people()
        self.assertEqual(self.run_arbor('delete', self.store, 'people', '--where', 'born > 1850'),
                         'people: 2 trees were deleted\n')
        self.assertEqual(self.run_arbor('query', self.store, 'people', '--count'), '2\n')
        self.run_arbor('delete', self.store, 'people', '--where', 'born >', status=1)
        self.run_arbor('delete', self.store, 'nobody', '--where', 'true', status=1)

    def test_update(self):
        self.import_people()
        self.assertEqual(self.run_arbor('update', self.store, 'people', 'born < 1850', '--set', 'old=true',
                                        '-s', 'born=born + 1'), 'people: 1 tree was changed\n')
        self.assertEqual(self.run_arbor('query', self.store, 'people', 'old', '--pick', 'id,born,old'),
                         '{"id":1,"born":1816,"old":true}\n')
        self.run_arbor('update', self.store, 'people', 'true', status=2)
        self.run_arbor('update', self.store, 'people', 'true', '--set', 'born', status=2)
        self.run_arbor('update', self.store, 'nobody', 'true', '--set', 'a=1', status=1)

    def test_rename(self):
        self.import_people()
        self.run_arbor('rename', self.store, 'people', 'persons')
        self.assertEqual(self.run_arbor('ls', self.store), 'persons\n')
        self.run_arbor('rename', self.store, 'people', 'other', status=1)
        self.import_people()
        self.run_arbor('rename', self.store, 'people', 'persons', status=1)

    def test_delete(self):
        self.import_people()
        self.assertEqual(self.run_arbor('delete', self.store, 'people'), '')
        self.assertEqual(self.names(), [])
        self.run_arbor('delete', self.store, 'people', status=1)


class TrustTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.import_people()
        self.run_arbor('import', self.store, 'teams', self.write('teams.jsonl', '{"a":1.10}\n[]\n'),
                       '--exact')

    def damage(self):
        """A copy in which a byte of a name is another one."""
        data = bytearray(self.store.read_bytes())
        at = data.index(b'AdaZo')
        data[at] ^= 1
        return self.write('damaged.arbor', bytes(data))

    def run_damaged(self, *words):
        done = subprocess.run([ARBOR, *map(os.fspath, words)], capture_output=True, cwd=self.folder,
                              check=False, env=ENVIRONMENT)
        self.assertEqual(done.returncode, 3, done)
        self.assertIn(b'is damaged: of 6 trees 2 are sound', done.stderr)
        return done.stdout.decode()

    def test_verify(self):
        text = self.run_arbor('verify', self.store)
        self.assertIn('people: sound, trees: 4\n', text)
        self.assertIn('teams: sound, trees: 2\n', text)
        self.assertTrue(json.loads(self.run_arbor('verify', self.store, '--json'))['sound'])
        damaged = self.damage()
        text = self.run_damaged('verify', damaged)
        self.assertIn('people: DAMAGED, trees: 4, of these sound: 0\n', text)
        self.assertIn("column 'name.first'", text)
        found = json.loads(self.run_damaged('verify', damaged, '--json'))
        self.assertEqual(found['findings'][0]['column'], 'name.first')
        self.run_arbor('verify', self.write('text', 'no store' * 1000), status=1)
        self.run_arbor('verify', self.folder / 'nothing', status=1)
        self.run_arbor('verify', status=2)

    def test_recover(self):
        self.run_damaged('recover', self.damage(), self.folder / 'new.arbor')
        self.assertEqual(self.run_arbor('export', self.folder / 'new.arbor', 'teams'),
                         '{"a":1.10}\n[]\n')
        self.run_arbor('recover', self.store, self.folder / 'new.arbor', status=1)
        self.run_arbor('recover', self.store, self.folder / 'whole.arbor')
        self.assertEqual(self.run_arbor('export', self.folder / 'whole.arbor', 'people'), lines(PEOPLE))

    def test_backup(self):
        for words in ((), ('--compact',)):
            self.run_arbor('backup', self.store, self.folder / 'copy.arbor', *words)
            self.assertEqual(self.run_arbor('export', self.folder / 'copy.arbor', 'people'), lines(PEOPLE))
            out = subprocess.run([ARBOR, 'backup', self.store, '-', *words], capture_output=True,
                                 check=True).stdout
            self.assertEqual(self.run_arbor('export', self.write('out.arbor', out), 'people'),
                             lines(PEOPLE))
        self.run_arbor('backup', self.store, self.store, status=1)
        self.run_arbor('delete', self.store, 'people', '--where', 'true')
        self.run_arbor('backup', self.store, self.folder / 'copy.arbor', '--update')
        self.assertEqual(self.run_arbor('export', self.folder / 'copy.arbor', 'people'), '')
        self.run_arbor('backup', self.folder / 'copy.arbor', self.folder / 'new.arbor', '--update')
        self.assertEqual(self.run_arbor('export', self.folder / 'new.arbor', 'people'), '')
        self.run_arbor('backup', self.store, '-', '--update', status=1)
        self.run_arbor('verify', self.store)

    def test_dump(self):
        text = self.run_arbor('dump', self.store)
        self.assertEqual(text, '{"arbor_dump":1,"arbors":2}\n{"arbor":"people","trees":4}\n' +
                         lines(PEOPLE) + '{"arbor":"teams","trees":2}\n{"a":1.10}\n[]\n'
                         '{"end":true,"trees":6}\n')
        self.assertEqual(self.run_arbor('dump', self.store, '-'), text)
        self.run_arbor('dump', self.store, 'dump.jsonl.gz')
        self.run_arbor('load', 'one.arbor', 'dump.jsonl.gz')
        self.run_arbor('load', 'two.arbor', '-', stdin=text)
        for name in ('one.arbor', 'two.arbor'):
            self.assertEqual(self.run_arbor('dump', name), text)
        self.run_arbor('load', 'one.arbor', '-', stdin=text.replace('"trees":4', '"trees":5'), status=1)
        self.assertIn('line 8', self.stderr)
        self.assertEqual(self.run_arbor('dump', 'one.arbor'), text)

    def test_upgrade(self):
        self.run_arbor('upgrade', self.store)
        self.assertIn('arbors written anew: 0', self.stderr)


class QueryTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.import_people()

    def query(self, *words):
        return self.run_arbor('query', self.store, 'people', *words)

    def test_all(self):
        self.assertEqual(self.query(), lines(PEOPLE))

    def test_expression(self):
        self.assertEqual(self.query('born > 1850'), lines([PEOPLE[2], PEOPLE[3]]))
        self.assertEqual(self.query('name.first == "Zoë"'), lines([PEOPLE[1]]))
        self.assertEqual(self.query('born > 3000'), '')
        self.assertEqual(self.query('--', '-id == 4'), lines([PEOPLE[3]]))

    def test_count(self):
        self.assertEqual(self.query('--count'), '4\n')
        self.assertEqual(self.query('born > 1850', '--count'), '2\n')
        self.assertEqual(self.query('-c', 'born > 3000'), '0\n')

    def test_limit(self):
        for limit in (0, 1, 3, 4, 5, 2**62):
            self.assertEqual(self.query('--limit', str(limit)), lines(PEOPLE[:limit]))
        self.assertEqual(self.query('born > 1850', '-n', '1'), lines([PEOPLE[2]]))

    def test_pick(self):
        self.assertEqual(self.query('--pick', 'id,name.last'),
                         lines({'id': tree['id'], 'name.last': tree['name']['last']}
                               for tree in PEOPLE))
        self.assertEqual(self.query('--pick', 'tags[-1],["a,b"],id'),
                         '{"tags[-1]":"x,y","id":1}\n{"a,b":7,"id":2}\n'
                         '{"id":3}\n{"id":-4}\n')
        self.assertEqual(self.query('id == 2', '--pick', 'born,nowhere'), '{"born":null}\n')
        self.assertEqual(self.query('--pick', 'id', '--limit', '1'), '{"id":1}\n')

    def test_steps(self):
        self.assertEqual(self.query('--sort', 'born:desc', '--pick', 'id'),
                         '{"id":3}\n{"id":-4}\n{"id":1}\n{"id":2}\n')
        self.assertEqual(self.query('--sort', 'born', '--offset', '1', '--limit', '2', '-p', 'id'),
                         '{"id":-4}\n{"id":3}\n')
        self.assertEqual(self.query('people', '--where', 'id == 1'), lines(PEOPLE[:1] * 2))
        self.assertEqual(self.query('people', '--where', 'id > 0', '--unique', 'id', '-c'), '3\n')
        self.assertEqual(self.query('id == 1', '--explode', 'tags', '--pick', 'tags'),
                         '{"tags":"math"}\n{"tags":"x,y"}\n')
        self.assertEqual(self.query('id == 2', '--format', 'csv', '--pick', 'name.last,none,id'),
                         'name.last,none,id\nMüller,,2\n')
        self.assertEqual(json.loads(self.query('--format', 'json')), PEOPLE)
        self.run_arbor('query', self.store, 'people', 'people', 'id == 1', status=2)
        self.assertIn('--where', self.stderr)

    def test_group(self):
        self.assertEqual(self.query('--group', 'born > 1850', '--agg', 'n=count()',
                                    '--agg', 'span = max(born) - min(born)'),
                         lines([{'born > 1850': False, 'n': 1, 'span': 0},
                                {'born > 1850': None, 'n': 1, 'span': None},
                                {'born > 1850': True, 'n': 2, 'span': 24}]))
        self.assertEqual(self.query('-g', '"late"=coalesce(born, 0) > 1850,exists(tags)',
                                    '-a', 'first, last=first(id)', '--sort', 'late:desc,id'),
                         lines([{'late': True, 'exists(tags)': True, 'first, last': 3},
                                {'late': True, 'exists(tags)': False, 'first, last': -4},
                                {'late': False, 'exists(tags)': True, 'first, last': 1},
                                {'late': False, 'exists(tags)': False, 'first, last': 2}]))
        self.assertEqual(self.query('id > 0', '--group', 'tags', '--limit', '1'),
                         '{"tags":["math","x,y"]}\n')
        self.assertEqual(self.query('--group', 'name.last', '--count'), '4\n')
        self.assertEqual(self.query('--explode', 'tags', '--group', 'tags', '--agg', 'n=count()'),
                         '{"tags":"math","n":1}\n{"tags":"x,y","n":1}\n{"n":2}\n')
        self.assertEqual(self.query('id > 9', '--group', 'id', '--agg', 'n=count()'), '')

    def test_aggregate(self):
        self.assertEqual(self.query('--agg', 'n=count()', '--agg', 'sum=sum(born)'),
                         '{"n":4,"sum":5603}\n')
        self.assertEqual(self.query('id > 9', '--agg', 'n=count()', '--agg', 'sum=sum(born)',
                                    '--agg', 'least=min(born)'),
                         '{"n":0,"sum":0,"least":null}\n')
        self.assertEqual(self.query('people', '--where', 'id == 1', '-a', 'n=count()', '-f', 'csv'),
                         'n\n2\n')
        self.assertEqual(self.query('--agg', 'n=count()', '--count'), '1\n')

    def test_group_mistakes(self):
        for words, status, says in (
                (['--agg', 'count()'], 2, "--agg takes NAME=EXPRESSION, found 'count()'"),
                (['--agg', 'a==1'], 2, "--agg takes NAME=EXPRESSION, found 'a==1'"),
                (['--agg', '=1'], 2, "--agg takes NAME=EXPRESSION, found '=1'"),
                (['--agg', ''], 2, "--agg takes NAME=EXPRESSION, found ''"),
                (['--agg', '"a=count()'], 2, '--agg takes NAME=EXPRESSION'),
                (['--agg', '"\\x"=count()'], 1, '--agg: '),
                (['--agg', 'n=born'], 1, "--agg: 'born'"),
                (['--agg', 'n=count('], 1, '\ncount(\n      ^\n'),
                (['--agg', 'n=count()', '--agg', 'n=sum(id)'], 1, "--agg: Field name 'n'"),
                (['--group', 'id', '--agg', 'n=born'], 1, "--agg: 'born'"),
                (['--group', 'id', '--agg', 'id=count()'], 1, "--agg: Field name 'id'"),
                (['--group', 'id,id'], 1, "--group: Field name 'id'"),
                (['--group', 'tags[*]'], 1, '--group: '),
                (['--group', 'id,,born'], 2, "--group: an empty key in 'id,,born'"),
                (['--group', ''], 2, '--group: an empty key'),
                (['--group', 'a(b,c'], 1, '--group: '),
                (['--group', b'\xff'], 2, '--group is not valid UTF-8'),
                (['--agg', b'n=\xff'], 2, '--agg is not valid UTF-8')):
            self.run_arbor('query', os.fsencode(self.store), b'people', *map(os.fsencode, words),
                           status=status)
            self.assertIn(says, self.stderr)

    def test_select(self):
        self.assertEqual(self.query('id > 0', '--sort', 'born:desc', '--select', 'last=name.last',
                                    '--select', 'age at 1900 = 1900 - born'),
                         lines([{'last': 'Gödel', 'age at 1900': -6},
                                {'last': 'Lovelace', 'age at 1900': 85},
                                {'last': 'Müller', 'age at 1900': None}]))
        self.assertEqual(self.query('--select', 'x=id * 2', '--limit', '1', '--pick', 'x'),
                         '{"x":2}\n')
        self.assertEqual(self.query('--select', 'id=id', '--select', 'tags=tags', '-f', 'csv',
                                    '--offset', '2'), 'id,tags\n3,[]\n-4,\n')
        self.assertEqual(self.query('--agg', 'n=count()', '--select', 'half=n / 2'),
                         '{"half":2.0}\n')
        for words, status, says in (
                (['--select', 'id'], 2, "--select takes NAME=EXPRESSION, found 'id'"),
                (['--select', 'x=id', '--select', 'x=born'], 1, "--select: Field name 'x'"),
                (['--select', 'x=id +'], 1, '--select: ')):
            self.run_arbor('query', self.store, 'people', *words, status=status)
            self.assertIn(says, self.stderr)

    def test_sample(self):
        whole = self.query().splitlines()
        for seed in range(20):
            some = self.query('--sample', '2', '--seed', str(seed))
            self.assertEqual(some, self.query('--sample', '2', '--seed', str(seed)))
            self.assertEqual([line for line in whole if line in some.splitlines()],
                             some.splitlines())
            self.assertEqual(len(some.splitlines()), 2)
        self.assertEqual(len(self.query('--sample', '3').splitlines()), 3)
        self.assertEqual(self.query('--sample', '9'), lines(PEOPLE))
        self.assertEqual(self.query('--sample', '0'), '')
        self.assertEqual(self.query('--sample', '3', '--count'), '3\n')
        self.assertEqual(self.query('--sample', '9', '--limit', '1'), lines(PEOPLE[:1]))
        for words, says in ((['--sample', '-1'], '--sample takes'),
                            (['--sample', 'x'], 'x'),
                            (['--sample', '1', '--seed', '-1'], '--seed takes'),
                            (['--seed', '1'], 'not without it'),
                            (['--limit', '-1'], '--limit takes'),
                            (['--offset', '-1'], '--offset takes')):
            self.run_arbor('query', self.store, 'people', *words, status=2)
            self.assertIn(says, self.stderr)

    def test_explain(self):
        plan = self.query('born > 1850', '--sort', 'born:desc', '--limit', '2', '--explain')
        for step in ("'people'", 'born > 1850', 'born descending', '2'):
            self.assertIn(step, plan)
        self.assertIn('count()', self.query('--agg', 'n=count()', '--explain'))
        self.assertNotIn('Lovelace', plan)
        for words in (['--count'], ['--pick', 'id'], ['--format', 'json'], ['--jsonpath', '$']):
            for option in ('--explain', '--explain-analyze'):
                self.run_arbor('query', self.store, 'people', option, *words, status=2)
                self.assertIn(option, self.stderr)
        took = self.query('born > 1850', '--explain-analyze')
        for part in ('skipped by statistics: 0', 'row by row: 0', ' trees in ', ' ms'):
            self.assertIn(part, took)
        self.run_arbor('query', self.store, 'people', '--explain', '--explain-analyze', status=2)

    def test_table(self):
        cells = [[str(i) if isinstance(i, int) else 'null' if i is None else dump(i)
                  for i in (tree['id'], tree['name'], tree['born'])] for tree in PEOPLE]
        width = max(len(name) for _, name, _ in cells)
        self.assertEqual(self.query('-f', 'table', '-p', 'id,name,born'),
                         f"id  {'name':<{width}}  born\n" +
                         ''.join(f'{a:>2}  {b:<{width}}  {c}\n' for a, b, c in cells))
        self.assertEqual(self.query('-f', 'table').split(maxsplit=7)[:7],
                         ['id', 'name', 'born', 'tags', 'a,b', 'big', '1'])
        self.assertEqual(self.query('-f', 'table', '--pick', 'id,name.last,nowhere'),
                         'id  name.last  nowhere\n'
                         ' 1  Lovelace\n'
                         ' 2  Müller\n'
                         ' 3  Gödel\n'
                         '-4  Noether\n')
        self.assertEqual(self.query('id > 9', '-f', 'table'), '')
        self.assertEqual(self.query('id > 9', '-f', 'table', '--select', 'x=id'), 'x\n')
        self.assertEqual(self.query('--group', 'x=tags', '--agg', 'n=count()', '-f', 'table',
                                    '--sort', 'n'),
                         'x               n\n'
                         '["math","x,y"]  1\n'
                         '[]              1\n'
                         '                2\n')
        self.run_arbor('query', self.store, 'people', '--format', 'tabel', status=2)
        self.assertIn("'tabel': expected auto, jsonl, json, csv, table or markdown", self.stderr)
        self.run_arbor('export', self.store, 'people', '--format', 'table', status=2)
        self.assertIn('expected auto, jsonl, json or csv', self.stderr)

    def test_table_of_anything(self):
        trees = ('{"名":"日本語","n":1.5,"s":"a\\u001b[31mb\\nc"}\n'
                 '[1,{"a":2}]\n'
                 '{"\\u0000k":1}\n'
                 '{"n":7,"名":"e\u0301\u202ez","x":true,"s":"\\u0000"}\n'
                 '{"x":null,"n":""}\n')
        self.run_arbor('import', self.store, 'any', '-', stdin=trees)
        rows = [('名      ', 'n  ', 's' + ' ' * 14, '$' + ' ' * 12, 'x'),
                ('日本語  ', '1.5', 'a\\u001b[31mb\\nc', ' ' * 13, ''),
                (' ' * 8, '   ', ' ' * 15, '[1,{"a":2}]  ', ''),
                (' ' * 8, '   ', ' ' * 15, '{"\\u0000k":1}', ''),
                ('e\u0301\\u202ez', '  7', '"\\u0000"' + ' ' * 7, ' ' * 13, 'true'),
                (' ' * 8, '   ', ' ' * 15, ' ' * 13, 'null')]
        self.assertEqual(self.run_arbor('query', self.store, 'any', '--format', 'table'),
                         ''.join('  '.join(row).rstrip() + '\n' for row in rows))

    def on_terminal(self, *words, **variables):
        """What the command prints on a terminal of 40 columns."""
        master, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 25, 40, 0, 0))
        environment = {key: value for key, value in ENVIRONMENT.items()
                       if key not in ('COLUMNS', 'NO_COLOR')}
        with os.fdopen(master, 'rb', 0) as screen:
            subprocess.run([ARBOR, *map(os.fspath, words)], check=True, stdout=terminal,
                           env=environment | {'TERM': 'xterm'} | variables)
            os.close(terminal)
            return read_screen(screen).decode().replace('\r\n', '\n')

    def test_terminal(self):
        words = ('query', self.store, 'people', 'id < 3', '--pick', 'id,name,born,tags')
        narrow = ('id  name            born  tags\n'
                  ' 1  {"first":"Ada…  1815  ["math","x,y"]\n'
                  ' 2  {"first":"Zoë…  null\n'
                  '-4  {"first":"Emm…  1882\n')
        self.assertEqual(self.on_terminal(*words, NO_COLOR='1'), narrow)
        self.assertEqual(self.on_terminal(*words, TERM='dumb'), narrow)
        self.assertEqual(self.on_terminal(*words, NO_COLOR='1', COLUMNS='16'),
                         'id  name      …\n'
                         ' 1  {"first…  …\n'
                         ' 2  {"first…  …\n'
                         '-4  {"first…  …\n')
        self.assertEqual(self.on_terminal(*words, NO_COLOR='1', COLUMNS='200'),
                         self.run_arbor(*words, '--format', 'table'))
        for width in range(4, 120):
            shown = self.on_terminal(*words, NO_COLOR='1', COLUMNS=str(width))
            self.assertLessEqual(max(map(len, shown.splitlines())), width)
        coloured = self.on_terminal(*words)
        self.assertIn('\033[1mid\033[0m  \033[1mname\033[0m', coloured)
        self.assertIn('  \033[2mnull\033[0m', coloured)
        self.assertEqual(self.on_terminal(*words, '--format', 'jsonl'), self.run_arbor(*words))
        self.assertEqual(self.on_terminal('query', self.store, 'people', '--count'), '4\n')
        self.assertEqual(self.on_terminal('query', self.store, 'people', '--jsonpath', '$.id'),
                         '1\n2\n3\n-4\n')

    def test_describe(self):
        figures = [json.loads(line)
                   for line in self.run_arbor('describe', self.store, 'people').splitlines()]
        self.assertIn({'path': 'id', 'count': 4, 'nulls': 0, 'missing': 0, 'kinds': {'int': 4},
                       'min': -4, 'max': 3, 'mean': 0.5, 'distinct': 4}, figures)
        self.assertEqual(json.loads(self.run_arbor('describe', self.store, 'people', '-f', 'json')),
                         figures)
        table = self.run_arbor('describe', self.store, 'people', '--format', 'table')
        self.assertEqual(table.split('\n', maxsplit=1)[0].split(), list(figures[0]))
        self.assertEqual([line.split()[0] for line in table.splitlines()[1:]],
                         [figure['path'] for figure in figures])
        self.assertIn('\033[1mpath', self.on_terminal('describe', self.store, 'people'))
        self.run_arbor('describe', self.store, status=2)
        self.run_arbor('describe', self.store, 'nobody', status=1)
        self.run_arbor('describe', self.store, 'people', '-f', 'x', status=2)

    def test_keys(self):
        self.assertEqual(self.query('--sort', 'coalesce(born, 0):desc, id', '--pick', 'id'),
                         '{"id":3}\n{"id":-4}\n{"id":1}\n{"id":2}\n')
        self.assertEqual(self.query('--unique', 'len(coalesce(tags, ["a,)", 1])), \'a",\'', '-p', 'id'),
                         '{"id":1}\n{"id":3}\n')
        for words, status, says in (
                (['--sort', 'id,'], 2, "--sort: an empty key in 'id,'"),
                (['--sort', ':desc'], 1, '--sort: '),
                (['--sort', 'id >'], 1, '\nid >\n    ^\n'),
                (['--sort', 'tags[*]'], 1, '--sort: '),
                (['--sort', b'\xff'], 2, '--sort is not valid UTF-8'),
                (['--unique', ''], 2, "--unique: an empty key in ''"),
                (['--unique', '"a'], 1, '--unique: '),
                (['--unique', 'tags[*]'], 1, '--unique: '),
                (['--unique', b'\xff'], 2, '--unique is not valid UTF-8'),
                (['--explode', 'a['], 1, '--explode: '),
                (['--explode', b'\xff'], 2, '--explode is not valid UTF-8')):
            self.run_arbor('query', os.fsencode(self.store), b'people', *map(os.fsencode, words),
                           status=status)
            self.assertIn(says, self.stderr)

    def test_mistakes(self):
        self.run_arbor('query', self.store, 'people', 'born >', status=1)
        self.assertIn('born >', self.stderr)
        self.run_arbor('query', self.store, 'people', 'frob(born)', status=1)
        self.assertIn('frob', self.stderr)
        self.run_arbor('query', self.store, 'people', '--pick', 'a[', status=1)
        self.assertIn('--pick: ', self.stderr)
        self.run_arbor('query', self.store, 'people', '--where', 'born >', status=1)
        self.assertIn('--where: ', self.stderr)
        self.assertIn('\nborn >\n      ^\n', self.stderr)


class ExportTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.import_people()
        self.target = self.folder / 'out'

    def export(self, *words, **how):
        return self.run_arbor('export', self.store, 'people', *words, **how)

    def test_formats(self):
        self.assertEqual(self.export('--format', 'jsonl'), lines(PEOPLE))
        self.assertEqual(self.export('-'), lines(PEOPLE))
        self.assertEqual(json.loads(self.export('--format', 'json')), PEOPLE)

    def test_file(self):
        self.assertEqual(self.export(self.target), '')
        self.assertEqual(self.target.read_text('utf-8'), lines(PEOPLE))
        self.assertEqual(self.export(self.target, '-f', 'json'), '')
        self.assertEqual(json.loads(self.target.read_text('utf-8')), PEOPLE)

    CSV = ('id,name,born,tags,"a,b",big\n'
           '1,"{""first"":""Ada"",""last"":""Lovelace""}",1815,"[""math"",""x,y""]",,\n'
           '2,"{""first"":""Zoë"",""last"":""Müller""}",,,7,\n'
           '3,"{""first"":""Kurt"",""last"":""Gödel""}",1906,[],,\n'
           '-4,"{""first"":""Emmy"",""last"":""Noether""}",1882,,,18446744073709551615\n')

    def test_csv(self):
        self.assertEqual(self.export('--format', 'csv'), self.CSV)
        self.assertEqual(self.export(self.folder / 'out.CSV'), '')
        self.assertEqual((self.folder / 'out.CSV').read_text('utf-8'), self.CSV)
        self.export(self.folder / 'out.tsv')
        self.export(self.folder / 'semicolons', '--delimiter', ';')
        for name, delimiter in (('out.tsv', '\t'), ('semicolons', ';')):
            with open(self.folder / name, encoding='utf-8', newline='') as table:
                rows = list(csv.reader(table, delimiter=delimiter))
            self.assertEqual(rows, list(csv.reader(io.StringIO(self.CSV))))
        self.run_arbor('import', self.store, 'one', '-', stdin='{"a":"\\u0000"}\n[]\n')
        self.run_arbor('export', self.store, 'one', '--format=csv', status=1)
        self.assertIn('Tree 1: expected an object', self.stderr)

    def test_csv_of_strangers(self):
        self.run_arbor('import', self.store, 'one', '-',
                       stdin=''.join('{"k%d":1}\n' % i for i in range(5000)))
        self.run_arbor('export', self.store, 'one', self.target, '--format=csv', status=1)
        self.assertIn('5000 different fields in 5000 trees: name the columns', self.stderr)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()),
                         ['people.jsonl', 'test.arbor', 'test.arbor-lock'])

    def test_fails_halfway(self):
        """Nothing is left of an export that fails, nor of one that is interrupted."""
        self.run_arbor('import', self.store, 'one', '-',
                       stdin='{"a":"%s"}\n' % ('x' * 1000) * 3000 + '[]\n')
        before = sorted(self.folder.iterdir())
        self.run_arbor('export', self.store, 'one', self.target, '--format=csv', status=1)
        self.assertEqual(sorted(self.folder.iterdir()), before)
        self.target.write_text('precious')
        self.target.chmod(0o604)
        link = self.folder / 'link.csv'
        link.symlink_to('out')
        self.run_arbor('export', self.store, 'one', link, status=1)
        self.assertEqual(self.target.read_text(), 'precious')
        self.export(link, '-f', 'jsonl')
        self.assertTrue(link.is_symlink())
        self.assertEqual(self.target.read_text('utf-8'), lines(PEOPLE))
        self.assertEqual(self.target.stat().st_mode & 0o7777, 0o604)
        self.assertEqual(len(list(self.folder.iterdir())), len(before) + 2)

    def test_interrupted(self):
        """The whole file or none, whenever the signal comes, and nothing beside it."""
        text = '{"a":"%s"}\n' % ('x' * 1000) * 30000
        self.run_arbor('import', self.store, 'one', '-', stdin=text)
        before = set(self.folder.iterdir())
        child = subprocess.Popen([ARBOR, 'export', self.store, 'one', self.target],
                                 stderr=subprocess.PIPE, env=ENVIRONMENT)
        while child.poll() is None and set(self.folder.iterdir()) == before:
            pass
        child.send_signal(signal.SIGTERM)
        stderr = child.communicate()[1].decode()
        self.assertIn(child.returncode, (0, -signal.SIGTERM), stderr)
        if child.returncode == 0:
            self.assertEqual(self.target.read_text(), text)
            self.target.unlink()
        self.assertEqual(set(self.folder.iterdir()), before)

    def test_disk_full(self):
        """As far as a file may grow."""
        self.run_arbor('import', self.store, 'one', '-', stdin='{"a":"%s"}\n' % ('x' * 1000) * 3000)
        before = sorted(self.folder.iterdir())
        # A shell leaves the signal on, Python turns it off.
        done = subprocess.run(['prlimit', '--fsize=1000000', ARBOR, 'export', self.store, 'one',
                               self.target], capture_output=True, env=ENVIRONMENT, check=False,
                              preexec_fn=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_DFL))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b'too large', done.stderr)
        self.assertEqual(sorted(self.folder.iterdir()), before)

    def test_pipe_interrupted(self):
        """A pipe that nobody opens, and one that nobody empties."""
        self.run_arbor('import', self.store, 'one', '-', stdin='{"a":"%s"}\n' % ('x' * 1000) * 3000)
        pipe = self.folder / 'pipe'
        os.mkfifo(pipe)
        for is_read in (False, True):
            reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK) if is_read else None
            child = subprocess.Popen([ARBOR, 'export', self.store, 'one', pipe],
                                     stderr=subprocess.PIPE, env=ENVIRONMENT)
            with self.assertRaises(subprocess.TimeoutExpired):
                child.wait(1)
            child.send_signal(signal.SIGINT)
            try:
                child.communicate(timeout=60)
            finally:
                child.kill()
            self.assertEqual(child.returncode, -signal.SIGINT)
            if is_read:
                os.close(reader)

    def test_file_errors(self):
        self.export(self.folder / 'nowhere' / 'out', status=1)
        self.export(self.folder, status=1)
        self.export('/dev/full', status=1)
        link = self.folder / 'link.arbor'
        link.symlink_to(self.store)
        lock = pathlib.Path(str(self.store) + '-lock')
        inode = lock.stat().st_ino
        for store, target in ((self.store, self.store), (self.store, lock), (link, lock)):
            self.run_arbor('export', store, 'people', target, status=2)
            self.assertIn('store itself', self.stderr)
        self.assertEqual(lock.stat().st_ino, inode)
        self.assertEqual(self.names(), ['people'])

    def test_device(self):
        self.assertEqual(self.export('/dev/null'), '')
        self.assertEqual(self.export('/dev/stdout'), lines(PEOPLE))

    def test_left_as_it_was(self):
        self.target.write_text('precious')
        self.run_arbor('export', self.store, 'unknown', self.target, status=1)
        self.assertEqual(self.target.read_text(), 'precious')

    def test_twice_the_same(self):
        self.run_arbor('import', self.folder / 'other.arbor', 'p', '-', stdin=self.export())
        self.assertEqual(self.run_arbor('export', self.folder / 'other.arbor', 'p'),
                         self.export())


if __name__ == '__main__':
    unittest.main()
