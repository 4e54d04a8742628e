"""Controls that cannot be used now say why, to whoever points at them or has them read aloud."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

_OWN = "landfallOwnWords"


def allow(control: QWidget, why_not: str = "", *, tip: str | None = None) -> None:
    """Enable a control, or disable it and let it say what has to come first.

    Its own tooltip and description come back when it is enabled; so do those that it was given
    meanwhile.

    Args:
        control: Or several of them, in one that holds them.
        why_not: What has to be done, or waited for, before; "" where it can be used.
        tip: What its tooltip says where it can be used; without it, what it said before.
    """
    tooltip, description = control.toolTip(), control.accessibleDescription()
    kept = control.property(_OWN)
    if kept is not None:
        own_tip, own_said, told_tip, told_said = kept
        tooltip = own_tip if tooltip == told_tip else tooltip
        description = own_said if description == told_said else description
    if tip is not None:
        tooltip = tip
    control.setEnabled(not why_not)
    # Without a description of its own a control is described by its tooltip.
    said = f"{why_not} {description}" if why_not and description else description
    control.setToolTip(why_not or tooltip)
    control.setAccessibleDescription(said)
    control.setProperty(_OWN, [tooltip, description, why_not, said] if why_not else None)
