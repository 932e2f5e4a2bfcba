"""Embedders: what is near what, and what happens when an endpoint fails."""

import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import BadConfiguration, ModelError, ModelRateLimited, ModelRejected, ModelTimeout, ModelUnavailable
from memory.embedders.code_record import CodePiece, CodeRecordEmbedder, as_text, code_records, from_text
from memory.embedders.embedded import EmbeddedEmbedder, embed
from memory.embedders.gemini import GeminiEmbedder
from memory.embedders.openai_compatible import OpenAICompatibleEmbedder, embeddings_url
from settings import HOME
from tests.memory.embedding_server import DIMENSION, EmbeddingServer

SECRET = "sk-embedding-0123456789"
Remote = OpenAICompatibleEmbedder | GeminiEmbedder


def openai(url: str, deadline_s: float = 5.0) -> Remote:
    return OpenAICompatibleEmbedder(
        base_url=url, model="qwen", dimension=DIMENSION, api_key=SECRET, deadline_s=deadline_s
    )


def gemini(url: str, deadline_s: float = 5.0) -> Remote:
    return GeminiEmbedder(api_key=SECRET, base_url=url, dimension=DIMENSION, deadline_s=deadline_s)


both = pytest.mark.parametrize("embedder_at", [openai, gemini])


def cosine(left: str, right: str) -> float:
    one, other = embed([left, right])
    return float(one @ other)


@pytest.mark.parametrize(
    ("near", "text", "far"),
    [
        ("grappling a creature", "a grappled creature has speed 0", "a bucket for the logs"),
        ("s3 bucket logging", "aws_s3_bucket with logging switched on", "how far a fireball reaches"),
        ("Concentrtion check", "concentration checks after damage", "condition of the road"),
        ("who runs the tuesday game", "Tuesday's game is run by Torv", "the wednesday menu"),
        ("LAST-MODIFIED header", "last modified header", "first unchanged footer"),
    ],
)
def test_a_text_is_nearer_to_one_in_its_words_or_nearly_than_to_another(near: str, text: str, far: str) -> None:
    assert cosine(near, text) > cosine(near, far) + 0.1


def test_the_same_text_has_the_same_vector_in_another_process() -> None:
    script = "from memory.embedders.embedded import embed; print(embed(['Mira casts bless'])[0].tobytes().hex())"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=HOME, capture_output=True, text=True, check=True, timeout=60
    )
    assert bytes.fromhex(done.stdout) == embed(["Mira casts bless"])[0].tobytes()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=())), max_size=4))
def test_any_text_has_a_vector_of_length_one_or_none(texts: list[str]) -> None:
    vectors = embed(texts)
    assert vectors.shape == (len(texts), 384) and vectors.dtype == np.float32
    for vector in vectors:
        assert abs(float(vector @ vector) - 1) < 1e-4 or not vector.any()


def test_a_hostile_text_costs_bounded_time() -> None:
    began = time.process_time()
    embed(["x" * 1_000_000, "a b " * 500_000, "ﷺ" * 100_000])
    assert time.process_time() - began < 2


async def test_the_embedded_embedder_keeps_the_loop_free() -> None:
    vectors = await EmbeddedEmbedder().embed(["one", "two"])
    assert vectors.shape == (2, 384)


def test_nothing_numeric_is_loaded_before_the_first_text() -> None:
    script = (
        "import sys, memory.contracts, memory.embedders.embedded, memory.embedders.code_record\n"
        "print('numpy' in sys.modules, 'tree_sitter' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=HOME, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["False", "False"]


# -- endpoints


@both
async def test_an_endpoint_gives_unit_vectors_in_the_order_of_the_texts(embedder_at: Callable[[str], Remote]) -> None:
    async with EmbeddingServer() as server:
        embedder = embedder_at(server.url)
        texts = [f"text number {at}" for at in range(150)]
        vectors = await embedder.embed(texts)
        again = np.concatenate([await embedder.embed([text]) for text in texts[::50]])
        await embedder.close()
        assert vectors.shape == (150, DIMENSION)
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        assert np.allclose(vectors[::50], again)
        assert len(server.requests) == 3 + 3  # 150 texts go in three requests


@both
async def test_no_texts_need_no_request(embedder_at: Callable[[str], Remote]) -> None:
    async with EmbeddingServer() as server:
        embedder = embedder_at(server.url)
        assert (await embedder.embed([])).shape == (0, DIMENSION)
        assert not server.requests


@both
async def test_empty_and_broken_texts_are_sent_as_something_servers_take(embedder_at: Callable[[str], Remote]) -> None:
    async with EmbeddingServer() as server:
        embedder = embedder_at(server.url)
        assert (await embedder.embed(["", "  ", "\ud800", "y" * 50_000])).shape == (4, DIMENSION)
        assert max(len(str(body)) for _, _, body in server.requests) < 10_000
        await embedder.close()


@pytest.mark.parametrize(
    ("mood", "error"),
    [
        ("rate", ModelRateLimited),
        ("down", ModelUnavailable),
        ("key", ModelRejected),
        ("redirect", ModelRejected),
        ("garbage", ModelUnavailable),
        ("huge", ModelUnavailable),
        ("stall", ModelTimeout),
        ("short", ModelRejected),
        ("few", ModelRejected),
        ("infinite", ModelRejected),
    ],
)
@both
async def test_a_failing_endpoint_is_named_without_what_it_said(
    embedder_at: Callable[[str, float], Remote], mood: str, error: type[ModelError]
) -> None:
    async with EmbeddingServer(mood) as server:
        embedder = embedder_at(server.url, 0.5 if mood == "stall" else 20.0)
        with pytest.raises(error) as caught:
            await embedder.embed(["My private words", "and more"])
        await embedder.close()
        for secret in (SECRET, "sk-123", "private"):
            assert secret not in str(caught.value)


@both
async def test_a_server_that_is_not_there_is_said_to_be_unavailable(embedder_at: Callable[[str], Remote]) -> None:
    async with EmbeddingServer() as server:
        url = server.url
    embedder = embedder_at(url)
    with pytest.raises(ModelUnavailable):
        await embedder.embed(["anyone there"])
    await embedder.close()
    await embedder.close()


async def test_the_key_goes_in_a_header_and_never_in_an_address() -> None:
    async with EmbeddingServer() as server:
        for embedder in (openai(server.url), gemini(server.url)):
            await embedder.embed(["x"])
            await embedder.close()
        (path, headers, _), (other_path, other_headers, _) = server.requests
        assert path == "/v1/embeddings" and headers["Authorization"] == f"Bearer {SECRET}"
        assert other_path == "/v1beta/models/gemini-embedding-001:batchEmbedContents"
        assert other_headers["x-goog-api-key"] == SECRET


async def test_a_server_can_be_asked_how_long_its_vectors_are() -> None:
    async with EmbeddingServer() as server:
        embedder = OpenAICompatibleEmbedder(base_url=server.url, model="qwen", dimension=0)
        assert await embedder.probe() == DIMENSION
        await embedder.close()


@pytest.mark.parametrize("base", ["http://h/v1", "http://h/v1/", "http://h", "http://h/v1/chat/completions"])
def test_the_address_is_found_however_the_operator_writes_it(base: str) -> None:
    assert embeddings_url(base) == "http://h/v1/embeddings"


def test_a_metadata_address_is_refused() -> None:
    with pytest.raises(BadConfiguration):
        embeddings_url("http://169.254.169.254/v1")


# -- the code record

LOOP = "def total(items):\n    s = 0\n    for item in items:\n        s += item.price\n    return s\n"
RENAMED = (
    LOOP.replace("total", "weight_of").replace("items", "parcels").replace("item", "parcel").replace("price", "kilos")
)
OTHER = "class Parser:\n    def __init__(self, text):\n        self.text = text\n\n    def next(self):\n        return self.text[0]\n"


def near(left: CodePiece, right: CodePiece, start: int = 0, end: int = 1_536) -> float:
    one, other = (row[start:end] for row in code_records([left, right]))
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other) or 1))


def test_code_with_other_names_is_the_same_in_structure_and_different_in_words() -> None:
    left, right = CodePiece("a.py", LOOP), CodePiece("a.py", RENAMED)
    assert near(left, right, 512, 768) > 0.99
    assert near(left, right, 0, 512) < 0.5  # def, for, in, return and s remain
    assert near(left, right) > near(left, CodePiece("a.py", OTHER)) + 0.2


def test_each_channel_has_its_share_of_a_record() -> None:
    (row,) = code_records([CodePiece("shop/cart.py", LOOP)])
    shares = [
        float(row[start:end] @ row[start:end])
        for start, end in ((0, 512), (512, 768), (768, 1024), (1024, 1280), (1280, 1536))
    ]
    assert shares == pytest.approx([0.40, 0.25, 0.10, 0.15, 0.10], abs=1e-3)


def test_a_loop_within_a_loop_shows_in_the_performance_channel() -> None:
    nested = LOOP.replace("        s += item.price\n", "        for part in item:\n            s += part.price\n")
    flat, deep = CodePiece("a.py", LOOP), CodePiece("a.py", nested)
    assert near(flat, deep, 768, 1024) < 0.95
    assert near(flat, CodePiece("a.py", RENAMED), 768, 1024) > 0.99


@pytest.mark.parametrize("path", ["a.py", "a.ts", "a.tsx", "a.js", "a.go", "a.rs", "main.tf", "notes.unknown", ""])
def test_every_language_and_none_gives_a_record(path: str) -> None:
    (row,) = code_records([CodePiece(path, LOOP)])
    assert row @ row == pytest.approx(1, abs=1e-3)


async def test_a_record_goes_through_its_text() -> None:
    piece = CodePiece("shop/cart.py", LOOP)
    assert from_text(as_text(piece)) == piece
    assert (await CodeRecordEmbedder().embed([as_text(piece)])) == pytest.approx(code_records([piece]))


def test_empty_and_endless_code_is_no_trouble() -> None:
    began = time.process_time()
    rows = code_records(
        [CodePiece("a.py", "  \n"), CodePiece("a.py", "((" * 200_000), CodePiece("a.py", "x = 1\n" * 60_000)]
    )
    assert not rows[0].any() and rows[1].any() and rows[2].any()
    assert time.process_time() - began < 5
