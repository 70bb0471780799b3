#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs the Debian packages that are needed to build, run and test Memdyn. It can be run repeatedly.
#   ./setup.sh              packages for building, running and testing
#   ./setup.sh --dev        adds tools for formatting, linting and emulation, and ngspice for its test
#   ./setup.sh --bench      adds the solvers that the benchmarks compare with
#   ./setup.sh --notebooks  adds what the notebooks of data/notebooks need
#   ./setup.sh --site       adds what the documentation as one site needs
#   ./setup.sh --wheel      adds what pip needs to build the Python package as a wheel
set -eu

build="ca-certificates g++ git cmake ninja-build pkg-config libboost-dev libeigen3-dev libhdf5-dev libxsimd-dev
       librandom123-dev libtomlplusplus-dev tao-pegtl-dev nlohmann-json3-dev libudunits2-dev libcli11-dev libfmt-dev
       pybind11-dev python3-dev"
run="gnuplot-nox fonts-dejavu-core"
test="libcatch2-dev python3 python3-numpy python3-scipy python3-xarray python3-h5netcdf python3-netcdf4"
dev="clang-format-19 clang-tidy-19 doxygen libasan8 libubsan1 libtsan2 qemu-user-static ngspice mypy"
notebooks="python3-nbconvert python3-ipykernel python3-matplotlib python3-pandas"
site="$notebooks doxygen pandoc python3-sphinx python3-nbsphinx python3-numpydoc python3-myst-parser"
wheel="python3-scikit-build-core python3-pip python3-venv"
bench="libsundials-dev ngspice libbenchmark-dev"

packages="$build $run $test"
for option in "$@"; do
  case "$option" in
    --dev) packages="$packages $dev" ;;
    --bench) packages="$packages $bench" ;;
    --notebooks) packages="$packages $notebooks" ;;
    --site) packages="$packages $site" ;;
    --wheel) packages="$packages $wheel" ;;
    -h | --help) sed -n '3,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "setup.sh: unknown option '$option'; use --dev, --bench, --notebooks, --site, --wheel or --help" >&2; exit 2 ;;
  esac
done

fail() {
  echo "setup.sh: $1" >&2
  echo "Memdyn needs the following; package names depend on the system:" >&2
  echo "  C++20 compiler, CMake >= 3.25, Ninja, Boost >= 1.74, Eigen 3.4, HDF5 >= 1.10 (C and HL), xsimd 8," >&2
  echo "  Random123, toml++ 3, PEGTL 3, nlohmann-json 3, UDUNITS 2, CLI11 2, fmt 9, pybind11 2.10, Catch2 3, gnuplot," >&2
  echo "  and Python 3 with numpy, scipy, xarray, h5netcdf and netCDF4 (for the read-back tests)." >&2
  exit 1
}

. /etc/os-release 2>/dev/null || fail "cannot read /etc/os-release"
[ "${ID:-}" = debian ] || fail "this script supports only Debian; this system is '${PRETTY_NAME:-unknown}'"
[ "${VERSION_ID:-0}" -ge 12 ] 2>/dev/null || fail "Debian 12 or newer is needed; this system is '${PRETTY_NAME:-Debian}'"

sudo=""
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null 2>&1 || fail "run this as root, or install sudo"
  sudo=sudo
fi

missing() {
  for p in $packages; do
    dpkg-query -W -f='${Package} ${Version} ${Status}\n' "$p" 2>/dev/null | grep -q 'ok installed$' || printf '%s ' "$p"
  done
}
catch2_is_3() {
  dpkg-query -W -f='${Version} ${Status}' libcatch2-dev 2>/dev/null | grep -q '^3.*ok installed$'
}

wanted=$(missing)
if [ -z "$wanted" ] && catch2_is_3; then
  echo "setup.sh: all packages are installed"
  exit 0
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() { "$@" >"$log" 2>&1 || { cat "$log" >&2; return 1; }; }
apt() { quietly $sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=3 "$@"; }

# On Debian 12 libcatch2-dev exists only in the official backports suite, which has Catch2 3. Packages of the release
# take precedence over backports, so no pin is needed.
backports=/etc/apt/sources.list.d/memdyn-backports.sources
write_backports() {
  printf 'Types: deb\nURIs: %s\nSuites: bookworm-backports\nComponents: main\nSigned-By: %s\n%s' \
    "$1" /usr/share/keyrings/debian-archive-keyring.gpg "${2:-}" | quietly $sudo tee "$backports"
}
has_catch2_3() { apt-cache madison libcatch2-dev 2>/dev/null | grep -q '| *3\.'; }

apt update || fail "apt-get update failed"
if ! has_catch2_3; then
  [ "$VERSION_ID" = 12 ] || fail "no package libcatch2-dev in the configured package sources"
  echo "setup.sh: adding the official bookworm-backports suite as $backports (for libcatch2-dev 3)"
  write_backports http://deb.debian.org/debian
  if ! { apt update && has_catch2_3; } 2>/dev/null; then
    echo "setup.sh: the suite has moved; using http://archive.debian.org/debian instead"
    write_backports http://archive.debian.org/debian 'Check-Valid-Until: no
'
    apt update && has_catch2_3 || { $sudo rm -f "$backports"; fail "no package libcatch2-dev in bookworm-backports"; }
  fi
fi
case " $wanted " in
  *" libcatch2-dev "*) ;;
  *) catch2_is_3 || wanted="$wanted libcatch2-dev" ;;
esac
case " $wanted " in # on Debian 12 it is in backports, and needs a newer python3-packaging from there
  *" python3-scikit-build-core "*) [ "$VERSION_ID" != 12 ] || wanted="$wanted python3-packaging/bookworm-backports" ;;
esac
echo "setup.sh: installing $(echo "$wanted" | wc -w) packages"
# shellcheck disable=SC2086
apt install --no-install-recommends $wanted || fail "apt-get install failed"
catch2_is_3 || fail "libcatch2-dev is installed, but is older than version 3"
echo "setup.sh: done"
