#!/bin/sh
# Make dist/landfall-VERSION-linux-x86_64.tar.xz from dist/landfall (made here when it is missing;
# `sh packaging/onedir.sh` makes it anew). Two runs from one commit are the same bytes.
cd "$(dirname "$0")/.." || exit 1
. packaging/environment.sh
venv=${LANDFALL_PACKAGE_VENV:-.venv-package}
command -v xz >/dev/null 2>&1 || apt_install xz-utils ||
    stop "xz is needed and was not found." "Run: sudo apt-get install xz-utils"
[ -x dist/landfall/landfall ] || sh packaging/onedir.sh

SOURCE_DATE_EPOCH=$("$venv"/bin/python packaging/product.py source_date_epoch)
export SOURCE_DATE_EPOCH PYTHONHASHSEED=0 LC_ALL=C.UTF-8 COLUMNS=80 QT_QPA_PLATFORM=offscreen
name=$("$venv"/bin/python packaging/product.py name)
version=$("$venv"/bin/python packaging/product.py version)
folder=$name-$version-linux-$(uname -m)
"$venv"/bin/python packaging/linux/archive.py dist/landfall "build/$folder"
# One thread: with more, the bytes would depend on how many there are.
tar -c --format=gnu --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    --mode=u+rwX,go+rX,go-w -C build "$folder" | xz -6 -T1 >"dist/$folder.tar.xz"
rm -rf "build/$folder"
say "dist/$folder.tar.xz: $(du --apparent-size -sm "dist/$folder.tar.xz" | cut -f1) MB"
