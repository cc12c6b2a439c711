# For install scripts: packages of a newer Debian, unpacked beside the system, which stays as it is.

# unpack SUITE FOLDER PACKAGE...: the packages and all that they need, libc included.
unpack() {
  local suite=$1 folder=$2 state mirror
  shift 2
  state=$(mktemp -d)
  mirror=$(apt-get indextargets --format '$(REPO_URI)' | head -1)
  mkdir -p "$state"/lists/partial "$state"/cache/archives/partial "$folder"
  : > "$state/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" > "$state/sources.list"
  local options=(
    -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o Dir::Etc::preferencesparts=/dev/null -o Dir::State::lists="$state/lists" -o Dir::State::status="$state/status"
    -o Dir::Cache="$state/cache" -o APT::Sandbox::User=root -o Acquire::Languages=none -o Debug::NoLocking=1
    -o Acquire::Retries=3
  )
  apt-get "${options[@]}" -q update
  apt-get "${options[@]}" -y -q --no-install-recommends --download-only install "$@"
  for package in "$state"/cache/archives/*.deb; do dpkg -x "$package" "$folder"; done
  rm -rf "$state"
}

# own_libc FOLDER PROGRAM...: let unpacked programs use the libraries that were unpacked with them.
own_libc() {
  local libraries=$1/usr/lib/x86_64-linux-gnu
  shift
  patchelf --set-interpreter "$libraries/ld-linux-x86-64.so.2" --force-rpath --set-rpath "$libraries" "$@"
}

# need_debian: leave with 77 where there is no Debian to install from.
need_debian() {
  if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null || [ "$(dpkg --print-architecture)" != amd64 ]; then
    echo "needs Debian on amd64, and root to install packages"
    exit 77
  fi
}

# packages PACKAGE...: packages of this system, installed where they are missing; one caller at a time.
packages() (
  flock 9
  missing "$@" || return 0
  apt-get install -y -q --no-install-recommends "$@" || { apt-get -q update && apt-get install -y -q --no-install-recommends "$@"; }
) 9> "${TMPDIR:-/tmp}/foretype-packages.lock"

# missing PACKAGE...: whether not all of them are installed.
missing() {
  dpkg-query --show --showformat='${db:Status-Status}\n' "$@" 2> /dev/null | grep -vqx installed || \
    [ "$(dpkg-query --show --showformat='.' "$@" 2> /dev/null | wc -c)" != $# ]
}
