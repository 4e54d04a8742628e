"""Saved workloads that name a host, and a host that is called otherwise."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from landfall.core.workload.file import parse
from landfall.core.workload.writer import host_renamed
from landfall.services.history.history import History
from landfall.services.history.records import SavedWorkload
from landfall.services.hosts import in_workloads

HEAD = 'schema = 1\n\n[workload]\nname = "{0}"\ntask = "summary"\n'
ONE = HEAD.format("letters") + '\n[machine]\nhost = "Office"  # under the desk\n'
SEVERAL = (
    HEAD.format("mails")
    + """
[machine]
hosts = [
  "rack",   # the old one
  'office',
]

[[steps]]
name = "generate"
where = "network"
host = "office"
"""
)
NONE = HEAD.format("notes") + '\n[machine]\nhost = "officer"\n'
INLINE = 'schema = 1\nworkload = {name = "terse", task = "summary"}\nmachine = {host = "office"}\n'


def saved(name: str, text: str) -> SavedWorkload:
    return SavedWorkload(name=name, toml=text)


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    opened = History(tmp_path / "history.db")
    await opened.open()
    for one in (
        saved("letters", ONE),
        saved("mails", SEVERAL),
        saved("notes", NONE),
        saved("broken", "schema = ["),
    ):
        await opened.save_workload(one)
    yield opened
    await opened.close()


async def test_that_workloads_that_name_a_host_are_found_whatever_its_case(
    history: History,
) -> None:
    assert await in_workloads.naming("office", history) == ("letters", "mails")
    assert await in_workloads.naming("attic", history) == ()


async def test_that_a_new_name_is_written_into_them_and_nothing_else_changes(
    history: History,
) -> None:
    assert await in_workloads.follow("office", 'Bob\'s "rack"', history) == ("letters", "mails")
    texts = {one.name: one.toml for one in await history.workloads()}
    assert parse(texts["letters"]).machine.host == 'Bob\'s "rack"'
    assert "# under the desk" in texts["letters"]
    mails = parse(texts["mails"])
    assert mails.machine.hosts == ("rack", 'Bob\'s "rack"')
    assert mails.steps[0].host == 'Bob\'s "rack"'
    assert "# the old one" in texts["mails"]
    assert (texts["notes"], texts["broken"]) == (NONE, "schema = [")


@pytest.mark.parametrize(
    "text",
    [
        INLINE,
        HEAD.format("x") + '\n[machine]\nhost = "of\\u0066ice"\n',
        HEAD.format("x") + '\n[machine]\nhost = """office"""\n',
    ],
)
def test_that_a_name_in_any_form_of_string_is_followed(text: str) -> None:
    assert parse(host_renamed(text, "office", "attic")).machine.host == "attic"


def test_that_text_which_only_looks_like_a_host_stays() -> None:
    text = (
        "schema = 1\n[workload]\nname = '''host = \"office\"'''\ntask = \"summary\"\n"
        '[machine]\nhost = "office"\n'
    )
    for after in ("attic", "a'''b"):
        found = parse(host_renamed(text, "office", after))
        assert (found.name, found.machine.host) == ('host = "office"', after)
