#!/usr/bin/env bash
# The packages of Debian, in a system of their own (tests/systems.sh --packages makes two):
#
#   tests/packages.sh build FOLDER   installs what building needs, builds them, shows them to lintian and puts
#                                    them into FOLDER
#   tests/packages.sh try FOLDER     installs them with what they depend on and what debian/tests asks for,
#                                    and nothing else, and compiles and runs the examples with that
set -eu

export DEBIAN_FRONTEND=noninteractive
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
folder=${2:?a folder is missing}
cd "$top"

case $1 in
  build)
    apt-get -q -y update
    apt-get -q -y install --no-install-recommends build-essential devscripts lintian
    apt-get -q -y build-dep ./
    dpkg-buildpackage -us -uc -b
    lintian --fail-on error,warning ../*.changes
    mkdir -p "$folder"
    mv ../*.deb "$folder"
    ;;
  try)
    apt-get -q -y update
    apt-get -q -y install --no-install-recommends "$folder"/*.deb
    sed -n 's/^Depends: //p' debian/tests/control | tr ',' '\n' | sort -u |
      xargs apt-get -q -y install --no-install-recommends
    arbor --version
    ./tests/installed.sh --prefix /usr
    ;;
  *)
    echo "build or try" >&2
    exit 2
    ;;
esac
