#!/usr/bin/env bash
# The library built with each of its options off, in a folder of its own, with warnings as errors; what
# tests are left are run (suites unit and cli, or those that are named).
#
# usage: tests/options.sh [SUITE...]
#
# Long: a build for each. Prints a line an option, and fails if one of them did.
set -u

. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
arbor_locale
cd "$arbor_top" || exit 1
arbor_install || exit 1

suites=()
for suite in "${@:-unit cli}"; do
  for name in $suite; do
    suites+=(--suite "$name")
  done
done
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
status=0
for option in introspection=disabled vapi=disabled python=disabled gjs=disabled documentation=disabled \
              gzip=disabled zstd=disabled sysprof=disabled editline=disabled apps=disabled examples=false tests=false; do
  if arbor_build "$work/build" "-D$option" -Doptimization=1 &&
     { [ "$option" = tests=false ] ||
       arbor_quietly meson test -C "$work/build" --no-rebuild --timeout-multiplier 4 "${suites[@]}"; } &&
     arbor_quietly env DESTDIR="$work/root" meson install -C "$work/build" --no-rebuild; then
    echo "$option: built, tested, installed"
  else
    echo "$option: failed"
    status=1
  fi
  rm -rf "$work/build" "$work/root"
done
exit $status
