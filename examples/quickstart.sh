#!/usr/bin/env bash
# The main job on real data: installs what is missing, builds, imports two tables of Debian's
# iso-codes into one store, lists, queries and iterates, and shows what closing does. The store
# lies in a temporary folder and is gone at the end.
set -eu

. "$(dirname "${BASH_SOURCE[0]}")/../tests/setup.sh"
arbor_locale

arbor_install
build=$arbor_top/build
arbor_build "$build" -- arbor/cli/arbor arbor/Arbor-1.0.typelib

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export PATH="$build/arbor/cli:$PATH"
cd "$folder"

# Shows a command as one would type it, then runs it.
run ()
{
  local word line='$'
  for word in "$@"; do
    case $word in
      *[!A-Za-z0-9_./,-]*) line+=" '$word'" ;;
      *) line+=" $word" ;;
    esac
  done
  printf '\n%s\n' "$line"
  "$@"
}

iso=/usr/share/iso-codes/json
run arbor import iso.arbor languages --at 639-3 $iso/iso_639-3.json
run arbor import iso.arbor subdivisions --at 3166-2 $iso/iso_3166-2.json
run arbor ls iso.arbor
run arbor show iso.arbor
run arbor show iso.arbor languages
run arbor query iso.arbor languages 'scope == "M" and exists(alpha_2)' \
  --pick alpha_3,alpha_2,name --limit 5
run arbor query iso.arbor subdivisions 'code starts_with "FR-" and is_missing(parent)' --count

printf '\n$ python3 iso-codes.py iso.arbor\n'
export GI_TYPELIB_PATH=$build/arbor${GI_TYPELIB_PATH:+:$GI_TYPELIB_PATH}
export LD_LIBRARY_PATH=$build/arbor${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export PYTHONPATH=$arbor_top/arbor/bindings/python${PYTHONPATH:+:$PYTHONPATH}
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$arbor_top/examples/iso-codes.py" iso.arbor
