#!/usr/bin/env bash
# How much of the library the test suite reaches: builds with counters, runs the suite, and prints the shares of lines and
# branches, file by file, and what is not reached.
#
#   tests/coverage.sh [--build DIRECTORY] [--figures FILE] [TEST OR SUITE OPTION...]
#
# Options that follow go to meson test. Processes that are killed, or end without their exit handlers, count nothing.
set -u

. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
arbor_locale
cd "$arbor_top" || exit 1

build=build-coverage
figures=()
while [ $# -gt 0 ]; do
  case $1 in
    --build) build=$2; shift 2 ;;
    --figures) figures=(--figures "$2"); shift 2 ;;
    *) break ;;
  esac
done

arbor_build "$build" -Dgzip=enabled -Dzstd=enabled -Deditline=enabled -Ddocumentation=disabled \
  -Dwerror=false -Doptimization=0 -Db_coverage=true || exit 1
find "$build" -name '*.gcda' -delete
status=0
meson test -C "$build" --no-rebuild --timeout-multiplier 8 "$@" || status=1
/usr/bin/python3 tests/coverage.py "$build" "${figures[@]}" || status=1
exit $status
