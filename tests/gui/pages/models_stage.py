"""What stands behind the Models page: a twin with models on its disk, and a registry."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pytestqt.qtbot import QtBot

from landfall.core.machine.hardware import HardwareProfile
from landfall.gui.app_state import AppState
from landfall.gui.messages import Messages, Notice
from landfall.gui.pages.models_page import ModelsPage
from landfall.services.ollama import registry
from landfall.services.ollama.downloads import Downloads
from landfall.services.paths import Paths
from tests.fakes.model_registry import Registry, serving
from tests.fakes.real_ollama import Live, fill
from tests.fakes.tiny_models import TinyModel
from tests.gui import worlds
from tests.gui.pages.backstage import Backstage


class ModelsStage(Backstage):
    """The page with everything that it is given, on real sockets.

    Attributes:
        registry: A registry on loopback. looked: how often the machine was looked at.
        notices, toasts, jumps: What was said and asked for.
    """

    def __init__(self, folder: Path, state: AppState, messages: Messages) -> None:
        super().__init__(folder, state, messages)
        self.paths = Paths(folder / "s", folder / "history.db", folder / "logs", folder / "cache")
        self.registry = Registry()
        self.looked = 0
        self.notices: list[Notice | None] = []
        self.toasts: list[str] = []
        self.jumps: list[tuple[str, str]] = []
        self._downloads: Downloads | None = None
        self._models_folder = self.twin.folder
        # Detection is no part of this page; that it is asked for is.
        self.lookout.machine = self._look  # type: ignore[method-assign]
        messages.notice_changed.connect(self._on_notice)
        messages.toast_asked.connect(self._on_toast)
        messages.jump_asked.connect(self._on_jump)

    def _look(self) -> None:
        self.looked += 1

    def _on_notice(self) -> None:
        self.notices.append(self.messages.worst)

    def _on_toast(self, text: str, _action: object) -> None:
        self.toasts.append(text)

    def _on_jump(self, page: str, detail: str) -> None:
        self.jumps.append((page, detail))

    def use(self, live: Live) -> None:
        """Start with another server than the twin."""
        self.start(server=False)
        self._models_folder = live.models
        self.connect(live.url)

    def fill(self, models: Mapping[str, TinyModel]) -> None:
        """Put these on the server's disk."""
        self.run(fill(self.host.client, models))
        self.state.set_models(*self.run(self.host.models()))

    def serve_registry(self) -> Registry:
        """Start the registry."""
        opened: Registry = self.run(self._stack.enter_async_context(serving(self.registry)))
        return opened

    def downloads(self) -> Downloads:
        """As the window makes them."""
        client = self.host.client
        if self._downloads is None or self._downloads.client is not client:
            self._downloads = Downloads(
                client,
                self.history,
                read_layers=registry.read_layers,
                models_path=self._models_folder,
            )
        return self._downloads

    def page(
        self, qtbot: QtBot, *, profile: HardwareProfile | None = worlds.WITH_GPU
    ) -> ModelsPage:
        """The page, shown and filled."""
        if profile is not None:
            self.state.set_profile(profile)
        page = ModelsPage(
            self.state,
            self.tasks,
            self.messages,
            self.lookout,
            host=self.host,
            downloads=self.downloads,
            history=self.history,
            paths=self.paths,
        )
        page.jump.connect(self._on_jump)
        qtbot.addWidget(page)
        page.resize(1080, 800)
        page.show()
        qtbot.waitUntil(lambda: page.settled)
        return page
