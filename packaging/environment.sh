# Sourced by start.sh, test.sh and what makes packages: makes a virtual environment ready, with what
# the system lacks.
# Usage: . packaging/environment.sh; prepare_environment EXTRA SYSTEM_PACKAGE...
# In $venv, which is .venv where the script does not set it after sourcing this.

set -eu

venv=.venv

say() { printf '%s\n' "$*" >&2; }

stop() {
    say "Landfall: $1"
    [ -z "${2:-}" ] || say "  $2"
    exit 1
}

# Runs apt-get where this user may without being asked for a password.
apt_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root='sudo -n'
    else
        return 1
    fi
    say "Installing from the system's packages: $*"
    # A list that is already here is tried first: refreshing it takes longer than the rest.
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null 2>&1 ||
        { $as_root apt-get update -q >/dev/null &&
            $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null; } >&2
}

python_is_good() {
    command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in "${LANDFALL_PYTHON:-}" python3 python3.13 python3.12 python3.11 python3.14; do
        if [ -n "$candidate" ] && python_is_good "$candidate"; then
            printf '%s\n' "$candidate"
            return 0
        fi
    done
    return 1
}

make_venv() {
    python=$(find_python) || {
        apt_install python3 python3-venv || true
        python=$(find_python) || stop "Python 3.11 or newer is needed and was not found." \
            "On Debian or Ubuntu: sudo apt-get install python3 python3-venv"
    }
    if [ ! -x "$venv/bin/python" ] || ! python_is_good "$venv/bin/python" || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        rm -rf "$venv"
        "$python" -m venv "$venv" >/dev/null 2>&1 || {
            rm -rf "$venv"
            version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
            apt_install "python$version-venv" || apt_install python3-venv ||
                stop "this Python has no venv module." "Run: sudo apt-get install python$version-venv"
            "$python" -m venv "$venv" || stop "the virtual environment could not be made."
        }
        # On Windows it is in Scripts: the shell there finds it where every script looks.
        if [ -f "$venv/Scripts/python.exe" ]; then
            mkdir -p "$venv/bin"
            printf '#!/bin/sh\nexec "$(dirname "$0")/../Scripts/python.exe" "$@"\n' >"$venv/bin/python"
            chmod +x "$venv/bin/python"
        fi
    fi
}

# The Qt libraries that the wheels expect from the system; the names are Debian's.
need_libraries() {
    [ "$(uname -s)" = Linux ] || return 0
    missing=$("$venv"/bin/python packaging/missing_libraries.py "$@") || true
    [ -n "$missing" ] || return 0
    # shellcheck disable=SC2086
    apt_install $missing ||
        stop "Qt needs system libraries that are not here." "Run: sudo apt-get install $(printf '%s ' $missing)"
}

prepare_environment() {
    extra=$1
    shift
    make_venv
    stamp=$venv/landfall-$extra.stamp
    if [ "$(cat "$stamp" 2>/dev/null)" != "$(cksum <pyproject.toml)" ]; then
        say "Landfall is set up once, in $venv: about 400 MB; 1 to 5 minutes, by the network."
        target=.
        [ "$extra" = run ] || target=".[$extra]"
        failed=$venv/landfall-failed
        rm -f "$failed"
        {
            "$venv/bin/python" -m pip install --disable-pip-version-check --editable "$target" ||
                : >"$failed"
        } | while read -r what of_it; do
            # pip also installs what it builds with, a second or so each, before it downloads.
            case "$what $of_it" in
            "Downloading "*) say "  $what $of_it" ;;
            "Installing collected "*) say "  Installing: a minute or so without a word" ;;
            esac
        done
        [ ! -e "$failed" ] ||
            stop "the packages could not be installed." "Check the network and run this again."
        cksum <pyproject.toml >"$stamp"
        say "It is set up. The next start takes seconds."
    fi
    need_libraries "$@"
}
