#!/bin/sh
# Make dist/landfall-VERSION.tar.gz (sdist) and, from it, dist/landfall-VERSION-py3-none-any.whl.
# What makes them is in .venv-package (made here when it is missing), or in $LANDFALL_PACKAGE_VENV.
cd "$(dirname "$0")/.." || exit 1
. packaging/environment.sh
venv=${LANDFALL_PACKAGE_VENV:-.venv-package}
[ -n "${LANDFALL_PACKAGE_VENV:-}" ] || prepare_environment package

# Stands in both archives as the time of every file: two builds of a commit are the same bytes.
SOURCE_DATE_EPOCH=$("$venv"/bin/python packaging/product.py source_date_epoch)
export SOURCE_DATE_EPOCH
version=$("$venv"/bin/python packaging/product.py version)
rm -f "dist/landfall-$version.tar.gz" "dist/landfall-$version-py3-none-any.whl"
"$venv"/bin/python -m build --no-isolation --outdir dist . >/dev/null ||
    stop "the wheel could not be built." "Run: $venv/bin/python -m build --no-isolation"
ls -l "dist/landfall-$version.tar.gz" "dist/landfall-$version-py3-none-any.whl"
