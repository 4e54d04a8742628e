#!/bin/sh
# The same tests of core, services and command line in an environment in which PySide6 is not installed.
cd "$(dirname "$0")/.." || exit 1
. packaging/environment.sh
make_venv
if [ "$(cat .venv-without-qt/stamp 2>/dev/null)" != "$(cksum <pyproject.toml)" ] || ! python_is_good .venv-without-qt/bin/python; then
    rm -rf .venv-without-qt
    .venv/bin/python -m venv .venv-without-qt
    .venv/bin/python - >.venv-without-qt/requirements.txt <<'PYTHON'
import tomllib
project = tomllib.load(open("pyproject.toml", "rb"))["project"]
wanted = project["dependencies"] + project["optional-dependencies"]["test"]
print("\n".join(r for r in wanted if not r.startswith(("PySide6", "pyqtgraph", "pytest-qt"))))
PYTHON
    .venv-without-qt/bin/python -m pip install --quiet --disable-pip-version-check -r .venv-without-qt/requirements.txt
    cksum <pyproject.toml >.venv-without-qt/stamp
fi
exec .venv-without-qt/bin/python -m pytest -n auto --dist loadfile tests/core tests/services tests/cli "$@"
