"""Rules on the guard: there, in force, unchanged, and about the same deployments as the files.

Without it a client's own `fallbacks` reach the cloud from a private alias (1.106.2), whatever the
file says.
"""

from __future__ import annotations

from collections.abc import Iterator

from landfall.core.routing import guard_text
from landfall.core.routing.findings import Document, Documents, Finding, Severity, entries
from landfall.core.routing.lint_private import Private

_AGAIN = "Export again, or take the guard from a fresh export."


def findings(documents: Documents, private: Private) -> Iterator[Finding]:
    """What is wrong with the guard."""
    if not private:
        return
    for document in documents.configurations:
        yield from _in_force(document)
    yield from _other_code(documents)
    if documents.guard is None:
        yield _of("no_guard", "There is no guard.py: clients can leave private aliases.", _AGAIN)
        return
    tables = guard_text.tables(documents.guard)
    if tables is None:
        yield _of("guard_unreadable", "guard.py is not the guard that was exported.", _AGAIN)
        return
    if not guard_text.is_unchanged(documents.guard):
        text = "The code of guard.py was changed: what it lets through cannot be told."
        yield _of("guard_changed", text, _AGAIN)
    for document in documents.configurations:
        yield from _matching(document, tables[0], tables[1], private)


def _other_code(documents: Documents) -> Iterator[Finding]:
    """Callbacks are trusted by their name: the file behind it must be the one that was exported."""
    for file, text in documents.made.items():
        found = documents.texts.get(file)
        if found is not None and found.replace("\r\n", "\n") != text:
            yield Finding(
                id="callback_changed",
                severity=Severity.LEAK,
                file=file,
                line=1,
                text=f"The code of {file} was changed: what it keeps of a call cannot be told.",
                hint="Take it from a fresh export.",
            )


def _in_force(document: Document) -> Iterator[Finding]:
    told = document.part("litellm_settings").get("callbacks")
    named = told if isinstance(told, list) else [told]
    if guard_text.CALLBACK not in named:
        yield document.found(
            "guard_not_in_force",
            Severity.LEAK,
            "The guard is not among the callbacks: a client's own fallbacks reach the cloud from a"
            " private alias.",
            path="litellm_settings.callbacks",
            hint=f"Write `callbacks: [{guard_text.CALLBACK}]` under litellm_settings.",
        )


def _matching(
    document: Document,
    listed: guard_text.Listed,
    also: guard_text.Named,
    private: Private,
) -> Iterator[Finding]:
    for entry in entries(document):
        if entry.alias not in private:
            continue
        owner = entry.alias if entry.alias in listed else also.get(entry.alias.casefold(), "")
        deployments = listed.get(owner)
        if deployments is None:
            yield entry.found(
                "guard_misses_alias",
                Severity.LEAK,
                f"{entry.alias} is private and guard.py does not list it.",
                hint=_AGAIN,
            )
        elif deployments.get(entry.id) != entry.base:
            yield entry.found(
                "guard_misses_deployment",
                Severity.BROKEN,
                f"guard.py lists no deployment {entry.id or 'without an id'} at"
                f" {entry.base or 'the provider'} for {entry.alias}: it refuses its calls.",
                hint="Write its id and address into the table of guard.py.",
            )
        for name in (entry.id, entry.target):
            if owner and name and also.get(name.casefold()) is None:
                yield entry.found(
                    "guard_misses_name",
                    Severity.LEAK,
                    f"A client may ask for {name} itself, and guard.py does not know that it is"
                    f" {owner}.",
                    hint=_AGAIN,
                )


def _of(id_: str, text: str, hint: str) -> Finding:
    return Finding(
        id=id_, severity=Severity.LEAK, file=guard_text.FILE, text=text, hint=hint, line=1
    )
