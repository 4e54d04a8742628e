"""Makes the pictures of README and handbook, and puts them where these look for them.

python packaging/pictures/handbook.py [--only home-first-light,...] [--ollama PROGRAM --gguf FOLDER]

Each picture is of the real program, started by `make_shots` in a home of its own; what it says of
the machine is what the machine has. Workloads and usage are invented, and the text beside the
pictures says so. Without `--ollama` (a program, with a folder of small GGUF models for it) those
that show a running server stay as they are, and are named. `BY_HAND` tells of those that need more
than a machine at hand: how they were made, so that somebody can make them again.

A picture is drawn with at most 256 colours, which nobody sees and which makes it a third as large.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "app"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import host_shots
from few_colours import few_colours
from PySide6.QtGui import QImage

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "packaging" / "screenshots"
FONT = "Inter,9.75"


@dataclass(frozen=True, slots=True)
class Session:
    """One start of the program, and what is kept of what it shows.

    Attributes:
        kept: Name here to the name that `make_shots` gives the picture.
        arguments: Of `make_shots`.
        servers: How many Ollama servers run meanwhile.
        usage: Whether a file of usage is imported first.
    """

    kept: dict[str, str]
    arguments: tuple[str, ...]
    servers: int = 0
    usage: bool = False


LIGHT = ("--schemes", "light")
SESSIONS = (
    Session(
        {
            "home-first-light.png": "home-light.png",
            "workload-editor-light.png": "workloads-new-light.png",
        },
        ("--pages", "home,workloads:new", *LIGHT),
    ),
    Session(
        {"models-dark.png": "models-rtx-4060-laptop-32k-dark.png"},
        ("--what-if", "RTX 4060 Laptop", "--contexts", "32768", "--schemes", "dark"),
    ),
    Session(
        {
            "workloads-light.png": "verdict-hybrid-card-light.png",
            "verdict-flips-light.png": "verdict-hybrid-flips-light.png",
        },
        ("--verdicts", "--views", "card,flips", *LIGHT),
    ),
    Session(
        {"cloud-usage-light.png": "cloud-usage-light.png"},
        ("--pages", "cloud:usage", *LIGHT),
        usage=True,
    ),
    Session({"home-ollama-light.png": "home-light.png"}, ("--pages", "home", *LIGHT), servers=1),
    Session({"machine-hosts-light.png": "machine-host-gone-light.png"}, LIGHT, servers=3),
)

BY_HAND = {
    "history-run-dark.png": (
        "an answer of a model on an NVIDIA H200 with Ollama 0.32.15; then make_shots with"
        " `--pages history:run`"
    ),
    "history-benchmarks-light.png": (
        "two benchmarks with `landfall bench --concurrency` there; then make_shots with"
        " `--pages history:benchmarks`"
    ),
    "side-by-side-light.png": "make_shots with `--side-by-side MODEL,MODEL` at a real Ollama",
    "installed-german.png": "a picture of `packaging/try_deb.sh`, out of the installed package",
    "report-page.png": "the second page of `landfall export report --out FILE.pdf`, by pdftoppm",
}
"""Pictures that this command does not make, and how each was made."""


def usage_file(path: Path) -> None:
    """A made-up month of five models, with three days of which there is no log."""
    models = (
        ("anthropic", "claude-sonnet-4-5", 400, 1700, 430, 320, 4.4),
        ("openai", "gpt-4o", 390, 1600, 400, 310, 3.1),
        ("openai", "gpt-4.1-mini", 410, 1600, 400, 330, 0.52),
        ("google", "gemini-2.5-flash", 420, 1500, 0, 300, 0.5),
        ("openai", "gpt-5-mini", 380, 1650, 420, 290, 0.4),
    )
    columns = "date,provider,model,requests,input_tokens,cached_input_tokens,output_tokens,cost"
    lines = [columns]
    for number in range(30):
        day = date(2026, 10, 1) + timedelta(days=number)
        if number in (7, 8, 21):
            continue
        # A weekend has an eighth of the work; the rest goes up and down without chance.
        share = (0.12 if day.weekday() > 4 else 1.0) * (1 + 0.3 * ((number * 7) % 5 - 2) / 2)
        for provider, model, calls, fresh, cached, out, usd in models:
            made = round(calls * share)
            counts = (made, made * fresh, made * cached, made * out)
            lines.append(f"{day},{provider},{model},{','.join(map(str, counts))},{usd * share:.2f}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def take(session: Session, wanted: set[str], options: argparse.Namespace) -> None:
    """Start the program, and keep what is wanted of what it shows."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        environment = {name: value for name, value in os.environ.items() if "OLLAMA" not in name}
        environment |= {"LANDFALL_HOME": str(home / "home"), "PYTHONPATH": str(ROOT / "app")}
        if session.usage:
            usage_file(home / "usage.csv")
            save = ("import", str(home / "usage.csv"), "--save")
            _run([sys.executable, "-m", "landfall", *save], environment)
        arguments = [*session.arguments, "--font", FONT]
        servers: list[host_shots.Server] = []
        if session.servers == 1:
            os.environ["LANDFALL_HOME"] = environment["LANDFALL_HOME"]
            servers = host_shots.start([options.ollama], options.gguf, home)
            environment["OLLAMA_HOST"] = servers[0].url
        elif session.servers:
            programs = ",".join([options.ollama] * session.servers)
            arguments += ["--hosts", programs, "--gguf", str(options.gguf)]
        shots = home / "shots"
        shoot = str(Path(__file__).with_name("make_shots.py"))
        try:
            _run([sys.executable, shoot, str(shots), *arguments], environment)
        finally:
            host_shots.stop(servers)
        for name in sorted(wanted & session.kept.keys()):
            put(shots / session.kept[name], name)


def put(picture: Path, name: str) -> None:
    """Into the folder of pictures, with few colours."""
    target = FOLDER / name
    few_colours(QImage(str(picture))).save(str(target), "PNG", 0)
    print(f"{target.stat().st_size / 1000:6.0f} kB  {target.relative_to(ROOT)}")


def _run(command: list[str], environment: dict[str, str]) -> None:
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


def main() -> int:
    """Make what was asked for; 1 where something that was named could not be made."""
    parser = argparse.ArgumentParser(description="Makes the pictures of README and handbook.")
    parser.add_argument("--only", default="", help="names without .png, with commas between")
    parser.add_argument("--ollama", default=shutil.which("ollama"), help="for running servers")
    parser.add_argument("--gguf", type=Path, help="a folder of small models for it")
    options = parser.parse_args()
    makes = {name for session in SESSIONS for name in session.kept}
    named = {f"{name}.png" for name in options.only.split(",") if name}
    for name in sorted(named - makes):
        parser.error(f"{name}: {BY_HAND.get(name, 'there is no such picture')}")
    wanted = named or makes
    left: set[str] = set()
    for session in SESSIONS:
        if not wanted & session.kept.keys():
            continue
        if session.servers and not (options.ollama and options.gguf):
            left |= wanted & session.kept.keys()
            continue
        take(session, wanted, options)
    for name in sorted(left):
        print(f"left as it is: {name}, which needs --ollama and --gguf")
    return 1 if left & named else 0


if __name__ == "__main__":
    sys.exit(main())
