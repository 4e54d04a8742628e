"""Makes tiny models that say a known text: real GGUF files that a real server loads and runs.

How a transformer is made to recite: the piece number k of the text lies on axis k of the
embedding, every other token on the last axis; attention and feed-forward are zero, so that the
residual carries the embedding through; the output matrix maps axis k to piece k + 1 and the last
axis to the first piece. Whatever is asked, the answer is the text, token by token, then its end.

The files are the same bytes each time. Two keys of our own, which servers ignore, hold the text, so
that the protocol twin can answer from the same file.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import gguf
import numpy as np

PIECES_KEY = "landfall.script.pieces"
LOOP_KEY = "landfall.script.loop"

CHATML = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + "
    "'<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}"
    "{% endif %}"
)
"""Word for word the template that Ollama knows as `chatml`: then `create` adds its stop words."""

STORY = (
    "The lighthouse keeper counts ships: one brig, two ketches, zero ghosts. "
    "Tonight's log reads: naïve wind, 7 °C, a crate marked 東京, and one 🚀 that never flew.\n"
    "He underlines “never” twice and goes to bed."
)
THOUGHT = "Which ship was last? The ketch, at dusk."
CONCLUSION = "It was a brig named Perhaps."

THINK_TEMPLATE = (
    '{{- range .Messages }}<|im_start|>{{ .Role }}\n{{ if and .Thinking (eq .Role "assistant") }}'
    "<think>{{ .Thinking }}</think>{{ end }}{{ .Content }}<|im_end|>\n{{ end }}"
    "<|im_start|>assistant\n"
)
"""A template that mentions thinking is what makes Ollama take a model for one that thinks."""

_CONTROL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_END = 0
_PAIRS = ("t h", "i n", "e r", "a n")
_GAIN = 20.0
_WIDTH = 256
_HEADS = 4
_KV_HEADS = 2
_FEED = 256
CONTEXT = 4096
_EMBEDDER_CONTEXT = 512


@dataclass(frozen=True, slots=True)
class TinyModel:
    """One file and what it says. Ollama counts one token more than there are pieces: the end."""

    name: str
    path: Path
    text: str
    pieces: tuple[str, ...]
    loop: bool = False
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def digest(self) -> str:
        return "sha256:" + hashlib.sha256(self.path.read_bytes()).hexdigest()


@cache
def _byte_names() -> tuple[str, ...]:
    """The printable stand-ins that GPT-2 vocabularies use for the 256 bytes."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = iter(range(256, 512))
    return tuple(chr(b) if b in printable else chr(next(others)) for b in range(256))


def _spelled(text: str) -> str:
    return "".join(_byte_names()[byte] for byte in text.encode())


def cut(text: str, *, size: int = 4) -> tuple[str, ...]:
    """The text in pieces of about `size` characters, no two alike: each is a token of its own."""
    pieces: list[str] = []
    at = 0
    while at < len(text):
        end = at + size
        while text[at:end] in pieces and end < len(text):
            end += 1
        if len(text) - end < 2:
            end = len(text)
        pieces.append(text[at:end])
        at = end
    assert len(set(pieces)) == len(pieces), "the last piece repeats an earlier one"
    return tuple(pieces)


def write_speaker(path: Path, *, pieces: tuple[str, ...], loop: bool = False) -> None:
    """A model that says the pieces in order and then ends, or begins again for ever."""
    tokens = [*_CONTROL, *_byte_names(), *(pair.replace(" ", "") for pair in _PAIRS)]
    first = len(tokens)
    tokens += [_spelled(piece) for piece in pieces]
    assert len(set(tokens)) == len(tokens), "a piece is also a byte or a pair: cut it longer"
    types = [gguf.TokenType.CONTROL] * len(_CONTROL)
    types += [gguf.TokenType.NORMAL] * (len(tokens) - len(_CONTROL))
    while len(tokens) % 32:
        tokens.append(f"<|spare{len(tokens)}|>")
        types.append(gguf.TokenType.UNUSED)

    writer = gguf.GGUFWriter(str(path), "llama")
    _describe(writer, path.stem, vocabulary=len(tokens))
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_head_count_kv(_KV_HEADS)
    writer.add_rope_dimension_count(_WIDTH // _HEADS)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(list(_PAIRS))
    writer.add_bos_token_id(_END)
    writer.add_eos_token_id(_END)
    writer.add_eot_token_id(2)
    writer.add_pad_token_id(_END)
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHATML)
    writer.add_array(PIECES_KEY, list(pieces))
    writer.add_bool(LOOP_KEY, loop)
    _write_tensors(writer, _script(len(tokens), first, len(pieces), loop=loop) | _silent_block())


def _describe(
    writer: gguf.GGUFWriter, name: str, *, vocabulary: int, context: int = CONTEXT
) -> None:
    writer.add_type("model")
    writer.add_name(name)
    writer.add_description("synthetic, for tests; nothing was trained")
    writer.add_license("CC0-1.0")
    writer.add_file_type(int(gguf.LlamaFileType.MOSTLY_F16))
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_vocab_size(vocabulary)
    writer.add_context_length(context)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(_FEED)
    writer.add_head_count(_HEADS)


def _script(vocabulary: int, first: int, length: int, *, loop: bool) -> dict[str, np.ndarray]:
    """Embedding and output matrix: piece k is followed by piece k + 1."""
    assert length < _WIDTH, "the text has more pieces than the embedding has axes"
    start = _WIDTH - 1
    embedding = np.zeros((vocabulary, _WIDTH), np.float16)
    embedding[:, start] = 1.0
    output = np.zeros((vocabulary, _WIDTH), np.float16)
    output[first, start] = _GAIN
    for k in range(length):
        embedding[first + k] = 0.0
        embedding[first + k, k] = 1.0
        last = k + 1 == length
        follower = (first if loop else _END) if last else first + k + 1
        output[follower, k] = _GAIN
    norm = np.full(_WIDTH, _WIDTH**-0.5, np.float32)
    return {"token_embd.weight": embedding, "output_norm.weight": norm, "output.weight": output}


def _silent_block() -> dict[str, np.ndarray]:
    """One layer that adds nothing to what passes through it."""
    kv_width = _WIDTH // _HEADS * _KV_HEADS
    shapes = {
        "attn_q": (_WIDTH, _WIDTH),
        "attn_k": (kv_width, _WIDTH),
        "attn_v": (kv_width, _WIDTH),
        "attn_output": (_WIDTH, _WIDTH),
        "ffn_gate": (_FEED, _WIDTH),
        "ffn_up": (_FEED, _WIDTH),
        "ffn_down": (_WIDTH, _FEED),
    }
    block = {f"blk.0.{name}.weight": np.zeros(shape, np.float16) for name, shape in shapes.items()}
    for name in ("attn_norm", "ffn_norm"):
        block[f"blk.0.{name}.weight"] = np.ones(_WIDTH, np.float32)
    return block


def _write_tensors(writer: gguf.GGUFWriter, tensors: dict[str, np.ndarray]) -> None:
    for name, tensor in tensors.items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_embedder(path: Path) -> None:
    """A BERT with one word vector for each word: the mean of the words is the embedding."""
    letters = [chr(code) for code in range(33, 127) if not chr(code).isupper()]
    words = ["harbour", "ship", "sail", "bread", "cheese", "the", "and", "of", "a"]
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    special = len(tokens)
    tokens += [f"\u2581{letter}" for letter in letters] + letters
    tokens += [f"\u2581{word}" for word in words if len(word) > 1]
    types = [gguf.TokenType.CONTROL] * special
    types += [gguf.TokenType.NORMAL] * (len(tokens) - special)

    writer = gguf.GGUFWriter(str(path), "bert")
    _describe(writer, path.stem, vocabulary=len(tokens), context=_EMBEDDER_CONTEXT)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)  # by this Ollama knows an embedding model
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_type_count(2)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_bos_token_id(2)
    writer.add_eos_token_id(3)
    writer.add_unk_token_id(1)
    writer.add_sep_token_id(3)
    writer.add_pad_token_id(0)
    writer.add_mask_token_id(4)
    writer.add_uint32("tokenizer.ggml.cls_token_id", 2)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(True)
    _write_tensors(writer, _word_vectors(len(tokens)))


def _word_vectors(vocabulary: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(7)
    tensors: dict[str, np.ndarray] = {
        "token_embd.weight": random.normal(0, 1, (vocabulary, _WIDTH)).astype(np.float16),
        "position_embd.weight": np.zeros((_EMBEDDER_CONTEXT, _WIDTH), np.float32),
        "token_types.weight": np.zeros((2, _WIDTH), np.float32),
    }

    def layer_norm(name: str) -> None:
        tensors[f"{name}.weight"] = np.ones(_WIDTH, np.float32)
        tensors[f"{name}.bias"] = np.zeros(_WIDTH, np.float32)

    def linear(name: str, rows: int, columns: int) -> None:
        tensors[f"blk.0.{name}.weight"] = np.zeros((rows, columns), np.float16)
        tensors[f"blk.0.{name}.bias"] = np.zeros(rows, np.float32)

    layer_norm("token_embd_norm")
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        linear(name, _WIDTH, _WIDTH)
    layer_norm("blk.0.attn_output_norm")
    linear("ffn_up", _FEED, _WIDTH)
    linear("ffn_down", _WIDTH, _FEED)
    layer_norm("blk.0.layer_output_norm")
    return tensors


def make(folder: Path) -> dict[str, TinyModel]:
    """The whole set, by name; files that are there already are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    count = " ".join(f"{number:03d}" for number in range(1, 101)) + " "
    thought = ("<think>", *cut(f"\n{THOUGHT}\n"), "</think>", *cut(f"\n\n{CONCLUSION}"))
    template = (("template", THINK_TEMPLATE),)
    speakers = (
        _speaker(folder, "tiny-story", cut(STORY)),
        _speaker(folder, "tiny-count", cut(count), loop=True),
        _speaker(folder, "tiny-thinker", thought, fields=template),
    )
    embedder = TinyModel("tiny-embedder", folder / "tiny-embedder.gguf", "", ())
    if not embedder.path.exists():
        write_embedder(embedder.path)
    return {model.name: model for model in (*speakers, embedder)}


def _speaker(
    folder: Path,
    name: str,
    pieces: tuple[str, ...],
    *,
    loop: bool = False,
    fields: tuple[tuple[str, str], ...] = (),
) -> TinyModel:
    path = folder / f"{name}.gguf"
    if not path.exists():
        write_speaker(path, pieces=pieces, loop=loop)
    return TinyModel(name, path, "".join(pieces), pieces, loop, fields)
