#!/bin/sh
# Try the wheel and the sdist of the last commit: two builds are the same bytes, the wheel installs
# into a fresh environment and passes its self-test there, and the sdist has what its tests need.
# $LANDFALL_TEST_PYTHON is a Python with the extra "test"; without one the tests are not collected.
cd "$(dirname "$0")/.." || exit 1
. packaging/environment.sh
venv=${LANDFALL_PACKAGE_VENV:-$PWD/.venv-package}
[ -n "${LANDFALL_PACKAGE_VENV:-}" ] || prepare_environment package

. packaging/twice.sh
build_twice packaging/wheel.sh
for file in "$first"/dist/*; do
    cmp "$file" "$second/dist/${file##*/}"
    sha256sum "$file"
done
say "Two builds are the same bytes."

"$venv"/bin/python -m venv "$work/fresh"
"$work"/fresh/bin/python -m pip install --quiet --disable-pip-version-check "$first"/dist/*.whl
cd "$work" || exit 1
LANDFALL_HOME=$work/home fresh/bin/landfall --selftest
if [ -n "${LANDFALL_TEST_PYTHON:-}" ]; then
    mkdir unpacked
    tar -x -z -C unpacked --strip-components 1 -f first/dist/*.tar.gz
    cd unpacked || exit 1
    QT_QPA_PLATFORM=offscreen "$LANDFALL_TEST_PYTHON" -m pytest -q -p no:cacheprovider \
        tests/core/fit/test_fit.py tests/packaging
    QT_QPA_PLATFORM=offscreen "$LANDFALL_TEST_PYTHON" -m pytest -q --collect-only -p no:cacheprovider | tail -1
fi
say "The wheel and the sdist are good."
