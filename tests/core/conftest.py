"""`--cases FILE`: another file of worked cases for tests/core/test_worked_cases.py."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cases", default=None, help="a JSON file of worked cases")
