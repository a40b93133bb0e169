"""Reading and writing a store on file systems that are really full: tmpfs, and ext4 in a file.

Usage: test-full-disk.py ARBOR [unittest arguments]

They are mounted in a mount namespace of their own, by root or in a user namespace. Where the machine
lets nobody do that, test-lock-file.c, where fallocate fails, is all there is, and this says so.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ARBOR = os.path.abspath(sys.argv.pop(1))
ENVIRONMENT = dict(os.environ, LC_ALL='C.UTF-8')
TREES = [{'n': n, 's': 'text %d' % (n * n)} for n in range(3000)]

# The folder is $1, the rest is what to run.
TMPFS = 'mount -t tmpfs -o size=%s none "$1" || exit 99; cd "$1"; shift; exec "$@"'
EXT4 = ('truncate -s 4M "$2/disk" && mke2fs -q -t %s -O ^has_journal -m 0 -N 32 "$2/disk" && '
        'mount -o loop "$2/disk" "$1" || exit 99; cd "$1"; shift 2; exec "$@"')


def run(*words):
    return subprocess.run(list(map(os.fspath, words)), stdin=subprocess.DEVNULL,
                          capture_output=True, env=ENVIRONMENT, check=False)


def fill(leave=0):
    """Takes all room of the current folder but some bytes."""
    with open('filler', 'wb', buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1 << 9):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                pass
        os.fsync(file.fileno())
    if leave:
        os.truncate('filler', os.path.getsize('filler') - leave)


class Inside:
    """What is done on the mounted file system, in the current folder."""

    def __init__(self):
        self.text = ''.join(json.dumps(tree, separators=(',', ':')) + '\n' for tree in TREES)
        pathlib.Path('d.jsonl').write_text(self.text)

    def check(self, done, status=0):
        assert done.returncode == status, (done.args, done.returncode, done.stderr)
        return done.stdout.decode()

    def read(self, *options):
        self.check(run(ARBOR, 'ls', *options, 's.arbor'))
        self.check(run(ARBOR, 'show', *options, 's.arbor'))
        assert self.check(run(ARBOR, 'export', *options, 's.arbor', 'one')) == self.text

    def main(self):
        self.check(run(ARBOR, 'import', 's.arbor', 'one', 'd.jsonl'))

        # A lock file that is there has its blocks.
        fill()
        self.read()
        done = run(ARBOR, 'import', 's.arbor', 'two', 'd.jsonl')
        assert done.returncode in (0, 1), done

        # None is there, and no room for one.
        os.unlink('s.arbor-lock')
        os.unlink('filler')
        fill()
        for command in (('ls', 's.arbor'), ('show', 's.arbor'), ('export', 's.arbor', 'one'),
                        ('stats', 's.arbor'), ('import', 's.arbor', 'two', 'd.jsonl')):
            done = run(ARBOR, *command)
            assert done.returncode == 1, done
            assert b'immutable' in done.stderr, done.stderr
        assert not os.path.exists('s.arbor-lock')
        self.read('--immutable')

        # One that LMDB made by itself, all holes but for its beginning.
        os.unlink('filler')
        with open('s.arbor-lock', 'wb') as file:
            file.truncate(65664)
        fill()
        done = run(ARBOR, 'ls', 's.arbor')
        assert done.returncode in (0, 1), done
        assert done.returncode == 0 or b'immutable' in done.stderr, done.stderr

        # Room enough again.
        os.unlink('filler')
        self.read()
        self.check(run(ARBOR, 'import', 's.arbor', 'two', 'd.jsonl'))
        self.holes()

    def holes(self):
        """A store that was copied with holes where it has zeros: on tmpfs reading one allocates."""
        os.unlink('s.arbor-lock')
        self.check(run('cp', '--sparse=always', 's.arbor', 'holes.arbor'))
        os.rename('holes.arbor', 's.arbor')
        self.read()
        fill()
        for options in ((), ('--immutable',)):
            done = run(ARBOR, 'export', *options, 's.arbor', 'one')
            assert done.returncode in (0, 1), done
            assert done.returncode == 1 or done.stdout.decode() == self.text


class FullDiskTest(unittest.TestCase):
    def mount(self, script):
        with tempfile.TemporaryDirectory() as folder:
            target = pathlib.Path(folder) / 'mounted'
            target.mkdir()
            words = [target] + ([folder] if script is not TMPFS else [])
            script, words = (script % '1m', [target]) if script is TMPFS else (script, words)
            for unshare in (['-m'], ['-Urm']):
                done = run('unshare', *unshare, 'sh', '-c', script, 'sh', *words,
                           sys.executable, __file__, ARBOR, '--inside')
                if done.returncode != 99 and b'unshare' not in done.stderr:
                    self.assertEqual(done.returncode, 0, done.stderr.decode())
                    return
            print('nothing can be mounted here:', done.stderr.decode(), file=sys.stderr)

    def test_tmpfs(self):
        self.mount(TMPFS)

    def test_ext4(self):
        self.mount(EXT4 % 'ext4')

    def test_ext2(self):
        """Which knows no fallocate."""
        self.mount(EXT4 % 'ext2')


if __name__ == '__main__':
    if sys.argv[1:] == ['--inside']:
        Inside().main()
    else:
        unittest.main()
