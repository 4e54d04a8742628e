"""Runs a command in the process of a test."""

from __future__ import annotations

import argparse
import io
import json
import sys
from typing import Any, TextIO

import pytest

from landfall.cli.session import Command, Session
from landfall.services import paths
from landfall.services.settings import settings_store


class Shell:
    """Runs one command and keeps what it printed.

    Args:
        never: Must not stand in anything that is printed.
    """

    def __init__(
        self, command: Command, monkeypatch: pytest.MonkeyPatch, *, never: str | None = None
    ) -> None:
        self._command, self._monkeypatch, self._never = command, monkeypatch, never
        self.out = self.err = ""

    async def __call__(self, *words: str, stdin: str | TextIO = "", as_json: bool = False) -> int:
        parser = argparse.ArgumentParser()
        self._command.add_arguments(parser)
        places = paths.of_user()
        out, err = io.StringIO(), io.StringIO()
        session = Session(
            json=as_json,
            paths=places,
            settings=settings_store.load(places.settings),
            out=out,
            err=err,
        )
        typed = io.StringIO(stdin) if isinstance(stdin, str) else stdin
        self._monkeypatch.setattr(sys, "stdin", typed)
        try:
            return await self._command.run(parser.parse_args(words), session)
        finally:
            self.out, self.err = out.getvalue(), err.getvalue()
            assert self._never is None or self._never not in self.out + self.err

    @property
    def document(self) -> Any:
        return json.loads(self.out)
