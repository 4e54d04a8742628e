"""What watts and joules cover, in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def _tr(text: str) -> str:
    return QCoreApplication.translate("run", text)


def scope_words(scopes: str) -> str:
    """What watts or joules cover: "gpu + cpu_package" as people say it."""
    words = {
        "gpu": _tr("GPU board"),
        "cpu_package": _tr("CPU package"),
        "soc": _tr("chip"),
        "module": _tr("module"),
        "system_dc": _tr("whole machine, after its supply"),
        "wall": _tr("at the plug"),
    }
    return " + ".join(words.get(scope, scope) for scope in scopes.split(" + ") if scope)
