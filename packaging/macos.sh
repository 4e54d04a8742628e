#!/bin/sh
# Make the disk image for this Mac's processor: dist/landfall-VERSION-macos-arm64.dmg (or x86_64).
# Runs on macOS only: neither signing nor disk images exist elsewhere.
#   LANDFALL_SIGN_IDENTITY    "Developer ID Application: ..." of a keychain that is open
#   LANDFALL_NOTARY_KEY, LANDFALL_NOTARY_KEY_ID, LANDFALL_NOTARY_ISSUER
# Without the first the name ends in -unsigned, without the others in -not-notarised: Gatekeeper
# lets neither start by a double click.
# Not run on a Mac yet: tests/packaging/test_macos_recipe.py runs it with stand-ins of the tools.
cd "$(dirname "$0")/.." || exit 1
. packaging/environment.sh

[ "$(uname -s)" = Darwin ] || stop "a disk image is made on macOS, and this is $(uname -s)." \
    "The release workflow has two Macs: .github/workflows/release.yml."
for tool in codesign hdiutil ditto xcrun; do
    command -v "$tool" >/dev/null 2>&1 || stop "$tool is needed and was not found." "Run: xcode-select --install"
done

venv=${LANDFALL_PACKAGE_VENV:-.venv-package}
[ -n "${LANDFALL_PACKAGE_VENV:-}" ] || prepare_environment package
python=$venv/bin/python
app=dist/$("$python" packaging/product.py title).app
identity=${LANDFALL_SIGN_IDENTITY:--}

rm -rf "$app"
sh packaging/onedir.sh
[ -d "$app" ] || stop "the recipe of the frozen program made no $app."

"$python" packaging/macos/sign.py sign "$app" "$identity"
state=-unsigned
if [ "$identity" != - ]; then
    state=-not-notarised
    if [ -n "${LANDFALL_NOTARY_KEY:-}" ]; then
        state=
        # The program itself gets the ticket too: it starts without a network once it was copied.
        mkdir -p build/macos
        ditto -c -k --keepParent "$app" build/macos/app.zip
        "$python" packaging/macos/sign.py notarise build/macos/app.zip
        xcrun stapler staple "$app"
    fi
fi

image=dist/$("$python" packaging/macos/bundle.py name)$state.dmg
rm -f "$image"
"$python" -m dmgbuild -s packaging/macos/dmg_settings.py -D app="$app" -D icon=build/icons/landfall.icns \
    "$("$python" packaging/product.py title) $("$python" packaging/product.py version)" "$image"
[ "$identity" = - ] || codesign --force --sign "$identity" --timestamp "$image"
if [ -z "$state" ]; then
    "$python" packaging/macos/sign.py notarise "$image"
    xcrun stapler staple "$image"
fi
say "$image: $(du -m "$image" | cut -f1) MB"
