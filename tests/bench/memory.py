"""What memory is used: by imports of a quarter and of 2.7 GB of text, by a filter of a store that
is ten times as large as the private memory that the process may have, and by a tree in memory.

The peak of a process, which the kernel tells at its end, counts the pages of the mapped file that it
has touched, which the kernel takes back whenever it wants. What the process holds of its own is its
anonymous memory, sampled from /proc while it runs.
"""

import json
import os
import pathlib
import resource
import subprocess
import sys
import time

from support import Bench, Failed, machine, parse_arguments, parse_lines, say, table

MB = 1e6
MOST_IMPORT = 200 * MB
MOST_IN_MEMORY = 1.3
TIMES_AS_LARGE = 10
LEAST_LIMIT = 16 * 10**6    # a process needs some at any size


def anonymous(pid):
    """Bytes; 0 when the process has ended."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def watch(command, environment):
    """Runs it. (bytes at its peak, anonymous bytes at their peak, what it printed)."""
    child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, encoding="utf-8")
    most_anonymous = 0
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid != 0:
            break
        most_anonymous = max(most_anonymous, anonymous(child.pid))
        time.sleep(0.002)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise Failed(f"{' '.join(command)} ended with {child.returncode}")
    return usage.ru_maxrss * 1024, most_anonymous, parse_lines(child.stdout.read())


def import_rows(bench, store):
    """Leaves the store of the largest input."""
    sizes = [("flat", 100_000), ("flat", 1_000_000)] if bench.quick else \
        [("nested", 400_000), ("flat", 1_000_000), ("flat", 10_000_000)]
    for what, n in sizes:
        data = bench.data(what, n)
        for threads in (1, 2):
            say(f"Import of {n:,} {what} trees, {threads} threads")
            peak, most_anonymous, _ = watch(bench.command("import", store, data),
                                            bench.environment(threads))
            yield [what, f"{data.stat().st_size / MB:,.0f}", threads, f"{peak / MB:.0f}",
                   f"{most_anonymous / MB:.0f}",
                   "yes" if most_anonymous <= MOST_IMPORT else "no"]


def filter_limited(bench, store):
    """A sentence: whether the filter works with a limit to its private memory."""
    size = store.stat().st_size
    limit = max(size // TIMES_AS_LARGE, LEAST_LIMIT)
    command = bench.command("run", store, "scaling", "filter")
    say(f"Filter with {limit / MB:.0f} MB")
    run = subprocess.run(command, env=bench.environment(2, BENCH_CALLS="3"),
                         stdout=subprocess.PIPE, encoding="utf-8",
                         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA,
                                                               (limit, limit)))
    how = f"ended with {run.returncode}" if run.returncode != 0 else \
        f"found {int(parse_lines(run.stdout)['scaling/filter'][1]):,} trees"
    return (f"A filter of a store of {size / MB:,.0f} MB by a process that may have "
            f"{limit / MB:.0f} MB of private memory (`ulimit -d`), on two threads: {how}.")


def in_memory_rows(bench, store):
    for what, n in (("flat", 1_000_000), ("nested", 400_000)):
        n = n // 10 if bench.quick else n
        say(f"{n:,} {what} trees in memory")
        data = bench.data(what, n)
        bench.ours("import", store, data)
        sizes = json.loads(bench.ours("memory", store, data)["memory"][1])
        ratio = sizes["heap"] / sizes["file"]
        yield [what, *(f"{sizes[key] / n:.1f}" for key in ("heap", "batches", "file")),
               f"{data.stat().st_size / n:.1f}", f"{ratio:.2f}",
               "yes" if ratio <= MOST_IN_MEMORY else "no"]


def memory(bench):
    """The tables as text."""
    store = bench.work / "memory.arbor"
    imports = table(["import of", "MB of JSON", "threads", "peak, MB", "of its own, MB",
                     f"own <= {MOST_IMPORT / MB:.0f}"], list(import_rows(bench, store)))
    limited = filter_limited(bench, store)
    trees = table(["bytes a tree", "in memory", "its batches", "in the file", "as JSON",
                   "memory / file", f"<= {MOST_IN_MEMORY}"], list(in_memory_rows(bench, store)))
    bench.remove(store)
    return f"{machine()}.\n\n{imports}\n\n{limited}\n\n{trees}\n"


def main():
    try:
        print(memory(Bench(parse_arguments(__doc__))))
    except Failed as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
