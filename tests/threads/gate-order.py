"""All interleavings of the gate's atomic operations, on memory weaker than that of x86.

Usage: gate-order.py SOURCE-ROOT

x86 orders loads and read-modify-writes by itself, so an atomic operation whose order is too weak, or
that is none, works there in every test that runs the code. Here the operations of enter, leave, close
and of the way to a teardown are read from arbor/base/arbor-gate.c, with the orders that they have
there, and played by a few threads in every order that the memory model allows:

 - two operations of a thread on different places change their order unless both are seq_cst;
 - what is added without an atomic operation is a load and a store, between which others come.

In each order no teardown may be claimed while somebody is inside, and in the end exactly one is. A
gate whose operations are not the ones expected fails: then this model has to follow. The same is
done with gates that are wrong on purpose, each of which must be found out.
"""

import itertools
import pathlib
import re
import sys

FUNCTIONS = {
    'arbor_gate_enter': ['add inside', 'load latch', 'call arbor_gate_leave'],
    'arbor_gate_leave': ['sub inside', 'load latch', 'call try_teardown'],
    'arbor_gate_close': ['swap latch', 'call try_teardown'],
    'is_empty': ['load inside'],
    'try_teardown': ['call is_empty', 'swap teardown'],
}


def read_functions(text):
    """Of each function: its operations in the order of the text, (what, is_seq_cst)."""
    text = re.sub(r'/\*.*?\*/', '', text, flags=re.S)
    found = {}
    for name, expected in FUNCTIONS.items():
        body = re.search(r'^%s \([^;{]*\)\n\{\n(.*?)^\}' % name, text, flags=re.S | re.M)
        if body is None:
            sys.exit(f'arbor-gate.c has no {name}: let the model follow')
        operations = []
        pattern = (r'__atomic_(add_fetch|fetch_add|sub_fetch|fetch_sub|load_n|compare_exchange_n|'
                   r'store_n) \(&self->([a-z]+)[^;]*?((?:__ATOMIC_[A-Z_]+(?:, *\n? *)?)+)\)|'
                   r'(arbor_gate_leave|try_teardown|is_empty) \(self|'
                   r'(inside)(?:\+\+|--| [-+]= 1)')
        for match in re.finditer(pattern, body[1]):
            verb, place, orders, call, plain = match.groups()
            if call:
                operations.append(('call ' + call, True))
            elif plain:
                operations.append((('add ' if '+' in match[0] else 'sub ') + plain + ' plainly',
                                   False))
            else:
                if place == 'stripes':
                    place = 'inside'
                verb = {'load_n': 'load', 'store_n': 'store',
                        'compare_exchange_n': 'swap'}.get(verb, verb.replace('fetch', '').strip('_'))
                strong = set(re.findall(r'__ATOMIC_[A-Z_]+', orders)) == {'__ATOMIC_SEQ_CST'}
                operations.append((f'{verb} {place}', strong))
        # What comes after the claim is no matter of order any more.
        found[name] = operations[:len(expected)]
    return found


def check_shape(functions):
    return [f'{name}: expected {expected}, found {[what for what, _ in functions[name]]}'
            for name, expected in FUNCTIONS.items()
            if [what for what, _ in functions[name]] != expected]


# A thread is a list of instructions: (kind, place, is_seq_cst, argument). 'skip' jumps over some when
# the last value that was loaded says so.

def sum_and_claim(functions, n_stripes):
    load = functions['is_empty'][0][1]
    claim = functions['try_teardown'][1][1]
    code = []
    for stripe in range(n_stripes):
        code += [('load', f'inside{stripe}', load, None), ('end unless 0', None, True, None)]
    return code + [('claim', 'teardown', claim, None)]


def count(operation, stripe, by):
    what, strong = operation
    if what.endswith('plainly'):
        return [('load', f'inside{stripe}', False, None), ('store sum', f'inside{stripe}', False, by)]
    return [('add', f'inside{stripe}', strong, by)]


def leave(functions, stripe, n_stripes):
    sub, load = functions['arbor_gate_leave'][:2]
    return (count(sub, stripe, -1) + [('load', 'latch', load[1], None),
                                      ('end if 0', None, True, None)] +
            sum_and_claim(functions, n_stripes))


def visit(functions, stripe, n_stripes):
    """Enters, is inside when let in, and leaves."""
    add, load = functions['arbor_gate_enter'][:2]
    entered = [('arrive', None, True, None), ('depart', None, True, None)]
    steps = {'add': count(add, stripe, 1), 'load': [('load', 'latch', load[1], None)]}
    order = [what.split()[0] for what, _ in functions['arbor_gate_enter'][:2]]
    return (steps[order[0]] + steps[order[1]] +
            [('skip unless 0', None, True, len(entered))] + entered +
            leave(functions, stripe, n_stripes))


def close(functions, n_stripes):
    return [('close', 'latch', functions['arbor_gate_close'][0][1], None)] + \
        sum_and_claim(functions, n_stripes)


MEMORY = {'load', 'store sum', 'add', 'claim', 'close'}


def choices(code, at):
    """Which instruction of a thread may be next: its first, or one that nothing keeps behind."""
    yield at
    if at + 1 < len(code):
        first, second = code[at], code[at + 1]
        if (first[0] in MEMORY and second[0] in MEMORY and first[1] != second[1] and
                not (first[2] and second[2])):
            yield at + 1


def run(code, state, thread, at):
    """The state after an instruction, or a text that says what went wrong."""
    memory, positions, values, swapped, inside, claims = state
    memory, values = dict(memory), list(values)
    kind, place, _, argument = code[at]
    target = at + 1
    if kind == 'load':
        values[thread] = memory.get(place, 0)
    elif kind == 'store sum':
        memory[place] = values[thread] + argument
    elif kind == 'add':
        memory[place] = memory.get(place, 0) + argument
    elif kind == 'close':
        if memory.get('latch', 0):
            target = len(code)
        memory['latch'] = 1
    elif kind == 'claim':
        if not memory.get('teardown', 0):
            claims += 1
            if inside:
                return 'torn down while somebody is inside'
        memory['teardown'] = 1
    elif kind == 'arrive':
        if claims:
            return 'let in after the teardown'
        inside += 1
    elif kind == 'depart':
        inside -= 1
    elif kind == 'skip unless 0' and values[thread] != 0:
        target += argument
    elif (kind == 'end unless 0' and values[thread] != 0) or \
            (kind == 'end if 0' and values[thread] == 0):
        target = len(code)

    positions, swapped = list(positions), list(swapped)
    if at == positions[thread] + 1:
        swapped[thread] = True  # the one before it is still to come
    elif swapped[thread]:
        target, swapped[thread] = at + 2, False
    positions[thread] = positions[thread] if swapped[thread] else target
    return (tuple(sorted(memory.items())), tuple(positions), tuple(values), tuple(swapped), inside,
            claims)


def explore(codes):
    """What can go wrong, None for nothing, and how many states there are."""
    n = len(codes)
    start = ((), (0,) * n, (0,) * n, (False,) * n, 0, 0)
    seen, stack = {start}, [start]
    while stack:
        state = stack.pop()
        moved = False
        for thread, code in enumerate(codes):
            at = state[1][thread]
            if at >= len(code):
                continue
            moved = True
            for choice in [at] if state[3][thread] else choices(code, at):
                after = run(code, state, thread, choice)
                if isinstance(after, str):
                    return after, len(seen)
                if after not in seen:
                    seen.add(after)
                    stack.append(after)
        if not moved and state[5] != 1:
            return f'{state[5]} teardowns when all have left', len(seen)
    return None, len(seen)


def check(functions):
    """Two visitors on one stripe or on two, one or two who close."""
    n_states = 0
    for stripes, n_closers in itertools.product(((0,), (0, 0), (0, 1)), (1, 2)):
        n_stripes = max(stripes) + 1
        codes = [visit(functions, stripe, n_stripes) for stripe in stripes] + \
            [close(functions, n_stripes)] * n_closers
        wrong, n = explore(codes)
        n_states += n
        if wrong:
            return f'{wrong} (stripes {stripes}, {n_closers} closing)', n_states
    return None, n_states


def make_wrong(functions):
    """Gates each of which has one fault."""
    def changed(name, index, what=None, strong=None):
        copy = {key: list(value) for key, value in functions.items()}
        old = copy[name][index]
        copy[name][index] = (what or old[0], old[1] if strong is None else strong)
        return copy
    yield 'enter counts without an atomic add', changed('arbor_gate_enter', 0,
                                                       'add inside plainly', False)
    yield 'leave counts without an atomic sub', changed('arbor_gate_leave', 0,
                                                       'sub inside plainly', False)
    yield 'the add of enter is relaxed', changed('arbor_gate_enter', 0, strong=False)
    yield 'the look at the latch in enter is relaxed', changed('arbor_gate_enter', 1, strong=False)
    yield 'the sub of leave is relaxed', changed('arbor_gate_leave', 0, strong=False)
    yield 'the look at the latch in leave is relaxed', changed('arbor_gate_leave', 1, strong=False)
    copy = {key: list(value) for key, value in functions.items()}
    copy['arbor_gate_enter'][:2] = copy['arbor_gate_enter'][1::-1]
    yield 'enter looks before it counts', copy


def main():
    source = pathlib.Path(sys.argv[1]) / 'arbor/base/arbor-gate.c'
    functions = read_functions(source.read_text(encoding='utf-8'))
    wrong, n_states = check(functions)
    shape = check_shape(functions)
    for line in shape:
        print('not what the model plays:', line)
    if wrong:
        sys.exit(f'the gate: {wrong}')
    if shape:
        sys.exit('the operations of the gate have changed: let the model follow')
    print(f'the gate holds in all orders, {n_states} states')
    for fault, gate in make_wrong(functions):
        wrong, _ = check(gate)
        if not wrong:
            sys.exit(f'the model does not see that {fault}')
        print(f'found out: {fault}: {wrong}')


main()
