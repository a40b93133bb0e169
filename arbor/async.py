"""The asynchronous forms of functions, in C, of the table that says which have one.

Usage: async.py TABLE SOURCE HEADER C-FILES...

What a function takes and gives, and what is said about it, is read from its comment and its definition
in one of the C files; how arguments are kept until the thread uses them, from the table (async.table,
which says how it is written).
"""

import fnmatch
import pathlib
import re
import sys
import textwrap
from dataclasses import dataclass, field

WIDTH = 97
CANCELLABLE = 'GCancellable *'
HEAD = '(nullable) (scope notified) (closure progress_data) (destroy progress_destroy): '
DEFINITION = re.compile(r'/\*\*\n \* (arbor_\w+):\n(.*?) \*/\n([^;{}]*?)\n?\1 \(([^{;]*)\)\n\{', re.S)


@dataclass
class Argument:
    type: str                  # as in C; with [] when its length is an argument of its own
    name: str
    text: str                  # annotations and what it is
    length: str = ''           # the argument that has the length

    @property
    def c_type(self):
        return self.type.removesuffix('[]')

    @property
    def is_nullable(self):
        return '(nullable)' in self.text or self.c_type.endswith('Options *')


@dataclass
class Call:
    name: str                  # arbor_store_put
    how: str                   # words of the table
    owner: str = ''            # ArborStore, or nothing
    arguments: list = field(default_factory=list)   # without self, progress, cancellable and error
    outs: list = field(default_factory=list)        # what goes out besides what is returned
    order: list = field(default_factory=list)       # of all parameters, by name
    result: str = ''           # C type
    returns: str = ''
    about_self: str = ''
    is_thread_safe: bool = True

    @property
    def short(self):
        return self.name.removeprefix('arbor_')

    @property
    def struct(self):
        return ''.join(part.capitalize() for part in self.short.split('_')) + 'Call'

    @property
    def has_progress(self):
        return 'progress' in self.how

    def link(self, suffix=''):
        """How documentation calls it."""
        if self.owner:
            kind, owner = 'method', self.owner.removeprefix('Arbor') + '.'
            stem = self.short.removeprefix(prefix_of(self.owner))
        else:
            kind, owner, stem = 'func', '', self.short
            if self.result == 'ArborStore *':
                owner, stem = 'Store.', stem.removeprefix('store_')
        return f'[{kind}@Arbor.{owner}{stem}{suffix}]'


@dataclass
class Table:
    kept: dict                 # C type: (kept as, copied, freed)
    results: dict              # C type: (none, freed)
    calls: dict                # function: how, in order
    without: list              # (patterns, reason)

    def reason(self, name):
        """Why a function has no asynchronous form, or None."""
        for patterns, reason in self.without:
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
                return reason
        return None


def prefix_of(class_name):
    """store_ of ArborStore, load_options_ of ArborLoadOptions."""
    return re.sub(r'(?<!^)(?=[A-Z])', '_', class_name.removeprefix('Arbor')).lower() + '_'


def read_table(text):
    table = Table({}, {}, {}, [])
    for line in text.splitlines():
        cells = [cell.strip() for cell in line[2:].split(' |')]
        if line.startswith('< '):
            table.kept[cells[0]] = cells[1:]
        elif line.startswith('> '):
            table.results[cells[0]] = cells[1:]
        elif line.startswith('* '):
            table.calls[cells[0]] = cells[1]
        elif line.startswith('- '):
            table.without.append((cells[0].split(', '), cells[1]))
    return table


def read_comment(text):
    """The texts of parameters, and what is returned."""
    parameters, last = {}, None
    for line in text.splitlines():
        line = line.removeprefix(' *').removeprefix(' ')
        if match := re.fullmatch(r'@(\w+): (.*)', line):
            last, parameters[match[1]] = match[1], match[2]
        elif last and line.strip():
            parameters[last] += ' ' + line.strip()
        else:
            break
    found = re.search(r'^ \* Returns: (.*?)^ \*$', text, re.M | re.S)
    return parameters, re.sub(r'\n \*\s+', ' ', found[1]).strip() if found else ''


def read_parameters(text):
    """(type, name) of each."""
    for one in re.split(r',\s*', re.sub(r'\s+', ' ', text)):
        kind, name = re.fullmatch(r'(.*?)(\w+)', one).groups()
        yield kind.rstrip() if kind.endswith(' ') else kind, name


def make_call(name, how, comment, result, parameters):
    about, returns = read_comment(comment)
    call = Call(name, how, result=' '.join(result.split()), returns=returns,
                is_thread_safe='Any thread may call' in re.sub(r'\n \* ', ' ', comment))
    listed = list(read_parameters(parameters))
    call.order = [name for _, name in listed]
    lengths = {match[1] for text in about.values() if '(out)' not in text
               for match in re.finditer(r'\(array length=(\w+)\)', text)}
    for kind, one in listed:
        text = about.get(one, '')
        if one == 'self':
            call.owner, call.about_self = kind.removesuffix(' *'), text
        elif '(out)' in text:
            call.outs.append(Argument(kind.removesuffix('*').rstrip()
                                      if not kind.endswith(' **') else kind[:-1], one, text))
        elif one not in ('progress', 'progress_data', 'cancellable', 'error'):
            match = re.search(r'\(array length=(\w+)\)', text)
            call.arguments.append(Argument(kind + '[]' * bool(match), one, text,
                                           match[1] if match else ''))
    unknown = lengths - set(call.order)
    if unknown:
        sys.exit(f'{name}: no parameter {unknown}')
    return call


def read_calls(table, texts):
    """The calls of the table, in its order."""
    found = {}
    for text in texts:
        for name, comment, result, parameters in DEFINITION.findall(text):
            if name in table.calls:
                found[name] = make_call(name, table.calls[name], comment, result, parameters)
    for name in table.calls:
        if name not in found:
            sys.exit(f'{name} is in the table and in no C file, after a comment of its own')
    calls = [found[name] for name in table.calls]
    for call in calls:
        for argument in call.arguments:
            if argument.type not in table.kept:
                sys.exit(f'{call.name}: how is {argument.name}, {argument.type}, kept?')
        for kind in [call.result, *(out.type for out in call.outs)]:
            if kind not in table.results:
                sys.exit(f'{call.name}: how is a {kind} freed?')
    return calls


def join(kind, name):
    return kind + name if kind.endswith('*') else f'{kind} {name}'


def wrapped(head, parameters, tail):
    """A declaration with its parameters below each other where needed."""
    *before, last = head.split('\n')
    whole = ', '.join(one.replace(' ', '\0') for one in parameters)
    lines = textwrap.wrap(f'{last} ({whole}){tail}', 99, subsequent_indent=' ' * (len(last) + 2),
                          break_long_words=False, break_on_hyphens=False)
    return before + [line.replace('\0', ' ') for line in lines]


def begin_parameters(call):
    progress = ['ArborProgressFunc progress', 'gpointer progress_data', 'GDestroyNotify progress_destroy']
    return ([f'{call.owner} *self'] * bool(call.owner) +
            [join(argument.c_type, argument.name) for argument in call.arguments] +
            progress * call.has_progress +
            ['GCancellable *cancellable', 'GAsyncReadyCallback callback', 'gpointer user_data'])


def finish_parameters(call):
    return ([f'{call.owner} *self'] * bool(call.owner) + ['GAsyncResult *result'] +
            [join(out.type + ('' if out.type.endswith('*') else ' ') + '*', out.name)
             for out in call.outs] + ['GError **error'])


# Documentation

def comment(lines):
    out = ['/**']
    for line in lines:
        indent = '  ' if line.startswith('@') else ''
        parts = textwrap.wrap(line, WIDTH, subsequent_indent=indent, break_long_words=False,
                              break_on_hyphens=False)
        out += [' * ' + part for part in parts] or [' *']
    return out + [' */']


def thread_rule(call):
    if 'in order' in call.how:
        return ('Calls of one object run one after the other, in the order in which they are made; '
                'nothing else may use it before the last one has called back.')
    return 'Any thread may call this.'


def document_begin(call):
    lines = [f'{call.name}_async:'] + [f'@self: {call.about_self}'] * bool(call.owner)
    lines += [f'@{argument.name}: {argument.text}' for argument in call.arguments]
    if call.has_progress:
        lines += [f'@progress: {HEAD}told how far it is, in the caller\'s main context and before '
                  '@callback is called; of figures that come fast, the newest',
                  '@progress_data: for @progress', '@progress_destroy: (nullable): for @progress_data']
    return comment(lines + [
        '@cancellable: (nullable): to stop',
        "@callback: (scope async) (closure user_data): called at the end, in the caller's main context",
        '@user_data: for @callback', '',
        f'Asynchronous form of {call.link()}. {thread_rule(call)}', '', 'Since: 1.0'])


def document_finish(call):
    lines = [f'{call.name}_finish:'] + [f'@self: {call.about_self}'] * bool(call.owner)
    lines += ['@result: what the callback was given']
    lines += [f'@{out.name}: {out.text}' for out in call.outs]
    return comment(lines + [
        '@error: where to put an error', '', f'Ends {call.link("_async")}.', '',
        f'Errors: those of {call.link()}, %G_IO_ERROR_CANCELLED, and %ARBOR_ERROR_BUSY when no thread '
        'could be started.', '', f'Returns: {call.returns}', '', 'Since: 1.0'])


# Code

def fill(pattern, argument, owner=''):
    return pattern.replace('%', f'{owner}{argument.name}').replace('#', f'{owner}{argument.length}')


def result_of(call):
    """What is returned, as something that is kept; the length of an array is among what goes out."""
    match = re.search(r'\(array length=(\w+)\)', call.returns)
    length = match[1] if match else ''
    if not length and call.result.endswith('**'):
        length = next((out.name for out in call.outs), '')
    return Argument(call.result, 'result', '', length)


def define_struct(table, call):
    kept = [(argument, table.kept[argument.type]) for argument in call.arguments]
    gone = [(out, table.results[out.type]) for out in [result_of(call), *call.outs]]
    lines = ['typedef struct', '{']
    lines += [f'  {join(kept_as, argument.name)};' for argument, (kept_as, *_) in kept]
    lines += [f'  {join(out.type, out.name)};' for out, _ in gone]
    lines += [f'}} {call.struct};', '', 'static void', f'free_{call.short} (gpointer data)', '{',
              f'  {call.struct} *call = data;', '']
    lines += [f'  {fill(how[-1], one, "call->")};' for one, how in [*kept, *gone] if how[-1]]
    return lines + ['  g_free (call);', '}', '']


def define_run(call):
    """What the thread does."""
    keeps = {argument.name for argument in call.arguments}
    const = {argument.name: f'({argument.c_type}) ' for argument in call.arguments
             if argument.c_type.count('*') > 1}
    outs = {out.name for out in call.outs}
    passed = []
    for name in call.order:
        passed.append('source' if name == 'self' else
                      f'{const.get(name, "")}call->{name}' if name in keeps else
                      f'&call->{name}' if name in outs else
                      f'arbor_task_get_{name} (task)' if name.startswith('progress') else
                      '&error' if name == 'error' else name)
    target = call.name
    if match := re.search(r'as (\w+)', call.how):
        target, passed = match[1], ['task', *passed]
    closed = 'FALSE'
    if call.owner not in ('', 'ArborColumn', 'ArborBuilder'):
        closed = f'arbor_{prefix_of(call.owner)}is_closed (source)'
    return ['static void', f'run_{call.short} (GTask *task, gpointer source, gpointer data, '
            'GCancellable *cancellable)', '{', f'  {call.struct} *call = data;', '  GError *error = NULL;',
            '', f'  if (!arbor_task_begin (task, {closed}))', '    return;',
            *('  ' + line for line in wrapped(f'call->result = {target}', passed, ';')),
            '  arbor_task_end (task, error);', '}', '']


def check_argument(argument):
    if argument.type.endswith('**[]'):
        kind = re.sub(r'(?<=[a-z])(?=[A-Z])', '_', argument.c_type.removesuffix(' **')).upper()
        kind = 'G_TYPE_OBJECT' if kind == 'GOBJECT' else kind.replace('ARBOR_', 'ARBOR_TYPE_', 1)
        return f'arbor_task_are_objects ({argument.name}, {argument.length}, {kind})'
    if argument.type == 'const char *const *[]':
        return f'arbor_task_are_texts ({argument.name}, {argument.length})'
    if argument.type.endswith('[]'):
        return f'{argument.length} == 0 || {argument.name} != NULL'
    if not argument.c_type.endswith('*'):
        return ''
    if argument.c_type.startswith(('const ', 'GBytes')):
        return '' if argument.is_nullable else f'{argument.name} != NULL'
    name = re.sub(r'(?<=[a-z])(?=[A-Z])', '_', argument.c_type.removesuffix(' *'))
    name = name.replace('GF', 'G_F').replace('GI', 'G_I').replace('GO', 'G_O').upper().replace('_', '_IS_', 1)
    test = f'{name} ({argument.name})'
    return f'{argument.name} == NULL || {test}' if argument.is_nullable else test


def check_self(call):
    return (f'{prefix_of(call.owner).upper().rstrip("_")}'.join(('ARBOR_IS_', ' (self)'))
            if call.owner else '')


def define_begin(table, call):
    checks = [check_self(call)] + [check_argument(one) for one in call.arguments]
    checks += ['cancellable == NULL || G_IS_CANCELLABLE (cancellable)']
    head = f'void\n{call.name}_async'
    source = 'self' if call.owner else 'NULL'
    queue = 'NULL'
    if 'writes' in call.how:
        queue = f'arbor_{prefix_of(call.owner)}get_queue (self)'
    elif 'in order' in call.how:
        queue = 'arbor_task_name_queue (self, queue)'
    lines = document_begin(call) + wrapped(head, begin_parameters(call), '') + [
        '{', '  g_autoptr (GTask) task = NULL;', f'  {call.struct} *call;']
    lines += ['  char queue[ARBOR_TASK_QUEUE_SIZE];'] * ('in order' in call.how) + ['']
    lines += [f'  g_return_if_fail ({check});' for check in checks if check]
    lines += ['', f'  call = g_new0 ({call.struct}, 1);']
    lines += [f'  call->{one.name} = {fill(table.kept[one.type][1], one)};' for one in call.arguments]
    lines += ['  ' + line for line in wrapped('task = arbor_task_new', [
        source, f'{call.name}_async', f'"{call.name}_async"', 'cancellable', 'callback', 'user_data'], ';')]
    lines += [f'  g_task_set_task_data (task, call, free_{call.short});']
    if call.has_progress:
        lines += ['  arbor_task_set_progress (task, progress, progress_data, progress_destroy);']
    return lines + [f'  arbor_task_run (task, {queue}, run_{call.short});', '}', '']


def hand_out(table, kind, name):
    """An expression for what is kept, which is kept no longer."""
    return f'g_steal_pointer (&call->{name})' if table.results[kind][0] == 'NULL' else f'call->{name}'


def define_finish(table, call):
    none = table.results[call.result][0]
    head = f'{call.result}\n{call.name}_finish'
    source = 'self' if call.owner else 'NULL'
    lines = document_finish(call) + wrapped(head, finish_parameters(call), '') + [
        '{', f'  {call.struct} *call;', '']
    if call.owner:
        lines += [f'  g_return_val_if_fail ({check_self(call)}, {none});']
    lines += [f'  arbor_return_val_if_not_finish (result, {source}, {call.name}_async, error, {none});', '',
              '  call = arbor_task_finish (result, error);']
    for out in call.outs:
        if out.text.startswith('(out) (optional)'):
            lines += [f'  if ({out.name} != NULL)', f'    *{out.name} = {table.results[out.type][0]};',
                      f'  if ({out.name} != NULL && call != NULL)',
                      f'    *{out.name} = {hand_out(table, out.type, out.name)};']
        else:
            lines += [f'  *{out.name} = call != NULL ? call->{out.name} : '
                      f'{table.results[out.type][0]};']
    return lines + [f'  return call != NULL ? {hand_out(table, call.result, "result")} : {none};', '}', '']


def declare(call):
    yield from ['ARBOR_AVAILABLE_IN_1_0',
                *wrapped(f'void {call.name}_async', begin_parameters(call), ';')]
    yield from ['ARBOR_AVAILABLE_IN_1_0',
                *wrapped(join(call.result, f'{call.name}_finish'), finish_parameters(call), ';')]


def main():
    table_path, source, header, *files = map(pathlib.Path, sys.argv[1:])
    table = read_table(table_path.read_text(encoding='utf-8'))
    calls = read_calls(table, [path.read_text(encoding='utf-8') for path in files])
    made = (f'/* Made of {table_path.name} by {pathlib.Path(sys.argv[0]).name}: asynchronous forms of '
            'functions. */')
    lines = [made, '', '#include <arbor/arbor.h>', '', '#include "arbor-index-options-private.h"',
             '#include "arbor-load-private.h"',
             '#include "arbor-store-options-private.h"', '#include "arbor-object-private.h"',
             '#include "arbor-task-private.h"',
             '#include "arbor-transaction-private.h"', '']
    for call in calls:
        lines += define_struct(table, call) + define_run(call)
        lines += define_begin(table, call) + define_finish(table, call)
    source.write_text('\n'.join(lines), encoding='utf-8')
    lines = [made, '', '#pragma once', '',
             '#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)',
             '#error "Only <arbor/arbor.h> can be included directly."', '#endif', '',
             '#include <arbor/arbor-types.h>', '', 'G_BEGIN_DECLS', '']
    for call in calls:
        lines += declare(call)
    header.write_text('\n'.join(lines + ['', 'G_END_DECLS', '']), encoding='utf-8')


if __name__ == '__main__':
    main()
