"""The recipe for macOS, as far as it can be tried elsewhere: values, order, and what it says.

It awaits a Mac: the tools of Apple are stand-ins here, which write down what they were asked.
"""

from __future__ import annotations

import ast
import importlib
import os
import plistlib
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
MACOS = ROOT / "packaging" / "macos"
SPEC = ROOT / "packaging" / "frozen" / "landfall.spec"
MACH_O = bytes.fromhex("cffaedfe") + b"code"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the recipe is a shell script")


@pytest.fixture(scope="module")
def bundle() -> Iterator[ModuleType]:
    yield from _module("bundle")


@pytest.fixture(scope="module")
def sign() -> Iterator[ModuleType]:
    yield from _module("sign")


def _module(name: str) -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(MACOS)
        yield importlib.import_module(name)


@pytest.fixture(scope="module")
def plist(bundle: ModuleType) -> dict[str, Any]:
    kept: dict[str, Any] = plistlib.loads(plistlib.dumps(bundle.info_plist()))
    return kept


# What the bundle says of itself.


def test_that_the_plist_has_identity_and_version_of_the_product(
    plist: dict[str, Any], bundle: ModuleType
) -> None:
    assert plist["CFBundleIdentifier"] == bundle.product.APP_ID
    assert plist["CFBundleShortVersionString"] == bundle.numbers(bundle.product.version())
    assert plist["CFBundleVersion"] == plist["CFBundleShortVersionString"]
    assert plist["NSHighResolutionCapable"] is True
    assert plist["LSApplicationCategoryType"].startswith("public.app-category.")


def test_that_the_own_suffix_belongs_to_the_program_and_toml_stays_with_editors(
    plist: dict[str, Any], bundle: ModuleType
) -> None:
    own, other = plist["CFBundleDocumentTypes"]
    (exported,) = plist["UTExportedTypeDeclarations"]
    assert own["LSItemContentTypes"] == [exported["UTTypeIdentifier"]]
    assert (own["LSHandlerRank"], other["LSHandlerRank"]) == ("Owner", "Alternate")
    tags = exported["UTTypeTagSpecification"]
    assert tags["public.filename-extension"] == [bundle.product.DOCUMENT_SUFFIX.lstrip(".")]
    assert tags["public.mime-type"] == [bundle.product.DOCUMENT_MIME]
    (imported,) = plist["UTImportedTypeDeclarations"]
    assert other["LSItemContentTypes"] == [imported["UTTypeIdentifier"]]


def test_that_every_icon_that_the_plist_names_is_made_and_brought(
    plist: dict[str, Any], bundle: ModuleType
) -> None:
    named = {plist["CFBundleDocumentTypes"][0]["CFBundleTypeIconFile"]}
    named |= {one["UTTypeIconFile"] for one in plist["UTExportedTypeDeclarations"]}
    brought = {Path(file).name: folder for file, folder in bundle.data_files()}
    assert named == set(brought)
    assert set(brought.values()) == {"."}
    maker = (ROOT / "packaging" / "icons" / "make_icons.py").read_text(encoding="utf-8")
    for name in (*named, "landfall.icns"):
        assert f'"{name}"' in maker


@pytest.mark.parametrize(
    ("version", "numbers"),
    [
        ("0.1.0", "0.1.0"),
        ("1.2.3rc1", "1.2.3"),
        ("1.2.dev4", "1.2"),
        ("2", "2"),
        ("1.2.3.4", "1.2.3"),
    ],
)
def test_that_macos_reads_only_the_numbers_of_a_version(
    bundle: ModuleType, version: str, numbers: str
) -> None:
    assert bundle.numbers(version) == numbers


def test_that_a_version_without_numbers_is_refused(bundle: ModuleType) -> None:
    with pytest.raises(ValueError, match="next"):
        bundle.numbers("next")


def test_that_the_place_of_the_values_prints_them(
    bundle: ModuleType, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert bundle.main([]) == 0
    assert plistlib.loads(capsysbinary.readouterr().out) == bundle.info_plist()
    assert bundle.main(["name"]) == 0
    assert bundle.product.version().encode() in capsysbinary.readouterr().out
    assert bundle.main(["size"]) == 2


def test_that_the_recipe_of_the_frozen_program_takes_these_values() -> None:
    tree = ast.parse(SPEC.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    (made,) = [one for one in calls if getattr(one.func, "id", "") == "BUNDLE"]
    words = {word.arg: ast.unparse(word.value) for word in made.keywords}
    assert words["info_plist"] == "bundle.info_plist()"
    assert words["bundle_identifier"] == "product.APP_ID"
    assert words["name"] == "f'{product.TITLE}.app'"
    assert "bundle.data_files()" in ast.unparse(tree)


def test_that_the_entitlements_are_few_and_none_lets_foreign_code_in() -> None:
    entitlements = plistlib.loads((MACOS / "entitlements.plist").read_bytes())
    assert entitlements == {
        "com.apple.security.cs.allow-unsigned-executable-memory": True,
        "com.apple.security.cs.allow-jit": True,
    }


def test_that_the_disk_image_shows_the_program_beside_the_folder_it_goes_to() -> None:
    settings: dict[str, Any] = {"defines": {"app": "dist/Landfall.app", "icon": "landfall.icns"}}
    source = (MACOS / "dmg_settings.py").read_text(encoding="utf-8")
    exec(compile(source, "dmg_settings.py", "exec"), settings)
    assert settings["files"] == ["dist/Landfall.app"]
    assert settings["symlinks"] == {"Applications": "/Applications"}
    assert settings["icon_locations"].keys() == {"Landfall.app", "Applications"}
    (width, height) = settings["window_rect"][1]
    assert all(x < width and y < height for x, y in settings["icon_locations"].values())


# Signing.


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return make_app(tmp_path / "Landfall.app")


def make_app(app: Path) -> Path:
    """A folder like the bundle that PyInstaller makes."""
    contents = app / "Contents"
    code = (
        "MacOS/landfall",
        "Frameworks/libpython3.11.dylib",
        "Frameworks/numpy/_core/_multiarray_umath.so",
        "Frameworks/PySide6/Qt/lib/QtCore.framework/Versions/A/QtCore",
    )
    for name in code:
        (contents / name).parent.mkdir(parents=True, exist_ok=True)
        (contents / name).write_bytes(MACH_O)
    (contents / "Resources").mkdir()
    (contents / "Resources" / "models.json").write_text("{}", encoding="utf-8")
    (contents / "Resources" / "libpython3.11.dylib").symlink_to("../Frameworks/libpython3.11.dylib")
    (contents / "Frameworks" / "QtCore.framework").symlink_to(
        "PySide6/Qt/lib/QtCore.framework", target_is_directory=True
    )
    return app


def test_that_what_lies_inside_is_signed_before_what_holds_it(sign: ModuleType, app: Path) -> None:
    commands = sign.signing(app, "Developer ID Application: Nobody (ABCDE12345)")
    framework = app / "Contents/Frameworks/PySide6/Qt/lib/QtCore.framework"
    assert [command[-1] for command in commands[-2:]] == [str(framework), str(app)]
    signed = [word for command in commands[:-2] for word in command if word.startswith(str(app))]
    assert {Path(path).name for path in signed} == {
        *("libpython3.11.dylib", "_multiarray_umath.so", "QtCore"),
    }
    assert len(signed) == 3  # links are not followed
    for command in commands:
        assert command[0] == "codesign"
        assert {"--force", "runtime", "--timestamp"} <= set(command)
    assert [("--entitlements" in command) for command in commands] == [False, False, True]


def test_that_ad_hoc_has_no_hardened_runtime_which_would_load_no_library(
    sign: ModuleType, app: Path
) -> None:
    commands = list(sign.signing(app, sign.AD_HOC))
    assert commands
    for command in commands:
        assert "--options" not in command
        assert "--timestamp" not in command


def test_that_hundreds_of_libraries_take_few_commands(sign: ModuleType, app: Path) -> None:
    for number in range(120):
        (app / "Contents" / "Frameworks" / f"lib{number}.dylib").write_bytes(MACH_O)
    commands = sign.signing(app, "Somebody")
    assert len(commands) == 3 + 2
    assert len({word for one in commands for word in one if "/Frameworks/lib" in word}) == 121


def test_that_a_signed_bundle_is_verified_at_last(sign: ModuleType, app: Path) -> None:
    ran: list[list[str]] = []

    def run(command: list[str]) -> str:
        ran.append(command)
        return ""

    sign.sign(app, "Somebody", run)
    assert ran[-1] == ["codesign", "--verify", "--deep", "--strict", str(app)]
    assert ran[:-1] == sign.signing(app, "Somebody")


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ('{"id": "7", "status": "Accepted", "message": "ok"}', None),
        ('{"id": "7", "status": "Invalid", "message": "no"}', "Invalid: no\nthe log"),
        ('{"message": "no"}', "no status: no"),
    ],
)
def test_that_only_the_status_tells_whether_apple_accepted(
    sign: ModuleType, answer: str, problem: str | None
) -> None:
    environment = dict.fromkeys(sign.NOTARY_VARIABLES, "x")
    assert (
        sign.notarise(
            Path("a.zip"), environment, lambda words: "the log" if "log" in words else answer
        )
        == problem
    )


def test_that_what_is_missing_for_notarising_is_named(
    sign: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in sign.NOTARY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "app.zip"
    file.touch()
    assert sign.main(["notarise", str(file)]) == 2
    assert "LANDFALL_NOTARY_KEY_ID" in capsys.readouterr().err
    assert sign.main(["notarise", str(tmp_path / "none.zip")]) == 2
    assert sign.main([]) == 2


# The script, with stand-ins of the tools.

TOOL = """#!/bin/sh
printf '%s' "${0##*/}" >>"$TOOLS_LOG"
printf ' %s' "$@" >>"$TOOLS_LOG"
echo >>"$TOOLS_LOG"
case "${0##*/} $*" in
uname*) echo "$SYSTEM" ;;
ditto*)
    for copy; do :; done
    touch "$copy" ;;
*notarytool\\ submit*) printf '{"id": "7", "status": "%s", "message": "m"}' "${ANSWER:-Accepted}" ;;
*notarytool\\ log*) echo "the log of Apple" ;;
esac
"""
PYTHON = """#!/bin/sh
if [ "$2" = dmgbuild ]; then
    for image; do :; done
    printf 'dmgbuild' >>"$TOOLS_LOG"
    printf ' %s' "$@" >>"$TOOLS_LOG"
    echo >>"$TOOLS_LOG"
    exec touch "$image"
fi
exec "$REAL_PYTHON" "$@"
"""
TOOLS = ("uname", "codesign", "hdiutil", "ditto", "xcrun")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The scripts in a folder of their own, whose freezing is a stand-in."""
    copy = tmp_path / "checkout"
    shutil.copytree(ROOT / "packaging" / "macos", copy / "packaging" / "macos")
    names = ("macos.sh", "try_macos.sh", "environment.sh", "product.py")
    for name in names:
        shutil.copy(ROOT / "packaging" / name, copy / "packaging" / name)
    for stated in (
        "__init__.py",
        "services/installation/desktop_identity.py",
        "services/installation/named_files.py",
    ):
        there = copy / "app" / "landfall" / stated
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "app" / "landfall" / stated, there)
    shutil.copy(ROOT / "pyproject.toml", copy)
    make_app(tmp_path / "frozen" / "Landfall.app")
    freeze = f"mkdir -p dist && cp -R '{tmp_path}/frozen/Landfall.app' dist/\n"
    (copy / "packaging" / "onedir.sh").write_text(freeze, encoding="utf-8")
    for name in TOOLS:
        _program(tmp_path / "tools" / name, TOOL)
    _program(tmp_path / "venv" / "bin" / "python", PYTHON)
    return copy


def _program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def run_script(
    checkout: Path, *words: str, system: str = "Darwin", **more: str
) -> tuple[int, str, list[str]]:
    """The exit code, what it said, and what the tools were asked."""
    beside = checkout.parent
    log = beside / "tools.log"
    environment = {
        "PATH": f"{beside / 'tools'}:{os.environ['PATH']}",
        "HOME": str(beside),
        "TOOLS_LOG": str(log),
        "SYSTEM": system,
        "REAL_PYTHON": sys.executable,
        "LANDFALL_PACKAGE_VENV": str(beside / "venv"),
        "SOURCE_DATE_EPOCH": "0",
    }
    done = subprocess.run(
        ["sh", *words],
        cwd=checkout,
        env=environment | more,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    asked = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return done.returncode, done.stderr, asked


IDENTITY = {"LANDFALL_SIGN_IDENTITY": "Developer ID Application: Nobody (ABCDE12345)"}
NOTARY = {
    "LANDFALL_NOTARY_KEY": "/keys/notary.p8",
    "LANDFALL_NOTARY_KEY_ID": "KEYID",
    "LANDFALL_NOTARY_ISSUER": "ISSUER",
}


def images(checkout: Path) -> list[str]:
    return sorted(path.name for path in (checkout / "dist").glob("*.dmg"))


def test_that_elsewhere_the_recipe_says_that_it_needs_a_mac(checkout: Path) -> None:
    code, said, _ = run_script(checkout, "packaging/macos.sh", system="Linux")
    assert code == 1
    assert said.startswith("Landfall: a disk image is made on macOS, and this is Linux.")
    code, said, _ = run_script(checkout, "packaging/try_macos.sh", "x.dmg", system="Linux")
    assert code == 1
    assert "macOS" in said


def test_that_an_image_without_an_identity_is_named_unsigned(checkout: Path) -> None:
    code, said, asked = run_script(checkout, "packaging/macos.sh")
    assert code == 0, said
    (image,) = images(checkout)
    assert image.endswith("-unsigned.dmg")
    assert any(line.startswith("codesign --force --sign - --entitlements") for line in asked)
    assert not [line for line in asked if "notarytool" in line or "staple" in line]
    (made,) = [line for line in asked if line.startswith("dmgbuild")]
    assert "app=dist/Landfall.app" in made


def test_that_an_image_that_apple_has_not_seen_is_named_so(checkout: Path) -> None:
    code, said, asked = run_script(checkout, "packaging/macos.sh", **IDENTITY)
    assert code == 0, said
    (image,) = images(checkout)
    assert image.endswith("-not-notarised.dmg")
    assert asked[-1].startswith("codesign")
    assert asked[-1].endswith(image)
    assert not [line for line in asked if "notarytool" in line]


def test_that_program_and_image_get_their_tickets_and_a_plain_name(checkout: Path) -> None:
    code, said, asked = run_script(checkout, "packaging/macos.sh", **IDENTITY, **NOTARY)
    assert code == 0, said
    (image,) = images(checkout)
    assert "signed" not in image
    assert "notarised" not in image
    steps = [line for line in asked if "xcrun" in line or line.startswith("dmgbuild")]
    assert [step.split()[:3] for step in steps] == [
        ["xcrun", "notarytool", "submit"],
        ["xcrun", "stapler", "staple"],
        ["dmgbuild", "-m", "dmgbuild"],
        ["xcrun", "notarytool", "submit"],
        ["xcrun", "stapler", "staple"],
    ]


def test_that_no_image_is_made_of_what_apple_refuses(checkout: Path) -> None:
    code, said, _ = run_script(
        checkout, "packaging/macos.sh", ANSWER="Invalid", **IDENTITY, **NOTARY
    )
    assert code == 1
    assert "was not notarised. Invalid: m" in said
    assert "the log of Apple" in said
    assert images(checkout) == []


def test_that_a_frozen_program_that_is_missing_is_said(checkout: Path) -> None:
    (checkout / "packaging" / "onedir.sh").write_text("true\n", encoding="utf-8")
    code, said, _ = run_script(checkout, "packaging/macos.sh")
    assert code == 1
    assert "made no dist/Landfall.app" in said


KEYCHAIN = """#!/bin/sh
printf '%s' "${0##*/}" >>"$TOOLS_LOG"
printf ' %s' "$@" >>"$TOOLS_LOG"
echo >>"$TOOLS_LOG"
case "$1" in
find-identity) echo "$IDENTITIES" ;;
list-keychains) [ "$4" = -s ] || echo '    "/Users/runner/login.keychain-db"' ;;
esac
"""


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl")
@pytest.mark.parametrize("notary", [True, False])
def test_that_a_certificate_of_the_environment_becomes_the_identity_that_signs(
    checkout: Path, *, notary: bool
) -> None:
    beside = checkout.parent
    _program(beside / "tools" / "security", KEYCHAIN)
    secrets = {"MACOS_CERTIFICATE": "Y2VydA==", "MACOS_CERTIFICATE_PASSWORD": "not shown"}
    if notary:
        secrets |= {"MACOS_NOTARY_KEY": "a2V5", "MACOS_NOTARY_KEY_ID": "K"}
        secrets |= {"MACOS_NOTARY_ISSUER": "I"}
    code, said, _ = run_script(
        checkout,
        "packaging/macos/keychain.sh",
        RUNNER_TEMP=str(beside),
        GITHUB_ENV=str(beside / "env"),
        IDENTITIES='  1) 0123ABCD "Developer ID Application: Nobody (ABCDE12345)"\n     1 valid',
        **secrets,
    )
    assert code == 0, said
    written = (beside / "env").read_text(encoding="utf-8").splitlines()
    assert written[0] == "LANDFALL_SIGN_IDENTITY=Developer ID Application: Nobody (ABCDE12345)"
    assert len(written) == (4 if notary else 1)
    assert said == ""
    assert not (beside / "certificate.p12").exists()
    if notary:
        key = beside / "notary.p8"
        assert written[1] == f"LANDFALL_NOTARY_KEY={key}"
        assert key.read_text(encoding="utf-8") == "key"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl")
def test_that_a_certificate_that_cannot_sign_stops_the_build(checkout: Path) -> None:
    beside = checkout.parent
    _program(beside / "tools" / "security", KEYCHAIN)
    code, said, _ = run_script(
        checkout,
        "packaging/macos/keychain.sh",
        RUNNER_TEMP=str(beside),
        GITHUB_ENV=str(beside / "env"),
        IDENTITIES="     0 valid identities found",
        MACOS_CERTIFICATE="Y2VydA==",
        MACOS_CERTIFICATE_PASSWORD="not shown",
    )
    assert code == 1
    assert "no identity that can sign" in said
    assert not (beside / "env").exists()


OPENED = """#!/bin/sh
case "$*" in
*attach*)
    while [ $# -gt 1 ]; do
        [ "$1" = -mountpoint ] && point=$2
        shift
    done
    mkdir -p "$point" && cp -R "$IMAGE_CONTENT/." "$point/" ;;
*detach*) rm -rf "$3/Landfall.app" "$3/Applications" ;;
esac
"""
COPY = """#!/bin/sh
exec cp -R "$1" "$2"
"""


@pytest.mark.parametrize("selftest", [0, 1])
def test_that_the_trial_ends_as_the_self_test_of_the_copied_program_does(
    checkout: Path, selftest: int
) -> None:
    beside = checkout.parent
    content = beside / "content"
    _program(
        make_app(content / "Landfall.app") / "Contents" / "MacOS" / "landfall",
        f'#!/bin/sh\necho "asked: $*"\n[ "$1" != --selftest ] || exit {selftest}\n',
    )
    (content / "Applications").symlink_to("/Applications")
    _program(beside / "tools" / "hdiutil", OPENED)
    _program(beside / "tools" / "ditto", COPY)
    image = checkout / "landfall-unsigned.dmg"
    image.touch()
    code, said, _ = run_script(
        checkout, "packaging/try_macos.sh", image.name, IMAGE_CONTENT=str(content)
    )
    kept = (checkout / "dist" / "try_macos.txt").read_text(encoding="utf-8")
    assert code == selftest, (said, kept)
    assert "asked: --selftest" in kept
    assert ("asked: fit" in kept) == (selftest == 0)
    assert kept.endswith("passed\n") == (selftest == 0)


def test_that_the_images_that_gatekeeper_lets_in_are_shown_to_it(checkout: Path) -> None:
    beside = checkout.parent
    content = beside / "content"
    _program(make_app(content / "Landfall.app") / "Contents" / "MacOS" / "landfall", "#!/bin/sh\n")
    (content / "Applications").symlink_to("/Applications")
    for name, text in (("hdiutil", OPENED), ("ditto", COPY), ("spctl", TOOL)):
        _program(beside / "tools" / name, text)
    for name in ("landfall.dmg", "landfall-not-notarised.dmg"):
        (checkout / name).touch()
        code, said, asked = run_script(
            checkout, "packaging/try_macos.sh", name, IMAGE_CONTENT=str(content)
        )
        assert code == 0, said
        assert len([line for line in asked if line.startswith("spctl --assess")]) == 1
