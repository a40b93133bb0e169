#!/usr/bin/env bash
# The two commands of the README, played on systems that have nothing installed by hand: for each
# Debian SUITE a minimal one is made in a folder, the commit at HEAD is cloned into it, and
# ./examples/quickstart.sh and ./tests/run.sh are run there as root. With --packages the packages are built in
# one such system and looked at by lintian, and in a fresh one they are installed, and the examples compiled
# and run with what they brought.
#
#   tests/systems.sh [--folder DIRECTORY] [--packages] [SUITE...]      (bookworm and trixie, unless named)
#
# Needs root, debootstrap and Debian's archive; an hour or two on two cores. A folder that holds a
# SUITE already is used as it is, with a fresh clone. Mounts live in a namespace of their own and
# end with the script. Prints "N passed, N failed" last: one for each command and suite.
set -u

. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

folder=
packages=
suites=()
while [ $# -gt 0 ]; do
  case $1 in
    --folder) folder=${2:?--folder needs a directory}; shift 2 ;;
    --packages) packages=yes; shift ;;
    -*) sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    *) suites+=("$1"); shift ;;
  esac
done
[ ${#suites[@]} -gt 0 ] || suites=(bookworm trixie)

if [ "$(id -u)" -ne 0 ] || ! command -v debootstrap >/dev/null; then
  arbor_say "This needs root and debootstrap."
  exit 2
fi
if [ -z "$folder" ]; then
  folder=$(mktemp -d) || exit 1
  trap 'rm -rf "$folder"' EXIT
fi

# system_make SUITE SYSTEM: a minimal Debian in $folder/SYSTEM, and in it the commit at HEAD.
system_make ()
{
  local root=$folder/$2

  if [ ! -x "$root/usr/bin/apt-get" ]; then
    arbor_quietly debootstrap --variant=minbase "$1" "$root" || return 1
  fi
  cp /etc/resolv.conf /etc/hosts "$root/etc/" || return 1
  rm -rf "$root/root/arbor"
  arbor_quietly git clone --quiet --no-hardlinks "$arbor_top" "$root/root/arbor"
}

# system_play SYSTEM COMMAND: runs a command of the clone, with an environment that says nothing.
system_play ()
{
  unshare --mount --pid --fork bash -c '
    root=$1
    mount -t proc proc "$root/proc" && mount -t sysfs -o ro sysfs "$root/sys" &&
      mount --rbind /dev "$root/dev" || exit 1
    exec chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb \
      sh -c "cd /root/arbor && exec $2"' system "$folder/$1" "$2" </dev/null
}

passed=0
failed=0

# system_try SUITE SYSTEM COMMAND: plays it and counts it.
system_try ()
{
  local log=$folder/$2-$(basename "${3%% *}" .sh).log

  if system_make "$1" "$2" && system_play "$2" "$3" >"$log" 2>&1; then
    arbor_say "$2: $3 works"
    passed=$((passed + 1))
  else
    arbor_say "$2: $3 fails:"
    [ ! -e "$log" ] || tail -n 100 "$log" >&2
    failed=$((failed + 1))
  fi
}

for suite in "${suites[@]}"; do
  if [ -z "$packages" ]; then
    system_try "$suite" "$suite" ./examples/quickstart.sh
    system_try "$suite" "$suite" ./tests/run.sh
    continue
  fi
  system_try "$suite" "$suite-packages" "./tests/packages.sh build /root/packages"
  # None of what was built with is there.
  rm -rf "$folder/$suite-clean"
  mkdir -p "$folder/$suite-clean"
  arbor_quietly debootstrap --variant=minbase "$suite" "$folder/$suite-clean" &&
    cp -r "$folder/$suite-packages/root/packages" "$folder/$suite-clean/root/"
  system_try "$suite" "$suite-clean" "./tests/packages.sh try /root/packages"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
