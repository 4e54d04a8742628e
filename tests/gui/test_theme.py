"""Contrast, colour blindness, schemes, fonts."""

from __future__ import annotations

import itertools
import math
from typing import get_args

import pytest
from PySide6.QtCore import QDate, QEvent
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QDialog, QStackedWidget, QVBoxLayout, QWidget

from landfall.gui import theme
from landfall.gui.colours import DARK, LIGHT, Role
from landfall.gui.theme import Text
from landfall.gui.widgets.controls import Choice
from landfall.gui.widgets.date_field import DateField
from landfall.gui.widgets.feedback import State
from landfall.gui.widgets.layout import button, label
from landfall.gui.widgets.mono_text import MonoText
from landfall.gui.widgets.numbers import FitLook
from tests.gui import gallery
from tests.gui.conftest import settle

TEXTS = ("text", "text_2", "text_3", "accent", "good", "caution", "danger")
SURFACES = (
    "surface",
    "window",
    "sidebar",
    "sunken",
    "hover",
    "selected",
    "here_soft",
    "cloud_soft",
    "caution_soft",
    "danger_soft",
)
PLACES = ("here", "frontier", "hosted", "rent", "buy", "leave")
GRAPHICS = (
    *PLACES,
    "border_strong",
    "focus",
    "mem_weights",
    "mem_kv",
    "mem_compute",
    "mem_overhead",
    "mem_models",
    "mem_others",
)
PHASES = ("phase_wait", "phase_load", "phase_prefill", "phase_think", "phase_decode")
# Machado, Oliveira and Fernandes 2009, severity 1, in linear RGB.
VISION = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.01182, 0.04294, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.3039),
    ),
}
DAY = QDate(2026, 11, 27)
SCHEMES = pytest.mark.parametrize("roles", [LIGHT, DARK], ids=["light", "dark"])


def linear(colour: str) -> list[float]:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def contrast(a: str, b: str) -> float:
    weights = (0.2126, 0.7152, 0.0722)
    lights = [sum(w * c for w, c in zip(weights, linear(x), strict=True)) for x in (a, b)]
    return (max(lights) + 0.05) / (min(lights) + 0.05)


def oklab(colour: str, vision: str) -> tuple[float, float, float]:
    base = linear(colour)
    r, g, b = (
        min(max(sum(m * v for m, v in zip(line, base, strict=True)), 0), 1)
        for line in VISION[vision]
    )
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    mid = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.793617785 * mid - 0.0040720468 * short,
        1.9779984951 * long - 2.428592205 * mid + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * mid - 0.808675766 * short,
    )


@SCHEMES
@pytest.mark.parametrize("role", TEXTS)
def test_text_can_be_read_on_every_surface(roles: dict[Role, str], role: Role) -> None:
    for surface in SURFACES:
        assert contrast(roles[role], roles[surface]) >= 4.5, surface


@SCHEMES
def test_the_primary_button_can_be_read(roles: dict[Role, str]) -> None:
    assert contrast(roles["on_accent"], roles["accent"]) >= 4.5
    assert contrast(roles["on_accent"], roles["accent_hover"]) >= 4.5


@SCHEMES
@pytest.mark.parametrize("role", PHASES)
def test_words_and_curves_are_read_on_the_ground_of_each_phase(
    roles: dict[Role, str], role: Role
) -> None:
    assert contrast(roles["text_2"], roles[role]) >= 4.5
    for place in ("here", "frontier"):
        assert contrast(roles[place], roles[role]) >= 3.0


@SCHEMES
@pytest.mark.parametrize("role", GRAPHICS)
def test_graphics_stand_out(roles: dict[Role, str], role: Role) -> None:
    assert contrast(roles[role], roles["surface"]) >= 3.0


@SCHEMES
@pytest.mark.parametrize("vision", VISION)
def test_places_are_told_apart_by_everybody(roles: dict[Role, str], vision: str) -> None:
    for a, b in itertools.combinations(PLACES, 2):
        distance = 100 * math.dist(oklab(roles[a], vision), oklab(roles[b], vision))
        assert distance >= 9.0, (a, b)


def test_both_schemes_have_every_role() -> None:
    assert set(LIGHT) == set(DARK) == set(get_args(Role))


@SCHEMES
def test_the_style_sheet_names_no_role_that_is_not_there(roles: dict[Role, str]) -> None:
    sheet = theme.style_sheet(roles, QFont())
    assert "@" not in sheet


def test_a_forced_scheme_repaints_what_shows(themed: theme.Theme) -> None:
    seen: list[bool] = []
    themed.changed.connect(lambda: seen.append(themed.dark))
    themed.use("dark")
    themed.use("light")
    assert seen == [True, False]


class Counting(QWidget):
    """Counts how often it is told of another style."""

    times = 0

    def changeEvent(self, event: QEvent) -> None:
        self.times += event.type() == QEvent.Type.StyleChange
        super().changeEvent(event)


def test_that_another_scheme_polishes_a_widget_deep_below_once(themed: theme.Theme) -> None:
    window = QWidget()
    parent: QWidget = window
    for _ in range(12):
        inner = Counting()
        QVBoxLayout(parent).addWidget(inner)
        parent = inner
    window.show()
    settle()
    assert isinstance(parent, Counting)
    parent.times = 0
    themed.use("dark")
    assert parent.times == 1


def test_that_another_scheme_reaches_boxes_and_windows_beside_the_first(
    themed: theme.Theme,
) -> None:
    window, other = QWidget(), QWidget()
    box = QDialog(window)
    here, inside, beside = (button("Run", kind="primary") for _ in range(3))
    for place, one in ((window, here), (box, inside), (other, beside)):
        QVBoxLayout(place).addWidget(one)
        place.show()
    settle()
    box.hide()
    themed.use("dark")
    grounds = [one.grab().toImage().pixelColor(8, 15).name() for one in (here, inside, beside)]
    assert [ground.upper() for ground in grounds] == [DARK["accent"]] * 3


def test_that_tables_out_of_sight_fill_their_places_after_another_scheme(
    themed: theme.Theme,
) -> None:
    # Several: whether one is laid out before its frame is known is a matter of luck.
    pages, tables = QStackedWidget(), [gallery.table() for _ in range(12)]
    for table in tables:
        pages.addWidget(table)
    pages.resize(400, 300)
    pages.show()
    for table in tables:
        pages.setCurrentWidget(table)
        settle()
    themed.use("dark")
    headings = [table.horizontalHeader() for table in tables]
    assert [one.viewport().width() for one in headings] == [one.width() for one in headings]


def test_that_a_button_is_painted_in_the_scheme_of_the_moment(themed: theme.Theme) -> None:
    primary = button("Run", kind="primary")
    primary.resize(120, 30)
    primary.show()
    settle()
    grounds = []
    for scheme in ("dark", "light", "dark"):
        themed.use(scheme)
        grounds.append(primary.grab().toImage().pixelColor(8, 15).name().upper())
    assert grounds == [DARK["accent"], LIGHT["accent"], DARK["accent"]]


def test_an_alpha_is_kept() -> None:
    assert theme.color("here", 70).alpha() == 70


def test_text_grows_with_the_system_font(qapp: QApplication, themed: theme.Theme) -> None:
    words = label("Landfall", Text.TITLE)
    before, system = words.font().pointSizeF(), qapp.font()
    larger = QFont(system)
    larger.setPointSizeF(system.pointSizeF() * 2)
    try:
        qapp.setFont(larger)
        themed.refresh_fonts()
        assert words.font().pointSizeF() == pytest.approx(2 * before)
    finally:
        qapp.setFont(system)
        themed.refresh_fonts()


def test_that_what_is_chosen_and_read_grows_with_the_system_font_too(
    qapp: QApplication, themed: theme.Theme
) -> None:
    made = (
        Choice("Kind", ["Chat", "Code"]),
        DateField("Day", DAY, latest=DAY),
        MonoText("Report", "nothing"),
    )
    before = [one.font().pointSizeF() for one in made]
    width, system = made[0].minimumWidth(), qapp.font()
    larger = QFont(system)
    larger.setPointSizeF(system.pointSizeF() * 2)
    try:
        qapp.setFont(larger)
        themed.refresh_fonts()
        grown = [2 * points for points in before]
        assert [one.font().pointSizeF() for one in made] == pytest.approx(grown)
        assert made[0].minimumWidth() > width
    finally:
        qapp.setFont(system)
        themed.refresh_fonts()
    assert made[0].minimumWidth() == width


def test_that_words_keep_their_size_when_they_move_after_the_text_grew(
    qapp: QApplication, themed: theme.Theme
) -> None:
    window, other = QWidget(), QWidget()
    words, run, day = label("Bill"), button("Run"), DateField("Day", DAY, latest=DAY)
    for one in (words, run, day):
        one.setParent(window)
    other.setParent(window)
    window.show()
    settle()
    system = qapp.font()
    larger = QFont(system)
    larger.setPointSizeF(system.pointSizeF() * 2)
    try:
        qapp.setFont(larger)
        themed.refresh_fonts()
        for one in (words, run):
            one.setParent(other)
            one.show()
        settle()
        assert words.font() == theme.font(Text.BODY)
        assert run.font() == theme.font(Text.MEDIUM)
        assert day.lineEdit().font().pointSizeF() == theme.font(Text.BODY).pointSizeF()
    finally:
        qapp.setFont(system)
        themed.refresh_fonts()


def test_a_label_can_change_its_role_at_any_time() -> None:
    words = label("Landfall")
    assert words.tone == "text"
    words.set_tone("caution")
    assert words.tone == "caution"
    words.show()
    shade = words.grab().toImage()
    wanted = theme.color("caution").hue()
    hues = {
        shade.pixelColor(x, y).hue() for x in range(shade.width()) for y in range(shade.height())
    }
    assert wanted in hues


def test_a_label_keeps_its_step_of_the_scale_when_its_role_changes() -> None:
    words = label("Landfall", Text.STRONG)
    words.show()
    settle()
    words.set_style(Text.MEDIUM)
    words.set_tone("text_2")
    assert words.font() == theme.font(Text.MEDIUM)
    words.set_style(Text.STRONG)
    words.set_tone("text")
    assert words.font() == theme.font(Text.STRONG)


@SCHEMES
@pytest.mark.parametrize("role", PHASES)
def test_a_phase_of_a_run_is_told_from_the_ground_by_everybody(
    roles: dict[Role, str], role: Role
) -> None:
    """They are pale grounds, so that their order and words tell them apart, not their hue."""
    for vision in VISION:
        assert math.dist(oklab(roles[role], vision), oklab(roles["surface"], vision)) >= 0.01


@SCHEMES
def test_gains_and_losses_are_told_apart_by_everybody(roles: dict[Role, str]) -> None:
    for vision in VISION:
        distance = 100 * math.dist(oklab(roles["here"], vision), oklab(roles["danger"], vision))
        assert distance >= 9.0, vision


def test_states_and_levels_of_fit_have_shapes_and_words_of_their_own() -> None:
    # What runs turns, which no icon does.
    still = [state for state in State if state is not State.RUNNING]
    assert len({state.icon for state in still}) == len(still)
    assert len({look.value for look in FitLook}) == len(FitLook)
    assert len({look.word for look in FitLook}) == len(FitLook)


def test_an_edge_of_what_takes_words_is_seen_on_every_ground_it_stands_on() -> None:
    for roles in (LIGHT, DARK):
        for ground in ("surface", "window", "sunken"):
            for role in ("border_strong", "focus", "accent"):
                assert contrast(roles[role], roles[ground]) >= 3.0, (role, ground)
