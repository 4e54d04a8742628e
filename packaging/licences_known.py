"""What no metadata says in a form that a program can read: licences of libraries of the system."""

from __future__ import annotations

from dataclasses import dataclass

DEBIAN = {
    "brotli": "MIT",
    "bzip2": "bzip2-1.0.6",
    "dbus": "AFL-2.1 OR GPL-2.0-or-later",
    "e2fsprogs": "MIT",
    "expat": "MIT",
    "fontconfig": "HPND AND MIT",
    "freetype": "FTL OR GPL-2.0-or-later",
    "fribidi": "LGPL-2.1-or-later",
    "gcc-11": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "gcc-12": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "glib2.0": "LGPL-2.1-or-later",
    "graphite2": "LGPL-2.1-or-later OR MPL-2.0 OR GPL-2.0-or-later",
    "harfbuzz": "MIT-Modern-Variant",
    "icu": "Unicode-3.0",
    "keyutils": "LGPL-2.1-or-later",
    "krb5": "MIT",
    "libbsd": "BSD-3-Clause AND BSD-2-Clause AND ISC",
    "libcap2": "BSD-3-Clause OR GPL-2.0-only",
    "libdatrie": "LGPL-2.1-or-later",
    "libepoxy": "MIT",
    "libffi": "MIT",
    "libgcrypt20": "LGPL-2.1-or-later",
    "libgpg-error": "LGPL-2.1-or-later",
    "libjpeg-turbo": "IJG AND BSD-3-Clause AND Zlib",
    "libmd": "BSD-3-Clause AND BSD-2-Clause AND ISC",
    "libpng1.6": "libpng-2.0",
    "libselinux": "LicenseRef-public-domain",
    "libthai": "LGPL-2.1-or-later",
    "libx11": "MIT",
    "libxau": "MIT",
    "libxcb": "MIT",
    "libxcomposite": "MIT",
    "libxcursor": "MIT",
    "libxdamage": "MIT",
    "libxdmcp": "MIT",
    "libxext": "MIT",
    "libxfixes": "MIT",
    "libxi": "MIT",
    "libxinerama": "MIT",
    "libxkbcommon": "MIT",
    "libxrandr": "MIT",
    "libxrender": "MIT",
    "libzstd": "BSD-3-Clause OR GPL-2.0-only",
    "lz4": "BSD-2-Clause",
    "ncurses": "X11-distribute-modifications-variant",
    "openssl": "Apache-2.0",
    "pcre2": "BSD-3-Clause",
    "pixman": "MIT",
    "readline": "GPL-3.0-or-later",
    "sqlite3": "blessing",
    "systemd": "LGPL-2.1-or-later",
    "util-linux": "LGPL-2.1-or-later AND BSD-3-Clause",
    "wayland": "MIT",
    "xcb-util": "MIT",
    "xcb-util-cursor": "MIT",
    "xcb-util-image": "MIT",
    "xcb-util-keysyms": "MIT",
    "xcb-util-renderutil": "MIT",
    "xcb-util-wm": "MIT",
    "xz-utils": "LicenseRef-public-domain",
    "zlib": "Zlib",
}
"""Source packages of Debian and Ubuntu to the licence of the libraries that are built from them: of
the library alone, where tools beside it have another. From each package's own copyright file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """A library that belongs to no package: what Python brings along on Windows and macOS.

    Attributes:
        files: Patterns of file names, lower case.
        licence: An SPDX expression, with its text in licence_texts/.
    """

    name: str
    files: tuple[str, ...]
    licence: str
    homepage: str


LIBRARIES = (
    Library(
        name="OpenSSL",
        files=("libcrypto*", "libssl*"),
        licence="Apache-2.0",
        homepage="https://www.openssl.org",
    ),
    Library(
        name="SQLite",
        files=("sqlite3.dll", "libsqlite3*"),
        licence="blessing",
        homepage="https://www.sqlite.org",
    ),
    Library(
        name="libffi",
        files=("libffi*",),
        licence="MIT",
        homepage="https://sourceware.org/libffi",
    ),
    Library(
        name="XZ Utils (liblzma)",
        files=("liblzma*",),
        licence="LicenseRef-public-domain",
        homepage="https://tukaani.org/xz",
    ),
    Library(
        name="Microsoft Visual C++ runtime",
        files=("vcruntime*.dll", "msvcp*.dll", "ucrtbase.dll", "api-ms-win-*.dll", "concrt*.dll"),
        licence="LicenseRef-Microsoft-redistributable",
        homepage="https://learn.microsoft.com/cpp/windows/redistributing-visual-cpp-files",
    ),
)
