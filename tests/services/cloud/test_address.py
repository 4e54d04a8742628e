from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.errors import BadInput
from landfall.core.hosts.host_names import is_loopback
from landfall.core.settings import Settings
from landfall.services import cloud
from landfall.services.cloud.address import Address, choose, parse, readable_host


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"])
def test_this_machine_is_recognised(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["localhost.evil.example", "10.0.0.1", "0.0.0.0", "example.com"])
def test_other_machines_are_not_this_one(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "url",
    [
        "api.openai.com/v1",
        "ftp://host/v1",
        "https://",
        "https://user:pass@host/v1",
        "https://host/v1?key=1",
        "https://host/v1#x",
        "https://ho st/v1",
        "https://[::1/v1",
        "https://host:99999/v1",
    ],
)
def test_what_is_no_base_address_is_refused(url: str) -> None:
    with pytest.raises(BadInput) as error:
        parse(url, field="--base-url")
    assert error.value.field == "--base-url"


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2@host/v1",
        "https://user:hunt/er2@host/v1",
        "https://user:hunt?er2@host/v1",
        "https://user:hunt#er2@host/v1",
        "https://hunt/er2@host/v1",
        "ftp://user:hunter2@host",
        "user:hunter2@host",
        "ftp://host/?key=hunter2",
        "https://host/v1?key=hunter2",
        "https://host/v1#hunter2",
    ],
)
def test_a_password_in_the_address_is_not_repeated(url: str) -> None:
    with pytest.raises(BadInput, match="carries more than host and path") as error:
        parse(url, field="--base-url")
    assert "hunt" not in str(error.value)
    assert "user" not in error.value.message


def test_plain_http_goes_to_a_host_that_was_allowed_and_to_no_other_port_or_name_of_it() -> None:
    settings = replace(Settings(), plain_http_hosts=("box.lan:8000",))

    def where(url: str) -> Address:
        return cloud.address_of(
            cloud.find("custom"), settings=settings, environment={"CUSTOM_BASE_URL": url}
        )

    assert where("http://box.lan:8000/v1").url == "http://box.lan:8000/v1"
    assert where("http://BOX.lan:8000/v1").url.endswith("/v1")
    for other in ("http://box.lan/v1", "http://box.lan:8001/v1", "http://evil.box.lan:8000/v1"):
        with pytest.raises(BadInput, match="plain http"):
            where(other)


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("http://box.lan:8000/v1", "box.lan:8000"),
        ("https://box.lan/v1", ""),
        ("http://127.0.0.1:11434/v1", ""),
        ("http://[fd00::1]:80/v1", "[fd00::1]:80"),
    ],
)
def test_where_a_key_could_be_read_on_the_way_is_known(typed: str, host: str) -> None:
    assert readable_host(typed) == host


def test_plain_http_goes_to_this_machine_alone_unless_it_is_allowed() -> None:
    assert parse("http://127.0.0.1:8080/v1/", field="f") == "http://127.0.0.1:8080/v1"
    with pytest.raises(BadInput, match="plain http"):
        parse("http://192.168.1.5:8080/v1", field="f")
    assert parse("http://192.168.1.5:8080/v1", field="f", plain_http=True)


def test_argument_beats_variable_beats_setting_beats_default() -> None:
    def chosen(argument: str | None, variable: str, setting: str | None) -> Address:
        return choose(
            "https://default/v1",
            argument=argument,
            variables=("X_BASE_URL",),
            environment={"X_BASE_URL": variable},
            setting=setting,
        )

    assert chosen("https://a/v1", "https://b/v1", "https://c/v1").origin == "--base-url"
    assert chosen(None, "https://b/v1", "https://c/v1") == Address("https://b/v1", "X_BASE_URL")
    assert chosen(None, "", "https://c/v1") == Address("https://c/v1", "settings")
    assert not chosen(None, "", None).moved


def test_anthropics_variable_works_with_and_without_the_version_in_its_path() -> None:
    row = cloud.find("anthropic")
    for value in ("https://gate.example", "https://gate.example/v1"):
        environment = {"ANTHROPIC_BASE_URL": value}
        where = cloud.address_of(row, settings=Settings(), environment=environment)
        assert where.join("messages") == "https://gate.example/v1/messages"


def test_paths_are_resolved_as_links_are() -> None:
    where = Address("https://host/inference/v1")
    assert where.join("models") == "https://host/inference/v1/models"
    assert where.join("/v1/accounts") == "https://host/v1/accounts"
    assert where.join("../models") == "https://host/inference/models"


def test_a_custom_provider_without_an_address_says_which_argument_is_missing() -> None:
    with pytest.raises(BadInput) as error:
        cloud.address_of(cloud.find("custom"), settings=Settings(), environment={})
    assert error.value.field == "--base-url"
