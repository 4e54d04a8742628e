"""What is left of an account, beside the key that was checked."""

from __future__ import annotations

from contextlib import AsyncExitStack
from types import MappingProxyType

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from landfall.gui.page import PageState
from tests.fakes.usage_apis import KEY, telling
from tests.gui.pages.cloud_stage import CloudStage


@pytest.mark.parametrize("tells", [True, False])
def test_that_a_checked_key_says_what_is_left_where_the_provider_tells_it(
    stage: CloudStage, qtbot: QtBot, tells: bool
) -> None:
    stack = AsyncExitStack()
    api = stage.run(stack.enter_async_context(telling("deepinfra")))
    api.other["/payment/checklist"] = {"stripe_balance": -66.6, "recent": 5.5}
    if tells:
        api.other["/payment/usage"] = {"months": [{"total_cost": 1234}]}
    stage.has_key("deepinfra", KEY)
    stage.set(base_urls=MappingProxyType({"deepinfra": api.url}))
    page = stage.page()
    qtbot.addWidget(page)
    page.resize(1080, 900)
    page.show()
    qtbot.waitUntil(lambda: page.state is not PageState.LOADING, timeout=20_000)
    page.open_at("deepinfra")
    check = page.findChild(QPushButton, "check-key")
    assert check is not None
    check.click()
    expected = 4 if tells else 3
    qtbot.waitUntil(lambda: len(api.requests) >= expected - 1, timeout=20_000)
    qtbot.waitUntil(lambda: "takes the key" in page._desk.notes.get("deepinfra", ""))
    if tells:
        qtbot.waitUntil(lambda: "left" in page._desk.notes["deepinfra"], timeout=20_000)
        assert "spent in this month" in page._desk.notes["deepinfra"]
    else:
        qtbot.waitUntil(lambda: len(api.requests) == 3, timeout=20_000)
        assert "left" not in page._desk.notes["deepinfra"]
    stage.run(stack.aclose())
