"""The layers of docs/dev/architecture.md as a test: includes point only downwards.

Usage: check-layers.py SOURCE_ROOT

Each folder of the engine may include itself and what stands below it; the public classes, flat in
arbor/, may include all of the engine; programs (the shell, examples) know <arbor/arbor.h> alone.
query/ is divided into rooms, each of which may include those before it.
lmdb.h belongs to the storage layer. An installed header includes only installed headers.
"""

import pathlib
import re
import sys

ROOMS = ['expr', 'series', 'jsonpath', 'edit', 'view', 'order', 'group', 'make', 'column', 'export',
         'arrow', 'content', 'plan', 'model']
LAYERS = (['base', 'batch', 'json', 'storage'] + [f'query/{room}' for room in ROOMS] + ['public'])
INSTALLED_BASE = {'arbor-arrow-abi.h', 'arbor-error.h', 'arbor-finding-kind.h', 'arbor-join-kind.h', 'arbor-kind.h', 'arbor-sort-flags.h',
                  'arbor-version-macros.h', 'arbor-version-numbers.h'}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)


def layer_of_include(name, folder):
    """The layer that an include reaches, None when it is not ours."""
    parts = name.split('/')
    if parts[0] == 'arbor' and len(parts) > 1:
        parts = parts[1:]
    if '/'.join(parts[:-1]) in LAYERS:
        return '/'.join(parts[:-1])
    if len(parts) == 1 and parts[0].startswith('arbor'):
        # A bare name is looked for beside the file, then among the public headers; those of base lie
        # beside the others where they are installed.
        if (folder_path(folder) / parts[0]).exists():
            return folder
        return 'base' if parts[0] in INSTALLED_BASE else 'public'
    return None


def folder_path(folder):
    return ROOT if folder == 'public' else ROOT / folder


def is_installed(name):
    parts = [part for part in name.split('/') if part != 'arbor']
    if len(parts) > 1:
        return parts[:-1] == ['base'] and parts[-1] in INSTALLED_BASE
    return not parts[-1].endswith('-private.h')


def check_engine_file(path, folder):
    here = path.relative_to(ROOT)
    installed = path.suffix == '.h' and is_installed(str(here))
    for _, name in INCLUDE.findall(path.read_text()):
        if pathlib.PurePath(name).name == 'lmdb.h' and folder != 'storage':
            yield f'{here}: only storage/ may include {name}'
        layer = layer_of_include(name, folder)
        if layer is None:
            continue
        if LAYERS.index(layer) > LAYERS.index(folder):
            yield f'{here}: {folder} may not include {name} of {layer}'
        if installed and not is_installed(name):
            yield f'{here}: an installed header may not include {name}, which is private'


def check_program(path):
    here = path.relative_to(ROOT.parent)
    for _, name in INCLUDE.findall(path.read_text()):
        ours = name.startswith('arbor/') or (ROOT / name).exists()
        if ours and name != 'arbor/arbor.h':
            yield f'{here}: a program includes <arbor/arbor.h>, not {name}'


def sources(folder, recursive=False):
    found = folder.rglob('*') if recursive else folder.glob('*')
    return sorted(p for p in found if p.suffix in ('.c', '.h', '.cc', '.in') and p.is_file())


def main():
    problems, n_files = [], 0
    for folder in LAYERS:
        for path in sources(folder_path(folder)):
            problems += check_engine_file(path, folder)
            n_files += 1
    for path in sources(ROOT / 'cli') + sources(ROOT.parent / 'examples', recursive=True):
        problems += check_program(path)
        n_files += 1
    print('\n'.join(problems) or f'{n_files} files include only downwards')
    return 1 if problems or n_files == 0 else 0


ROOT = pathlib.Path(sys.argv[1]) / 'arbor'
sys.exit(main())
