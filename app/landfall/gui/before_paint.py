"""What has changed is laid out to its end before a window paints it.

Qt tells a layout by a posted event that something in it changed, and that layout tells the one
around it by another. Those that are posted while events are sent come after the window's own
request to paint: with ten widgets inside one another it painted rows of eight pixels for a frame,
because the page around them had not heard yet that they need more.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent

_DEPTH = 24
"""As many layouts as may stand inside one another; each round reaches one further out. A round in
which nothing waits takes a microsecond."""
_LAYOUT = int(QEvent.Type.LayoutRequest.value)


def is_paint_request(event: QEvent) -> bool:
    """Whether a window is told by this event to paint what has changed."""
    return event.type() == QEvent.Type.UpdateRequest


def finish_layouts() -> None:
    """Lay out everything that waits for it, and what has to make room for that.

    Windows call it when they are asked to paint. The rounds are counted, so that two widgets which
    never agree about their room do not hold up the window.
    """
    for _ in range(_DEPTH):
        QCoreApplication.sendPostedEvents(None, _LAYOUT)
