#!/usr/bin/env bash
# Helix of Debian testing as FOLDER/bin/hx.
# usage: install.sh FOLDER
set -euo pipefail
source "$(dirname "$0")/../debian.sh"
folder=$(realpath -m "$1")

need_debian
packages tmux patchelf
rm -rf "$folder/root"
unpack forky "$folder/root" hx
own_libc "$folder/root" "$folder/root/usr/bin/hx"
mkdir -p "$folder/bin"
printf '#!/bin/sh\nHELIX_RUNTIME=%s exec %s "$@"\n' "$folder/root/usr/lib/helix/runtime" "$folder/root/usr/bin/hx" > "$folder/bin/hx"
chmod +x "$folder/bin/hx"
"$folder/bin/hx" --version
