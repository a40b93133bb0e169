"""What opens a descriptor holds the numbers 0 to 2 (base/arbor-descriptors.h): the calls that open
one stand in no file of the library but those that are known to.

Usage: check-descriptors.py SOURCE_ROOT

A file that comes to this list opens inside of a hold, its own or that of all its callers. Programs
(the command) are not the library: the command opens the three when it starts.
"""

import pathlib
import re
import sys

KNOWN = {
    'arbor-gfile.c',                     # around g_file_read of what has no path
    'base/arbor-descriptors.c',          # the holds themselves, and g_file_read
    'base/arbor-new-file.c',             # opening one, which holds
    'storage/arbor-copy.c',              # a pipe, held; LMDB is given its end
    'storage/arbor-environment-open.c',  # called by acquire and reopen, which hold
    'storage/arbor-exchange.c',          # inside of the hold of the exchange
    'storage/arbor-inspect-file.c',      # held
    'storage/arbor-lock-file.c',         # called by acquire
    'storage/arbor-new-store.c',         # held
    'storage/arbor-session-compact.c',   # held
    'storage/arbor-watch.c',
}
OPENS = re.compile(
    r'(?<![\w>.])(?:open|openat|creat|fopen|freopen|fdopen|opendir|fdopendir|mkstemp|mkostemp|tmpfile|'
    r'dup|pipe2?|eventfd|memfd_create|socket|socketpair|inotify_init1?|epoll_create1?|timerfd_create|'
    r'mdb_env_open|mdb_env_copy\w*|g_open|g_creat|g_fopen|g_mkstemp\w*|g_dir_open|g_file_open_tmp|'
    r'g_file_get_contents|g_file_set_contents\w*|g_mapped_file_new\w*|'
    r'g_file_(?:read|append_to|create|replace|open_readwrite|create_readwrite|replace_readwrite|'
    r'new_tmp|load_\w+|replace_contents\w*|copy|enumerate_children)(?:_async)?|g_file_monitor\w*) \(')
COMMENT = re.compile(r'/\*.*?\*/|"(?:[^"\\\n]|\\.)*"', re.DOTALL)


def main():
    root = pathlib.Path(sys.argv[1]) / 'arbor'
    problems, seen = [], set()
    for path in sorted([*root.rglob('*.c'), *root.rglob('*.cc')]):
        name = path.relative_to(root).as_posix()
        if name.startswith('cli/'):
            continue
        for found in OPENS.findall(COMMENT.sub('', path.read_text())):
            seen.add(name)
            if name not in KNOWN:
                problems.append(f'{name}: {found.strip(" (")} opens a descriptor: hold 0 to 2')
    problems += [f'{name}: listed, but opens nothing' for name in sorted(KNOWN - seen)]
    print('\n'.join(problems) or f'{len(seen)} files open descriptors')
    return 1 if problems else 0


sys.exit(main())
