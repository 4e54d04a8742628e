"""The fields of a host: name, address, kind, token; what is wrong is said at each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from landfall.core.errors import BadInput
from landfall.core.hosts.hosts import Host, HostKind
from landfall.gui.hints import failure_words
from landfall.gui.hosts.field import NamedField
from landfall.gui.theme import Space
from landfall.gui.widgets.check_box import CheckBox
from landfall.gui.widgets.controls import Choice
from landfall.gui.widgets.layout import button, column, label
from landfall.services.hosts import addresses

if TYPE_CHECKING:
    from landfall.services.keys.secret import Secret

_KINDS = (None, HostKind.OLLAMA, HostKind.OPENAI)
_TOKEN_HINTS = (
    Qt.InputMethodHint.ImhHiddenText
    | Qt.InputMethodHint.ImhSensitiveData
    | Qt.InputMethodHint.ImhNoPredictiveText
    | Qt.InputMethodHint.ImhNoAutoUppercase
)


class HostForm(QWidget):
    """Holds what is typed, and nothing of what was kept before.

    Signals:
        edited: Something else is typed, chosen or agreed to.
    """

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._make_place()
        self._make_token()
        self.fields = (self.name_field, self.address_field, self.kind_field, self.token_field)
        self.setLayout(column(*self.fields, self.readable, self.agree, spacing=Space.M))

    def _make_place(self) -> None:
        self.name = self._edit("host-name", self.tr("rack-1"))
        self.name_field = NamedField(self.tr("Name"), self.name)
        self.address = self._edit("host-address", "192.168.1.20:11434")
        self.look = button(self.tr("Look"))
        self.look.setObjectName("host-look")
        self.look.setAccessibleName(self.tr("Look at what answers there"))
        self.address_field = NamedField(
            self.tr("Address"),
            self.address,
            self.look,
            hint=self.tr("Host and port, with https:// where it speaks that."),
        )
        words = (self.tr("To be found out by a look"), "Ollama", self.tr("OpenAI-compatible"))
        self.kind = Choice(self.tr("Kind"), words)
        self.kind.setObjectName("host-kind")
        self.kind.activated.connect(self.edited)
        self.kind_field = NamedField(
            self.tr("Kind"),
            self.kind,
            hint=self.tr("LM Studio, llama.cpp and vLLM are OpenAI-compatible."),
        )

    def _make_token(self) -> None:
        self.token = self._edit("host-token", self.tr("none"))
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        self.token.setInputMethodHints(_TOKEN_HINTS)
        self.remove_token = button(self.tr("Remove the token"), "destructive")
        self.remove_token.setObjectName("host-token-remove")
        self.remove_token.hide()
        self.token_field = NamedField(self.tr("Token"), self.token, self.remove_token)
        self.agree = CheckBox(self.tr("Send it unencrypted all the same"))
        self.agree.setObjectName("host-agree")
        self.agree.toggled.connect(self.edited)
        self.readable = label("", tone="caution", wrap=True)
        self.readable.setObjectName("host-readable")

    def _edit(self, name: str, example: str) -> QLineEdit:
        made = QLineEdit()
        made.setObjectName(name)
        made.setPlaceholderText(example)
        made.textEdited.connect(self.edited)
        return made

    # What is typed

    def fill(self, host: Host) -> None:
        """Show a host as it is kept."""
        self.name.setText(host.name)
        self.address.setText(host.url)
        self.set_kind(host.kind)

    @property
    def chosen_kind(self) -> HostKind | None:
        """What was chosen, or None where it is to be found out."""
        return _KINDS[self.kind.currentIndex()]

    def set_kind(self, kind: HostKind) -> None:
        """It was found out."""
        self.kind.setCurrentIndex(_KINDS.index(kind))

    @property
    def typed_token(self) -> str:
        """The token, or ""; shown to nobody."""
        return self.token.text().strip()

    @property
    def agreed(self) -> bool:
        """Whether the token may go where it can be read on the way."""
        return self.agree.isVisibleTo(self) and self.agree.isChecked()

    def typed(self) -> Host:
        """The host as it is typed; its kind is Ollama's where that is to be found out.

        Raises:
            BadInput: the address is none.
        """
        kind = self.chosen_kind
        return Host(
            name=self.name.text().strip(),
            url=_url(self.address.text(), kind),
            kind=kind or HostKind.OLLAMA,
        )

    def typed_or_none(self) -> Host | None:
        """The same, or None where the address is none yet."""
        try:
            return self.typed()
        except BadInput:
            return None

    # What is said of it

    def say(self, error: BadInput) -> NamedField:
        """Say what is wrong at its field, and go there; returns the field."""
        field = {
            "name": self.name_field,
            "url": self.address_field,
            "key": self.token_field,
        }.get(error.field or "", self.address_field)
        field.set_problem(failure_words(error))
        field.control.setFocus()
        return field

    def say_nothing(self) -> None:
        """What was said before does not hold any more."""
        for field in self.fields:
            field.set_problem("")

    def show_token(
        self, stored: Secret | None, *, dropped: bool, moved: bool, exposed: str
    ) -> None:
        """Say what becomes of the token.

        Args:
            dropped: Whether the stored one is to be removed.
            moved: Whether what is typed is another address than the stored one's.
            exposed: Host and port to which it would go readable, or "".
        """
        kept = stored is not None and not dropped
        self.remove_token.setVisible(kept)
        hint = self.tr("Kept in the system keyring, and sent to this address alone.")
        if stored is not None and dropped:
            hint = self.tr("The stored token is removed when this is saved.")
        elif stored is not None and moved:
            hint = self.tr(
                "The stored token is for the address before, and is not sent to another one."
            )
        elif stored is not None:
            hint = self.tr("Stored: {0}. A new one takes its place.").format(stored.masked)
        self.token_field.set_hint(hint)
        self.token.setPlaceholderText(self.tr("stored") if kept else self.tr("none"))
        self.readable.setVisible(bool(exposed))
        self.agree.setVisible(bool(exposed))
        if exposed:
            words = self.tr(
                "{0} is plain http: whoever is on the way can read the token, and everything that"
                " is sent with it. Use https there, or agree to it for this host."
            )
            self.readable.setText(words.format(exposed))


def _url(text: str, kind: HostKind | None) -> str:
    """The address as it is kept.

    Raises:
        BadInput: it is none.
    """
    if kind is None:
        # A port goes without saying for one kind and not for the other.
        try:
            return addresses.parsed(text, HostKind.OPENAI)
        except BadInput:
            return addresses.parsed(text, HostKind.OLLAMA)
    return addresses.parsed(text, kind)
