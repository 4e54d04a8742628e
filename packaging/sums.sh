#!/bin/sh
# Write dist/SHA256SUMS: of every package in dist, in the order of their names.
# Check with: cd dist && sha256sum -c SHA256SUMS
cd "$(dirname "$0")/../dist" 2>/dev/null || {
    echo "Landfall: there is no dist folder; make a package first." >&2
    exit 1
}
set -eu
LC_ALL=C
export LC_ALL
sum() { if command -v sha256sum >/dev/null 2>&1; then sha256sum "$1"; else shasum -a 256 "$1"; fi; }
rm -f SHA256SUMS SHA256SUMS.new
for file in *; do
    case $file in
    *.deb | *.dmg | *.exe | *.tar.gz | *.tar.xz | *.whl) sum "$file" >>SHA256SUMS.new ;;
    esac
done
[ -s SHA256SUMS.new ] || {
    echo "Landfall: there are no packages in dist." >&2
    exit 1
}
mv SHA256SUMS.new SHA256SUMS
cat SHA256SUMS
