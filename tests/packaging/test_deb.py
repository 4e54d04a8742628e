"""What the Debian package consists of: its facts, its files, and that two makings are the same."""

from __future__ import annotations

import configparser
import gzip
import hashlib
import importlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

from landfall.cli.commands import COMMANDS
from landfall.services.installation import desktop_identity

ROOT = Path(__file__).resolve().parents[2]
SHELL = sorted((ROOT / "packaging").glob("*deb.sh"))
COMPONENTS = {
    "components": [
        {"name": "Landfall", "version": "1", "licence": "MIT", "text": "Copyright 2026 Us\n\nDo."},
        {
            "name": "A Lib",
            "version": "2",
            "licence": "BSD-3-Clause AND MIT",
            "homepage": "https://a.example",
            "text": "(c) nobody\n * Copyright (C) 2001 Ada\nCopyright (C) 2001 Ada",
        },
    ]
}


def script(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    for folder in ("packaging/icons", "packaging", "packaging/linux"):
        monkeypatch.syspath_prepend(str(ROOT / folder))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1750000000")
    return importlib.import_module(name)


@pytest.fixture
def share(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return script("share", monkeypatch)


@pytest.fixture
def debian(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return script("debian", monkeypatch)


@pytest.fixture(scope="module")
def one_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A frozen program in little: what it starts with, a library and the list of licences."""
    made = tmp_path_factory.mktemp("frozen") / "one_dir"
    resources = made / "_internal" / "landfall" / "resources"
    resources.mkdir(parents=True)
    (resources / "licences.json").write_text(json.dumps(COMPONENTS), encoding="utf-8")
    (made / "landfall").write_bytes(b"\x7fELF")
    (made / "landfall").chmod(0o700)
    library = made / "_internal" / "libone.so.1"
    library.write_bytes(b"\x7fELF" * 300)
    library.chmod(0o775)
    (made / "_internal" / "libone.so").symlink_to("libone.so.1")
    return made


@pytest.fixture(scope="module")
def root(one_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a package of it."""
    made = tmp_path_factory.mktemp("package") / "root"
    with pytest.MonkeyPatch.context() as patch:
        script("debian", patch).lay_out(one_dir, made)
    return made


def desktop_entry(share: ModuleType) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(share.filled("desktop.in"))
    return parser["Desktop Entry"]


def test_that_the_desktop_file_starts_the_command_with_workload_files(share: ModuleType) -> None:
    entry = desktop_entry(share)
    facts = share.facts()
    assert entry["Name"] == "Landfall"
    assert entry["Exec"] == "landfall %F"
    assert entry["TryExec"] == "landfall"
    assert entry["Icon"] == facts["APP_ID"]
    assert entry["MimeType"] == f"{facts['DOCUMENT_MIME']};"
    assert entry["Terminal"] == "false"


def test_that_the_desktop_file_speaks_german_where_it_speaks_english(share: ModuleType) -> None:
    entry = desktop_entry(share)
    for name in ("GenericName", "Comment", "Keywords"):
        assert entry[name]
        assert entry[f"{name}[de]"]


def test_that_the_window_names_the_desktop_file_as_its_own(share: ModuleType) -> None:
    said = share.facts()["APP_ID"]
    assert said == desktop_identity.APP_ID


def test_that_the_metadata_is_of_this_version_and_launches_the_desktop_file(
    share: ModuleType,
) -> None:
    root = ElementTree.fromstring(share.filled("metainfo.xml.in"))
    facts = share.facts()
    assert root.findtext("id") == facts["APP_ID"]
    assert root.findtext("launchable") == f"{facts['APP_ID']}.desktop"
    assert root.findtext("provides/mediatype") == facts["DOCUMENT_MIME"]
    release = root.find("releases/release")
    assert release is not None
    assert release.attrib == {"version": facts["VERSION"], "date": "2025-06-15"}


def test_that_changelog_and_software_centre_say_what_the_page_of_changes_says(
    share: ModuleType, debian: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    changes = script("changes", monkeypatch)
    page = tmp_path / "changelog.md"
    page.write_text(
        "# Changes\n\n## 9.9.9, 2030-01-01\n\n- Not of this one.\n\n"
        f"## {share.facts()['VERSION']}, not released yet\n\nSome words.\n\n"
        "- Reads **bills** & files,\n  also [large](a.md) ones.\n- Is new.\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(changes, "PAGE", page)
    root = ElementTree.fromstring(share.filled("metainfo.xml.in"))
    said = [point.text for point in root.findall("releases/release/description/ul/li")]
    assert said == ["Reads bills & files, also large ones.", "Is new."]
    lines = debian.changelog().splitlines()
    assert lines[2:4] == ["  * Reads bills & files, also large ones.", "  * Is new."]


def test_that_a_version_of_which_nothing_is_said_stops_the_build(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(SystemExit, match="does not say what is new"):
        script("changes", monkeypatch).points("0.0.7")


def test_that_workload_files_are_known_by_their_suffix(share: ModuleType) -> None:
    space = "{http://www.freedesktop.org/standards/shared-mime-info}"
    kind = ElementTree.fromstring(share.filled("mime.xml.in")).find(f"{space}mime-type")
    assert kind is not None
    assert kind.attrib["type"] == share.facts()["DOCUMENT_MIME"]
    glob = kind.find(f"{space}glob")
    assert glob is not None
    assert glob.attrib["pattern"] == "*.landfall"


def test_that_a_fact_that_nobody_states_stops_the_build(
    share: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken.in").write_text("Name=@NOBODY@\n", encoding="utf-8")
    monkeypatch.setattr(share, "HERE", tmp_path)
    with pytest.raises(KeyError, match="NOBODY"):
        share.filled("broken.in")


@pytest.mark.parametrize(
    ("tool", "template", "name"),
    [
        (("desktop-file-validate",), "desktop.in", "app.landfall.Landfall.desktop"),
        (
            ("appstreamcli", "validate", "--no-net"),
            "metainfo.xml.in",
            "app.landfall.Landfall.metainfo.xml",
        ),
    ],
)
def test_that_the_desktop_s_own_tools_find_no_fault(
    share: ModuleType, tmp_path: Path, tool: tuple[str, ...], template: str, name: str
) -> None:
    if shutil.which(tool[0]) is None:
        pytest.skip(f"{tool[0]} is not here")
    (tmp_path / name).write_text(share.filled(template), encoding="utf-8")
    done = subprocess.run(
        [*tool, str(tmp_path / name)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "error" not in done.stdout


def test_that_the_man_page_has_every_command_with_every_option(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = script("man_page", monkeypatch).page()
    for name in COMMANDS:
        assert f'.SS "landfall {name}"' in page
    for option in ("--watch", "--all-quants", "--kind", "--since", "--usage", "--sample-portfolio"):
        assert rf"\fB{option.replace('-', chr(92) + '-')}\fR" in page
    assert "-h]" not in page
    assert "==SUPPRESS==" not in page


def test_that_the_man_page_is_roff_without_a_warning(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if shutil.which("man") is None or shutil.which("groff") is None:
        pytest.skip("no man-db here")
    file = tmp_path / "landfall.1"
    file.write_text(script("man_page", monkeypatch).page(), encoding="utf-8")
    done = subprocess.run(
        ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", str(file)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "80"},
    )
    assert done.returncode == 0
    assert not done.stderr


def test_that_the_root_has_command_program_and_what_a_desktop_wants(
    root: Path,
) -> None:
    command = root / "usr/bin/landfall"
    assert os.readlink(command) == "../lib/landfall/landfall"
    assert command.resolve() == root / "usr/lib/landfall/landfall"
    said = root / "usr/lib/landfall/_internal/landfall/resources/packaged_by"
    assert said.read_text(encoding="utf-8") == "deb\n"
    for name in (
        "applications/app.landfall.Landfall.desktop",
        "metainfo/app.landfall.Landfall.metainfo.xml",
        "mime/packages/app.landfall.Landfall.xml",
        "icons/hicolor/scalable/apps/app.landfall.Landfall.svg",
        "icons/hicolor/48x48/apps/app.landfall.Landfall.png",
        "icons/hicolor/48x48/mimetypes/app.landfall.Landfall-document.png",
        "lintian/overrides/landfall",
    ):
        assert (root / "usr/share" / name).is_file()
    page = gzip.decompress((root / "usr/share/man/man1/landfall.1.gz").read_bytes())
    assert page.startswith(b".TH LANDFALL 1")
    assert not [name for name in ("postinst", "postrm") if (root / "DEBIAN" / name).exists()]


def test_that_modes_are_those_of_a_package_whatever_they_were(
    root: Path,
) -> None:
    bundle = root / "usr/lib/landfall"
    assert (bundle / "landfall").stat().st_mode & 0o7777 == 0o755
    assert (bundle / "_internal/libone.so.1").stat().st_mode & 0o7777 == 0o644
    assert os.readlink(bundle / "_internal/libone.so") == "libone.so.1"
    assert all(path.stat().st_mode & 0o7777 == 0o755 for path in root.rglob("*") if path.is_dir())


def test_that_md5sums_are_of_every_file_and_of_nothing_else(
    root: Path,
) -> None:
    lines = (root / "DEBIAN" / "md5sums").read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    there = {
        path.relative_to(root).as_posix(): hashlib.md5(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file() and not path.is_symlink() and "DEBIAN" not in path.parts
    }
    assert listed == there


def test_that_two_makings_are_the_same_tree(
    debian: ModuleType, root: Path, one_dir: Path, tmp_path: Path
) -> None:
    again = tmp_path / "deeper" / "elsewhere"
    debian.lay_out(one_dir, again)

    def tree(root: Path) -> list[tuple[str, int, bytes]]:
        return [
            (
                path.relative_to(root).as_posix(),
                path.lstat().st_mode,
                os.readlink(path).encode()
                if path.is_symlink()
                else path.read_bytes()
                if path.is_file()
                else b"",
            )
            for path in sorted(root.rglob("*"))
        ]

    assert tree(root) == tree(again)


def test_that_the_control_file_says_what_the_bundle_takes_from_the_system(
    debian: ModuleType,
) -> None:
    fields = dict(
        line.split(": ", 1)
        for line in debian.control(1234).splitlines()
        if line and not line.startswith(" ")
    )
    assert fields["Package"] == "landfall"
    assert fields["Installed-Size"] == "1234"
    assert fields["Version"] == debian.product.version()
    wanted = {"libgl1", "libegl1", "libfontconfig1", "libfreetype6", "libxcb1"}
    assert wanted <= set(fields["Depends"].split(", "))
    assert fields["Architecture"] in {"amd64", "arm64"}


def test_that_the_copyright_file_has_a_paragraph_and_a_text_for_each_component(
    root: Path,
) -> None:
    text = (root / "usr/share/doc/landfall/copyright").read_text(encoding="utf-8")
    head, mine, other = text.rstrip().split("\n\n")
    assert head.startswith("Format: https://www.debian.org/doc/packaging-manuals/copyright-format")
    assert "LGPL-3" in head
    assert mine.startswith("Files: *\nCopyright: Copyright 2026 Us\nLicense: MIT~landfall\n")
    assert "\n .\n Do." in mine
    assert "License: BSD-3-Clause~a-lib" in other
    assert other.count("Copyright (C) 2001 Ada") == 3
    assert "Copyright: Copyright (C) 2001 Ada\nLicense" in other
    assert "A Lib 2 (https://a.example): BSD-3-Clause AND MIT" in other


def test_that_a_text_that_every_debian_has_is_named_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    common = Path("/usr/share/common-licenses/GPL-3")
    if not common.is_file():
        pytest.skip("no common licences of Debian here")
    dep5 = script("dep5", monkeypatch)
    words = common.read_text(encoding="utf-8")
    short = dep5._shortened(f"Before.\n\n{re.sub(' +', '  ', words)}\nAfter.")
    assert "On Debian the text is in /usr/share/common-licenses/GPL-3." in short
    assert short.startswith("Before.")
    assert short.rstrip().endswith("After.")
    assert len(short) < 200


@pytest.mark.parametrize("file", SHELL, ids=lambda file: file.name)
def test_that_the_shell_reads_the_scripts(file: Path) -> None:
    done = subprocess.run(["sh", "-n", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(SHELL) == 2


def test_that_the_trial_names_what_it_does_not_understand() -> None:
    done = subprocess.run(
        ["sh", "packaging/try_deb.sh", "nonsense"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 1
    assert "nonsense is neither a package" in done.stderr
