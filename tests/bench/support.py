"""What the benchmark scripts share: where things lie, data, builds, programs, tables.

Everything that is made lies in a work folder outside of the tree (--work, /tmp/arbor-bench unless
said) and is found there again at the next run: data, the peer, a release build. Delete the folder
when it is no longer needed. Progress goes to standard error, results to standard output.
"""

import argparse
import math
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROGRAMS = ["tests/bench/bench-compare", "tests/bench/bench-ways", "tests/bench/bench-ordinary"]


def say(text):
    print(text, file=sys.stderr, flush=True)


def parse_arguments(description, *extra):
    """Each of @extra is called with the parser, to add its options."""
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    parser.add_argument("--work", type=pathlib.Path, metavar="DIR",
                        default=pathlib.Path(tempfile.gettempdir(), "arbor-bench"),
                        help="where data, peer and build are made and kept (%(default)s)")
    parser.add_argument("--build", type=pathlib.Path, metavar="DIR",
                        help="a build that is up to date, instead of WORK/build")
    parser.add_argument("--quick", action="store_true",
                        help="a tenth of the data: to see that all works, not for figures")
    parser.add_argument("--cpu", action="store_true",
                        help="processor time: for a machine that is busy with other things")
    for add in extra:
        add(parser)
    arguments = parser.parse_args()
    if arguments.cpu:
        os.environ["BENCH_CLOCK"] = "cpu"
    arguments.work.mkdir(parents=True, exist_ok=True)
    arguments.work = arguments.work.resolve()
    return arguments


class Bench:
    """The programs and the data. Threads: ARBOR_THREADS=1 unless a call says otherwise."""

    def __init__(self, arguments):
        self.work = arguments.work
        self.quick = arguments.quick
        self.build = arguments.build and arguments.build.resolve()
        if self.build is None:
            self.build = self.work / "build"
            self.make_build()

    def make_build(self):
        say(f"Building in {self.build}")
        if not (self.build / "build.ninja").exists():
            run_quietly(["meson", "setup", "--buildtype=release", "-Ddocumentation=disabled",
                         self.build, ROOT])
        run_quietly(["ninja", "-C", self.build, *PROGRAMS, "arbor/Arbor-1.0.typelib"])

    def data(self, what, n):
        """The file of @n records, made unless it is there."""
        path = self.work / f"{what}-{n}.jsonl"
        if not path.exists():
            say(f"Making {path.name}")
            part = path.with_suffix(".part")
            subprocess.run([sys.executable, HERE / "make-data.py", what, part, str(n)],
                           check=True)
            part.rename(path)
        return path

    def environment(self, threads=1, **more):
        """For programs that are linked with the library, and for those that load its typelib."""
        library = str(self.build / "arbor")
        bindings = ROOT / "arbor" / "bindings"
        return {**os.environ, "ARBOR_THREADS": str(threads), "LC_ALL": "C.UTF-8",
                "LD_LIBRARY_PATH": library, "GI_TYPELIB_PATH": library,
                "PYTHONPATH": str(bindings / "python"), "PYTHONDONTWRITEBYTECODE": "1",
                "GJS_PATH": str(self.build / "arbor" / "bindings" / "gjs"), **more}

    def command(self, *arguments):
        return [str(self.build / PROGRAMS[0]), *map(str, arguments)]

    def ours(self, *arguments, threads=1, **more):
        return lines_of(self.command(*arguments), env=self.environment(threads, **more))

    def remove(self, *paths):
        for path in paths:
            for name in (path, path.with_name(path.name + "-lock"),
                         path.with_name(path.name + ".wal")):
                name.unlink(missing_ok=True)


class Failed(Exception):
    """A program that did not do what was asked."""


def run_quietly(command):
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if run.returncode != 0:
        say(run.stdout)
        sys.exit(f"{command[0]} ended with {run.returncode}")


def parse_lines(text):
    """What a program printed: {name: (time, answer)}, in order."""
    lines = (line.split("\t", 2) for line in text.splitlines())
    return {name: (float(figure), answer) for name, figure, answer in lines}


def lines_of(command, **options):
    run = subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8", **options)
    if run.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))} ended with {run.returncode}")
    return parse_lines(run.stdout)


def need(program, package):
    if shutil.which(program) is None:
        sys.exit(f"{program} is not there: it is needed here (Debian: apt install {package}).")


def significant(figure, digits=3):
    """1234.5 as "1,230", 0.012345 as "0.0123"."""
    if figure == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(figure))))
    return f"{round(figure, digits - 1 - math.floor(math.log10(abs(figure)))):,.{places}f}"


def table(heads, rows):
    """A table in Markdown whose columns are aligned; figures, all but the first column, right."""
    lines = [heads, *rows]
    widths = [max(3, *(len(str(line[i])) for line in lines)) for i in range(len(heads))]

    def row(cells):
        first, *others = cells
        return "| " + " | ".join([str(first).ljust(widths[0]),
                                  *(str(cell).rjust(width)
                                    for cell, width in zip(others, widths[1:]))]) + " |"

    marks = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join([row(heads), row(marks), *map(row, rows)])


def first_after(path, key):
    """The value of the first line "key : value" or "key=value" of a file."""
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        name, mark, value = line.partition("=" if "=" in line else ":")
        if mark and name.strip() == key:
            return value.strip().strip('"')
    return "unknown"


def machine():
    """One line: when, on what and how figures were made, without the full stop."""
    clock = "; processor time, not the clock's" if os.environ.get("BENCH_CLOCK") else ""
    memory = int(first_after("/proc/meminfo", "MemTotal").split()[0]) / 2**20
    processor = first_after("/proc/cpuinfo", "model name") if platform.machine() == "x86_64" \
        else platform.machine()
    return (f"{time.strftime('%Y-%m-%d', time.gmtime())}, {os.cpu_count()} cores of {processor}, "
            f"{memory:.0f} GiB, {first_after('/etc/os-release', 'PRETTY_NAME')}, "
            f"Linux {platform.release()}{clock}")
