"""Where a provider is reached, who moved it there, and whether a key may travel that way."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from landfall.core.errors import BadInput
from landfall.core.hosts.host_names import is_loopback

MOVED_BY_DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Address:
    """The base address of a provider.

    Attributes:
        url: Without a trailing slash.
        origin: Who said so: "default", "--base-url", the name of a variable, or "settings".
    """

    url: str
    origin: str = MOVED_BY_DEFAULT

    @property
    def moved(self) -> bool:
        """Whether this is not the provider's own address."""
        return self.origin != MOVED_BY_DEFAULT

    @property
    def host(self) -> str:
        """Host and, where it is not the usual one, port."""
        return urlsplit(self.url).netloc

    def join(self, path: str) -> str:
        """An address below this one, resolved as a link is.

        "models" lies below the base, "/v1/accounts" at the host's root, "../models" beside the
        last part of the base.
        """
        return urljoin(self.url + "/", path)


def parse(
    text: str,
    *,
    field: str,
    plain_http: bool = False,
    plain_http_hosts: Collection[str] = (),
    path_if_none: str = "",
) -> str:
    """A base address as typed, checked.

    Args:
        text: As typed.
        field: Which argument or setting it is, for the error.
        plain_http: Whether http to another machine is allowed; the user has been warned.
        plain_http_hosts: Hosts, with their ports, to which it was allowed before.
        path_if_none: Appended where the address does not end in it already ("/v1").

    Raises:
        BadInput: not an http(s) address, carries a password, a query or a fragment, or would send
            the key in the clear.
    """
    url = text.strip().rstrip("/")
    parts = _split(url, field)
    allowed = plain_http or parts.netloc.lower() in plain_http_hosts
    if _is_readable(parts) and not allowed:
        raise BadInput(
            f"{url} is plain http: the key would be readable on the way.",
            "Use https, or allow plain http for a host in your own network (--insecure).",
            field=field,
        )
    return url if not path_if_none or parts.path.endswith(path_if_none) else url + path_if_none


def readable_host(text: str) -> str:
    """The host to which a key would travel unencrypted at such an address; "" where it would not.

    Raises:
        BadInput: not an address at all.
    """
    parts = _split(text.strip().rstrip("/"), "base_urls")
    return parts.netloc.lower() if _is_readable(parts) else ""


def _is_readable(parts: SplitResult) -> bool:
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


def _split(url: str, field: str) -> SplitResult:
    if any(sign in url for sign in "@?#"):
        # Not repeated, not even its host: a password with "/", "?" or "#" in it ends where nobody
        # can tell.
        raise BadInput(
            "The base address carries more than host and path.",
            "Leave out user, password, query and fragment; the key goes into the keyring.",
            field=field,
        )
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or any(char.isspace() for char in url):
        raise BadInput(
            f"{url!r} is not the address of a provider.",
            "It looks like https://host/v1.",
            field=field,
        )
    return parts


def choose(
    default: str,
    *,
    argument: str | None = None,
    variables: tuple[str, ...] = (),
    environment: Mapping[str, str],
    setting: str | None = None,
    plain_http: bool = False,
    plain_http_hosts: Collection[str] = (),
    path_if_none: str = "",
) -> Address:
    """The base address that holds: argument before variable before setting before default.

    Raises:
        BadInput: see `parse`; or there is none at all.
    """
    offers = [
        ("--base-url", argument),
        *((name, environment.get(name)) for name in variables),
        ("settings", setting),
    ]
    for origin, text in offers:
        if text and text.strip():
            field = "base_urls" if origin == "settings" else origin
            url = parse(
                text,
                field=field,
                plain_http=plain_http,
                plain_http_hosts=plain_http_hosts,
                path_if_none=path_if_none,
            )
            return Address(url, origin)
    if not default:
        raise BadInput(
            "This provider has no address of its own.",
            "Say where it is, in the window or with"
            " `landfall key set PROVIDER --base-url https://host/v1`.",
            field="--base-url",
        )
    return Address(default)
