#!/bin/sh
# Try the frozen program of the last commit: two builds, made in two folders, are the same bytes; it
# is small enough, passes its self-test, takes no code from outside, and starts about as fast as the
# source. Linux; five minutes. What is tried is left in dist/landfall.
cd "$(dirname "$0")/.." || exit 1
. packaging/environment.sh
venv=${LANDFALL_PACKAGE_VENV:-$PWD/.venv-package}
[ -n "${LANDFALL_PACKAGE_VENV:-}" ] || prepare_environment package window
most_mb=220

. packaging/twice.sh
build_twice packaging/onedir.sh
diff -r --no-dereference "$first/dist/landfall" "$second/dist/landfall" ||
    stop "two builds of one commit differ."
sum=$(cd "$first/dist/landfall" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)
say "Two builds are the same bytes: $sum"
rm -rf dist/landfall
mkdir -p dist
mv "$first/dist/landfall" dist/landfall

size=$(du -sm dist/landfall | cut -f1)
say "$size MB of at most $most_mb"
[ "$size" -le "$most_mb" ] || stop "the folder is too large."
LANDFALL_HOME=$work/home dist/landfall/landfall --selftest
"$venv"/bin/python packaging/frozen/inside.py dist/landfall/landfall
"$venv"/bin/python packaging/frozen/start_ratio.py dist/landfall/landfall
say "The frozen program is good."
