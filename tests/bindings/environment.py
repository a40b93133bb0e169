"""An environment of Python in which checkers of types find those of the library, as they are installed, beside
the few of PyGObject's own that they lean on.
"""

import venv

PYGOBJECT = {
    'GObject': 'from typing import Any\nclass Object:\n    def connect(self, signal: str, handler: Any, '
               '*data: Any) -> int: ...\n    props: Any\nclass GEnum(int): ...\nclass GFlags(int): ...\n',
    'GLib': 'class Error(RuntimeError):\n    message: str\n    code: int\n    domain: str\n'
             '    def matches(self, domain: int, code: int) -> bool: ...\n'
            'class Bytes: ...\nclass Variant: ...\n'
            'class MainContext:\n    @staticmethod\n    def default() -> MainContext: ...\n'
            '    def iteration(self, may_block: bool) -> bool: ...\n',
    'Gio': 'from typing import Any\nclass ListModel:\n    def get_item(self, position: int) -> Any: ...\n'
           'class Cancellable: ...\nclass AsyncResult: ...\nclass File: ...\n'
           'class InputStream: ...\nclass OutputStream: ...\nclass ListStore: ...\n',
}


def make_environment(folder, types):
    venv.create(folder, system_site_packages=True, symlinks=True)
    there = next(folder.glob('lib/python*/site-packages')) / 'gi-stubs' / 'repository'
    there.mkdir(parents=True)
    (there / types.name).write_bytes(types.read_bytes())
    (there.parent / '__init__.pyi').write_text(
        'def require_version(namespace: str, version: str) -> None: ...\n', encoding='utf-8')
    for name, text in PYGOBJECT.items():
        (there / f'{name}.pyi').write_text(text, encoding='utf-8')
    return str(folder / 'bin' / 'python')
