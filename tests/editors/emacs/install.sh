#!/usr/bin/env bash
# Emacs of Debian testing, with lsp-mode, company and Eglot, as FOLDER/bin/emacs and FOLDER/bin/emacsclient.
# usage: install.sh FOLDER
set -euo pipefail
source "$(dirname "$0")/../debian.sh"
folder=$(realpath -m "$1")

need_debian
packages tmux patchelf
rm -rf "$folder/root"
unpack forky "$folder/root" emacs-nox elpa-lsp-mode elpa-company
own_libc "$folder/root" "$folder/root/usr/bin/emacs-nox" "$folder/root/usr/bin/emacsclient.emacs"

usr=$folder/root/usr
version=$(basename "$(ls -d "$usr"/share/emacs/[0-9]*)")
lisp=$(find "$usr/share/emacs/$version/lisp" "$usr"/share/emacs/site-lisp/elpa-src/* -type d | sort | paste -sd :)
dump=$(find "$usr/libexec" -name '*.pdmp')
mkdir -p "$folder/bin"
# compiling to native code would need a C compiler of the same age
cat > "$folder/bin/emacs" <<END
#!/bin/sh
export EMACSLOADPATH='$lisp' EMACSDATA='$usr/share/emacs/$version/etc' EMACSDOC='$usr/share/emacs/$version/etc'
export EMACSPATH='$(dirname "$dump")'
exec '$usr/bin/emacs-nox' --dump-file='$dump' \\
  --eval '(setq native-comp-jit-compilation nil native-comp-enable-subr-trampolines nil)' "\$@"
END
chmod +x "$folder/bin/emacs"
ln -sf "$usr/bin/emacsclient.emacs" "$folder/bin/emacsclient"
"$folder/bin/emacs" --batch --eval '(princ (emacs-version))'
