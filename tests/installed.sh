#!/usr/bin/env bash
# The examples in four languages, compiled and run against the library as it is installed, by what
# pkg-config, the VAPI and the typelib say alone: nothing of the tree that it was built from is seen.
#
#   tests/installed.sh             builds and installs it below a temporary folder
#   tests/installed.sh --prefix P  what is installed in P already, as packages install it in /usr
#
# Prints a line a program; fails unless all printed what they should.
set -u

. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
arbor_locale

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
prefix=
if [ "${1:-}" = --prefix ]; then
  prefix=${2:?--prefix needs a folder}
else
  prefix=$work/prefix
  arbor_install || exit 1
  arbor_build "$work/build" --prefix="$prefix" --libdir=lib -Dtests=false -Dexamples=false \
    -Ddocumentation=disabled || exit 1
  arbor_quietly meson install -C "$work/build" --no-rebuild || exit 1
  rm -rf "$work/build"
fi

# Elsewhere than in /usr: the variables that the README names.
if [ "$prefix" != /usr ]; then
  export PATH="$prefix/bin:$PATH"
  export LD_LIBRARY_PATH="$prefix/lib"
  export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
  export GI_TYPELIB_PATH="$prefix/lib/girepository-1.0"
  export GJS_PATH="$prefix/share/gjs-1.0"
  export XDG_DATA_DIRS="$prefix/share:/usr/local/share:/usr/share"
  for folder in "$prefix"/lib/python3*/*-packages "$prefix"/local/lib/python3*/*-packages; do
    [ -d "$folder" ] && export PYTHONPATH="$folder"
  done
fi

cp -r "$arbor_top/examples" "$work/examples"
cp "$arbor_top/tests/examples/check-example.py" "$work/"
cd "$work" || exit 1
status=0

# try NAME LANGUAGE PROGRAM...
try ()
{
  local name=$1 language=$2

  shift 2
  if /usr/bin/python3 check-example.py examples/data/cities.jsonl "examples/$name.expected" "$@"; then
    echo "$name, $language: ok"
  else
    echo "$name, $language: failed"
    status=1
  fi
}

for expected in examples/*.expected; do
  name=$(basename "$expected" .expected)
  # shellcheck disable=SC2046
  cc -Wall -Wextra -Wno-unused-parameter -Werror -o c "examples/$name.c" $(pkg-config --cflags --libs arbor-1) &&
    try "$name" C ./c || status=1
  valac --fatal-warnings -X -w --pkg arbor-1 -o vala "examples/$name.vala" &&
    try "$name" Vala ./vala || status=1
  try "$name" Python /usr/bin/python3 "examples/$name.py"
  try "$name" GJS gjs -m "examples/$name.js"
done
arbor --version || status=1

# The templates: copied, built as their README says, run.
# play NAME COMMAND
play ()
{
  export NOTES_FOLDER="$work/notes-$1"
  if [ "$("$2" add 'Buy Milk' && "$2" add 'Call Ann' && "$2" list && "$2" find milk)" = \
       $'Buy Milk\nCall Ann\nBuy Milk' ]; then
    echo "template, $1: ok"
  else
    echo "template, $1: failed"
    status=1
  fi
}

for language in c vala; do
  cd "$work/examples/templates/$language" && arbor_quietly meson setup build &&
    arbor_quietly meson compile -C build && play "$language" build/notes || status=1
done
for language in python gjs; do
  play "$language" "$work/examples/templates/$language/notes"
done
exit $status
