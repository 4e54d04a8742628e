"""The frozen program: what it has, what it leaves out, what its children see, what proves it."""

from __future__ import annotations

import ast
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from landfall.services import apart
from landfall.services.installation import frozen

ROOT = Path(__file__).resolve().parents[2]
FROZEN = ROOT / "packaging" / "frozen"


@pytest.fixture
def recipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Imports a module of the recipe by its name, as the scripts there import one another."""
    monkeypatch.syspath_prepend(str(FROZEN))
    before = set(sys.modules)

    def module(name: str) -> ModuleType:
        return __import__(name)

    yield module
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(FROZEN)):
            del sys.modules[name]


def test_that_children_get_the_users_library_path_back_and_nothing_of_the_loader() -> None:
    environment = {
        "LD_LIBRARY_PATH": "/opt/landfall/_internal:/home/me/lib",
        "LD_LIBRARY_PATH_ORIG": "/home/me/lib",
        "_PYI_ARCHIVE_FILE": "/opt/landfall/landfall",
        "_PYI_PARENT_PROCESS_LEVEL": "1",
        "QT_PLUGIN_PATH": "/usr/lib/qt6/plugins",
        "PYTHONPATH": "/home/me/python",
    }
    frozen.settle(environment)
    assert environment == {"LD_LIBRARY_PATH": "/home/me/lib", "PYTHONPATH": "/home/me/python"}


def test_that_a_library_path_that_the_user_never_set_is_gone() -> None:
    environment = {"LD_LIBRARY_PATH": "/opt/landfall/_internal", "PATH": "/usr/bin"}
    frozen.settle(environment)
    assert environment == {"PATH": "/usr/bin"}


def test_that_a_frozen_program_starts_itself_without_options_of_python(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert frozen.this_program("--apart") == (sys.executable, "-P", "-m", "landfall", "--apart")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "/opt/landfall/landfall")
    assert frozen.this_program("--apart") == ("/opt/landfall/landfall", "--apart")


def test_that_the_program_without_a_console_asks_the_one_with_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "landfallw.exe"))
    assert frozen.this_program("--hold") == (str(tmp_path / "landfall.exe"), "--hold")


def test_that_a_frozen_child_is_told_no_folder_of_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    assert "PYTHONPATH" in apart.environment()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert "PYTHONPATH" not in apart.environment()


@pytest.mark.parametrize(
    ("place", "left_out"),
    [
        ("PySide6/Qt/plugins/platforms/libqxcb.so", False),
        ("PySide6/Qt/plugins/platforms/libqwayland.so", False),
        ("PySide6/Qt/plugins/platforms/libqoffscreen.so", False),
        ("PySide6/Qt/plugins/platforms/libqeglfs.so", True),
        ("PySide6\\plugins\\platforms\\qwindows.dll", False),
        ("PySide6/plugins/platforms/qdirect2d.dll", True),
        ("PySide6/Qt/plugins/platforms/libqcocoa.dylib", False),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", True),
        ("PySide6/Qt/plugins/platformthemes/libqxdgdesktopportal.so", False),
        ("PySide6/Qt/plugins/imageformats/libqsvg.so", False),
        ("PySide6/Qt/plugins/imageformats/libqtiff.so", True),
        ("PySide6/Qt/plugins/iconengines/libqsvgicon.so", False),
        ("PySide6/plugins/styles/qmodernwindowsstyle.dll", False),
        ("PySide6/Qt/plugins/tls/libqopensslbackend.so", True),
        ("PySide6/Qt/translations/qtbase_de.qm", False),
        ("PySide6/Qt/translations/qtbase_fr.qm", True),
        ("PySide6/Qt/translations/qt_help_de.qm", True),
        ("landfall/resources/translations/landfall_de.qm", False),
        ("keyring-25.7.0.dist-info/entry_points.txt", False),
        ("keyring-25.7.0.dist-info/RECORD", True),
        ("libstdc++.so.6", True),
        ("libfontconfig.so.1", True),
        ("libxcb-cursor.so.0", False),
    ],
)
def test_that_only_what_a_window_of_ours_needs_is_kept(
    recipe: Any, place: str, left_out: bool
) -> None:
    assert recipe("left_out").is_left_out(place) is left_out


def test_that_libraries_that_nothing_asks_for_go_with_the_links_to_them(recipe: Any) -> None:
    binaries = [
        ("libpython3.11.so.1.0", "/lib/libpython3.11.so.1.0", "BINARY"),
        ("PySide6/QtGui.abi3.so", "/qt/QtGui.abi3.so", "EXTENSION"),
        ("PySide6/Qt/lib/libQt6Gui.so.6", "/qt/libQt6Gui.so.6", "BINARY"),
        ("PySide6/Qt/lib/libQt6Pdf.so.6", "/qt/libQt6Pdf.so.6", "BINARY"),
        ("libX11.so.6", "/lib/libX11.so.6", "BINARY"),
        ("libgtk-3.so.0", "/lib/libgtk-3.so.0", "BINARY"),
    ]
    links = [
        ("libQt6Gui.so.6", "PySide6/Qt/lib/libQt6Gui.so.6", "SYMLINK"),
        ("libQt6Pdf.so.6", "PySide6/Qt/lib/libQt6Pdf.so.6", "SYMLINK"),
    ]
    asks = {"/qt/QtGui.abi3.so": ["libQt6Gui.so.6"], "/qt/libQt6Gui.so.6": ["libX11.so.6"]}
    found = recipe("left_out").unasked(binaries, links, lambda file: asks.get(file, []))
    assert found == {"PySide6/Qt/lib/libQt6Pdf.so.6", "libQt6Pdf.so.6", "libgtk-3.so.0"}


def test_that_names_in_late_imports_are_found_in_the_source(recipe: Any, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "one.py").write_text(
        "import importlib\n"
        "importlib.import_module('yaml')\n"
        "late(name)\n"
        "late('landfall.services.verdict.rates').load()\n"
        "print('httpx')\n"
    )
    found = recipe("late_names").of_source(tmp_path)
    assert found == ["landfall.services.verdict.rates", "yaml"]


def test_that_all_that_the_program_imports_late_is_named_to_the_freezer(recipe: Any) -> None:
    names = recipe("late_names").of_source(ROOT / "app" / "landfall")
    assert {"platformdirs", "psutil", "pynvml", "keyring", "yaml", "PySide6.QtSvg"} <= set(names)
    brought = recipe("late_names").of_dependencies(["nvidia_ml.py>=12", "PyYAML>=6", "tomli-w"])
    assert brought == ["_yaml", "pynvml", "tomli_w", "yaml"]


def test_that_what_cannot_be_imported_is_not_named_to_the_freezer(recipe: Any) -> None:
    brought = recipe("late_names").of_dependencies(["PyNaCl>=1.5", "PySide6-Essentials>=6.8"])
    assert "nacl" in brought
    assert "_sodium" not in brought  # in its list of modules, but as `nacl._sodium`


def test_that_the_recipe_can_be_read_and_its_files_exist() -> None:
    tree = ast.parse((FROZEN / "landfall.spec").read_text(encoding="utf-8"))
    paths = {_below_root(node) for node in ast.walk(tree) if isinstance(node, ast.BinOp)}
    # Icons are made by a command of their own before.
    ours = {path for path in paths if path is not None and path.parts[:1] != ("build",)}
    assert Path("resources") in ours
    assert Path("packaging/frozen/start.py") in ours
    for path in ours:
        assert (ROOT / path).exists(), path


def _below_root(node: ast.expr) -> Path | None:
    """The path that `ROOT / "a" / "b"` says."""
    parts: list[str] = []
    while isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant):
        parts.insert(0, str(node.right.value))
        node = node.left
    return Path(*parts) if isinstance(node, ast.Name) and node.id == "ROOT" else None


def write_trace(folder: Path, pid: int, *lines: str) -> None:
    (folder / f"trace.{pid}").write_text("".join(f"{line}\n" for line in lines))


def test_that_code_from_outside_is_seen_in_every_thread(recipe: Any, tmp_path: Path) -> None:
    write_trace(
        tmp_path,
        1,
        'execve("/opt/x/landfall", ["landfall"], 0x7 /* 3 vars */) = 0',
        'openat(AT_FDCWD</>, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3</etc/ld.so.cache>',
        'openat(AT_FDCWD</>, "/lib/libc.so.6", O_RDONLY) = 3</usr/lib/x86_64-linux-gnu/libc.so.6>',
        'openat(AT_FDCWD</>, "/opt/x/_internal/a.so", O_RDONLY) = 3</opt/x/_internal/a.so>',
        'openat(AT_FDCWD</>, "/home/me/libQt6Core.so.6", O_RDONLY) = -1 ENOENT (No such file)',
        "clone3({flags=CLONE_VM|CLONE_THREAD, stack=0x7f}, 88) = 2",
        "clone(child_stack=NULL, flags=SIGCHLD) = 3",
    )
    write_trace(
        tmp_path,
        2,
        'openat(AT_FDCWD</>, "json.py", O_RDONLY) = 4</home/me/json.py>',
        'openat(AT_FDCWD</>, "/usr/lib/libQt6Core.so.6", O_RDONLY) = 4</usr/lib/libQt6Core.so.6>',
    )
    write_trace(
        tmp_path,
        3,
        'execve("/usr/bin/python3", ["python3"], 0x7 /* 3 vars */) = 0',
        'openat(AT_FDCWD</>, "/usr/lib/python3/os.py", O_RDONLY) = 4</usr/lib/python3/os.py>',
    )
    looked = recipe("inside").Looked(folder="/opt/x", root="/")
    assert recipe("inside").first_of(tmp_path / "trace") == 1
    looked.read(tmp_path / "trace", 1, "")
    assert looked.faults == {"opened /home/me/json.py", "opened /usr/lib/libQt6Core.so.6"}
    assert looked.libraries == {"/usr/lib/x86_64-linux-gnu/libc.so.6"}


def test_that_a_child_that_sees_the_bundle_is_a_fault(recipe: Any, tmp_path: Path) -> None:
    inside = recipe("inside")
    mine = {"LD_LIBRARY_PATH": "/home/me/lib"}
    (missing,) = inside.child_faults(tmp_path, mine, "/opt/x")
    assert "no server" in missing
    seen = tmp_path / "child_environment"
    seen.write_text("LD_LIBRARY_PATH=/home/me/lib\nPATH=/usr/bin\n")
    assert list(inside.child_faults(tmp_path, mine, "/opt/x")) == []
    seen.write_text("LD_LIBRARY_PATH=/opt/x/_internal:/home/me/lib\n_PYI_ARCHIVE_FILE=a\n")
    assert len(list(inside.child_faults(tmp_path, mine, "/opt/x"))) == 3


def test_that_a_painted_window_is_told_from_a_black_screen(recipe: Any, tmp_path: Path) -> None:
    width, height, name = 1400, 900, 60
    header = [
        100 + name,
        7,
        2,
        24,
        width,
        height,
        0,
        0,
        32,
        0,
        32,
        32,
        width * 4,
        4,
        0,
        0,
        0,
        8,
        2,
        2,
    ]
    picture = struct.pack(">25I", *header, 0, 0, 0, 0, 0) + bytes(
        name + 2 * 12 + width * height * 4
    )
    file = tmp_path / "Xvfb_screen0"
    file.write_bytes(picture)
    shown = recipe("start_ratio").Screen(7, file)
    assert shown.is_black()
    assert not shown.is_painted()
    file.write_bytes(picture[: 100 + name + 24] + bytes([240]) * (width * height * 4))
    assert recipe("start_ratio").Screen(7, file).is_painted()


def test_that_checksums_are_of_packages_alone_in_a_fixed_order(tmp_path: Path) -> None:
    (tmp_path / "packaging").mkdir()
    (tmp_path / "packaging" / "sums.sh").write_bytes((ROOT / "packaging" / "sums.sh").read_bytes())
    command = ["sh", str(tmp_path / "packaging" / "sums.sh")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1
    dist = tmp_path / "dist"
    dist.mkdir()
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1
    for name in ("b.deb", "a-1.tar.xz", "C.exe", "notes.txt", "a-1.whl"):
        (dist / name).write_text(name)
    (dist / "landfall").mkdir()
    for _ in range(2):
        subprocess.run(command, capture_output=True, check=True)
    lines = (dist / "SHA256SUMS").read_text().splitlines()
    assert [line.split()[1] for line in lines] == ["C.exe", "a-1.tar.xz", "a-1.whl", "b.deb"]
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=dist, check=True)


def test_that_what_is_installed_without_root_is_taken_away_again(tmp_path: Path) -> None:
    unpacked, prefix = tmp_path / "unpacked", tmp_path / "a prefix"
    program = unpacked / "lib" / "landfall" / "landfall"
    entry = unpacked / "share" / "applications" / "app.landfall.Landfall.desktop"
    for file in (program, entry):
        file.parent.mkdir(parents=True)
    program.write_text("a program")
    entry.write_text("[Desktop Entry]\nExec=landfall %F\nTryExec=landfall\n")
    (unpacked / "bin").mkdir()
    (unpacked / "bin" / "landfall").symlink_to("../lib/landfall/landfall")
    _fill_scripts(unpacked)
    mine = prefix / "share" / "applications" / "mine.desktop"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    before = _tree(prefix)
    for _ in range(2):
        _run_script(unpacked / "install.sh", str(prefix))
    assert (prefix / "bin" / "landfall").read_text() == "a program"
    installed = (prefix / "share" / "applications" / entry.name).read_text()
    assert f'Exec="{prefix}/bin/landfall" %F' in installed
    assert f"TryExec={prefix}/bin/landfall" in installed
    said = _run_script(prefix / "lib" / "landfall" / "uninstall.sh")
    assert "settings, workloads and history stay" in said
    assert _tree(prefix) == before


def _fill_scripts(unpacked: Path) -> None:
    facts = {"@NAME@": "landfall", "@TITLE@": "Landfall", "@VERSION@": "9"}
    facts["@APP_ID@"] = "app.landfall.Landfall"
    for name in ("install.sh", "uninstall.sh"):
        text = (ROOT / "packaging" / "linux" / name).read_text()
        for fact, value in facts.items():
            text = text.replace(fact, value)
        (unpacked / name).write_text(text)
    found = [path for path in unpacked.rglob("*") if path.is_file() and path.suffix != ".sh"]
    listed = sorted(path.relative_to(unpacked).as_posix() for path in found)
    (unpacked / "INSTALLED").write_text("".join(f"{line}\n" for line in listed))


def _tree(folder: Path) -> set[str]:
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    return found - {"share/applications/mimeinfo.cache"}


def _run_script(script: Path, *words: str) -> str:
    done = subprocess.run(
        ["sh", str(script), *words], capture_output=True, text=True, check=True, env=os.environ
    )
    return done.stdout
