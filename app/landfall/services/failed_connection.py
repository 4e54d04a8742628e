"""Why there is no connection, in words: the system's own have a number in front, and no other
language."""

from __future__ import annotations

import errno
import os
import re
import socket
from collections.abc import Iterator

_NO_NAME = tuple(
    getattr(socket, name) for name in ("EAI_NONAME", "EAI_NODATA") if hasattr(socket, name)
)
_NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN)
_NO_WAY_OF_WINDOWS = (1231, 1232)  # ERROR_NETWORK_UNREACHABLE, ERROR_HOST_UNREACHABLE
_NUMBER = re.compile(r"\[(?:Errno|WinError) (-?\d+)\] *")


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and all that it came from; a host of several addresses fails once at each."""
    while error is not None:
        yield error
        for one in getattr(error, "exceptions", ()):
            yield from causes(one)
        error = error.__cause__ or error.__context__


def is_unknown_name(error: BaseException) -> bool:
    """Whether nobody knows the name of the host."""
    return any(isinstance(one, socket.gaierror) and one.errno in _NO_NAME for one in causes(error))


def is_without_name_server(error: BaseException) -> bool:
    """Whether nobody could be asked for the name of the host, as on a Linux that is offline."""
    again = getattr(socket, "EAI_AGAIN", None)
    return any(isinstance(one, socket.gaierror) and one.errno == again for one in causes(error))


def is_refused(error: BaseException) -> bool:
    """Whether nobody listens on the port."""
    return any(isinstance(one, ConnectionRefusedError) for one in causes(error))


def is_out_of_reach(error: BaseException) -> bool:
    """Whether no network leads there."""
    return any(
        isinstance(one, OSError)
        and (one.errno in _NO_WAY or getattr(one, "winerror", None) in _NO_WAY_OF_WINDOWS)
        for one in causes(error)
    )


def why(error: BaseException) -> str:
    """The reason within a sentence; where none of ours fits, what the system says."""
    if is_unknown_name(error):
        return "its name is not found"
    if is_without_name_server(error):
        return "no name server answers"
    if is_refused(error):
        return "nobody listens on its port"
    if is_out_of_reach(error):
        return "there is no way to it"
    # asyncio names the number, and the port again, once for each address.
    numbers = {int(number) for number in _NUMBER.findall(str(error))}
    if len(numbers) == 1 and min(numbers) > 0:  # what is below nothing belongs to getaddrinfo
        said = os.strerror(numbers.pop()).lower()
        if not said.startswith("unknown error"):  # as Windows says of 10013
            return said
    return getattr(error, "strerror", None) or _NUMBER.sub("", str(error))
