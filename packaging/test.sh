#!/bin/sh
# Install (once) what the tests need and run them. Arguments go to pytest.
cd "$(dirname "$0")/.." || exit 1
. packaging/environment.sh
prepare_environment test
export QT_QPA_PLATFORM="${QT_QPA_PLATFORM:-offscreen}"
# A worker a core; what shares a file shares its servers.
exec .venv/bin/python -m pytest -n auto --dist loadfile "$@"
