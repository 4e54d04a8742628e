"""What the Windows installer is made of; that it works, packaging/try_windows.sh shows."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "packaging" / "windows"
RECIPE = (FOLDER / "landfall.nsi").read_text(encoding="utf-8")


def module(path: Path) -> ModuleType:
    """A script of packaging, imported by its path."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = made
    spec.loader.exec_module(made)
    return made


product = module(ROOT / "packaging" / "product.py")
facts = module(FOLDER / "facts.py")
needed = module(FOLDER / "needed.py")
wine_folder = module(FOLDER / "wine_folder.py")


@pytest.fixture
def payload(tmp_path: Path) -> Path:
    """A frozen program in name only."""
    made = tmp_path / "landfall"
    (made / "_internal").mkdir(parents=True)
    for name in ("landfall.exe", "landfallw.exe", "_internal/one.dll"):
        (made / name).write_bytes(b"x" * 4096)
    return made


def defined(text: str) -> dict[str, str]:
    return dict(re.findall(r'^!define (\w+) "(.*)"$', text, re.MULTILINE))


def test_that_the_recipe_defines_nothing_that_the_product_says(payload: Path) -> None:
    told = facts.definitions(payload, "dist/x.exe")
    assert told["VERSION"] == product.version()
    assert told["PUBLISHER"] == product.AUTHORS
    assert told["SIZE_KIB"] == "12"
    own = set(re.findall(r"^!define (?:/ifndef )?(\w+)", RECIPE, re.MULTILINE))
    assert not own & set(told)
    assert product.version() not in RECIPE
    # The title stands in names of folders, so nowhere as text of its own.
    code = "\n".join(line for line in RECIPE.splitlines() if not line.lstrip().startswith(";"))
    assert product.TITLE not in code
    assert product.APP_ID not in code


@pytest.mark.parametrize(
    ("version", "four"),
    [
        ("0.1.0", "0.1.0.0"),
        ("1.2", "1.2.0.0"),
        ("1.2.3rc1", "1.2.3.0"),
        ("1.2.3.4.5", "1.2.3.4"),
        ("2.0.dev7", "2.0.0.0"),
    ],
)
def test_that_a_version_becomes_four_numbers(version: str, four: str) -> None:
    assert facts.four_numbers(version) == four


def test_that_a_dollar_and_a_quotation_mark_do_not_end_a_definition() -> None:
    assert facts.nsis({"A": 'costs $5 "net"'}) == '!define A "costs $$5 $\\"net$\\""\n'


def test_that_every_text_is_there_in_both_languages() -> None:
    texts = re.findall(r"^LangString (\w+) \$\{LANG_(\w+)\}", RECIPE, re.MULTILINE)
    names = {name for name, _ in texts}
    assert names
    for name in names:
        assert [language for one, language in texts if one == name] == ["ENGLISH", "GERMAN"]
    assert set(re.findall(r"\$\((\w+)\)", RECIPE)) == names


def test_that_the_uninstaller_takes_every_key_that_the_installer_makes() -> None:
    install, remove = RECIPE.split("; --- The uninstaller")
    keys = set(re.findall(r'WriteReg\w+ HKCU "([^"]+)"', install))
    gone = set(re.findall(r'DeleteRegKey HKCU "([^"]+)"', remove))
    assert keys
    for key in keys:
        assert any(key == one or key.startswith(f"{one}\\") for one in gone), key


def test_that_nothing_needs_administrator_rights() -> None:
    assert "RequestExecutionLevel user" in RECIPE
    assert "HKLM" not in RECIPE
    assert "SHCTX" not in RECIPE


def test_that_toml_files_keep_their_program() -> None:
    assert not re.search(r'HKCU "\$\{CLASSES\}\\\.toml', RECIPE)
    assert '\\SupportedTypes" ".toml"' in RECIPE


def test_that_the_users_data_is_where_the_program_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    platformdirs = pytest.importorskip("platformdirs.windows")
    monkeypatch.setattr(platformdirs, "get_win_folder", lambda name: f"<{name}>")
    folders = platformdirs.Windows("Landfall", appauthor=False)
    stated = re.search(r'^!define DATA "(.*)"$', RECIPE, re.MULTILINE)
    assert stated is not None
    expected = stated[1].replace("$LOCALAPPDATA", "<CSIDL_LOCAL_APPDATA>")
    expected = expected.replace("${TITLE}", product.TITLE)
    for folder in (folders.user_data_dir, folders.user_config_dir, folders.user_log_dir):
        assert folder.replace("/", "\\").startswith(expected)


@pytest.mark.parametrize("script", ["windows.sh", "try_windows.sh", "windows/under_wine.sh"])
def test_that_the_scripts_are_valid_shell(script: str) -> None:
    subprocess.run(["sh", "-n", str(ROOT / "packaging" / script)], check=True)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A checkout in which the recipe can run, with icons."""
    if shutil.which("makensis") is None:
        pytest.skip("makensis is not installed")
    made = tmp_path / "work"
    icons = made / "build" / "icons"
    icons.mkdir(parents=True)
    for name in ("packaging", "app", "pyproject.toml"):
        (made / name).symlink_to(ROOT / name)
    for name in ("landfall", "landfall-document"):
        (icons / f"{name}.ico").write_bytes(one_pixel_icon())
    # Its folder decides where it works, and that of a link is the real one's.
    (made / "scripts").mkdir()
    shutil.copy(ROOT / "packaging" / "windows.sh", made / "scripts")
    return made


def makes(work: Path, payload: Path, **environment: str) -> None:
    command = ["sh", str(work / "scripts" / "windows.sh"), str(payload)]
    subprocess.run(command, check=True, env=os.environ | environment)


def test_that_the_installer_is_made_twice_the_same_and_named_unsigned(
    work: Path, payload: Path
) -> None:
    makes(work, payload)
    (made,) = (work / "dist").iterdir()
    assert made.name == f"landfall-{product.version()}-windows-x86_64-unsigned.exe"
    first = made.read_bytes()
    assert first[:2] == b"MZ"
    makes(work, payload)
    assert made.read_bytes() == first


def test_that_a_signer_gets_programs_uninstaller_and_installer(work: Path, payload: Path) -> None:
    signer, told = work / "signer.sh", work / "signed.txt"
    signer.write_text(f'test -s "$1" && echo "$1" >>"{told}"\n', encoding="utf-8")
    makes(work, payload, LANDFALL_SIGN=f"sh {signer}")
    name = f"landfall-{product.version()}-windows-x86_64.exe"
    assert [one.name for one in (work / "dist").iterdir()] == [name]
    signed = [Path(line).name for line in told.read_text(encoding="utf-8").splitlines()]
    assert len(signed) == 4
    assert {"landfall.exe", "landfallw.exe", name} < set(signed)


def test_that_a_signer_that_fails_ends_it(work: Path, payload: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        makes(work, payload, LANDFALL_SIGN="false")
    assert not list((work / "dist").glob("*.exe"))


def one_pixel_icon() -> bytes:
    """The smallest .ico: one picture of 1 × 1 with 32 bits, as a bitmap."""
    bitmap = (
        (40).to_bytes(4, "little")
        + (1).to_bytes(4, "little")
        + (2).to_bytes(4, "little")  # the height counts the mask too
        + (1).to_bytes(2, "little")
        + (32).to_bytes(2, "little")
        + bytes(24)
        + bytes(4)
        + bytes(4)
    )
    size, offset = len(bitmap).to_bytes(4, "little"), (22).to_bytes(4, "little")
    entry = bytes((1, 1, 0, 0, 1, 0, 32, 0)) + size + offset
    return bytes((0, 0, 1, 0, 1, 0)) + entry + bitmap


def test_that_a_missing_payload_is_said(tmp_path: Path) -> None:
    if shutil.which("makensis") is None:
        pytest.skip("makensis is not installed")
    script = ROOT / "packaging" / "windows.sh"
    command = ["sh", str(script), str(tmp_path)]
    ran = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ran.returncode == 1
    assert "holds no frozen program" in ran.stderr


def test_that_what_windows_needs_is_judged_as_windows_would() -> None:
    wanted = needed.needed()
    assert "tzdata" in wanted
    assert any(one.startswith("PySide6-Essentials") for one in wanted)
    assert all(";" not in one for one in wanted)
    assert not any(one.startswith("landfall") for one in wanted)


def test_that_remains_are_files_and_values_but_not_the_users_data() -> None:
    before = wine_folder.State(files=frozenset({"a"}), values=frozenset({"Software\\A"}))
    after = wine_folder.State(
        files=frozenset({"a", "data", "data/history.db", "Temp/x", "app/left.dll"}),
        values=frozenset({"Software\\A", 'Software\\A: "b"="c"'}),
    )
    left = wine_folder.remains(before, after, kept="data")
    assert left == ['+ Software\\A: "b"="c"', "+ app/left.dll"]
    assert wine_folder.remains(after, before, kept="data") == [
        '- Software\\A: "b"="c"',
        "- app/left.dll",
    ]


def test_that_policies_are_no_remains_whether_wine_lists_them_or_not() -> None:
    there = frozenset({"Software\\\\Policies"})
    with_it = wine_folder.State(files=frozenset(), values=there)
    without = wine_folder.State(files=frozenset(), values=frozenset())
    assert wine_folder.remains(with_it, without, kept="data") == []
    assert wine_folder.remains(without, with_it, kept="data") == []


def test_that_the_registry_of_wine_is_read_without_what_wine_writes_there(tmp_path: Path) -> None:
    (tmp_path / "drive_c" / "users").mkdir(parents=True)
    text = (
        "WINE REGISTRY Version 2\n\n[Software\\\\Wine] 17\n"
        '"Version"="win10"\n\n[Software\\\\Microsoft\\\\SystemCertificates\\\\CA] 17\n'
        '\n[Software\\\\Ours] 17\n#time=1d\n@="x"\n"bytes"=hex:01,02,\\\n  03\n'
    )
    for name in ("user.reg", "system.reg"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    state = wine_folder.WineFolder(tools=tmp_path, path=tmp_path).state()
    assert state.files == {"users"}
    assert state.values == {
        "Software\\\\Ours",
        'Software\\\\Ours: @="x"',
        'Software\\\\Ours: "bytes"=hex:01,02,03',
    }
