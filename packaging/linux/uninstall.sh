#!/bin/sh
# Take away what install.sh has put below its prefix: sh PREFIX/lib/@NAME@/uninstall.sh
# Settings and history stay; `--refresh` only tells the desktop what has changed.
set -eu
library=$(cd "$(dirname "$0")" && pwd)
prefix=${library%/lib/@NAME@}

refresh() {
    for told in "update-desktop-database -q $prefix/share/applications" \
        "update-mime-database $prefix/share/mime" \
        "gtk-update-icon-cache -q -f -t $prefix/share/icons/hicolor"; do
        # Not everywhere installed; desktops without them look for themselves.
        # shellcheck disable=SC2086
        ! command -v "${told%% *}" >/dev/null 2>&1 || $told >/dev/null 2>&1 || true
    done
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
if [ "${1:-}" != --quiet ]; then
    echo "@TITLE@ is taken away from $prefix."
    echo "  Your settings, workloads and history stay: ${XDG_CONFIG_HOME:-~/.config}/@NAME@ and ${XDG_DATA_HOME:-~/.local/share}/@NAME@."
fi
