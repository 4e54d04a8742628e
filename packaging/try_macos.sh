#!/bin/sh
# Try a disk image as a user would: open it, copy the program out, run its self test from there.
# Usage, on macOS: sh packaging/try_macos.sh dist/landfall-VERSION-macos-arm64.dmg
# What it says is kept in dist/try_macos.txt. Not run on a Mac yet.
cd "$(dirname "$0")/.." || exit 1
. packaging/environment.sh

[ "$(uname -s)" = Darwin ] || stop "a disk image is opened on macOS, and this is $(uname -s)."
[ -f "${1:-}" ] || stop "which disk image?" "Run: sh packaging/try_macos.sh dist/NAME.dmg"
image=$1
here=$(mktemp -d)
mounted=$here/image
mkdir "$mounted"
trap 'hdiutil detach -quiet "$mounted" 2>/dev/null || true; rm -rf "$here"' EXIT

try() {
    hdiutil attach -quiet -nobrowse -readonly -mountpoint "$mounted" "$image"
    [ -L "$mounted/Applications" ] || stop "the image has no folder to drag the program to."
    ditto "$mounted/Landfall.app" "$here/Landfall.app"
    hdiutil detach -quiet "$mounted"
    codesign --verify --deep --strict --verbose=1 "$here/Landfall.app"
    case $image in
    *-unsigned.dmg | *-not-notarised.dmg) say "Gatekeeper is not asked: the name says that it would refuse." ;;
    *) spctl --assess --type execute --verbose "$here/Landfall.app" ;;
    esac
    # A home of its own, and a name with a space and an umlaut, as users have them.
    mkdir "$here/Mein Büro"
    export LANDFALL_HOME="$here/Mein Büro"
    program=$here/Landfall.app/Contents/MacOS/landfall
    "$program" --version
    "$program" --selftest
    "$program" detect
    "$program" fit
}

mkdir -p dist
# The status of the trial, not that of tee: its last word stands only after all went well.
{
    try 2>&1
    echo passed
} | tee dist/try_macos.txt
[ "$(tail -n 1 dist/try_macos.txt)" = passed ] || stop "the trial failed: dist/try_macos.txt"
