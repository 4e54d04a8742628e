#!/bin/sh
# Install @TITLE@ @VERSION@ for this user: sh install.sh [PREFIX]    (PREFIX: ~/.local)
# What is there of an earlier version is replaced. sh PREFIX/lib/@NAME@/uninstall.sh takes it away.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prefix=${1:-${HOME:?is not set: name a folder to install into}/.local}

mkdir -p "$prefix"
prefix=$(cd "$prefix" && pwd)
[ "$prefix" != "$here" ] || { echo "@TITLE@ is in $prefix already." >&2; exit 1; }
if [ -x "$prefix/lib/@NAME@/uninstall.sh" ]; then
    sh "$prefix/lib/@NAME@/uninstall.sh" --quiet
fi
# A list from stdin: names have no line breaks in them, but there are more than a command line holds.
(cd "$here" && tar -c -T INSTALLED) | (cd "$prefix" && tar -x)
cp "$here/uninstall.sh" "$here/INSTALLED" "$prefix/lib/@NAME@/"

# ~/.local/bin is not on the desktop's PATH everywhere.
entry=$prefix/share/applications/@APP_ID@.desktop
sed -e "s|^Exec=@NAME@|Exec=\"$prefix/bin/@NAME@\"|" -e "s|^TryExec=.*|TryExec=$prefix/bin/@NAME@|" \
    "$here/share/applications/@APP_ID@.desktop" >"$entry"
sh "$prefix/lib/@NAME@/uninstall.sh" --refresh

echo "@TITLE@ @VERSION@ is installed: $prefix/bin/@NAME@"
case ":$PATH:" in
*":$prefix/bin:"*) ;;
*) echo "  For the command line, add $prefix/bin to your PATH." ;;
esac
