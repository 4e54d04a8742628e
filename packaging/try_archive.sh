#!/bin/sh
# Try the archive (made here when it is missing): unpacked it runs, installed without root it runs,
# takes no code from outside, replaces itself, and leaves nothing when it is taken away.
cd "$(dirname "$0")/.." || exit 1
. packaging/environment.sh
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' app/landfall/__init__.py)
archive=dist/landfall-$version-linux-$(uname -m).tar.xz
[ -f "$archive" ] || sh packaging/archive.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
tar -x -J --no-same-owner -C "$work" -f "$archive"
LANDFALL_HOME=$work/home "$work"/landfall-*/bin/landfall --version

prefix="$work/a prefix"
mkdir -p "$prefix/share/applications"
echo mine >"$prefix/share/applications/of-somebody-else.desktop"
find "$prefix" | sort >"$work/before"
sh "$work"/landfall-*/install.sh "$prefix"
find "$prefix" | sort >"$work/once"
sh "$work"/landfall-*/install.sh "$prefix" >/dev/null
find "$prefix" | sort | diff "$work/once" - || stop "installing again changes what is there."
rm -rf "$work"/landfall-*/
LANDFALL_HOME=$work/home "$prefix/bin/landfall" --selftest
python3 packaging/frozen/inside.py "$prefix/bin/landfall"
if command -v desktop-file-validate >/dev/null 2>&1; then
    desktop-file-validate "$prefix"/share/applications/app.*.desktop
fi
sh "$prefix/lib/landfall/uninstall.sh"
find "$prefix" | sort | grep -v -e /mimeinfo.cache -e /icon-theme.cache | diff "$work/before" - ||
    stop "something is left."
say "The archive is good."
