#!/bin/sh
# Sets up the real LiteLLM proxy (once; about 750 MB) and runs the tests that need it. It lives in an
# environment of its own: it is no part of the program. Arguments go to pytest.
cd "$(dirname "$0")/.." || exit 1
. packaging/environment.sh
prepare_environment test
# The version with which the form of the export was checked stands in one place.
version=$(.venv/bin/python -c 'import json; print(json.load(open("resources/litellm.json"))["version"])')
if [ "$(cat .venv-litellm/stamp 2>/dev/null)" != "$version" ] || ! python_is_good .venv-litellm/bin/python; then
    say "Setting up LiteLLM $version in .venv-litellm..."
    rm -rf .venv-litellm
    .venv/bin/python -m venv .venv-litellm
    .venv-litellm/bin/python -m pip install --quiet --disable-pip-version-check "litellm[proxy]==$version" ||
        stop "LiteLLM $version could not be installed." "Check the network and run this again."
    printf '%s\n' "$version" >.venv-litellm/stamp
fi
export LANDFALL_LITELLM="$PWD/.venv-litellm/bin/litellm"
# One after another: they time how calls are served.
exec .venv/bin/python -m pytest -n 0 tests/litellm_proxy "$@"
