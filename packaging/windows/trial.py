"""Installs, uses, upgrades and removes the Windows program in a fresh Wine folder.

Run by packaging/try_windows.sh, which makes what it needs. Every step is a line with its seconds;
the first that fails ends the trial with exit code 1.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "packaging")]

import product  # noqa: E402
from tests.fakes import tiny_models  # noqa: E402
from tests.fakes.model_registry import Registry, serving_in_thread  # noqa: E402
from tests.fakes.ollama_thread import TwinThread  # noqa: E402
from windows.wine_folder import Ran, State, WineFolder, remains  # noqa: E402

RUNS = 32
"""Exit code of the installer where the program runs."""
NOBODY = "127.0.0.1:9"
KEY = "sk-trial-0123456789abcdef"
PICTURE = ROOT / "dist" / "try_windows.png"


class Trial:
    """The steps, in their order; each asserts and returns the words of its line."""

    def __init__(self, folder: WineFolder, installer: Path) -> None:
        self._wine = folder
        self._installer = f"Z:{installer}"
        local = folder.run("cmd", "/c", "echo %LOCALAPPDATA%").out.strip().splitlines()[-1]
        self._home = f"{local}\\Programs\\{product.TITLE}"
        self._data = folder.place(f"{local}\\{product.TITLE}")
        self._window: subprocess.Popen[bytes] | None = None
        folder.settle()
        self._before: State = folder.state()

    def steps(self) -> tuple[Callable[[], str], ...]:
        """All of them."""
        return (
            self.silent_install,
            self.selftest,
            self.found_by_its_name,
            self.detect,
            self.fit,
            self.verdict,
            self.report_on_paper,
            self.keys_in_the_vault,
            self.journey,
            self.window_opens,
            self.second_start_hands_its_file_over,
            self.refused_while_it_runs,
            self.window_closes,
            self.upgrade_over_itself,
            self.folder_of_others_is_refused,
            self.silent_uninstall,
            self.nothing_remains_but_data,
        )

    def silent_install(self) -> str:
        ran = self._wine.run(self._installer, "/S", "/PATH=yes")
        assert ran.code == 0, ran
        files = [one for one in self._place("app").rglob("*") if one.is_file()]
        size = sum(one.stat().st_size for one in files)
        return f"{len(files)} files, {size / 1e6:.0f} MB in {self._home}"

    def selftest(self) -> str:
        ran = self._landfall("--selftest")
        assert ran.code == 0, ran.out
        assert "FAIL" not in ran.out, ran.out
        return "\n" + _indented(ran.out)

    def found_by_its_name(self) -> str:
        ran = self._wine.run("cmd", "/c", "landfall --version")
        assert ran.code == 0, ran
        assert product.version() in ran.out, ran
        return f"by PATH: {ran.out.strip()}"

    def detect(self) -> str:
        machine = self._json("detect")
        assert machine["system"]["os"] == "windows", machine
        assert machine["ram"]["total_bytes"] > 0, machine
        return f"{machine['system']}, {machine['cpu']['name']}; {_failures(machine)}"

    def fit(self) -> str:
        found = self._json("fit", "qwen3:8b", "--machine", "RTX 4090")
        assert found["fit"] == "gpu", found
        return f"qwen3:8b on an RTX 4090: {found['memory']['total_bytes'] / 2**30:.2f} GiB"

    def verdict(self) -> str:
        sample = f"{self._home}\\app\\_internal\\landfall\\resources\\samples\\ticket-triage.toml"
        machine = ("--machine", "RTX 4090")
        (decided,) = self._json("verdict", sample, *machine)
        assert decided["verdict"], decided
        here = [sys.executable, "-m", "landfall", "verdict", "--json"]
        file = ROOT / "resources" / "samples" / "ticket-triage.toml"
        command = [*here, str(file), *machine]
        same = subprocess.run(command, capture_output=True, text=True, check=True)
        (expected,) = json.loads(same.stdout)
        for name in ("verdict", "options", "flips", "leaks", "local_share", "saving_usd_month"):
            assert _is_same(decided[name], expected[name]), (decided[name], expected[name])
        return f"{decided['verdict']}, as on this system"

    def report_on_paper(self) -> str:
        sample = f"{self._home}\\app\\_internal\\landfall\\resources\\samples\\ticket-triage.toml"
        file = "C:\\report.pdf"
        words = ("export", "report", sample, "--machine", "RTX 4090", "--out", file)
        made = self._landfall(*words)
        assert made.code == 0, made
        written = self._wine.place(file)
        data = written.read_bytes()
        written.unlink()
        # Letters for which there is no font are drawn as boxes, and no font is in the file.
        fonts = sorted({name.decode() for name in re.findall(rb"/BaseFont /([^\s/]+)", data)})
        assert data.startswith(b"%PDF-"), data[:20]
        assert fonts, "no font is in the file"
        return f"{len(data) / 1000:.0f} kB, fonts: {', '.join(fonts)}"

    def keys_in_the_vault(self) -> str:
        stored = self._landfall("key", "set", "openai", typed=f"{KEY}\n")
        assert stored.code == 0, stored
        listed = self._json("key", "list")
        assert "openai" in json.dumps(listed), listed
        assert KEY not in json.dumps(listed), listed
        self._wine.settle()
        assert KEY.encode() not in self._vault(), "the vault keeps keys unencrypted"
        removed = self._landfall("key", "remove", "openai")
        assert removed.code == 0, removed
        again = self._landfall("key", "remove", "openai")
        assert again.code == 1, again
        return "set, listed without the key, removed; a second time there was none"

    def journey(self) -> str:
        with tempfile.TemporaryDirectory() as there:
            model = tiny_models.make(Path(there) / "tiny")["tiny-story"]
            registry = Registry()
            with serving_in_thread(registry), TwinThread(Path(there) / "models") as server:
                name = registry.add(model.name, model.path.read_bytes())
                host = {"OLLAMA_HOST": server.twin.url}
                pulled = self._landfall("pull", name, "--insecure", host=host)
                assert pulled.code == 0, pulled
                assert name in json.dumps(self._json("list", host=host))
                ran = self._json("run", name, "Say it.", host=host)
                assert ran["text"] == model.text, ran
                assert ran["decode_tok_s"] > 0, ran
                assert name in json.dumps(self._json("ps", host=host))
                gone = self._landfall("rm", name, host=host)
                assert gone.code == 0, gone
        return f"pull, list, run ({len(model.text)} characters), ps, rm"

    def window_opens(self) -> str:
        self._window = self._wine.start(f"{self._home}\\app\\{product.NAME}w.exe")
        shown = self._shown(60.0)
        PICTURE.write_bytes(_still_picture())
        return f"{shown}; picture in {PICTURE.relative_to(ROOT)}"

    def second_start_hands_its_file_over(self) -> str:
        sample = f"{self._home}\\app\\_internal\\landfall\\resources\\samples\\ticket-triage.toml"
        second = self._wine.run(f"{self._home}\\app\\{product.NAME}w.exe", sample, seconds=60)
        assert second.code == 0, second
        self._is_open()
        shown = _still_picture()
        assert shown != PICTURE.read_bytes(), "the window shows what it showed before"
        picture = PICTURE.with_name("try_windows_file.png")
        picture.write_bytes(shown)
        return f"ended by itself; picture in {picture.relative_to(ROOT)}"

    def refused_while_it_runs(self) -> str:
        again = self._wine.run(self._installer, "/S")
        assert again.code == RUNS, again
        gone = self._wine.run(f"{self._home}\\uninstall.exe", "/S", f"_?={self._home}")
        assert gone.code == RUNS, gone
        self._is_open()
        assert self._place("app", f"{product.NAME}w.exe").exists()
        return f"installer and uninstaller end with {RUNS}, the window lives"

    def window_closes(self) -> str:
        assert self._window is not None
        asked = self._wine.run("taskkill", "/im", f"{product.NAME}w.exe")
        assert asked.code == 0, asked
        assert self._window.wait(timeout=30) == 0, self._window.returncode
        logs = [one for one in self._data.rglob("*.log") if one.stat().st_size]
        problems = [text for one in logs if "ERROR" in (text := one.read_text(encoding="utf-8"))]
        assert not problems, problems
        return f"asked as taskkill asks; its data is in {self._data.name}"

    def upgrade_over_itself(self) -> str:
        old = self._place("app", "_internal", "of_an_older_version.dll")
        old.write_text("old", encoding="utf-8")
        kept = sorted(str(one) for one in self._data.rglob("*"))
        ran = self._wine.run(self._installer, "/S")
        assert ran.code == 0, ran
        assert not old.exists()
        assert not self._place("app.old").exists()
        assert kept == sorted(str(one) for one in self._data.rglob("*"))
        version = self._wine.run("cmd", "/c", "landfall --version")
        assert version.code == 0, version
        return "the old file is gone, data and PATH are kept"

    def folder_of_others_is_refused(self) -> str:
        others = self._wine.path / "drive_c" / "others"
        others.mkdir()
        (others / "mine.txt").write_text("mine", encoding="utf-8")
        ran = self._wine.run(self._installer, "/S", "/D=C:\\others")
        left = sorted(one.name for one in others.iterdir())
        shutil.rmtree(others)
        assert (ran.code, left) == (2, ["mine.txt"]), (ran, left)
        return "ends with 2, nothing written"

    def silent_uninstall(self) -> str:
        key = "HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\" + product.APP_ID
        asked = self._wine.run("reg", "query", key, "/v", "QuietUninstallString")
        command = re.search(r'REG_SZ\s+"(.*)" /S', asked.out)
        assert command is not None, asked
        ran = self._wine.run(command[1], "/S")
        assert ran.code == 0, ran
        self._wine.settle()  # it goes on as a copy of itself
        assert not self._place().exists(), list(self._place().rglob("*"))
        return "by the registry's own line"

    def nothing_remains_but_data(self) -> str:
        kept = str(self._data.relative_to(self._wine.path / "drive_c"))
        left = remains(self._before, self._wine.state(), kept=kept)
        assert not left, "\n".join(left)
        data = sorted(one.name for one in self._data.iterdir())
        assert data
        return f"files and registry as before; kept in {kept}: {', '.join(data)}"

    def _place(self, *parts: str) -> Path:
        return self._wine.place(self._home).joinpath(*parts)

    def _vault(self) -> bytes:
        return b"".join(
            (self._wine.path / name).read_bytes() for name in ("user.reg", "system.reg")
        )

    def _landfall(
        self, *words: str, typed: str | None = None, host: dict[str, str] | None = None
    ) -> Ran:
        environment = {"OLLAMA_HOST": NOBODY} | (host or {})
        program = f"{self._home}\\app\\{product.NAME}.exe"
        return self._wine.run(program, *words, typed=typed, environment=environment)

    def _json(self, *words: str, host: dict[str, str] | None = None) -> Any:
        ran = self._landfall(*words, "--json", host=host)
        assert ran.code == 0, ran
        # Both streams are one here; the document begins a line.
        start = re.search(r"^[\[{]", ran.out, re.MULTILINE)
        assert start is not None, ran
        return json.JSONDecoder().raw_decode(ran.out[start.start() :])[0]

    def _shown(self, seconds: float) -> str:
        # Not --sync: a window that goes while the others are looked at ends it with an error.
        looked = ["xdotool", "search", "--onlyvisible", "--name", product.TITLE]
        begin = time.monotonic()
        pause = threading.Event()
        while not subprocess.run(looked, capture_output=True, text=True, check=False).stdout:
            assert time.monotonic() - begin < seconds, "no window was shown"
            pause.wait(0.2)
        return f"visible after {time.monotonic() - begin:.1f} s"

    def _is_open(self) -> None:
        assert self._window is not None
        assert self._window.poll() is None, self._window.communicate()


def _still_picture() -> bytes:
    """The whole screen, once nothing on it has changed for eight seconds."""
    command = ["import", "-window", "root", "-define", "png:exclude-chunks=date,time", "png:-"]
    pause = threading.Event()
    deadline = time.monotonic() + 120.0
    before, same = b"", 0
    while same < 4 and time.monotonic() < deadline:
        pause.wait(2.0)
        now = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
        same = same + 1 if now == before else 0
        before = now
    assert same == 4, "the window never came to rest"
    return before


def _is_same(one: Any, other: Any) -> bool:
    """Equal, but for the last digits of numbers: Python 3.12 adds up more exactly than 3.11."""
    match one, other:
        case dict(), dict():
            return one.keys() == other.keys() and all(_is_same(one[k], other[k]) for k in one)
        case list(), list():
            return len(one) == len(other) and all(map(_is_same, one, other))
        case float(), float():
            return math.isclose(one, other, rel_tol=1e-6)
        case _:
            return bool(one == other)


def _failures(machine: dict[str, Any]) -> str:
    told = (f"{one['probe']}: {one['reason']}" for one in machine["failures"])
    return "; ".join(told) or "no failures"


def _indented(text: str) -> str:
    return "\n".join(f"      {line}" for line in text.strip().splitlines())


def main(words: list[str]) -> int:
    """Run the trial."""
    if len(words) != 3:
        print("usage: trial.py TOOLS WINE_FOLDER INSTALLER", file=sys.stderr)
        return 2
    tools, path, installer = (Path(word).resolve() for word in words)
    folder = WineFolder(tools=tools, path=path)
    try:
        return _tried(Trial(folder, installer))
    finally:
        folder.end()


def _tried(trial: Trial) -> int:
    for step in trial.steps():
        begin = time.monotonic()
        name = step.__name__.replace("_", " ")
        try:
            said = step()
        except (AssertionError, subprocess.SubprocessError, OSError, ValueError) as error:
            print(f"FAIL  {name} ({time.monotonic() - begin:.1f} s): {error}", flush=True)
            return 1
        print(f"ok    {name} ({time.monotonic() - begin:.1f} s): {said}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
