#!/usr/bin/env bash
# The library beside its peer, DuckDB, in one go: makes the data, installs the peer (by npm, into
# the work folder), builds, runs both in turn and prints two tables: of what the library means to be
# best at, and of ordinary work.
#
# usage: tests/bench/compare.sh [--work DIR] [--build DIR] [--runs N] [--quick] [--cpu] [--strict]
#                               [--table first|ordinary] [--only WORDS]... [--rows N]
#                               [--write-answers]
#
# --only takes a family, a task or words of its name, of ordinary work; --rows says how many sales it
# has. --write-answers has the peer write ordinary-answers.jsonl anew, which the suite's test expects.
# --cpu takes the processor's time instead of the clock's, which tells more while other things run;
# it does not see waiting for the disk, and of two threads it adds both.
# Exits with 0 when everything ran and all answers agree; with --strict all targets must be met,
# too.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
exec /usr/bin/python3 "$here/compare.py" "$@"
