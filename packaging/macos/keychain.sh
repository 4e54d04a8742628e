#!/bin/sh
# For a machine that is thrown away after the build: put the certificate of the environment where
# codesign finds it, and name what packaging/macos.sh asks for in the file $GITHUB_ENV.
#   MACOS_CERTIFICATE           PKCS#12, base64, of a "Developer ID Application" identity
#   MACOS_CERTIFICATE_PASSWORD
#   MACOS_NOTARY_KEY            key of App Store Connect (.p8), base64; MACOS_NOTARY_KEY_ID and
#   MACOS_NOTARY_ISSUER         go with it. Without these the program is signed and not notarised.
# Not run on a Mac yet.
cd "$(dirname "$0")/../.." || exit 1
set -eu
[ "$(uname -s)" = Darwin ] || {
    echo "Landfall: keychains are of macOS." >&2
    exit 1
}
umask 077
folder=${RUNNER_TEMP:?is a folder of the build machine}
keychain=$folder/landfall.keychain-db
password=$(openssl rand -hex 24)

printf %s "$MACOS_CERTIFICATE" | base64 --decode >"$folder/certificate.p12"
security create-keychain -p "$password" "$keychain"
security set-keychain-settings -lut 21600 "$keychain"
security unlock-keychain -p "$password" "$keychain"
security import "$folder/certificate.p12" -k "$keychain" -f pkcs12 -T /usr/bin/codesign \
    -P "$MACOS_CERTIFICATE_PASSWORD" >/dev/null
rm -f "$folder/certificate.p12"
# Without this codesign asks in a window that nobody sees.
security set-key-partition-list -S apple-tool:,apple: -s -k "$password" "$keychain" >/dev/null
# shellcheck disable=SC2046
security list-keychains -d user -s "$keychain" $(security list-keychains -d user | tr -d '"')
identity=$(security find-identity -v -p codesigning "$keychain" |
    sed -n 's/^ *1) [0-9A-F]* "\(.*\)"$/\1/p')
[ -n "$identity" ] || {
    echo "Landfall: the certificate holds no identity that can sign." >&2
    exit 1
}
echo "LANDFALL_SIGN_IDENTITY=$identity" >>"$GITHUB_ENV"

if [ -n "${MACOS_NOTARY_KEY:-}" ]; then
    printf %s "$MACOS_NOTARY_KEY" | base64 --decode >"$folder/notary.p8"
    {
        echo "LANDFALL_NOTARY_KEY=$folder/notary.p8"
        echo "LANDFALL_NOTARY_KEY_ID=$MACOS_NOTARY_KEY_ID"
        echo "LANDFALL_NOTARY_ISSUER=$MACOS_NOTARY_ISSUER"
    } >>"$GITHUB_ENV"
fi
