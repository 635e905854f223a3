# Sourced by the scripts beside it, from the project's root: makes sure of what a build needs, or says what is missing.

swift_version=6.2
packages="libopenblas-dev libssl-dev zlib1g-dev libcurl4-openssl-dev libarchive-dev"

if ! command -v swift >/dev/null 2>&1; then
  echo "recollect needs a Swift toolchain, version $swift_version or later; there is no 'swift' on the PATH." >&2
  echo "How to install one: https://www.swift.org/install/linux" >&2
  exit 1
fi

found=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
if [ "$(printf '%s\n%s\n' "$swift_version" "${found:-0}" | sort -V | head -n 1)" != "$swift_version" ]; then
  echo "recollect needs Swift $swift_version or later, found ${found:-an unknown version}." >&2
  echo "How to install one: https://www.swift.org/install/linux" >&2
  exit 1
fi

missing=""
if command -v dpkg-query >/dev/null 2>&1; then
  for package in $packages; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
  done
fi
if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ]; then
    as_root=""
  elif command -v sudo >/dev/null 2>&1 && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    as_root="sudo"
  else
    echo "recollect needs these Debian packages:$missing" >&2
    echo "Install them as root: apt-get install$missing" >&2
    exit 1
  fi
  echo "Installing Debian packages:$missing" >&2
  # The lists may be missing or old on a fresh machine: look again before giving up.
  # shellcheck disable=SC2086
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >&2 ||
    { $as_root apt-get update -qq >&2 && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >&2; }
fi

# One kernel for the numbers that a gate compares bit for bit: any x86-64 machine of the last ten years can run it.
# OpenBLAS reads this when a process starts. On other machines the comparison is by statistics.
if [ "$(uname -m)" = x86_64 ] && grep -q '^flags.* avx2 ' /proc/cpuinfo 2>/dev/null; then
  export OPENBLAS_CORETYPE="${OPENBLAS_CORETYPE:-Haswell}"
fi
