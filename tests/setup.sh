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
  libpcre2-dev                # regular expressions
  zlib1g-dev libzstd-dev      # compressed input and output
  libedit-dev                 # lines of arbor shell
  libunistring-dev            # Unicode's tables: case and white space of text
  gobject-introspection libgirepository1.0-dev # GIR and typelib
  valac python3-gi gjs        # the languages that examples and tests are written in
  python3-numpy               # columns become its arrays; tests look, with it and without
  gir1.2-gtk-4.0 xvfb xauth   # a window of GTK with a million rows, and a display for it: tests only
  libgtk-4-dev libadwaita-1-dev gir1.2-adw-1 # the applications among the examples
  desktop-file-utils appstream dbus adwaita-icon-theme # what a desktop is told of them, and a bus: tests only
  at-spi2-core gir1.2-atspi-2.0 xdotool # the eyes of a screen reader and a keyboard for them: tests only
  python3-mypy node-typescript # tests of the types that Python and JavaScript get
  gi-docgen                   # reference
  gettext locales             # translations, and a locale to see one in
  groff-base                  # checks the manual page
  abigail-tools               # compares the library with what programs were linked against
  iso-codes                   # the tables that the quickstart imports and tests ask
)

arbor_say ()
{
  printf '%s\n' "$*" >&2
}

# Runs a command and shows what it printed only if it fails.
arbor_quietly ()
{
  local log status=0

  log=$(mktemp) || return 1
  "$@" >"$log" 2>&1 || status=$?
  [ "$status" -eq 0 ] || cat "$log" >&2
  rm -f "$log"
  return "$status"
}

# Installs what is missing, and only that.
arbor_install ()
{
  local package missing=() apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y
                                -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0)

  if ! command -v dpkg-query >/dev/null; then
    arbor_say "This is not Debian; going on with what is installed. Needed: ${arbor_packages[*]}"
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
      arbor_say "Missing, and there is no sudo to install them with: ${missing[*]}"
      return 1
    fi
    # Asks for the password while it can be seen.
    sudo -v || :
    apt=(sudo "${apt[@]}")
  fi
  arbor_say "Installing ${missing[*]}"
  arbor_quietly "${apt[@]}" update || return 1
  arbor_quietly "${apt[@]}" install --no-install-recommends "${missing[@]}"
}

# arbor_build DIRECTORY [MESON OPTION...] [-- TARGET...]: configures once and builds; warnings are
# errors.
arbor_build ()
{
  local directory=$1 options=()

  shift
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    options+=("$1")
    shift
  done
  [ $# -eq 0 ] || shift

  arbor_say "Building in $directory"
  if [ ! -f "$directory/build.ninja" ]; then
    arbor_quietly meson setup -Dwerror=true "${options[@]}" "$directory" "$arbor_top" || return 1
  fi
  arbor_quietly ninja --quiet -C "$directory" "$@"
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
