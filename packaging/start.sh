#!/bin/sh
# Install (once) and start Landfall. Arguments go to it: sh packaging/start.sh detect --json
cd "$(dirname "$0")/.." || exit 1
. packaging/environment.sh
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    prepare_environment run window
else
    prepare_environment run
fi
exec .venv/bin/python -m landfall "$@"
