"""Steps of the self-test that need no window."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import sys
import tomllib
from pathlib import Path

import landfall
from landfall.core import json_text
from landfall.services import apart, paths, resources

LIBRARIES = (
    "anyio._backends._asyncio",
    "anyio.streams.tls",
    "certifi",
    "encodings.idna",
    "genai_prices.data",
    "h11",
    "http.client",
    "httpcore",
    "httpx",
    "idna",
    "ipaddress",
    "jsonschema",
    "jsonschema_specifications",
    "keyring.backends.chainer",
    "keyring.backends.fail",
    "keyring.backends.null",
    "keyring.backends.Windows",
    "nacl.exceptions",
    "nacl.signing",
    "numpy",
    "ollama",
    "platformdirs",
    "psutil",
    "pydantic",
    "pynvml",
    "pyqtgraph",
    "PySide6.QtCore",
    "PySide6.QtGui",
    "PySide6.QtSvg",
    "PySide6.QtWidgets",
    "referencing",
    "shiboken6",
    "sniffio",
    "textwrap",
    "tomli_w",
    "uuid",
    "yaml",
    "zoneinfo",
)
"""What is imported late somewhere, by us or by a library of ours: a package that lacks one of them
would fail only when a page is opened or a button is pressed."""

_OF_SYSTEM = {
    "linux": ("jeepney", "keyring.backends.kwallet", "keyring.backends.SecretService"),
    "darwin": ("keyring.backends.macOS", "keyring.backends.macOS.api"),
    "win32": ("win32ctypes.pywin32.win32cred", "winreg"),
}

_FAR_ZONE = "Europe/Berlin"
_PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


def modules() -> str:
    """Import every module of ours."""
    names = [
        module.name
        for module in pkgutil.walk_packages(landfall.__path__, "landfall.")
        if not module.name.endswith("__main__")
    ]
    if "landfall.services.resources" not in names:
        raise RuntimeError("the modules of this package cannot be listed")
    for name in names:
        importlib.import_module(name)
    return f"{len(names)} imported"


def libraries() -> str:
    """Import what others give us, and ask for a time zone, which some systems lack."""
    names = (*LIBRARIES, *_OF_SYSTEM.get(sys.platform, ()))
    for name in names:
        importlib.import_module(name)
    zone = importlib.import_module("zoneinfo").ZoneInfo(_FAR_ZONE)
    return f"{len(names)} imported, time zones known ({zone.key})"


def read_resources() -> str:
    """Read every file that comes with the program, and what is made of them."""
    folder = resources.folder()
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        _read(path)
    catalogue = importlib.import_module("landfall.services.models.shipped_catalogue").load()
    rates = importlib.import_module("landfall.services.verdict.rates").load()
    samples = importlib.import_module("landfall.services.verdict.workload_files").samples()
    importlib.import_module("landfall.services.verdict.guide").items()
    if catalogue.problems:
        raise catalogue.problems[0]
    return (
        f"{len(files)} files, {len(catalogue.models)} models, {len(catalogue.machines)} machines, "
        f"{len(rates.rentals)} rental prices, {len(samples)} samples"
    )


def _read(path: Path) -> None:
    """Read a resource as what its name says it is.

    Raises:
        RuntimeError: it is empty or broken.
    """
    data = path.read_bytes()
    if not data:
        raise RuntimeError(f"{path} is empty")
    try:
        match path.suffix:
            case ".json":
                json_text.read(data)
            case ".toml":
                tomllib.loads(data.decode())
            case _:
                pass  # of no form that can be told here
    except ValueError as error:
        raise RuntimeError(f"{path} is broken: {error}") from error


def history() -> str:
    """Bring a history from nothing to the newest form, write, close, open again and read."""
    return asyncio.run(_history())


async def _history() -> str:
    kept = importlib.import_module("landfall.services.history.history").History
    steps = importlib.import_module("landfall.services.history.migrations").MIGRATIONS
    samples = importlib.import_module("landfall.services.verdict.workload_files").saved_samples()
    place = paths.of_user()
    place.make()
    names = []
    for writes in (True, False):
        file = kept(place.database)
        await file.open()
        try:
            if writes:
                await file.save_workload(samples[0])
            names = [one.name for one in await file.workloads()]
        finally:
            await file.close()
    if names != [samples[0].name]:
        raise RuntimeError(f"what was written was not read again: {names}")
    return f"form {len(steps)} made, written and read"


def certificates() -> str:
    """Whom encrypted connections trust: without authorities every one of them is refused."""
    module = importlib.import_module("landfall.services.certificates")
    count = len(module.trusted().get_ca_certs())
    if not count:
        raise RuntimeError("no certificate authority is known here")
    return f"{count} authorities"


def requests() -> str:
    """Ask a server of our own on loopback, with all that a request imports on its way."""
    return asyncio.run(_requests())


async def _requests() -> str:
    httpx = importlib.import_module("httpx")
    trusted = importlib.import_module("landfall.services.certificates").trusted()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_PAGE)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, httpx.AsyncClient(verify=trusted, trust_env=False) as client:
        found = await client.get(f"http://127.0.0.1:{port}/")
    if found.text != "ok":
        raise RuntimeError(f"the answer was {found.text!r}")
    return "one answered on loopback"


def keyring() -> str:
    """Which keyring would be used; nothing is written into it, and nothing is asked for: a locked
    one would show its prompt."""
    module = importlib.import_module("keyring")
    backend = module.get_keyring()
    return f"{type(backend).__module__}.{type(backend).__name__}"


def child() -> str:
    """Start this program again for one computation, as the window does."""
    function = f"{__name__}:{where_am_i.__name__}"
    found = asyncio.run(apart.call(function, landfall.__version__))
    if found != where_am_i(landfall.__version__):
        raise RuntimeError(f"the child is another program: {found}")
    return "answered from the same place"


def where_am_i(version: str) -> tuple[str, str, str]:
    """In the child: what it was given, its own version, and where it runs from."""
    return version, landfall.__version__, str(Path(landfall.__file__).resolve().parent)
