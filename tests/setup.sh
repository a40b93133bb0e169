# What examples/quickstart.sh and tests/run.sh need before they can begin: Debian's packages and a
# build. This file is sourced by bash and defines functions only; everything it prints goes to
# standard error. It must work as root without sudo, as a user with sudo, without a locale, from
# any directory and any number of times; where every package is there it asks nothing of the
# network.

# The one list of packages. Each is here for the reason on its line; docs/dev/rationales.md says
# more about those that the library itself needs.
arbor_packages=(
  gcc g++ libc6-dev           # the library (C11, and one C++17 file around simdjson)
  meson ninja-build pkg-config
  libglib2.0-dev              # GLib, GObject, GIO
  liblmdb-dev libsimdjson-dev libxxhash-dev
  gobject-introspection libgirepository1.0-dev # GIR and typelib
  valac python3-gi gjs        # the languages that examples and tests are written in
  gi-docgen                   # reference
  gettext locales             # translations, and a locale to see one in
  groff-base                  # checks the manual page
  iso-codes                   # the tables that the quickstart imports
)

arbor_say ()
{
  printf '%s\n' "$*" >&2
}

# Installs what is missing, and only that.
arbor_install ()
{
  local package missing=() as_root=()

  if ! command -v dpkg-query >/dev/null; then
    arbor_say "This is not Debian; going on with what is installed. Needed are: ${arbor_packages[*]}"
    return 0
  fi
  for package in "${arbor_packages[@]}"; do
    case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
      installed*) ;;
      *) missing+=("$package") ;;
    esac
  done
  [ ${#missing[@]} -gt 0 ] || return 0

  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      arbor_say "These packages are missing, and there is no sudo to install them with: ${missing[*]}"
      return 1
    fi
    as_root=(sudo)
  fi
  arbor_say "Installing ${missing[*]}"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq \
    -o DPkg::Lock::Timeout=600 update >&2 || return 1
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
    -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 \
    install --no-install-recommends "${missing[@]}" >&2
}

# arbor_build DIRECTORY [MESON OPTION...] [-- TARGET...]: configures once and builds; warnings are
# errors. What the tools print is shown only when they fail.
arbor_build ()
{
  local directory=$1 options=() log
  shift
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    options+=("$1")
    shift
  done
  [ $# -eq 0 ] || shift

  log=$(mktemp) || return 1
  arbor_say "Building in $directory"
  if { [ -f "$directory/build.ninja" ] ||
         meson setup -Dwerror=true "${options[@]}" "$directory" "$arbor_top"; } >"$log" 2>&1 &&
     ninja -C "$directory" "$@" >>"$log" 2>&1; then
    rm -f "$log"
  else
    cat "$log" >&2
    rm -f "$log"
    arbor_say "The build in $directory failed"
    return 1
  fi
}

# Programs print UTF-8: a bare container has no locale set, and C.UTF-8 is always there.
arbor_locale ()
{
  case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in
    *[Uu][Tt][Ff]*) ;;
    *) export LC_ALL=C.UTF-8 ;;
  esac
}

arbor_top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
