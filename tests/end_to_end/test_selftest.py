"""`landfall --selftest` of this installation, and what it says of installations that are broken."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from operator import itemgetter
from pathlib import Path

import pytest
from PySide6.QtCore import QLibraryInfo

from landfall.bootstrap.selftest import STEPS
from tests.end_to_end.process import SOURCE, Ran, environment
from tests.end_to_end.test_bad_surroundings import NO_FONTS

ROOT = SOURCE.parent


WHOLE = ("-m", "landfall", "--selftest")
AFTER_THE_WINDOW = ("fonts", "plug-ins", "pictures", "translations", "charts")
ONE_STEP = """
import sys
from landfall.bootstrap import selftest
if sys.argv[1] in {0!r}:
    from PySide6.QtWidgets import QApplication
    from landfall.gui import theme
    application = QApplication(["landfall", "-platform", "offscreen"])
    theme.install(application, "light")
selftest.STEPS = tuple(step for step in selftest.STEPS if step[0] in sys.argv[1:])
sys.exit(selftest.selftest())
"""


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def run(home: Path, *words: str, **more: str) -> Ran:
    """The self-test, in a folder for temporary files of its own."""
    temporary = home / "temporary"
    temporary.mkdir(exist_ok=True)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *words,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(home, **{"TMPDIR": str(temporary)} | more),
        cwd=home,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), 120)
    finally:
        if process.returncode is None:
            process.kill()
    assert left_in(temporary) == [], "something was left behind"
    return Ran(process.returncode or 0, out.decode(), err.decode())


async def steps(home: Path, *names: str, **more: str) -> Ran:
    """Only these steps; those that use the window's application get one of their own."""
    return await run(home, "-c", ONE_STEP.format(AFTER_THE_WINDOW), *names, **more)


def failures(ran: Ran) -> dict[str, str]:
    """The steps that failed, and what they said."""
    assert ran.code == 1, ran
    lines = [line.removeprefix("FAIL") for line in ran.out.splitlines() if line[:4] == "FAIL"]
    return {name.strip(): said for name, _, said in (line.partition(": ") for line in lines)}


async def test_that_this_installation_is_well_and_nothing_is_left_behind(home: Path) -> None:
    ran = await run(home, *WHOLE)
    assert ran.code == 0, ran.out
    assert ran.err == ""
    said = [line for line in ran.out.splitlines() if line.startswith("ok")]
    assert [line[5:].partition(":")[0].strip() for line in said] == [name for name, *_ in STEPS]
    assert f"package: {SOURCE / 'landfall'}" in ran.out
    for name in ("PySide", "Qt", "numpy", "pyqtgraph", "SQLite", "TLS"):
        assert f"{name} " in ran.out.splitlines()[-1]
    assert left_in(home) == [home / "temporary"]


async def test_that_it_is_one_document_where_that_is_asked_for(home: Path) -> None:
    ran = await run(home, *WHOLE, "--json")
    assert ran.code == 0
    document = json.loads(ran.out)
    assert document["ok"] is True
    assert [step["name"] for step in document["steps"]] == [name for name, *_ in STEPS]
    assert all(step["ok"] and step["text"] for step in document["steps"])
    assert document["package"] == str(SOURCE / "landfall")
    assert document["versions"]["Qt"].startswith("6.")


# Broken installations: each is broken on purpose, by what is put before or into it


def hide(folder: Path, name: str, text: str = "raise ImportError('left out')") -> dict[str, str]:
    """A module that stands before the installed one."""
    path = folder.joinpath("shadow", *name.split(".")).with_suffix(".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    first = str(folder / "shadow")
    return {"PYTHONPATH": os.pathsep.join((first, environment(folder)["PYTHONPATH"]))}


def spoil(folder: Path, text: str) -> dict[str, str]:
    """Words that the program runs before it begins."""
    return hide(folder, "sitecustomize", text)


async def test_that_a_left_out_library_is_named(home: Path, tmp_path: Path) -> None:
    hidden = hide(tmp_path, "genai_prices")
    found = failures(await steps(home, "modules", "libraries", **hidden))
    assert "left out" in found["libraries"]
    assert "left out" in found["modules"]


async def test_that_a_library_of_one_button_is_missed_too(home: Path, tmp_path: Path) -> None:
    found = failures(await steps(home, "libraries", **hide(tmp_path, "tomli_w")))
    assert "left out" in found["libraries"]


@pytest.mark.skipif(sys.platform != "linux", reason="fonts of Linux")
async def test_that_missing_fonts_are_said(home: Path, tmp_path: Path) -> None:
    config = tmp_path / "fonts.conf"
    config.write_text(NO_FONTS.format(tmp_path / "cache"))
    found = failures(await steps(home, "fonts", FONTCONFIG_FILE=str(config)))
    assert "no font" in found["fonts"]


async def test_that_missing_certificates_are_said(home: Path, tmp_path: Path) -> None:
    empty = tmp_path / "none.pem"
    empty.write_text("")
    none = {"SSL_CERT_FILE": str(empty), "SSL_CERT_DIR": str(tmp_path)}
    found = failures(await steps(home, "certificates", **none))
    assert "no certificate authority" in found["certificates"]


BROKEN_LATE = """
import importlib.abc, importlib.util, sys

class Break(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != {name!r}:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        loader, run = spec.loader, spec.loader.exec_module
        def exec_module(module):
            run(module)
            exec({text!r}, module.__dict__)
        loader.exec_module = exec_module
        return spec

sys.meta_path.insert(0, Break())
"""


def break_after_import(folder: Path, name: str, text: str) -> dict[str, str]:
    """Run words in a module of ours as soon as it is imported."""
    return spoil(folder, BROKEN_LATE.format(name=name, text=text))


@pytest.mark.parametrize(
    "broken",
    [
        (
            "landfall.gui.pages.cloud_page",
            "CloudPage.after_first_paint = lambda self: 1 / 0",
            "window",
            "ZeroDivisionError",
        ),
        (
            "landfall.bootstrap.attached",
            "Attached.page = lambda self, name: 1 / 0",
            "window",
            "no page machine",
        ),
        (
            "landfall.gui.widgets.hour_chart",
            "HourChart.paintEvent = lambda self, event: None",
            "charts",
            "the picture of HourChart is blank",
        ),
        (
            "landfall.gui.widgets.break_even_chart",
            "BreakEvenChart.__init__ = lambda self, data: 1 / 0",
            "charts",
            "ZeroDivisionError",
        ),
        (
            "landfall.services.migrations",
            "MIGRATIONS = MIGRATIONS[:-1] + (lambda connection: connection.execute('nonsense'),)",
            "history",
            "nonsense",
        ),
        (
            "landfall.services.workloads_kept",
            "save = lambda connection, workload, was: None",
            "history",
            "was not read again",
        ),
        (
            "landfall.services.apart",
            "_command = lambda: ('/no/such/program',)",
            "child",
            "No such file",
        ),
        (
            "landfall.bootstrap.selftest_parts",
            "where_am_i = lambda version: 1 / 0; where_am_i.__name__ = 'where_am_i'",
            "child",
            "ZeroDivisionError",
        ),
        ("httpx", "AsyncClient.get = None", "requests", "NoneType"),
        (
            "keyring",
            "def get_keyring(): raise RuntimeError('no back end')",
            "keyring",
            "no back end",
        ),
        (
            "landfall.bootstrap.selftest_qt",
            "def _letter(letter):\n"
            "    image = QImage(4, 4, QImage.Format.Format_RGB32)\n"
            "    image.fill(QColor('white'))\n"
            "    return image",
            "fonts",
            "look the same",
        ),
        (
            "landfall.bootstrap.selftest_qt",
            "QCoreApplication = type('None', (), {'libraryPaths': staticmethod(lambda: ['/no'])})",
            "plug-ins",
            "is in none of /no/platforms",
        ),
        (
            "landfall.bootstrap.selftest_qt",
            "_FORMATS = ('PNG', 'NONE')",
            "pictures",
            "NONE pictures cannot",
        ),
        ("landfall.bootstrap.selftest_qt", "_SVG = b''", "pictures", "SVG pictures cannot"),
        (
            "landfall.services.guide",
            "import logging; logging.getLogger('x').error('a task died')",
            "modules",
            "x: a task died",
        ),
        (
            "landfall.services.guide",
            "import threading; t = threading.Thread(target=lambda: 1 / 0); t.start(); t.join()",
            "modules",
            "ZeroDivisionError",
        ),
    ],
    ids=itemgetter(2),
)
async def test_that_what_is_broken_on_purpose_is_found(
    home: Path, tmp_path: Path, broken: tuple[str, str, str, str]
) -> None:
    module, text, step, says = broken
    ran = await steps(home, step, **break_after_import(tmp_path, module, text))
    assert says in failures(ran).get(step, ""), ran.out


def copy_of_the_package(folder: Path) -> Path:
    """An installation of its own, to be broken."""
    there = folder / "copy"
    shutil.copytree(SOURCE / "landfall", there / "landfall", ignore=shutil.ignore_patterns("__py*"))
    shutil.copytree(ROOT / "resources", there / "landfall" / "resources")
    return there


async def test_that_broken_resources_and_translations_are_named(home: Path, tmp_path: Path) -> None:
    there = copy_of_the_package(tmp_path)
    resources = there / "landfall" / "resources"
    (resources / "rules.json").write_text('{"rules": ')
    (resources / "translations").mkdir(exist_ok=True)
    (resources / "translations" / "landfall_de.qm").write_bytes(b"no translation")
    found = failures(await steps(home, "translations", "resources", PYTHONPATH=str(there)))
    assert "rules.json is broken" in found["resources"]
    assert "landfall_de.qm is no translation" in found["translations"]
    (resources / "rules.json").write_text("")
    found = failures(await steps(home, "resources", PYTHONPATH=str(there)))
    assert "rules.json is empty" in found["resources"]


async def test_that_a_translation_which_is_damaged_or_left_out_is_named(
    home: Path, tmp_path: Path
) -> None:
    there = copy_of_the_package(tmp_path)
    file = there / "landfall" / "resources" / "translations" / "landfall_de.qm"
    data = bytearray(file.read_bytes())
    for place in range(1000, 40_000):  # of where each text stands: to look there kills the process
        data[place] ^= 0x55
    qt = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    for other in (bytes(data), (qt / "qtbase_de.qm").read_bytes()):
        file.write_bytes(other)
        found = failures(await steps(home, "translations", PYTHONPATH=str(there)))
        assert "landfall_de.qm is damaged" in found["translations"]
    file.unlink()
    found = failures(await steps(home, "translations", PYTHONPATH=str(there)))
    assert "landfall_de.qm is no translation" in found["translations"]


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe of POSIX")
async def test_that_a_reader_who_has_gone_changes_nothing(home: Path) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", ONE_STEP.format(AFTER_THE_WINDOW), "certificates"),
        stdout=writes,
        stderr=asyncio.subprocess.PIPE,
        env=environment(home),
        cwd=home,
    )
    os.close(writes)
    _, err = await asyncio.wait_for(process.communicate(), 60)
    assert (process.returncode, err) == (0, b"")
