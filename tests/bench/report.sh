#!/usr/bin/env bash
# Measures everything and writes the figures into docs/performance.md, between its markers, and
# docs/performance-scaling.svg. It takes about half an hour and 8 GB in the work folder; nothing
# else should run meanwhile.
#
# usage: tests/bench/report.sh [--work DIR] [--build DIR] [--only PART,...] [--cpu] [--quick]
#
# Parts: compare, scaling, memory, ways.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
exec /usr/bin/python3 "$here/report.py" "$@"
