"""A translation at work: German messages of the command and of the library, in a German locale.

Usage: check-translation.py ARBOR PO_FILE

The locale is made here, in a temporary folder: machines have C and C.UTF-8 at most. Also, the
translation must be complete: every message translated, none fuzzy.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

ARBOR, PO = sys.argv[1:3]


def run(*command, **environment):
    done = subprocess.run(command, check=False, text=True, capture_output=True, encoding='utf-8',
                          env=dict(os.environ, **environment))
    return done.returncode, done.stdout, done.stderr


def expect(found, *parts):
    for part in parts:
        assert part in found, f'expected “{part}” in: {found}'


with tempfile.TemporaryDirectory() as folder:
    made = run('localedef', '--no-archive', '-i', 'de_DE', '-f', 'UTF-8', f'{folder}/de_DE.UTF-8')
    assert pathlib.Path(folder, 'de_DE.UTF-8', 'LC_MESSAGES').is_dir(), made
    german = {'LOCPATH': folder, 'LC_ALL': 'de_DE.UTF-8', 'LANGUAGE': 'de'}
    store = os.path.join(folder, 'speicher.arbor')

    # the command
    expect(run(ARBOR, '--help', **german)[1], 'Befehle:', 'Die Arbors eines Speichers auflisten')
    status, _, errors = run(ARBOR, 'tanzen', **german)
    assert status == 2
    expect(errors, 'arbor: Unbekannter Befehl »tanzen«')

    # the library, by way of the command
    pathlib.Path(folder, 'daten.jsonl').write_text('{"a":1}\n', encoding='utf-8')
    status, output, errors = run(ARBOR, 'import', store, 'a', f'{folder}/daten.jsonl', **german)
    assert status == 0, errors
    expect(output, 'a: 1 Baum aus')
    status, _, errors = run(ARBOR, 'query', store, 'b', **german)
    assert status == 1
    expect(errors, 'keinen Arbor', '»b«')

    # and in no locale, English
    expect(run(ARBOR, 'query', store, 'b', **dict(german, LC_ALL='C'))[2], 'no arbor')

untranslated = run('msgattrib', '--untranslated', '--no-obsolete', PO)[1]
fuzzy = run('msgattrib', '--only-fuzzy', '--no-obsolete', PO)[1]
assert untranslated == '' and fuzzy == '', untranslated + fuzzy
status, _, errors = run('msgfmt', '--check', '-o', os.devnull, PO)
assert status == 0, errors
