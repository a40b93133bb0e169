"""Types of the interface as Python sees it, for type checkers and editors: gi-stubs/repository/Arbor.pyi.

Usage: make-stubs.py GIR OUTPUT

What there is, and how it is called, comes from the module itself with its overrides; of which types things
are, from the introspection data, where the override has the parameters of the function that it stands for,
and from the tables here for what Python adds. It runs where the library that was just built can be
imported.
"""

import enum
import inspect
import pathlib
import sys

import gi

import gir

gi.require_version('Arbor', '1.0')
from gi.repository import Arbor, Gio, GLib, GObject  # noqa: E402

SCALARS = {
    'utf8': 'str', 'filename': 'str', 'gboolean': 'bool', 'gdouble': 'float', 'gpointer': 'Any',
    'GLib.Bytes': 'GLib.Bytes', 'GLib.Variant': 'GLib.Variant', 'GLib.Error': 'GLib.Error',
    'GLib.Quark': 'int', 'GType': 'type', 'GObject.Object': 'GObject.Object',
    **{name: 'int' for name in ('gint', 'guint', 'gint64', 'guint64', 'gsize', 'gssize', 'guint8',
                                'guint32', 'gint32', 'gulong', 'glong')},
}
# What may be given where the library takes one of these.
GIVEN = {
    'Tree': 'Any', 'Arbor': 'Arbor | Iterable[Any]', 'Expr': 'Expr | str', 'filename': 'Path',
    'GLib.Bytes': 'Data',
    'Gio.AsyncReadyCallback': 'Callable[..., Any]', 'ProgressFunc': 'Callable[[int, int], Any]',
    'ClosedFunc': 'Callable[..., Any]',
}
# By name, where Python's function has parameters of its own.
BY_NAME = {
    'cancellable': 'Gio.Cancellable | None', 'callback': 'Callable[..., Any] | None',
    'progress': 'Callable[[int, int], Any] | None', 'name': 'str', 'n_trees': 'int', 'start': 'int',
    'predicate': 'Expr | str', 'condition': 'Expr | str | bool', 'descending': 'bool | Sequence[bool]',
    'nulls_first': 'bool | Sequence[bool]', 'k': 'int', 'n': 'int', 'n_bins': 'int', 'seed': 'int | None',
    'paths': 'Path | Expr', 'keys': 'Expr | str | Sequence[Expr | str]', 'path': 'Path', 'text': 'str',
    'key': 'Any', 'retries': 'int', 'jsonpath': 'str', 'json': 'str', 'length': 'int', 'data': 'Data',
    'other_key': 'Expr | str | Sequence[Expr | str] | None', 'field': 'str | None', 'one': 'bool',
    'how': 'str | JoinKind', 'duplicates': 'str | Duplicates', 'suffix': 'str | None',
    'function': 'Callable[..., Any]', 'file': 'Gio.File', 'missing': 'str | None', 'format': 'Any', 'names': 'str',
}
# By function and name, where one name means several things.
PARAMETERS = {
    'update_where.fields': 'dict[str, Any] | Sequence[str]', 'update_where.values': 'Sequence[Any] | None',
    'update_where_async.fields': 'dict[str, Any] | Sequence[str]',
    'update_where_async.values': 'Sequence[Any] | None',
    'put_many.arbors': 'dict[str, Any] | Sequence[str]', 'put_many.values': 'Sequence[Any] | None',
    **{f'{name}.objects': 'Iterable[Any]' for name in ('put_objects', 'put_objects_async', 'upsert_objects',
                                                       'upsert_objects_async')},
    'to_object.cls': 'type[Made]', 'new_from_object.object': 'Any', 'call.function': 'str',
    'explode.path': 'str | Expr',
    **{f'{name}.paths': 'str | Expr | Sequence[str | Expr] | None' for name in ('set_keys', 'set_keys_async')},
    **{f'{name}.{values}': 'Arbor | Iterable[Any]' for name in ('put', 'put_async', 'append', 'upsert',
       'upsert_async', 'setdefault', 'replace') for values in ('values',)},
}
DUNDERS = {
    '__len__': 'int', '__bool__': 'bool', '__contains__': 'bool', '__hash__': 'int', '__str__': 'str',
    '__repr__': 'str', '__enter__': 'Self', '__aenter__': 'Self', '__exit__': 'None',
    '__aexit__': 'None', '__setitem__': 'None', '__delitem__': 'None', '__eq__': 'bool',
    '__getitem__': 'Any', '__iter__': 'Iterator[Any]', '__aiter__': 'AsyncIterator[Any]', '__array__': 'Any', '__ior__': 'Self', '__copy__': 'Self', '__deepcopy__': 'Self', '_repr_html_': 'str',
}
RESULTS = {
    'Arbor.__getitem__': 'Any', 'Arbor.__iter__': 'Iter', 'Arbor.__add__': 'Arbor', 'Arbor.pick': 'DictIter',
    'Arbor.column': 'Column', 'Arbor.column_async': 'Coroutine[Any, Any, Column]', 'Arbor.cursor': 'Cursor',
    'Arbor.lazy': 'Query', 'Arbor.to_python': 'list[Any]', 'Arbor.get': 'Any',
    'Iter.__iter__': 'Self', 'Iter.__next__': 'Tree', 'DictIter.__iter__': 'Self',
    'DictIter.__next__': 'dict[str, Any]', 'DictIter.close': 'None', 'DictIter.is_closed': 'bool',
    'Query.__add__': 'Query', 'Query.to_python': 'list[Any]', 'Groups.__getitem__': 'tuple[Tree, Arbor]',
    'Groups.__iter__': 'Iterator[tuple[Tree, Arbor]]', 'Groups.find': 'int | None',
    'Index.__getitem__': 'Tree', 'Index.get': 'Any', 'Column.__iter__': 'Iterator[Any]',
    'Column.dictionary': 'list[str]', 'Column.to_list': 'list[Any]', 'Column.to_python': 'list[Any]',
    'Column.to_memoryview': 'memoryview', 'Column.statistics': 'dict[str, Any]',
    'Cursor.get': 'Any', 'Cursor.next': 'bool', 'Tree.keys': 'list[str]', 'Tree.values': 'list[Any]',
    'Tree.items': 'list[tuple[str, Any]]', 'Tree.__iter__': 'Iterator[Any]', 'Tree.set': 'Tree',
    'Tree.to_object': 'Made', 'Row.to_object': 'Made', 'Expr.__eq__': 'Expr', 'ListModel.__init__': 'None',
    'Tree.new': 'Tree', 'Tree.get': 'Any', 'Matches.__iter__': 'Iterator[Any]',
    'Matches.paths': 'list[str]', 'Matches.items': 'list[tuple[str, Any]]',
    'Matches.to_python': 'list[Any]', 'Schema.__getitem__': 'dict[str, Any]',
    'Schema.__iter__': 'Iterator[dict[str, Any]]', 'Schema.to_python': 'list[dict[str, Any]]',
    'Builder.add': 'bool', 'Store.transaction': 'Transaction', 'Store.get': 'Any',
    'Transaction.get': 'Any', 'Row.get': 'Any', 'Row.to_python': 'Any', 'ArborError.copy': 'Self',
    'read_jsonl': 'Arbor', 'read_json': 'Arbor', 'read_csv': 'Arbor', 'from_python': 'Arbor',
    'lit': 'Expr', 'call': 'Expr', 'expr': 'Expr', 'path': 'Expr', 'element': 'Expr', 'when': 'Any',
    **{f'{owner}.{name}': result for owner in ('Store', 'Transaction') for name, result in (
        ('__getitem__', 'Arbor'), ('__iter__', 'Iterator[str]'), ('keys', 'list[str]'),
        ('values', 'list[Arbor]'), ('items', 'list[tuple[str, Arbor]]'), ('pop', 'Any'),
        ('popitem', 'tuple[str, Arbor]'), ('setdefault', 'Arbor'), ('update', 'None'),
        ('clear', 'None'), ('__enter__', 'Self'))},
}
# What PyGObject gives every Gio.ListModel, by what is in it.
ITEMS = {'ListModel': 'Row', 'ObjectModel': 'Any', 'Report': 'Finding'}
OPERATORS = frozenset(f'__{name}__' for name in (
    'and', 'or', 'invert', 'lt', 'le', 'gt', 'ge', 'ne', 'add', 'sub', 'mul', 'truediv', 'floordiv', 'mod', 'pow',
    'neg', 'abs', 'radd', 'rsub', 'rmul', 'rtruediv', 'rfloordiv', 'rmod', 'rpow', 'rand', 'ror'))
HEADER = '''# Made by make-stubs.py of the module as it is.
# mypy: disable-error-code="override, misc, no-any-unimported, type-arg"
# pyright: reportIncompatibleMethodOverride=false

import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Sequence
from typing import Any, ClassVar, TypeVar, overload

from typing_extensions import Self

from gi.repository import Gio, GLib, GObject  # type: ignore

Path = str | os.PathLike[str] | Gio.File
Made = TypeVar('Made')
Data = bytes | bytearray | memoryview | str | GLib.Bytes
'''


def name_type(type_, given=False):
    """A type of the introspection data as Python has it."""
    name = GIVEN.get(type_.name) if given else None
    if name is None:
        name = SCALARS.get(type_.name, type_.name)
    if type_.is_array:
        name = f'Sequence[{name}]' if given else f'list[{name}]'
    return f'{name} | None' if type_.is_nullable else name


def result_of(function):
    results = [name_type(one) for one in function.results]
    if len(results) > 1:
        return f'tuple[{", ".join(results)}]'
    return results[0] if results else 'None'


def annotate(owner, name, parameter, function):
    if parameter.name == 'callback' and parameter.annotation is not parameter.empty:
        return parameter.annotation
    known = {one.name: one.type for one in function.parameters} if function is not None else {}
    if f'{name}.{parameter.name}' in PARAMETERS:
        return PARAMETERS[f'{name}.{parameter.name}']
    if owner == 'Expr' and parameter.name != 'self' and (
            function is None or known.get(parameter.name, gir.Type('Expr')).name == 'Expr'):
        return 'Any'
    if parameter.kind is parameter.VAR_KEYWORD:
        return 'Any'
    if parameter.name in known and known[parameter.name].name not in ('Duplicates', 'JoinKind'):
        given = name_type(known[parameter.name], given=True)
        if parameter.name in BY_NAME and parameter.kind is parameter.VAR_POSITIONAL:
            given = BY_NAME[parameter.name]
        return given
    return BY_NAME.get(parameter.name, 'Any')


def write_signature(owner, name, signature, function):
    parts, is_after_star = [], False
    for parameter in signature.parameters.values():
        if parameter.name == 'self' and not parts:
            parts.append('self')
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not is_after_star:
            parts.append('*')
            is_after_star = True
        star = {parameter.VAR_POSITIONAL: '*', parameter.VAR_KEYWORD: '**'}.get(parameter.kind, '')
        is_after_star = is_after_star or star == '*'
        text = f'{star}{parameter.name}: {annotate(owner, name, parameter, function)}'
        if parameter.default is not parameter.empty:
            if parameter.default is None and not text.endswith((': Any', ' None')):
                text += ' | None'
            text += ' = ...'
        parts.append(text)
    return ', '.join(parts)


def get_result(owner, name, functions):
    result = RESULTS.get(f'{owner}.{name}' if owner else name, DUNDERS.get(name))
    if result is not None:
        return result
    if owner == 'Expr' and name.startswith('__'):
        return 'Any'
    if name.endswith('_async'):
        finish = functions.get(name[:-len('async')] + 'finish')
        return f'Coroutine[Any, Any, {result_of(finish)}]' if finish is not None else 'Any'
    function = functions.get(name)
    return result_of(function) if function is not None else 'Any'


def of_gir(function):
    parameters = [inspect.Parameter(one.name, inspect.Parameter.POSITIONAL_OR_KEYWORD,
                                    default=inspect.Parameter.empty if one.default != 'null' else None)
                  for one in function.parameters]
    if function.kind == 'method':
        parameters.insert(0, inspect.Parameter('self', inspect.Parameter.POSITIONAL_OR_KEYWORD))
    return inspect.Signature(parameters)


def list_members(cls):
    """Names and values of the class and of what it mixes in, down to the library's own."""
    found = {}
    for base in reversed(cls.__mro__):
        if base.__module__.startswith(('gi.overrides.Arbor', 'gi.repository.Arbor')):
            found.update(vars(base))
    return found


def list_overloads(signature):
    """An asynchronous function gives something to await, or nothing where it is given a callback: as the
    signatures without one, with one by position, and with one by its name."""
    parameters = list(signature.parameters.values())
    place = list(signature.parameters).index('callback')
    before, callback, after = parameters[:place], parameters[place], parameters[place + 1:]
    named = [one for one in after if one.kind is not one.VAR_POSITIONAL]
    # Without a callback nothing is handed on to it.
    yield 'Coroutine', signature.replace(parameters=[*before, callback.replace(annotation='None'), *named])
    callback = callback.replace(annotation='Callable[..., Any]', default=callback.empty)
    yield 'None', signature.replace(parameters=[
        *(one.replace(default=one.empty) for one in before), callback, *after])
    yield 'None', signature.replace(parameters=[
        *before, *sorted([callback.replace(kind=callback.KEYWORD_ONLY), *(
            one if one.kind is one.VAR_KEYWORD else one.replace(kind=one.KEYWORD_ONLY) for one in named)],
            key=lambda one: one.kind)])


def write_callable(owner, name, value, functions, indent):
    function = functions.get(name)
    plain = getattr(value, '__func__', value)
    try:
        signature = inspect.signature(plain)
        if str(signature) == '(*args, **kwargs)' and function is not None:
            signature = of_gir(function)
    except (TypeError, ValueError):
        if function is None:
            return
        signature = of_gir(function)
    if isinstance(value, classmethod):
        signature = signature.replace(parameters=list(signature.parameters.values())[1:])
    is_static = 'self' not in signature.parameters and owner is not None
    begin = 'async def' if inspect.iscoroutinefunction(plain) else 'def'
    result = get_result(owner, name, functions)
    is_called_back = name.endswith('_async') and 'callback' in signature.parameters
    forms = list_overloads(signature) if is_called_back else [(result, signature)]
    for given, form in forms:
        if is_called_back:
            yield f'{indent}@overload'
        if is_static:
            yield f'{indent}@staticmethod'
        yield (f'{indent}{begin} {name}({write_signature(owner, name, form, function)}) -> '
               f'{result if given == "Coroutine" else given}: ...')


def write_items(name, cls):
    if name not in ITEMS:
        return
    for member, parameters, result in (('len', '', 'int'), ('iter', '', f'Iterator[{ITEMS[name]}]'),
                                       ('getitem', ', key: Any', ITEMS[name]),
                                       ('contains', ', item: Any', 'bool')):
        if f'__{member}__' not in list_members(cls):
            yield f'    def __{member}__(self{parameters}) -> {result}: ...'


def write_class(name, cls, known):
    functions = {one.name: one for one in known.functions} if known is not None else {}
    bases = ('GLib.Error' if issubclass(cls, GLib.Error) else
             'GObject.Object' if issubclass(cls, GObject.Object) else '')
    if issubclass(cls, Gio.ListModel):
        bases += ', Gio.ListModel'
    if name.endswith('Error') and name != 'ArborError' and issubclass(cls, GLib.Error):
        bases = ', '.join(base.__name__ for base in cls.__bases__)
    yield f'\n\nclass {name}{f"({bases})" if bases else ""}:'
    if known is not None and name.endswith('Options'):
        settings = ''.join(f', {one.replace("-", "_")}: Any = ...' for one, _, _ in known.properties)
        yield f'    def __init__(self, *{settings}) -> None: ...'
    if known is not None and known.properties:
        yield '    props: Any'
    yield from write_items(name, cls)
    n = 0
    for member, value in list_members(cls).items():
        is_special = member in DUNDERS or f'{name}.{member}' in RESULTS
        if member.startswith('_') and not is_special and not (name == 'Expr' and member in OPERATORS):
            continue
        if not (callable(value) or isinstance(value, (staticmethod, classmethod))):
            continue
        if member == '__hash__' and value is None or inspect.isclass(value):
            continue
        for line in write_callable(name, member, value, functions, '    '):
            yield line
            n += 1
    if n == 0:
        yield '    pass'


def write_enumeration(name, known):
    base = 'GObject.GFlags' if known.kind == 'bitfield' else 'GObject.GEnum'
    yield f'\n\nclass {name}({base}):'
    for member, value in known.members:
        yield f'    {member.upper()}: ClassVar[{name}]'
    for line in (line for one in known.functions
                 for line in write_callable(name, one.name, getattr(getattr(Arbor, name), one.name),
                                            {one.name: one}, '    ')):
        yield line


def main():
    classes, functions = gir.read(sys.argv[1])
    known = {one.name: one for one in classes}
    functions = {one.name: one for one in functions}
    # Functions of enumerations are the module's, too.
    functions.update((f'{cls.name.lower()}_{one.name}', one) for cls in classes
                     if cls.kind in ('enumeration', 'bitfield') for one in cls.functions)
    out = [HEADER]
    for name in sorted(dir(Arbor)):
        thing = getattr(Arbor, name)
        if name.startswith('_') or name in ('GLib', 'GObject', 'Gio') or name.endswith('Class'):
            continue
        if name in known and known[name].kind in ('enumeration', 'bitfield'):
            out += write_enumeration(name, known[name])
        elif inspect.isclass(thing):
            out += write_class(name, thing, known.get(name))
        elif callable(thing):
            out += ['', *write_callable(None, name, thing, functions, '')]
        elif isinstance(thing, (int, str)) and not isinstance(thing, enum.Enum):
            out += ['', f'{name}: {type(thing).__name__}']
    pathlib.Path(sys.argv[2]).write_text('\n'.join(out) + '\n', encoding='utf-8')


main()
