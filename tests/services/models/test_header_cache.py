from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landfall.core.errors import BadInput
from landfall.core.models.gguf import Header, read_header
from landfall.core.models.repository import RepositoryFile, read_listing
from landfall.services.models.header_cache import (
    HeaderCache,
    Manifest,
    parse_reference,
    read_manifest,
)
from tests.fakes.gguf_files import small

DIGEST = "sha256:" + "ab" * 32
LAYER = {"mediaType": "application/vnd.ollama.image.model", "digest": DIGEST, "size": 9}
MANIFEST = {"schemaVersion": 2, "config": LAYER, "layers": [LAYER, dict(LAYER)]}
FILE = {"type": "file", "path": "m-Q8_0.gguf", "size": 5, "lfs": {"oid": "ab" * 32, "size": 9}}
LISTING = [FILE, {"type": "directory", "path": "x", "size": 0}]

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([1 << 70, -1, "", DIGEST, "sha256:", "\x1b[2J"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something else can stand in a document."""
    if path:
        yield path
    inner = document.items() if isinstance(document, dict) else ()
    inner = enumerate(document) if isinstance(document, list) else inner
    for key, value in inner:
        yield from places(value, (*path, key))


def spoilt(document: Any, data: st.DataObject) -> Any:
    """A copy in which something else stands somewhere."""
    fresh = copy.deepcopy(document)
    *before, last = data.draw(st.sampled_from(list(places(fresh))))
    holder = fresh
    for key in before:
        holder = holder[key]
    holder[last] = data.draw(ANYTHING)
    return fresh


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_that_a_manifest_with_anything_in_it_is_one_or_is_refused(data: st.DataObject) -> None:
    text = json.dumps(spoilt(MANIFEST, data))
    read: Manifest | BadInput
    try:
        read = read_manifest(text, "x")
    except BadInput as refused:
        read = refused
    assert isinstance(read, BadInput) or all(layer.size_bytes >= 0 for layer in read.layers)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_that_a_list_of_files_with_anything_in_it_is_read_as_far_as_it_is_one(
    data: st.DataObject,
) -> None:
    files = read_listing(json.dumps(spoilt(LISTING, data)).encode(), "x")
    assert all(isinstance(file, RepositoryFile) and file.size_bytes >= 0 for file in files)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[HeaderCache, Path, Any]:
    """A cache that holds one header, its file, and what is written there."""
    cache = HeaderCache(tmp_path_factory.mktemp("cache"))
    cache.keep_header("hf.co", DIGEST, read_header(small(layers=1)))
    (path,) = cache.folder.rglob("*.json")
    return cache, path, json.loads(path.read_text())


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_that_a_kept_header_with_anything_in_it_is_one_or_was_never_read(
    kept: tuple[HeaderCache, Path, Any], data: st.DataObject
) -> None:
    cache, path, document = kept
    path.write_text(json.dumps(spoilt(document, data)))
    header = cache.header("hf.co", DIGEST)
    assert header is None or isinstance(header, Header)


def test_that_a_header_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    header = read_header(small(metadata={"a": [True, False], "tokenizer.ggml.tokens": ["x", "y"]}))
    cache = HeaderCache(tmp_path)
    cache.keep_header("127.0.0.1:5050", DIGEST, header)
    assert cache.header("127.0.0.1:5050", DIGEST) == header
    assert cache.header("hf.co", DIGEST) is None


REFERENCE = parse_reference("hf.co/someone/model:Q8_0")


def schema_set(folder: Path, schema: int | None) -> None:
    """Every file of the cache as another version would have written it."""
    for path in folder.rglob("*.json"):
        document = json.loads(path.read_text())
        document.pop("schema")
        path.write_text(json.dumps(document if schema is None else document | {"schema": schema}))


@pytest.mark.parametrize(("schema", "is_read"), [(None, True), (1, True), (0, False), (2, False)])
def test_that_a_cache_of_another_schema_is_as_good_as_none_and_is_made_anew(
    tmp_path: Path, schema: int | None, is_read: bool
) -> None:
    cache, header = HeaderCache(tmp_path), read_header(small())
    manifest = read_manifest(json.dumps(MANIFEST), "model", fetched_at="2026-11-26T10:00:00Z")
    cache.keep_header("hf.co", DIGEST, header)
    cache.keep_manifest(REFERENCE, manifest)
    schema_set(tmp_path, schema)
    assert cache.header("hf.co", DIGEST) == (header if is_read else None)
    assert cache.manifest(REFERENCE) == (manifest if is_read else None)
    cache.keep_header("hf.co", DIGEST, header)
    cache.keep_manifest(REFERENCE, manifest)
    assert cache.header("hf.co", DIGEST) == header
    assert cache.manifest(REFERENCE) == manifest
