#!/bin/sh
# Make the Windows installer from the frozen program: dist/landfall-VERSION-windows-x86_64.exe
#   sh packaging/windows.sh [FOLDER]      FOLDER: what packaging/onedir.sh made on Windows; dist/landfall
# LANDFALL_SIGN, a command that signs the file which is its last argument, is run on both programs, on the
# uninstaller and on the installer. Without it the name ends in -unsigned.exe.
cd "$(dirname "$0")/.." || exit 1
. packaging/environment.sh

payload=${1:-dist/landfall}
command -v makensis >/dev/null 2>&1 || apt_install nsis ||
    stop "makensis is needed and was not found." \
        "On Debian or Ubuntu: sudo apt-get install nsis; on Windows: choco install nsis"
[ -e "$payload/landfall.exe" ] && [ -e "$payload/landfallw.exe" ] ||
    stop "$payload holds no frozen program for Windows." \
        "On Windows run sh packaging/onedir.sh first; on Debian sh packaging/try_windows.sh does all of it under Wine."
for icon in landfall landfall-document; do
    [ -e build/icons/$icon.ico ] ||
        stop "build/icons/$icon.ico is missing." "Run: python packaging/icons/make_icons.py build/icons"
done
python=$(find_python) || python=python
name=landfall-$("$python" packaging/product.py version)-windows-x86_64
SOURCE_DATE_EPOCH=$("$python" packaging/product.py source_date_epoch)
export SOURCE_DATE_EPOCH

mkdir -p dist build/windows
sign=
suffix=-unsigned
if [ -n "${LANDFALL_SIGN:-}" ]; then
    suffix=
    for program in "$payload/landfall.exe" "$payload/landfallw.exe"; do
        sh -c "$LANDFALL_SIGN \"\$1\"" sign "$program"
    done
    # makensis runs it on the uninstaller before that is packed, and on the installer.
    sign="-DSIGN=$LANDFALL_SIGN"
fi
output=dist/$name$suffix.exe
rm -f "dist/$name.exe" "dist/$name-unsigned.exe"
"$python" packaging/windows/facts.py "$payload" "$output" >build/windows/facts.nsh
# The archive keeps the files' times.
find "$payload" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
makensis -V2 -WX -NOCD -INPUTCHARSET UTF8 ${sign:+"$sign"} packaging/windows/landfall.nsi
say "$output: $(($(wc -c <"$output") / 1000000)) MB"
