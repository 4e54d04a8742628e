"""The whole window in German: no page, tab or filled state says English words, and none German in
English. The home has runs, benchmarks, usage, hosts, and a workload of every kind of verdict.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from tests.end_to_end.window import Window, landfall_window

NOBODY = "http://127.0.0.1:9"
NO_PROGRAM = {"PATH": "/usr/bin:/bin"}

ENGLISH = frozenset(
    re.findall(
        r"\w+",
        "the of and is not with for which are were has have had been this that these those from by"
        " on at be it its than they them their to no or if here there what when where who how all"
        " each every only more less most never cannot nothing other your you",
    )
)
"""Words without which hardly an English sentence is made, and which are no German ones."""
GERMAN = frozenset(
    re.findall(
        r"\w+",
        "der die das und ist nicht mit für nach bei kein keine wird werden auf aus von zum zur dem"
        " den ein eine dieser diese hier noch oder wie sind heute unbekannt geschätzt gemessen",
    )
)

NAMES = (
    # What the user, a model or a file is called, and what was asked in the history of the test.
    "Why is the sky blue?",
    "all-minilm",
    r"\bMIT\b",
    # Citations, with the names and addresses of their sources.
    r"\(midudev/\S+ [^)]*\)",
    r"ollama\.com library scrape [\d-]+",
    r"LiteLLM [\d.]+ \(MIT\), \w+\.json(?:, \w+)?",
    r"EIA, Electric Power Monthly[^:;|]*",
    # Keys of files, commands, variables, addresses and paths.
    r"`[^`]*`",
    r"--\w[\w-]*",
    r"\b\w+(?:[_.]\w+)+\b",
    r"https?://\S+",
    r"~?(?:/[\w.-]+)+",
    # Names of models, programs and licences, which hold small words of English.
    r"[\w.]+(?:-[\w.]+)*:[\w.-]+",
    r"\b\w+(?:-\w+){2,}\b",
)
"""What may hold words of another language, and why."""
_NAMES = re.compile("|".join(NAMES))
_WORDS = re.compile(r"[^\W\d_]+(?:'[a-z]+)?")

PAGES = (
    ("home", ()),
    ("machine", ()),
    ("models", ("installed", "running", "downloads")),
    ("run", ()),
    ("cloud", ("prices", "usage", "speed")),
    ("workloads", ()),
    ("history", ("benchmarks", "totals", "egress")),
    ("settings", ()),
)
"""Each page with its tabs after the first."""
TABS = {
    "installed": "Installed|Installiert",
    "running": "Running|Aktiv",
    "downloads": "Downloads",
    "prices": "Prices|Preise",
    "usage": "Usage|Nutzung",
    "speed": "Speed|Tempo",
    "benchmarks": "Benchmarks",
    "totals": "Totals|Summen",
    "egress": "What left|verließ",
}
"""What they are called, in both languages."""


def in_words_of(language: frozenset[str], said: str) -> list[str]:
    """The lines of a page that hold words of a language outside of names."""
    return [
        line
        for line in said.splitlines()
        if any(word.lower() in language for word in _WORDS.findall(_NAMES.sub(" ", line)))
    ]


async def everything(window: Window) -> dict[str, str]:
    """What each page and each of its tabs says, once it is there."""
    said = {}
    for page, tabs in PAGES:
        said[page] = await window.open(page, "ready", "partial", "empty", seconds=40)
        for tab in tabs:
            await window.click(f"{page}-tabs", TABS[tab])
            said[f"{page}, {tab}"] = await settled(window, page)
    return said


async def settled(window: Window, page: str) -> str:
    """What a page says when it says the same twice: a tab is filled after it is shown."""
    before, now = "", await window.on(page)
    while now != before:
        await asyncio.sleep(0.5)
        before, now = now, await window.on(page)
    return now


async def test_that_no_page_of_the_german_window_says_english_words(filled: Path) -> None:
    async with landfall_window(
        filled, LANG="de_DE.UTF-8", LC_ALL="", LANGUAGE="", OLLAMA_HOST=NOBODY, **NO_PROGRAM
    ) as window:
        said = await everything(window)
        await window.close()
    assert "Rechner" in said["machine"]
    found = {page: in_words_of(ENGLISH, text) for page, text in said.items()}
    assert not any(found.values()), lines_of(found)


async def test_that_no_page_of_the_english_window_says_german_words(filled: Path) -> None:
    async with landfall_window(
        filled, LANG="en_US.UTF-8", LC_ALL="", LANGUAGE="", OLLAMA_HOST=NOBODY, **NO_PROGRAM
    ) as window:
        said = await everything(window)
        await window.close()
    assert "Machine" in said["machine"]
    found = {page: in_words_of(GERMAN, text) for page, text in said.items()}
    assert not any(found.values()), lines_of(found)


async def test_that_a_chosen_language_holds_from_the_second_start_whatever_the_system_speaks(
    filled: Path,
) -> None:
    """The first start reads the settings after its first picture, and remembers what they say."""
    (filled / "settings.toml").write_text('language = "de"\n', encoding="utf-8")
    spoken = []
    for _ in range(2):
        async with landfall_window(
            filled, LANG="en_US.UTF-8", LC_ALL="", LANGUAGE="", OLLAMA_HOST=NOBODY, **NO_PROGRAM
        ) as window:
            told = await window.on("home", "ready", "partial", text="Release notes", seconds=40)
            spoken.append(await window.see("nav-machine"))
            await window.close()
    assert spoken == ["Machine", "Rechner"]
    # Decided and put in words by another process, which speaks as the window does.
    assert "Token am Tag" in told
    assert not in_words_of(ENGLISH, told)


def lines_of(found: dict[str, list[str]]) -> str:
    """The lines below their page, for the report."""
    return "\n".join(f"{page}: {line[:300]}" for page, lines in found.items() for line in lines)
