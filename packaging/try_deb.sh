#!/bin/sh
# Try the Debian package in a pristine Debian 12: install, use as a person, in bad surroundings, upgrade, remove.
# Usage: sudo sh packaging/try_deb.sh [PACKAGE.deb] [ROOT.tar.zst] [--each-dependency]
# The root is kept in build/try_deb/ when none is given: debootstrap makes it once. Only apt and debootstrap get a
# network; the program gets none. What is said goes to dist/try_deb.txt too, pictures to dist/try_deb_*.png.
# Ends with 1 where something is not as it should be.
cd "$(dirname "$0")/.." || exit 1
set -eu

say() { printf '%s\n' "$*"; }
stop() {
    say "Landfall: $1" >&2
    [ -z "${2:-}" ] || say "  $2" >&2
    exit 1
}

need() {
    command -v "$1" >/dev/null 2>&1 || stop "$1 is needed and was not found." "Run: sudo apt-get install $2"
}

package='' rootfs=build/try_deb/bookworm-minbase.tar.zst each=''
for word in "$@"; do
    case $word in
    --each-dependency) each=yes ;;
    *.deb) package=$word ;;
    *.tar.zst) rootfs=$word ;;
    *) stop "$word is neither a package (.deb), a root (.tar.zst) nor --each-dependency." ;;
    esac
done
[ "$(id -u)" = 0 ] || stop "a system in a folder can only be made by root." "Run: sudo sh packaging/try_deb.sh"
need debootstrap debootstrap
need zstd zstd
need ip iproute2
need Xvfb xvfb
need xdotool xdotool
need import imagemagick
if [ -z "$package" ]; then
    package=$(find dist -maxdepth 1 -name 'landfall_*_*.deb' | sort | tail -n 1)
    [ -n "$package" ] || stop "there is no package in dist/." "Run: sh packaging/deb.sh"
fi

# Mounts of our own, which are gone when this ends, however it ends.
if [ -z "${LANDFALL_TRIED_APART:-}" ]; then
    LANDFALL_TRIED_APART=yes exec unshare --mount --propagation private sh packaging/try_deb.sh "$@"
fi

mkdir -p dist build/try_deb
# A pipe to tee would hide how this ends.
exec 3>&1
transcript=dist/try_deb.txt
pipe=$(mktemp -u)
mkfifo "$pipe"
tee "$transcript" <"$pipe" >&3 &
teller=$!
exec >"$pipe" 2>&1
rm "$pipe"

root=$(mktemp -d "${TMPDIR:-/tmp}/try_deb.XXXXXX")
shown='' failed=0
finish() {
    code=$?
    [ -z "$shown" ] || kill "$shown" 2>/dev/null || true
    umount -R "$root/proc" "$root/dev" "$root/tmp/.X11-unix" 2>/dev/null || true
    rm -rf --one-file-system "$root"
    if [ "$code" = 0 ] && [ "$failed" = 0 ]; then say "ALL IS WELL"; else say "NOT WELL: $failed checks, code $code"; fi
    exec >&3 2>&1
    wait "$teller"
    [ "$failed" = 0 ] || code=1
    exit "$code"
}
trap finish EXIT
trap 'exit 130' INT TERM

step() { say "" "== $*"; }
well() { say "   ok: $*"; }
bad() {
    say "   WRONG: $*"
    failed=$((failed + 1))
}
# check WORDS COMMAND...: the command ends with 0.
check() {
    words=$1
    shift
    if "$@"; then well "$words"; else bad "$words"; fi
}

as_root() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
apt() { as_root apt-get -q -y -o Dpkg::Use-Pty=0 "$@"; }
# The person: no network but loopback, no session bus, nothing of our environment.
as_user() {
    unshare --net sh -c 'ip link set lo up && exec "$@"' sh chroot --userspec=1000:1000 "$root" env -i PATH=/usr/bin:/bin HOME=/home/mira USER=mira LANG=C.UTF-8 \
        "$@"
}
# told CODE COMMAND...: shows what it says and holds its exit code against the one that is wanted.
told() {
    wanted=$1
    shift
    say "   \$ $*"
    code=0
    as_user timeout 120 "$@" >"$root/tmp/said" 2>&1 || code=$?
    sed 's/^/     /' "$root/tmp/said" | cut -c1-180 | head -n "${LINES_SHOWN:-12}"
    if [ "$code" = "$wanted" ]; then well "exit code $code"; else bad "exit code $code, not $wanted"; fi
    if grep -q 'Traceback' "$root/tmp/said"; then bad "it ends with a traceback"; fi
}
# What there is, but for what apt itself keeps, what the person keeps, and the cache of fonts, which fontconfig writes
# for whichever program root runs.
listing() {
    (cd "$root" && find . -xdev \( -path ./proc -o -path ./dev -o -path ./sys -o -path ./tmp -o -path ./run \
        -o -path ./var/lib/apt -o -path ./var/cache/apt -o -path ./var/log -o -path ./var/lib/dpkg \
        -o -path ./home -o -path ./var/cache/ldconfig -o -path ./var/cache/debconf -o -path ./var/cache/fontconfig \) -prune -o -printf '%y %m %U:%G %p %l\n' | sort)
}

# window PICTURE [VARIABLE=VALUE...]: starts it, waits for its window, takes a picture, ends it. Where it shows none, or
# none for long, it has to say why in a line or two, with exit code 3.
window() {
    picture=$1
    shift
    as_user "$@" DISPLAY="$DISPLAY" landfall >"$root/tmp/window" 2>&1 &
    runner=$!
    timeout 90 xdotool search --sync --onlyvisible --name '^Landfall$' >/dev/null 2>&1 &
    search=$!
    while kill -0 "$search" 2>/dev/null && kill -0 "$runner" 2>/dev/null; do
        timeout 1 tail --pid="$search" -f /dev/null || true
    done
    # The first minute: the machine is looked at and the page is filled.
    timeout 8 tail --pid="$runner" -f /dev/null || true
    code=0
    if kill -0 "$runner" 2>/dev/null; then
        if wait "$search"; then well "its window is there, and stays"; else bad "no window within 90 s"; fi
        import -window root "dist/$picture.png" && well "dist/$picture.png"
        xdotool search --onlyvisible --name '^Landfall$' windowclose >/dev/null 2>&1 || true
        timeout 20 tail --pid="$runner" -f /dev/null || kill "$runner" 2>/dev/null || true
        wait "$runner" || true
    else
        kill "$search" 2>/dev/null || true
        wait "$runner" || code=$?
        lines=$(grep -c . "$root/tmp/window" || true)
        if [ "$code" = 3 ] && [ "$lines" -le 2 ] && [ "$lines" -ge 1 ]; then
            well "it says what is missing, exit code 3"
        else
            bad "no window, exit code $code, $lines lines"
        fi
    fi
    sed 's/^/     /' "$root/tmp/window" | head -n 8
    if grep -q 'Traceback' "$root/tmp/window"; then bad "it ends with a traceback"; fi
    # Closing by force leaves no process behind either.
    as_root sh -c 'for one in /proc/[0-9]*; do
        if [ "$(readlink "$one/exe")" = /usr/lib/landfall/landfall ]; then kill "${one#/proc/}"; fi
    done' 2>/dev/null || true
}

step "A pristine Debian 12 (debootstrap --variant=minbase), $(date -u +%Y-%m-%d)"
say "   $package: $(stat -c %s "$package") bytes, sha256 $(sha256sum "$package" | cut -c1-64)"
if [ ! -f "$rootfs" ]; then
    say "   making $rootfs"
    debootstrap --variant=minbase bookworm "$root" http://deb.debian.org/debian >build/try_deb/debootstrap.log 2>&1 ||
        stop "debootstrap failed." "See build/try_deb/debootstrap.log"
    tar --zstd -cf "$rootfs" -C "$root" .
else
    tar --zstd -xf "$rootfs" -C "$root"
fi
chmod 755 "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp "$package" "$root/tmp/landfall.deb"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
as_root useradd --create-home --uid 1000 mira
well "$(as_root sh -c '. /etc/os-release; echo "$PRETTY_NAME"'), $(as_root dpkg-query -f . -W | wc -c) packages"

step "Install with its dependencies and nothing else"
apt update >/dev/null
begin=$(date +%s)
apt install --no-install-recommends /tmp/landfall.deb >"$root/tmp/apt" 2>&1 || { tail -n 20 "$root/tmp/apt"; bad "apt-get install"; }
grep -E 'newly installed|Need to get|After this' "$root/tmp/apt" | sed 's/^/   /'
check "installed in $(($(date +%s) - begin)) s" test -x "$root/usr/lib/landfall/landfall"
check "dpkg --verify finds every file as it was packed" as_root sh -c 'test -z "$(dpkg --verify landfall)"'
check "everything in it belongs to root and nobody else may write it" \
    sh -c "! find '$root/usr/lib/landfall' ! -type l \( ! -user root -o ! -group root -o -perm /022 \) | grep -q ."
say "   $(du -sm "$root/usr/lib/landfall" | cut -f1) MB in /usr/lib/landfall"

step "Nothing is left when it is purged"
apt purge landfall >/dev/null 2>&1 || bad "apt-get purge"
apt install --no-install-recommends desktop-file-utils shared-mime-info hicolor-icon-theme >/dev/null 2>&1 ||
    bad "what a desktop has"
listing >"$root/tmp/before"
check "no path has its name" sh -c "! find '$root' -xdev -path '$root/tmp' -prune -o -iname '*landfall*' -print | grep -q ."
apt install --no-install-recommends /tmp/landfall.deb >/dev/null 2>&1 || bad "installing again"

step "The desktop knows it"
check "its desktop file is in the database" \
    grep -q 'application/x-landfall-workload=app.landfall.Landfall.desktop' "$root/usr/share/applications/mimeinfo.cache"
check ".landfall has its kind" grep -q 'application/x-landfall-workload:\*.landfall' "$root/usr/share/mime/globs2"
check "it says who updates it" grep -qx deb "$root/usr/lib/landfall/_internal/landfall/resources/packaged_by"

step "On the command line, as a person without a network"
told 0 landfall --version
told 0 landfall --selftest
LINES_SHOWN=6 told 0 landfall detect --json
check "which is JSON with a machine in it" \
    python3 -c 'import json, sys; print("    ", sorted(json.load(open(sys.argv[1])))[:8])' "$root/tmp/said"
told 0 landfall fit llama3.1:8b --machine "RTX 4090"
LINES_SHOWN=24 told 0 landfall verdict --sample-portfolio
cp "$root/usr/lib/landfall/_internal/landfall/resources/samples/ticket-triage.toml" "$root/home/mira/mine.landfall"
chroot "$root" chown 1000:1000 /home/mira/mine.landfall
LINES_SHOWN=8 told 0 landfall verdict /home/mira/mine.landfall
told 2 landfall fit llama3.1:8b --context many
told 0 landfall
check "the man page is there, in roff that man-db can name" sh -c "gzip -dc '$root/usr/share/man/man1/landfall.1.gz' | grep -q '^.TH LANDFALL 1'"

step "Its window under X, without a session bus"
mkdir -p "$root/tmp/.X11-unix" /tmp/.X11-unix
chmod 1777 "$root/tmp" "$root/tmp/.X11-unix"
mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix"
# It takes a number that is free, and writes it when it is ready.
mkfifo "$root/tmp/number"
Xvfb -displayfd 4 4>"$root/tmp/number" -screen 0 1280x800x24 -ac -nolisten tcp >/dev/null 2>&1 &
shown=$!
read -r number <"$root/tmp/number"
export DISPLAY=":$number"
window try_deb_window
say "   In German:"
window try_deb_window_de LANG=de_DE.UTF-8

step "In bad surroundings"
say "   No fonts at all:"
mv "$root/usr/share/fonts" "$root/tmp/fonts"
window try_deb_no_fonts
check "and it says that there are no fonts" grep -qi font "$root/tmp/window"
told 0 landfall fit llama3.1:8b --machine "RTX 4090"
mv "$root/tmp/fonts" "$root/usr/share/fonts"
say "   A display that is not there:"
LINES_SHOWN=4 told 0 env DISPLAY=:99 landfall
say "   A home that cannot be written:"
mount --bind "$root/home/mira" "$root/home/mira"
mount -o remount,bind,ro "$root/home/mira"
window try_deb_read_only
LINES_SHOWN=4 told 0 landfall fit llama3.1:8b --machine "RTX 4090"
LINES_SHOWN=4 told 3 landfall hosts --json add office 127.0.0.1:1 --kind ollama
umount "$root/home/mira"
say "   A locale that does not exist:"
LINES_SHOWN=4 told 0 env LC_ALL=xx_YY.UTF-8 landfall fit llama3.1:8b --machine "RTX 4090"
say "   A session that points Python and Qt elsewhere:"
mkdir -p "$root/tmp/trap/PySide6" "$root/tmp/trap/platforms"
for trap_file in PySide6/__init__.py json.py landfall.py sitecustomize.py; do
    echo 'raise SystemExit("taken from outside")' >"$root/tmp/trap/$trap_file"
done
LINES_SHOWN=4 told 0 env PYTHONPATH=/tmp/trap PYTHONHOME=/tmp/trap QT_PLUGIN_PATH=/tmp/trap landfall --selftest

if command -v strace >/dev/null 2>&1; then
    step "It takes no code from outside its folder, but for named libraries of the system"
    if python3 packaging/frozen/inside.py /usr/bin/landfall --root "$root" >"$root/tmp/said" 2>&1; then
        well "$(tail -n 1 "$root/tmp/said" | cut -c1-200)"
    else
        bad "packaging/frozen/inside.py"
        sed 's/^/     /' "$root/tmp/said" | tail -n 20 | cut -c1-180
    fi
fi

step "Upgrade over itself while a history exists"
cat >"$root/tmp/usage.csv" <<'CSV'
date,provider,model,requests,input_tokens,cached_input_tokens,output_tokens,cost
2026-11-01,openai,gpt-5-mini,100,90000,0,12000,0.05
2026-11-02,openai,gpt-5-mini,120,99000,0,14000,0.06
CSV
LINES_SHOWN=6 told 0 landfall import /tmp/usage.csv --save
told 0 landfall usage list
cp "$root/tmp/said" "$root/tmp/kept"
apt install --reinstall --no-install-recommends /tmp/landfall.deb >/dev/null 2>&1 || bad "installing over itself"
told 0 landfall usage list
check "the history is as it was" cmp -s "$root/tmp/kept" "$root/tmp/said"
told 0 landfall --selftest

if [ -n "$each" ]; then
    step "Without each of its dependencies"
    for one in $(as_root dpkg-query -W -f '${Depends}' landfall | tr ',' '\n' | sed 's/|.*//; s/(.*//; s/ //g'); do
        case $one in libc6) continue ;; esac
        say "   without $one:"
        mkdir -p "$root/tmp/hidden"
        as_root dpkg -L "$one" | grep -E '\.so\.[0-9.]+$|\.ttf$' | while read -r file; do
            file=$(readlink -m "$root$file")
            [ ! -e "$file" ] || { dirname "$file" >>"$root/tmp/hidden/.from" && mv "$file" "$root/tmp/hidden/"; }
        done
        code=0
        as_user timeout 90 landfall --selftest >"$root/tmp/said" 2>&1 || code=$?
        say "     selftest: code $code: $(tail -n 1 "$root/tmp/said" | cut -c1-150)"
        code=0
        as_user DISPLAY="$DISPLAY" timeout 15 landfall >"$root/tmp/said" 2>&1 || code=$?
        say "     window:   code $code (124: it was there): $(head -n 1 "$root/tmp/said" | cut -c1-150)"
        for file in "$root"/tmp/hidden/*; do
            [ -e "$file" ] || continue
            home=$(head -n 1 "$root/tmp/hidden/.from")
            mv "$file" "$home/"
        done
        rm -rf "$root/tmp/hidden"
    done
fi

step "Remove and purge"
apt remove landfall >/dev/null 2>&1 || bad "apt-get remove"
check "removing takes all that it installed" test ! -e "$root/usr/lib/landfall"
# There are no files of configuration: with that it is gone, and nothing is left to purge.
check "purging finds nothing to do" as_root sh -c '! dpkg --purge landfall 2>&1 | grep -v "which isn.t installed"'
listing >"$root/tmp/after"
if diff "$root/tmp/before" "$root/tmp/after" >"$root/tmp/difference"; then
    well "the system is as it was, file by file ($(wc -l <"$root/tmp/after") paths)"
else
    bad "what differs from before:"
    sed 's/^/     /' "$root/tmp/difference" | head -n 40
fi
say "   What stays is the person's own, as the man page says:"
find "$root/home/mira" -iname '*landfall*' -prune -printf '     ~/%P\n'
