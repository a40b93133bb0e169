"""Types of the interface as JavaScript sees it: Arbor.d.ts.

Usage: make-declarations.py GIR ADDITIONS OUTPUT

All comes from the introspection data, as conform.js goes by it, but for what the other overrides add, which
is in the file of additions. What belongs to GLib and GIO is declared by the little that is needed of it, so
that nothing else has to be installed; the types of others fit.
"""

import pathlib
import re
import sys

import gir

SCALARS = {
    'utf8': 'string', 'filename': 'string', 'gboolean': 'boolean', 'gdouble': 'number',
    'gpointer': 'any', 'GType': 'any', 'GLib.Bytes': 'Bytes', 'Gio.Cancellable': 'Cancellable',
    **{name: 'number' for name in ('gint', 'guint', 'gint64', 'guint64', 'gsize', 'gssize', 'guint8',
                                   'guint32', 'gint32', 'gulong')},
}
GIVEN = {
    'Tree': 'any', 'Arbor': 'Trees', 'Expr': 'Condition', 'GLib.Bytes': 'Data',
    'gint64': 'number | bigint', 'guint64': 'number | bigint',
    'filename': 'string | { get_path(): string | null }',
}
HEADER = """// Made by make-declarations.py.

declare module 'gi://Arbor?version=1.0' {

export interface Cancellable {
    cancel(): void;
    is_cancelled(): boolean;
}

export interface Bytes {
    toArray(): Uint8Array;
}

/** What every GObject has. */
export class GObject {
    constructor(properties?: Record<string, any>);
    connect(signal: string, callback: (...args: any[]) => any): number;
    disconnect(id: number): void;
    notify(property: string): void;
}

/** An expression, or its text. */
export type Condition = Expr | string;
/** Names and expressions. */
export type Fields = Record<string, Condition>;
/** A path or an expression, or several. */
export type Keys = Condition | Condition[];
/** An arbor, or values. */
export type Trees = Arbor | Iterable<any>;
export type Data = string | Uint8Array | ArrayBuffer | Bytes;
export type Flags = SortFlags | {descending?: boolean, nulls_first?: boolean};

/** A field of a schema. */
export interface SchemaField {
    path: string;
    kinds: Record<string, number>;
    optional: boolean;
}

/** A choice that is being written. */
export interface When {
    when(condition: any): When;
    then(value: any): When;
    otherwise(value: any): Expr;
}

export interface NativeIterator extends IterableIterator<any> {
    close(): void;
    is_closed(): boolean;
}
"""
RESERVED = {'new', 'delete', 'function', 'default', 'in', 'with', 'null', 'var', 'case'}


class Writer:
    def __init__(self, classes):
        self.classes = {one.name: one for one in classes}

    def name_type(self, type_, owner=None, given=False, name=''):
        known = self.classes.get(type_.name)
        text = GIVEN.get(type_.name) if given else None
        if given and type_.name == 'Expr' and owner == 'Expr':
            text = 'any'
        elif given and type_.name == 'Expr' and type_.is_array and name.endswith('keys'):
            return 'Keys' + (' | null' if type_.is_nullable else '')
        elif given and type_.name == 'SortFlags' and type_.is_array:
            return 'Flags | Flags[] | null'
        elif given and type_.name == 'SortOptions':
            text = 'SortOptions | Flags | Flags[]'
        elif given and type_.name.endswith('Options'):
            text = f'{type_.name} | {type_.name}Settings'
        elif given and known is not None and known.kind == 'enumeration':
            text = f'{type_.name} | string'
        elif text is None:
            text = SCALARS.get(type_.name, type_.name)
        if type_.name.endswith('Callback') or type_.name.endswith('Func'):
            text = '(...args: any[]) => any'
        elif '.' in text:
            text = 'any'
        if type_.is_array:
            text = 'Uint8Array' if type_.name == 'guint8' else \
                f'({text})[]' if '|' in text or '=>' in text else f'{text}[]'
        if type_.is_nullable and text != 'any':
            text = f'({text}) | null' if '=>' in text else f'{text} | null'
        return text

    def write_parameters(self, function, owner):
        parts = []
        for one in function.parameters:
            if one.type.name == 'Gio.AsyncReadyCallback':
                continue
            name = one.name + '_' if one.name in RESERVED else one.name
            mark = '?' if one.default is not None else ''
            parts.append(f'{name}{mark}: '
                         f'{self.name_type(one.type, owner, given=True, name=one.name)}')
        return ', '.join(parts)

    def name_result(self, function):
        results = [self.name_type(one) for one in function.results]
        if len(results) > 1:
            return f'[{", ".join(results)}]'
        return results[0] if results else 'void'

    def write_function(self, function, owner, finish=None):
        result = self.name_result(function)
        if function.name.endswith('_async'):
            result = f'Promise<{self.name_result(finish) if finish is not None else "any"}>'
        static = '' if function.kind == 'method' or owner is None else 'static '
        name = f"['{function.name}']" if function.name in RESERVED else function.name
        return f'{static}{name}({self.write_parameters(function, owner)}): {result};'

    def write_class(self, known, additions):
        is_object = known.kind == 'class'
        yield f'export class {known.name}{" extends GObject" if is_object else ""} {{'
        names = {match[1] for line in additions
                 if (match := re.match(r"    (?:static )?\[?'?(\w+)'?\]?[(<]", line))}
        by_name = {one.name: one for one in known.functions}
        for name, type_, is_writable in known.properties:
            if (known.name, name) == ('ListModel', 'filter'):
                yield '    get filter(): Expr | null;'
                yield '    set filter(condition: Condition | null);'
                continue
            if name.replace('-', '_') in by_name:
                continue
            read_only = '' if is_writable else 'readonly '
            yield f'    {read_only}{name.replace("-", "_")}: {self.name_type(type_, known.name)};'
        for one in known.functions:
            if one.name in names or one.name.endswith('_finish'):
                continue
            finish = by_name.get(one.name[:-len('async')] + 'finish')
            yield '    ' + self.write_function(one, known.name, finish)
        yield from additions
        yield '}'
        yield ''
        if known.name.endswith('Options'):
            yield f'export interface {known.name}Settings {{'
            for name, type_, _ in known.properties:
                yield (f'    {name.replace("-", "_")}?: '
                       f'{self.name_type(type_, known.name, given=True, name=name)};')
            for name, type_ in known.settings:
                yield f'    {name}?: {self.name_type(type_, known.name, given=True, name=name)};'
            yield '}'
            yield ''

    def write_enumeration(self, known):
        yield f'export enum {known.name} {{'
        yield from (f'    {name.upper()} = {value},' for name, value in known.members)
        yield '}'
        yield ''


def read_additions(text):
    found, name = {}, None
    for line in text.splitlines():
        if match := re.fullmatch(r'// (\w+)', line):
            name = match[1]
            found[name] = []
        elif name is not None and line:
            found[name].append(line)
    return found


def main():
    classes, functions = gir.read(sys.argv[1])
    additions = read_additions(pathlib.Path(sys.argv[2]).read_text(encoding='utf-8'))
    writer = Writer(classes)
    out = [HEADER]
    for one in classes:
        if one.kind in ('class', 'record'):
            out += writer.write_class(one, additions.get(one.name, []))
        else:
            out += writer.write_enumeration(one)
    by_name = {one.name: one for one in functions}
    functions = [one for one in functions if not one.name.endswith('_finish')]
    out += ['export function ' + writer.write_function(
        one, None, by_name.get(one.name[:-len('async')] + 'finish')) for one in functions]
    out += additions['functions']
    names = [one.name for one in classes] + [one.name for one in functions] + [
        re.match(r'export function (\w+)', line)[1] for line in additions['functions']]
    out += ['', 'const _default: {']
    out += [f'    {name}: typeof {name};' for name in names]
    out += ['};', 'export default _default;', '}']
    pathlib.Path(sys.argv[3]).write_text('\n'.join(out) + '\n', encoding='utf-8')


main()
