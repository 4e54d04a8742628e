#!/bin/sh
# Take away what install.sh has put below its prefix: sh PREFIX/lib/@NAME@/uninstall.sh
# Settings and history stay; `--refresh` only tells the desktop what has changed.
set -eu
library=$(cd "$(dirname "$0")" && pwd)
prefix=${library%/lib/@NAME@}

# Not everywhere installed; desktops without them look for themselves.
tell() { ! command -v "$1" >/dev/null 2>&1 || "$@" >/dev/null 2>&1 || true; }

refresh() {
    [ ! -d "$prefix/share/applications" ] || tell update-desktop-database -q "$prefix/share/applications"
    [ ! -d "$prefix/share/mime" ] || tell update-mime-database "$prefix/share/mime"
    [ ! -d "$prefix/share/icons/hicolor" ] || tell gtk-update-icon-cache -q -f -t "$prefix/share/icons/hicolor"
}

if [ "${1:-}" = --refresh ]; then
    refresh
    exit 0
fi
if [ "$prefix" = "$library" ] || [ ! -f "$library/INSTALLED" ]; then
    echo "Nothing is installed here: this runs from PREFIX/lib/@NAME@." >&2
    exit 1
fi
while IFS= read -r file; do
    rm -f "$prefix/$file"
done <"$library/INSTALLED"
rm -f "$library/INSTALLED" "$library/uninstall.sh"
# Only folders that are empty now: others have files of their own there.
for folder in lib/@NAME@ share/doc share/man share/icons share/applications share/metainfo share/mime; do
    [ ! -d "$prefix/$folder" ] || find "$prefix/$folder" -depth -type d -empty -delete
done
refresh
# Databases of nothing: made when the first entry of this prefix was ours.
[ -d "$prefix/share/mime/packages" ] || rm -rf "$prefix/share/mime"
for kept in share/applications/mimeinfo.cache share/icons/hicolor/icon-theme.cache; do
    [ "$(ls "$prefix/${kept%/*}" 2>/dev/null)" != "${kept##*/}" ] || rm -f "$prefix/$kept"
done
rmdir "$prefix/share/icons/hicolor" "$prefix/share/icons" "$prefix/share/applications" 2>/dev/null || true
rmdir "$prefix/lib" "$prefix/bin" "$prefix/share" 2>/dev/null || true
if [ "${1:-}" != --quiet ]; then
    echo "@TITLE@ is taken away from $prefix."
    echo "  Your settings, workloads and history stay: ${XDG_CONFIG_HOME:-~/.config}/@TITLE@ and ${XDG_DATA_HOME:-~/.local/share}/@TITLE@."
fi
