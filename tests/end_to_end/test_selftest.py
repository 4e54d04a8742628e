"""`landfall --selftest` of this installation, and what it says of installations that are broken."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QLibraryInfo

from landfall.bootstrap import selftest_parts
from landfall.bootstrap.selftest import STEPS
from tests.end_to_end.process import SOURCE, Ran, environment
from tests.end_to_end.test_bad_surroundings import NO_FONTS

ROOT = SOURCE.parent
AFTER_THE_WINDOW = {"fonts", "plug-ins", "pictures", "translations", "charts"}
ONE_STEP = """
import sys
from landfall.bootstrap import selftest
if {0!r} & set(sys.argv[1:]):
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
    ran = await run(home, "-m", "landfall", "--selftest", "--json")
    assert ran.code == 0, ran.out
    assert ran.err == ""
    document = ran.document
    assert document["ok"] is True
    assert [step["name"] for step in document["steps"]] == [name for name, *_ in STEPS]
    assert all(step["ok"] and step["text"] for step in document["steps"])
    assert document["package"] == str(SOURCE / "landfall")
    assert set(document["versions"]) >= {"PySide", "Qt", "numpy", "pyqtgraph", "SQLite", "TLS"}
    assert left_in(home) == [home / "temporary"]


async def test_that_each_step_is_a_line_between_what_runs_and_its_versions(home: Path) -> None:
    ran = await steps(home, "keyring", "certificates")
    assert ran.code == 0, ran.out
    lines = ran.out.splitlines()
    assert f"package: {SOURCE / 'landfall'}" in lines
    assert [line.partition(":")[0] for line in lines[-3:-1]] == [
        "ok    certificates",
        "ok    keyring",
    ]
    assert lines[-1].startswith("TLS ")


# Broken installations: each is broken on purpose, by what is put before or into it


def hide(folder: Path, name: str, text: str = "raise ImportError('left out')") -> dict[str, str]:
    """A module that stands before the installed one."""
    path = folder.joinpath("shadow", *name.split(".")).with_suffix(".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    first = str(folder / "shadow")
    return {"PYTHONPATH": os.pathsep.join((first, environment(folder)["PYTHONPATH"]))}


async def test_that_a_left_out_library_is_named(home: Path, tmp_path: Path) -> None:
    hidden = hide(tmp_path, "genai_prices")
    found = failures(await steps(home, "modules", "libraries", **hidden))
    assert "left out" in found["libraries"]
    assert "left out" in found["modules"]


def test_that_a_library_of_one_button_is_missed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tomli_w", None)
    with pytest.raises(ModuleNotFoundError, match="tomli_w"):
        selftest_parts.libraries()


@pytest.mark.skipif(sys.platform != "linux", reason="fonts of Linux")
async def test_that_missing_fonts_and_certificates_are_said(home: Path, tmp_path: Path) -> None:
    config = tmp_path / "fonts.conf"
    config.write_text(NO_FONTS.format(tmp_path / "cache"))
    empty = tmp_path / "none.pem"
    empty.write_text("")
    none = {"SSL_CERT_FILE": str(empty), "SSL_CERT_DIR": str(tmp_path)}
    ran = await steps(home, "fonts", "certificates", FONTCONFIG_FILE=str(config), **none)
    found = failures(ran)
    assert "no font" in found["fonts"]
    assert "no certificate authority" in found["certificates"]


BROKEN_LATE = """
import importlib.abc, importlib.util, sys

BROKEN = {0!r}

class Break(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        text = BROKEN.pop(name, None)
        if text is None:
            return None
        spec = importlib.util.find_spec(name)
        loader, run = spec.loader, spec.loader.exec_module
        def exec_module(module):
            run(module)
            exec(text, module.__dict__)
        loader.exec_module = exec_module
        return spec

sys.meta_path.insert(0, Break())
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A fault that is put into a module as soon as it is imported.

    Attributes:
        step: The step that has to find it, and says: what that says of it.
    """

    module: str
    text: str
    step: str
    says: str


def spoil(folder: Path, faults: tuple[Broken, ...]) -> dict[str, str]:
    """All of these faults in one start of the program."""
    texts: dict[str, str] = {}
    for one in faults:
        texts[one.module] = f"{texts.get(one.module, '')}\n{one.text}"
    return hide(folder, "sitecustomize", BROKEN_LATE.format(texts))


BROKEN_PARTS = (
    Broken(
        module="landfall.services.verdict.guide",
        text="import logging; logging.getLogger('x').error('a task died')",
        step="modules",
        says="x: a task died",
    ),
    Broken(
        module="landfall.services.history.migrations",
        text="MIGRATIONS = MIGRATIONS[:-1] + (lambda one: one.execute('nonsense'),)",
        step="history",
        says="nonsense",
    ),
    Broken(
        module="httpx",
        text="AsyncClient.get = None",
        step="requests",
        says="NoneType",
    ),
    Broken(
        module="keyring",
        text="def get_keyring(): raise RuntimeError('no back end')",
        step="keyring",
        says="no back end",
    ),
    Broken(
        module="landfall.services.installation.frozen",
        text="this_program = lambda *words: ('/no/such/program',)",
        step="child",
        says="No such file",
    ),
    Broken(
        module="landfall.bootstrap.selftest_qt",
        text="def _letter(letter):\n"
        "    image = QImage(4, 4, QImage.Format.Format_RGB32)\n"
        "    image.fill(QColor('white'))\n"
        "    return image",
        step="fonts",
        says="look the same",
    ),
    Broken(
        module="landfall.bootstrap.selftest_qt",
        text="QCoreApplication = type('None', (), {'libraryPaths': staticmethod(lambda: ['/no'])})",
        step="plug-ins",
        says="is in none of /no/platforms",
    ),
    Broken(
        module="landfall.bootstrap.selftest_qt",
        text="_FORMATS = ('PNG', 'NONE')",
        step="pictures",
        says="NONE pictures cannot",
    ),
    Broken(
        module="landfall.gui.widgets.hour_chart",
        text="HourChart.paintEvent = lambda self, event: None",
        step="charts",
        says="the picture of HourChart is blank",
    ),
)
BROKEN_OTHERWISE = (
    Broken(
        module="landfall.services.verdict.guide",
        text="import threading; t = threading.Thread(target=lambda: 1 / 0); t.start(); t.join()",
        step="modules",
        says="ZeroDivisionError",
    ),
    Broken(
        module="landfall.services.history.workloads_kept",
        text="save = lambda connection, workload, was: None",
        step="history",
        says="was not read again",
    ),
    Broken(
        module="landfall.bootstrap.selftest_parts",
        text="where_am_i = lambda version: 1 / 0; where_am_i.__name__ = 'where_am_i'",
        step="child",
        says="ZeroDivisionError",
    ),
    Broken(
        module="landfall.bootstrap.selftest_qt",
        text="_SVG = b''",
        step="pictures",
        says="SVG pictures cannot",
    ),
    Broken(
        module="landfall.gui.widgets.break_even_chart",
        text="BreakEvenChart.__init__ = lambda self, data: 1 / 0",
        step="charts",
        says="ZeroDivisionError",
    ),
)
BROKEN_PAGE = Broken(
    module="landfall.gui.pages.cloud_page",
    text="CloudPage.after_first_paint = lambda self: 1 / 0",
    step="window",
    says="ZeroDivisionError",
)
NO_PAGES = Broken(
    module="landfall.bootstrap.attached",
    text="Attached.page = lambda self, name: 1 / 0",
    step="window",
    says="no page machine",
)


@pytest.mark.parametrize(
    "faults",
    [BROKEN_PARTS, BROKEN_OTHERWISE, (BROKEN_PAGE,), (NO_PAGES,)],
    ids=["parts", "otherwise", "a page", "no pages"],
)
async def test_that_what_is_broken_on_purpose_is_found(
    home: Path, tmp_path: Path, faults: tuple[Broken, ...]
) -> None:
    ran = await steps(home, *(one.step for one in faults), **spoil(tmp_path, faults))
    found = failures(ran)
    assert set(found) == {one.step for one in faults}, ran.out
    for one in faults:
        assert one.says in found[one.step], ran.out


def resources_of_its_own(folder: Path) -> tuple[Path, Broken]:
    """A copy of what comes with the program, and the fault that has it read this copy."""
    there = folder / "resources"
    shutil.copytree(ROOT / "resources", there)
    module = "landfall.services.resources"
    return there, Broken(
        module=module, text=f"folder = lambda: Path({str(there)!r})", step="resources", says=""
    )


async def test_that_broken_resources_and_translations_are_named(home: Path, tmp_path: Path) -> None:
    there, fault = resources_of_its_own(tmp_path)
    (there / "rules.json").write_text('{"rules": ')
    (there / "translations" / "landfall_de.qm").write_bytes(b"no translation")
    found = failures(await steps(home, "translations", "resources", **spoil(tmp_path, (fault,))))
    assert "rules.json is broken" in found["resources"]
    assert "landfall_de.qm is no translation" in found["translations"]
    (there / "rules.json").write_text("")
    found = failures(await steps(home, "resources", **spoil(tmp_path, (fault,))))
    assert "rules.json is empty" in found["resources"]


async def test_that_a_translation_which_is_damaged_or_left_out_is_named(
    home: Path, tmp_path: Path
) -> None:
    there, fault = resources_of_its_own(tmp_path)
    its_own = spoil(tmp_path, (fault,))
    file = there / "translations" / "landfall_de.qm"
    data = bytearray(file.read_bytes())
    for place in range(1000, 40_000):  # of where each text stands: to look there kills the process
        data[place] ^= 0x55
    qt = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    for other in (bytes(data), (qt / "qtbase_de.qm").read_bytes()):
        file.write_bytes(other)
        found = failures(await steps(home, "translations", **its_own))
        assert "landfall_de.qm is damaged" in found["translations"]
    file.unlink()
    found = failures(await steps(home, "translations", **its_own))
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
