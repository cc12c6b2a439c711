#!/usr/bin/env bash
# Vim 9.0 as Debian 12 has it, and the newest of Debian testing as FOLDER/bin/vim-newest.
# usage: install.sh FOLDER
set -euo pipefail
source "$(dirname "$0")/../debian.sh"
folder=$(realpath -m "$1")

need_debian
packages vim tmux patchelf
mkdir -p "$folder/bin"
ln -sf "$(command -v vim)" "$folder/bin/vim"

rm -rf "$folder/newest"
unpack forky "$folder/newest" vim
own_libc "$folder/newest" "$folder/newest/usr/bin/vim.basic"
printf '#!/bin/sh\nVIM=%s exec %s "$@"\n' "$folder/newest/usr/share/vim" "$folder/newest/usr/bin/vim.basic" > "$folder/bin/vim-newest"
chmod +x "$folder/bin/vim-newest"
"$folder/bin/vim" --version | head -1
"$folder/bin/vim-newest" --version | head -1
