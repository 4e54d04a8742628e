"""What may go wrong and is expected: said with a next step, and with its exit code.

Everything else is a bug; the window (`gui.messages`) and the command line (`cli.main`) catch it at
the edge.
"""

from __future__ import annotations


class AppError(Exception):
    """An expected failure, translated at the edge of a service.

    Attributes:
        message: What happened, one sentence.
        hint: What to do about it, one sentence; may be empty.
        kind: The stable name of the kind, part of the command line's contract.
        exit_code: What a command that stops with this error exits with.
    """

    kind = "error"
    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class BadInput(AppError):
    """What the user gave cannot be used; says where it stands.

    Attributes:
        file: The file, as the user named it, or "".
        line: The physical line, the first being 1, or None.
        field: The path of the key or the argument, or "".
    """

    kind = "bad_input"
    exit_code = 2

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        file: str = "",
        line: int | None = None,
        field: str = "",
    ) -> None:
        super().__init__(message, hint)
        self.file = file
        self.line = line
        self.field = field


class Unavailable(AppError):
    """Something needed is not there now: a server, the network, a key, a keyring."""

    kind = "unavailable"
    exit_code = 3


class OllamaUnavailable(Unavailable):
    """No Ollama answers at the address."""

    kind = "ollama_unavailable"


class NetworkUnavailable(Unavailable):
    """A host on the network could not be reached.

    Attributes:
        may_have_arrived: Whether the connection broke only after the request was on its way: a
            provider may have answered it, and may charge for it.
    """

    kind = "network_unavailable"

    def __init__(self, message: str, hint: str = "", *, may_have_arrived: bool = False) -> None:
        super().__init__(message, hint)
        self.may_have_arrived = may_have_arrived


class KeyringUnavailable(Unavailable):
    """There is no keyring, it forgets, or it cannot be unlocked."""

    kind = "keyring_unavailable"


class KeyMissing(Unavailable):
    """No key is stored for the provider."""

    kind = "key_missing"


class OutputFailed(Unavailable):
    """The answer could not be written where it was asked for: a full disk behind a redirection."""

    kind = "output_failed"


class KeyRefused(AppError):
    """The provider answered that the key is not valid (any more)."""

    kind = "key_refused"


class ModelNotFound(AppError):
    """The server, registry or provider knows no model of that name."""

    kind = "model_not_found"


class OutOfMemory(AppError):
    """The model does not fit the memory that is free now."""

    kind = "out_of_memory"


class DiskFull(AppError):
    """The volume that should take the files has no room for them."""

    kind = "disk_full"


class PrivacyBlocked(AppError):
    """A privacy lock forbids what was asked: nothing was sent."""

    kind = "privacy_blocked"


class BudgetExceeded(AppError):
    """It may cost more than was agreed to, or than the day's cap leaves: nothing was sent."""

    kind = "budget_exceeded"


class ServerRefused(AppError):
    """A server answered, and its answer is no.

    Attributes:
        status: The HTTP status, or None where the error came inside a stream.
    """

    kind = "server_refused"

    def __init__(self, message: str, hint: str = "", *, status: int | None = None) -> None:
        super().__init__(message, hint)
        self.status = status


class ServerBusy(ServerRefused):
    """A server cannot answer now, or what stands before it cannot reach it; later it may.

    Attributes:
        wait_seconds: How long it asks not to be asked again, or None where it does not say.
    """

    kind = "server_busy"
    exit_code = 3

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        status: int | None = None,
        wait_seconds: float | None = None,
    ) -> None:
        super().__init__(message, hint, status=status)
        self.wait_seconds = wait_seconds


class Interrupted(AppError):
    """An answer or a pull ended before its end: the server died or the stream was cut."""

    kind = "interrupted"


class NotGenuine(AppError):
    """What came is not signed by whom it should be: nothing of it is believed."""

    kind = "not_genuine"


class DatabaseTooNew(AppError):
    """The history file was written by a newer version of this program."""

    kind = "database_too_new"
    exit_code = 3


class SettingsTooNew(AppError):
    """The settings were written by a newer version of this program."""

    kind = "settings_too_new"
    exit_code = 3
