# Sourced by packaging/run and packaging/test: installs what is missing from the distribution's packages.
# Debian 12, Debian 13 and Ubuntu 24.04 share these names.

build_packages=(
  build-essential cmake ninja-build ccache git ca-certificates
  qt6-base-dev qt6-base-dev-tools qt6-websockets-dev libqt6svg6-dev libgl-dev
  libssl-dev libsimdjson-dev libprotobuf-dev protobuf-compiler libcurl4-openssl-dev libboost-dev libcli11-dev libyaml-cpp-dev libtomlplusplus-dev
)
run_packages=(
  qt6-qpa-plugins libqt6sql6-sqlite fonts-dejavu-core
)
# PACKAGE:COMMAND counts as present when the command is, whoever installed it: Node.js often comes from elsewhere, with an
# npm of its own that the distribution's npm package can't stand beside, and any flavour of nginx will do.
test_packages=(
  nodejs:node npm:npm nginx-light:nginx apache2 chromium:chromium curl:curl jq:jq sqlite3:sqlite3 procps openssl python3-venv
)
# Installed only where the distribution has them; the tests that need them say so elsewhere.
offered_test_packages=(clang-format-14)

say() { printf '\n== %s\n' "$*"; }
die() { printf '\n!! %s\n' "$1" >&2; [ $# -lt 2 ] || printf '   %s\n' "$2" >&2; exit 1; }

# is_present PACKAGE | PACKAGE:COMMAND
is_present() {
  case $1 in *:*) PATH=$PATH:/usr/sbin:/sbin command -v "${1#*:}" >/dev/null && return 0;; esac
  [ "$(dpkg-query -W -f='${db:Status-Status}' "${1%%:*}" 2>/dev/null)" = installed ]
}

# quietly LINES COMMAND...: shows the last lines of what the command says only when it fails.
quietly() {
  local lines=$1 log
  shift
  log=$(mktemp) || die "There is no room for a temporary file." "Check the free space of ${TMPDIR:-/tmp}."
  if "$@" >"$log" 2>&1; then rm -f "$log"; return 0; fi
  tail -n "$lines" "$log" >&2
  printf '\n   The whole output is in %s\n' "$log" >&2
  return 1
}

# install_missing WHAT PACKAGE...: asks dpkg first, so that a second call costs nothing.
install_missing() {
  local what=$1 missing=() package
  shift
  command -v dpkg-query >/dev/null || die "This script installs packages with apt, which this system does not have." \
    "Install the packages named in docs/dependencies.md, then build with: cmake --preset release && cmake --build --preset release"
  for package in "$@"; do is_present "$package" || missing+=("${package%%:*}"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "These packages are missing and neither root nor sudo is at hand: ${missing[*]}" \
      "Ask an administrator to run: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  say "Installing ${#missing[@]} packages that $what needs: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq || die "apt-get update failed." "Check the network and /etc/apt/sources.list*, then run this again."
  # Services that the tests start themselves on free ports must not be started by their packages.
  quietly 20 "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    || die "apt-get could not install: ${missing[*]}" "The lines above say why."
}

# is_offered PACKAGE: there is a version of it to install.
is_offered() { apt-cache policy "$1" 2>/dev/null | grep -q '^ *Candidate: [0-9]'; }

# build_preset PRESET TARGET...: configures once, builds what changed.
build_preset() {
  local preset=$1 folder
  shift
  folder=build/$preset
  if [ ! -f "$folder/build.ninja" ]; then
    say "Configuring ($preset)"
    quietly 30 cmake --preset "$preset" \
      || die "CMake could not configure the '$preset' build." "Remove $folder and run this again; if it stays, report the lines above."
  fi
  say "Building ($preset)"
  cmake --build --preset "$preset" ${1:+--target "$@"} || die "The '$preset' build failed." "The first error above says where. A clean start: rm -rf $folder"
}
