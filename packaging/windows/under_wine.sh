#!/bin/sh
# A Windows Python under Wine with what Landfall needs, so that the Windows side of the program can be
# tested, frozen and installed on a Debian machine. It proves imports, paths, processes, the registry,
# the vault, the frozen folder and the installer; not drivers, sensors, fonts, display scaling or speed.
#
#   sh packaging/windows/under_wine.sh DIR          sets DIR up (once; 1.2 GB; 1 to 4 minutes)
#   DIR/python ARGUMENT...                          runs that Python; windows need a DISPLAY
#   DIR/wine PREFIX PROGRAM ARGUMENT...             runs a Windows program in a Wine folder of its own
#   DIR/new_prefix PREFIX                           makes such a folder, fresh, as Windows 10
set -eu
cd "$(dirname "$0")/../.."
. packaging/environment.sh

[ $# = 1 ] || stop "say where to: sh packaging/windows/under_wine.sh DIR"
here=$PWD/packaging/windows
dir=$(mkdir -p "$1" && cd "$1" && pwd)
compiler=x86_64-w64-mingw32-gcc
fonts=/usr/share/fonts/truetype/dejavu
python_artifact=org.bytedeco:cpython:3.12.1-1.5.10:jar:windows-x86_64

for tool in wine $compiler x86_64-w64-mingw32-objdump unzip mvn; do
    command -v $tool >/dev/null 2>&1 ||
        apt_install wine wine64 gcc-mingw-w64-x86-64-win32 binutils-mingw-w64-x86-64 unzip maven ||
        stop "$tool is needed." "Run: sudo apt-get install wine64 wine gcc-mingw-w64-x86-64-win32 unzip maven"
done

[ -e $fonts/DejaVuSans.ttf ] || apt_install fonts-dejavu-core ||
    stop "a font is needed." "Run: sudo apt-get install fonts-dejavu-core"

library() { # NAME OPTION...: a DLL without a C library
    name=$1
    shift
    $compiler -shared -nostdlib -e DllMain -o "$dir/stand-ins/$name" "$@"
}

names_of() { # DLL: what it exports
    x86_64-w64-mingw32-objdump -p "$1" | sed -n '/Ordinal\/Name Pointer/,/^$/p' | awk 'NR > 1 { print $NF }'
}

names_from() { # DLL OTHER: what DLL takes from OTHER
    x86_64-w64-mingw32-objdump -p "$1" | awk -v other="$2" '
        /DLL Name/ { inside = index($0, other); next }
        inside && NF > 2 && $NF ~ /^[A-Za-z_]/ { print $NF }'
}

mkdir -p "$dir/stand-ins" "$dir/wheels"
home=$dir/win
site=$home/lib/site-packages

if [ ! -e "$home/python.exe" ]; then
    say "A Windows Python..."
    mvn -q -B dependency:copy -Dartifact=$python_artifact -DoutputDirectory="$dir" -Dmdep.useBaseVersion=true
    unzip -qo "$dir"/cpython-*-windows-x86_64.jar 'org/bytedeco/cpython/windows-x86_64/*' -d "$dir/jar"
    mv "$dir/jar/org/bytedeco/cpython/windows-x86_64" "$home"
    # What this part asks of the system, Wine 8 cannot answer; `platform` does without it.
    rm -rf "$dir/jar" "$dir"/cpython-*.jar "$home/lib/_wmi.pyd"
    # The artefact lacks python3.dll, by which wheels for every Python find this one.
    {
        printf 'LIBRARY python3.dll\nEXPORTS\n'
        names_of "$home/python312.dll" | grep -E '^_?Py' | sort -u | sed 's/.*/  & = python312.&/'
    } >"$dir/python3.def"
    library python3.dll "$here/stand_ins.c" "$dir/python3.def"
    mv "$dir/stand-ins/python3.dll" "$home/python3.dll"
fi

# Nor has it Python's licence, which a frozen program must carry; that of this machine's is the same.
if [ ! -e "$home/lib/LICENSE.txt" ]; then
    python=$(find_python) || stop "Python 3.11 or newer is needed and was not found."
    cp "$("$python" -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')/LICENSE.txt" "$home/lib/"
fi

if [ "$(cat "$dir/stamp" 2>/dev/null)" != "$(cksum <pyproject.toml)" ]; then
    say "Packages for it..."
    # pip judges what only Windows needs by the machine that asks, so those are named; numpy 2 calls
    # what Wine 8 lacks.
    python=$(find_python) || stop "Python 3.11 or newer is needed and was not found."
    "$python" packaging/windows/needed.py >"$dir/needed.txt"
    # shellcheck disable=SC2046
    "$python" -m pip download -q --disable-pip-version-check --only-binary=:all: --platform win_amd64 \
        --python-version 3.12 --implementation cp -d "$dir/wheels" -r "$dir/needed.txt"
    # Of keyring on Linux alone.
    rm -f "$dir"/wheels/secretstorage-* "$dir"/wheels/jeepney-* "$dir"/wheels/cryptography-*
    mkdir -p "$site"
    for wheel in "$dir"/wheels/*.whl; do unzip -qo "$wheel" -d "$site"; done
    # By CopyFile2, which Wine 8 lacks and dies of, Python 3.12 copies files where it finds it.
    printf 'import _winapi\n\nif hasattr(_winapi, "CopyFile2"):\n    del _winapi.CopyFile2\n' >"$site/sitecustomize.py"
    cksum <pyproject.toml >"$dir/stamp"
fi

names_from "$site/PySide6/Qt6Core.dll" icuuc | grep -E '^ucnv' | grep -v '^ucnv_open$' | sort -u |
    sed 's/.*/__declspec(dllexport) long long &(void) { return 0; }/' >"$dir/icu_names.h"
library icuuc.dll -DICU "-I$dir" "$here/stand_ins.c"
library bcryptprimitives.dll -DPRNG "$here/stand_ins.c" -ladvapi32

# A redirected output that is a plain file is an invalid handle there, so everything goes through cat;
# bash for the status of the first in a pipe.
cat >"$dir/wine" <<RUN
#!/bin/bash
export WINEPREFIX="\$(realpath "\$1")" WINEDEBUG=-all WINEARCH=win64 WINEDLLOVERRIDES='winedbg.exe=d;mscoree=d;mshtml=d'
shift
if [ -t 0 ] || [ -f /dev/stdin ]; then exec </dev/null; fi
wine "\$@" 2>&1 | cat
exit \${PIPESTATUS[0]}
RUN
cat >"$dir/new_prefix" <<RUN
#!/bin/sh
set -eu
rm -rf "\$1"
mkdir -p "\$1"
"$dir/wine" "\$1" wineboot -i >/dev/null 2>&1 || true
"$dir/wine" "\$1" reg add 'HKCU\\Software\\Wine' /v Version /d win10 /f >/dev/null
# The font of Windows' own windows, which nobody but Windows may have.
"$dir/wine" "\$1" reg add 'HKCU\\Software\\Wine\\Fonts\\Replacements' /v 'Segoe UI' /d 'DejaVu Sans' /f >/dev/null
cp "$dir"/stand-ins/*.dll "\$1/drive_c/windows/system32/"
# Where Windows keeps its fonts; Wine has them in the registry alone.
cp $fonts/DejaVuSans*.ttf "\$1/drive_c/windows/Fonts/"
WINEPREFIX="\$(realpath "\$1")" wineserver -w
RUN
cat >"$dir/python" <<RUN
#!/bin/sh
export PYTHONPYCACHEPREFIX='Z:$dir/pycache' PYTHONUTF8="\${PYTHONUTF8:-}"
exec "$dir/wine" "$dir/prefix" "$home/python.exe" -u "\$@"
RUN
chmod +x "$dir/wine" "$dir/new_prefix" "$dir/python"
[ -d "$dir/prefix/drive_c" ] || "$dir/new_prefix" "$dir/prefix"
"$dir/python" -c 'import platform, sys; print(sys.version.split()[0], platform.platform())' </dev/null
