"""Marks what needs the real proxy, and says why it is skipped where there is none."""

from __future__ import annotations

import pytest

from tests.litellm_proxy.engine import LITELLM, WHY_NOT


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("litellm") is not None and LITELLM is None:
            item.add_marker(pytest.mark.skip(reason=WHY_NOT))
