#!/usr/bin/env bash
# The whole test suite: installs what is missing, builds with warnings as errors and runs every
# test; then once more in a build with AddressSanitizer and UndefinedBehaviorSanitizer. Prints
# "N passed, N failed" last and fails unless every test of both builds passed.
set -u

. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
arbor_locale
cd "$arbor_top" || exit 1

# test_build DIRECTORY [MESON OPTION...]
test_build ()
{
  local directory=$1
  rm -f "$directory/meson-logs/testlog.json"
  arbor_build "$@" || return 1
  # A busy machine is slow, and that is no failure.
  meson test -C "$directory" --no-rebuild --print-errorlogs --timeout-multiplier 4
}

arbor_install || exit 1

status=0
# What tests skip without is there.
packed=(-Dgzip=enabled -Dzstd=enabled -Deditline=enabled)
test_build build "${packed[@]}" || status=1
CC=gcc CXX=g++ test_build build-sanitized "${packed[@]}" -Db_sanitize=address,undefined \
  -Ddocumentation=disabled ||
  status=1

/usr/bin/python3 tests/summary.py build build-sanitized || status=1
exit $status
