#!/bin/sh
# Make the frozen program: dist/landfall/, a folder that needs no Python (about 200 MB, a minute).
# What makes it is in .venv-package (made here when it is missing), or in $LANDFALL_PACKAGE_VENV.
cd "$(dirname "$0")/.." || exit 1
. packaging/environment.sh
venv=${LANDFALL_PACKAGE_VENV:-.venv-package}
if [ -z "${LANDFALL_PACKAGE_VENV:-}" ]; then
    # Also what a window needs: a library that is missing here would be missing in the bundle.
    prepare_environment package window
fi
if [ "$(uname -s)" = Linux ]; then
    command -v strip >/dev/null 2>&1 || apt_install binutils ||
        stop "strip is needed and was not found." "Run: sudo apt-get install binutils"
    command -v chrpath >/dev/null 2>&1 || apt_install chrpath ||
        stop "chrpath is needed and was not found." "Run: sudo apt-get install chrpath"
fi

SOURCE_DATE_EPOCH=$("$venv"/bin/python packaging/product.py source_date_epoch)
# Both decide of the bytes: of times in archives, and of the order in which sets are compiled.
export SOURCE_DATE_EPOCH PYTHONHASHSEED=0
"$venv"/bin/python packaging/icons/make_icons.py build/icons
rm -rf dist/landfall
"$venv"/bin/python -m PyInstaller --noconfirm --clean --log-level ERROR \
    --distpath dist --workpath build/frozen packaging/frozen/landfall.spec
say "dist/landfall: $(du -sm dist/landfall | cut -f1) MB"
