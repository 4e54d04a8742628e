"""Answers as they are made: chat and generate, as streams of stamped events.

The traps of the protocol end here: a stream may end without its last line (then it is aborted, and
no result), text may be empty, thinking stands beside the answer, and a model may be a stub whose
answers come from a cloud.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass
from typing import Any

from landfall.core.errors import PrivacyBlocked
from landfall.core.events import Aborted, Counters, Ended, Piece, RunEvent, Sent
from landfall.core.models.model_names import is_cloud_name
from landfall.services.ollama import answers
from landfall.services.ollama.transport import Transport

NO_END = (
    "the server ended the answer without its last line: the model repeated itself, or produced "
    "bytes that are no text"
)

SAMPLING = {
    "temperature": 0.8,
    "top_k": 40,
    "top_p": 0.9,
    "min_p": 0.0,
    "repeat_last_n": 64,
    "repeat_penalty": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
}
"""What Ollama takes where nobody says (v0.32.15, api/types.go), sent all the same: repeat_penalty
was 1.1 up to 0.24, and a run must mean the same on every server."""

_NANOSECONDS = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How an answer is made. None leaves a value to the model, then to `SAMPLING`.

    Attributes:
        num_ctx: Context length in tokens; always sent, since what a server takes otherwise depends
            on its memory, and leaving it out on a later call would load the model anew.
        num_predict: At most so many tokens.
        num_thread: Threads of the processor; a change loads the model anew.
        num_gpu: Layers on GPUs; a change loads the model anew.
        stop: Texts at which the answer ends.
    """

    num_ctx: int
    num_predict: int | None = None
    seed: int | None = None
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None
    repeat_penalty: float | None = None
    num_thread: int | None = None
    num_gpu: int | None = None
    stop: tuple[str, ...] = ()

    def as_json(self, model_parameters: str = "") -> dict[str, Any]:
        """What is sent: the caller's values, and a default for what neither side sets.

        Args:
            model_parameters: The text under `parameters` of /api/show: the model's own values.
        """
        of_model = {line.split()[0] for line in model_parameters.splitlines() if line.strip()}
        sent = {name: value for name, value in SAMPLING.items() if name not in of_model}
        own = {name: value for name, value in asdict(self).items() if value not in (None, ())}
        return sent | own


def chat(
    transport: Transport,
    model: str,
    *,
    messages: Sequence[Mapping[str, Any]],
    allow_remote: bool = False,
    **fields: Any,
) -> AsyncGenerator[RunEvent, None]:
    """One answer of a conversation; see `streamed` for what is yielded and raised."""
    body = {"model": model, "messages": [dict(message) for message in messages], **fields}
    return streamed(transport, "/api/chat", body=body, allow_remote=allow_remote)


def generate(
    transport: Transport,
    model: str,
    *,
    prompt: str,
    allow_remote: bool = False,
    **fields: Any,
) -> AsyncGenerator[RunEvent, None]:
    """One completion of a prompt; see `streamed` for what is yielded and raised."""
    body = {"model": model, "prompt": prompt, **fields}
    return streamed(transport, "/api/generate", body=body, allow_remote=allow_remote)


async def streamed(
    transport: Transport, path: str, *, body: Mapping[str, Any], allow_remote: bool
) -> AsyncGenerator[RunEvent, None]:
    """`Sent`, then a `Piece` a line with text, then `Ended`; `Aborted` where the end is missing.

    Close the generator (`contextlib.aclosing`) or cancel its task to stop the server: both close
    the connection at once.

    Raises:
        PrivacyBlocked: the model is in a cloud and `allow_remote` is not set.
        AppError: unreachable, refused, out of memory, or the server died on the way.
    """
    model = str(body["model"])
    if not allow_remote:
        refuse_cloud_name(model)
    ended = False
    yield Sent(transport.now())
    async with aclosing(transport.lines(path, {**body, "stream": True})) as lines:
        async for at, line in lines:
            if not allow_remote:
                refuse_remote(line, model)
            for piece in _pieces(at, line):
                yield piece
            if line.get("done") and not ended:
                ended = True
                yield Ended(at, str(line.get("done_reason", "")), counters=counters(line))
    if not ended:
        yield Aborted(transport.now(), NO_END, of_model=True)


def _pieces(at: float, line: Mapping[str, Any]) -> list[Piece]:
    """The text of a line: chat and generate put it in different places."""
    message = answers.table(line.get("message"))
    thinking = message.get("thinking") or line.get("thinking") or ""
    text = message.get("content") or line.get("response") or ""
    thought = [Piece(at, str(thinking), thinking=True)] if thinking else []
    return thought + ([Piece(at, str(text))] if text else [])


def counters(line: Mapping[str, Any]) -> Counters:
    """What a last line counts; nanoseconds become seconds. What is left out was 0 or not known."""
    return Counters(
        total_seconds=_seconds(line.get("total_duration")),
        load_seconds=_seconds(line.get("load_duration")),
        prompt_tokens=answers.whole_number(line.get("prompt_eval_count")),
        prompt_seconds=_seconds(line.get("prompt_eval_duration")),
        output_tokens=answers.whole_number(line.get("eval_count")),
        output_seconds=_seconds(line.get("eval_duration")),
    )


def _seconds(nanoseconds: Any) -> float | None:
    whole = answers.whole_number(nanoseconds)
    return None if whole is None else whole / _NANOSECONDS


def refuse_cloud_name(model: str) -> None:
    """Stop before anything is sent for a name that a server forwards to a cloud.

    Raises:
        PrivacyBlocked: it is such a name.
    """
    if is_cloud_name(model):
        raise PrivacyBlocked(
            f"{model} is a model in a cloud: what is asked of it leaves this machine.",
            "Choose a local model, or allow the cloud explicitly.",
        )


def refuse_remote(answer: Mapping[str, Any], model: str) -> None:
    """Stop at the first sign that an answer comes, or would come, from another machine.

    Raises:
        PrivacyBlocked: the answer of the server names a remote host or model.
    """
    host = answer.get("remote_host") or answer.get("remote_model")
    if host:
        raise PrivacyBlocked(
            f"{model} stands for a model at {host}: what is asked of it leaves this machine.",
            "Choose a local model, or allow the cloud explicitly.",
        )
