"""Translations at work: messages of the command and of the library, in a locale of each language.

Usage: check-translation.py ARBOR PO_FOLDER

Each language of LINGUAS is tried; what it should say comes from its translation. The locales are
made here, in a temporary folder: machines have C and C.UTF-8 at most. Also, each translation must
be complete: every message translated, none fuzzy.
"""

import gettext
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ARBOR, PO = sys.argv[1], pathlib.Path(sys.argv[2])
COUNTRIES = {'ja': 'JP'}  # where it is not the name of the language


def run(*command, **environment):
    done = subprocess.run(command, check=False, text=True, capture_output=True, encoding='utf-8',
                          env=dict(os.environ, **environment))
    return done.returncode, done.stdout, done.stderr


def expect(found, part):
    assert part in found, f'expected “{part}” in: {found}'


def fill(message, *values):
    """The message with its values, which it may have in another order: %2$s."""
    left = iter(values)
    return re.sub(r'%(?:(\d+)\$)?(?:s|llu)',
                  lambda match: values[int(match[1]) - 1] if match[1] else next(left), message)


def check_complete(path, compiled):
    untranslated = run('msgattrib', '--untranslated', '--no-obsolete', path)[1]
    fuzzy = run('msgattrib', '--only-fuzzy', '--no-obsolete', path)[1]
    assert untranslated == '' and fuzzy == '', untranslated + fuzzy
    status, _, errors = run('msgfmt', '--check', '-o', compiled, path)
    assert status == 0, errors


def check_at_work(language, folder):
    locale = language if '_' in language else f'{language}_{COUNTRIES.get(language, language.upper())}'
    made = run('localedef', '--no-archive', '-i', locale, '-f', 'UTF-8', f'{folder}/{locale}.UTF-8')
    assert pathlib.Path(folder, f'{locale}.UTF-8', 'LC_MESSAGES').is_dir(), made
    spoken = {'LOCPATH': folder, 'LC_ALL': f'{locale}.UTF-8', 'LANGUAGE': language}
    store, data = os.path.join(folder, 'speicher.arbor'), os.path.join(folder, 'daten.jsonl')
    with open(os.path.join(folder, 'compiled.mo'), 'rb') as file:
        catalog = gettext.GNUTranslations(file)

    def translate(message, *values):
        translated = catalog.gettext(message)
        assert translated != message
        return fill(translated, *values)

    # the command
    output = run(ARBOR, '--help', **spoken)[1]
    expect(output, translate('Commands:'))
    expect(output, translate('List the arbors of a store'))
    status, _, errors = run(ARBOR, 'tanzen', **spoken)
    assert status == 2
    expect(errors, 'arbor: ' + translate("Unknown command '%s'", 'tanzen'))

    # the library, by way of the command
    pathlib.Path(data).write_text('{"a":1}\n', encoding='utf-8')
    status, output, errors = run(ARBOR, 'import', store, 'a', data, **spoken)
    assert status == 0, errors
    count = catalog.ngettext('%s: %llu tree from %s\n', '%s: %llu trees from %s\n', 1)
    words = fill(count, 'a', '1', '\0').strip()  # and a size, which GLib writes
    for part in words.split('\0'):
        expect(output, part)
    status, _, errors = run(ARBOR, 'query', store, 'b', **spoken)
    assert status == 1
    expect(errors, translate("Store '%s' has no arbor '%s'", store, 'b'))

    # and in no locale, English
    expect(run(ARBOR, 'query', store, 'b', **dict(spoken, LC_ALL='C'))[2], 'no arbor')


languages = (PO / 'LINGUAS').read_text(encoding='utf-8').split()
assert languages == sorted(path.stem for path in PO.glob('*.po')), languages
for each in languages:
    with tempfile.TemporaryDirectory() as temporary:
        check_complete(PO / f'{each}.po', os.path.join(temporary, 'compiled.mo'))
        check_at_work(each, temporary)
