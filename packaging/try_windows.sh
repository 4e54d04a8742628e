#!/bin/sh
# Try the Windows program on a Debian machine, under Wine: freeze it, make its installer, install it into
# a fresh Wine folder, use it, upgrade it, remove it. 10 to 25 minutes and 3 GB; not part of the tests.
#   sh packaging/try_windows.sh           the transcript is dist/try_windows.txt, with a picture beside it
# LANDFALL_WINE: where the Windows Python is kept (build/wine). LANDFALL_TEST_VENV: a virtual environment
# with the extra `test`, instead of .venv. LANDFALL_FROZEN: a folder that is frozen already.
cd "$(dirname "$0")/.." || exit 1
. packaging/environment.sh

venv=${LANDFALL_TEST_VENV:-.venv}
tools=${LANDFALL_WINE:-build/wine}
frozen=${LANDFALL_FROZEN:-build/windows/landfall}
mkdir -p dist build/windows
report=dist/try_windows.txt
: >"$report"

for tool in wine makensis Xvfb xdotool import; do
    command -v $tool >/dev/null 2>&1 || apt_install wine wine64 nsis xvfb xdotool imagemagick ||
        stop "$tool is needed." "Run: sudo apt-get install wine wine64 nsis xvfb xdotool imagemagick"
done
[ -n "${LANDFALL_TEST_VENV:-}" ] || prepare_environment dev

tell() { printf '%s\n' "$*" | tee -a "$report"; }

# NAME COMMAND...: what it prints is in build/windows/NAME.log.
step() {
    name=$1
    shift
    begin=$(date +%s)
    if "$@" >"build/windows/$name.log" 2>&1; then
        tell "ok    $name ($(($(date +%s) - begin)) s)"
    else
        tell "FAIL  $name ($(($(date +%s) - begin)) s): see build/windows/$name.log"
        exit 1
    fi
}

tell "Landfall $("$venv"/bin/python packaging/product.py version) for Windows, under $(wine --version 2>/dev/null), $(date -u +%Y-%m-%d)"

rm -f build/windows/display  # of an earlier trial: its number would be read before the new one
Xvfb -displayfd 3 -screen 0 1440x1000x24 -nolisten tcp 3>build/windows/display 2>/dev/null &
screen=$!
trap 'kill $screen 2>/dev/null' EXIT
trap 'exit 130' INT TERM
until [ -s build/windows/display ]; do sleep 0.2; done
DISPLAY=:$(cat build/windows/display)
export DISPLAY
unset WAYLAND_DISPLAY

step windows-python sh packaging/windows/under_wine.sh "$tools"
step icons "$venv"/bin/python packaging/icons/make_icons.py build/icons
if [ -z "${LANDFALL_FROZEN:-}" ]; then
    freeze() {
        SOURCE_DATE_EPOCH=$("$venv"/bin/python packaging/product.py source_date_epoch)
        export SOURCE_DATE_EPOCH PYTHONHASHSEED=0
        "$tools/python" -m PyInstaller --noconfirm --clean --log-level WARN \
            --distpath build/windows --workpath build/windows/work packaging/frozen/landfall.spec </dev/null
    }
    step frozen freeze
    tell "      $(du -sm "$frozen" | cut -f1) MB"
fi
step installer sh packaging/windows.sh "$frozen"
installer=$(ls dist/landfall-*-windows-x86_64*.exe)
tell "      $installer: $(($(wc -c <"$installer") / 1000000)) MB"
step fresh-wine-folder "$tools/new_prefix" "$PWD/build/windows/prefix"

begin=$(date +%s)
PYTHONPATH=app "$venv"/bin/python packaging/windows/trial.py "$tools" build/windows/prefix "$installer" 2>&1 |
    tee -a "$report"
grep -q '^FAIL' "$report" && exit 1
grep -q '^ok    nothing remains but data' "$report" || exit 1
tell "The trial itself took $(($(date +%s) - begin)) s."
