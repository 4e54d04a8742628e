#!/bin/sh
# Make the Debian package: dist/landfall_VERSION_ARCHITECTURE.deb, from dist/landfall (made here when it is missing;
# `sh packaging/onedir.sh` makes it anew). Two runs from one commit are the same bytes.
cd "$(dirname "$0")/.." || exit 1
. packaging/environment.sh
venv=${LANDFALL_PACKAGE_VENV:-.venv-package}
command -v dpkg-deb >/dev/null 2>&1 || stop "dpkg-deb is needed and was not found." "Run: sudo apt-get install dpkg"
[ -x dist/landfall/landfall ] || sh packaging/onedir.sh

root=build/deb
SOURCE_DATE_EPOCH=$("$venv"/bin/python packaging/product.py source_date_epoch)
export SOURCE_DATE_EPOCH PYTHONHASHSEED=0 LC_ALL=C.UTF-8 COLUMNS=80 QT_QPA_PLATFORM=offscreen
"$venv"/bin/python packaging/linux/debian.py dist/landfall "$root"
find "$root" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +

name=$("$venv"/bin/python packaging/product.py name)
version=$("$venv"/bin/python packaging/product.py version)
package=dist/${name}_${version}_$(dpkg --print-architecture).deb
# One thread: with more, the bytes would depend on how many there are. Level 19 takes two minutes and
# keeps it below 75 MB; 15 takes half of that and does not.
dpkg-deb --root-owner-group -Zzstd -z19 --threads-max=1 --build "$root" "$package" >/dev/null
rm -rf "$root"

if command -v desktop-file-validate >/dev/null 2>&1 && command -v appstreamcli >/dev/null 2>&1; then
    share=$(mktemp -d)
    dpkg-deb --fsys-tarfile "$package" | tar -x -C "$share" ./usr/share/applications ./usr/share/metainfo
    desktop-file-validate "$share"/usr/share/applications/*.desktop
    appstreamcli validate --no-net "$share"/usr/share/metainfo/*.xml >/dev/null
    rm -rf "$share"
fi
say "$package: $(du --apparent-size -sm "$package" | cut -f1) MB"
