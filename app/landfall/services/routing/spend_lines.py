"""The callback of an exported router that writes its spend log without a database.

LiteLLM keeps its spend logs in PostgreSQL alone. The callback appends the same rows (the proxy's
own `get_logging_payload`, read in litellm 1.106.12) to a file, one JSON object a line, for
`landfall import`: only the columns of numbers, names and times. What may hold words of a prompt or
an answer (messages, response, the request, errors, free metadata, the user's address) is not among
them. Failed calls are written too, without their text. One thing is added, for the log itself names
the group that answered: which of the configured aliases the client asked for.
"""

from __future__ import annotations

from landfall.core.routing.folder_text import NewFile

FILE = "spend_lines.py"
CALLBACK = "spend_lines.writer"
VARIABLE = "LANDFALL_SPEND_LOG"

_TEXT = '''"""Appends the proxy's spend log to a file, without any text of prompts and answers.

Made by Landfall. Rows are those of the table LiteLLM_SpendLogs; `landfall import FILE` reads them.
LANDFALL_SPEND_LOG names the file; without it, it is spend_logs.jsonl beside this one.
"""

import json
import os
import threading
from datetime import datetime
from pathlib import Path

from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy.spend_tracking.spend_tracking_utils import get_logging_payload

FILE = Path(os.environ.get("LANDFALL_SPEND_LOG") or Path(__file__).with_name("spend_logs.jsonl"))

# Columns that hold no words of anybody.
COLUMNS = (
    "request_id call_type cache_hit startTime endTime completionStartTime model model_group "
    "model_id api_base custom_llm_provider spend prompt_tokens completion_tokens total_tokens "
    "request_duration_ms status request_tags team_id"
).split()
METADATA = "additional_usage_values usage_object".split()
ASKED = "landfall_asked"
COUNTS = (int, float, bool, type(None))


def _counts(value):
    """Numbers alone, however deep they lie."""
    if isinstance(value, dict):
        inner = {name: _counts(each) for name, each in value.items()}
        return {name: each for name, each in inner.items() if each is not None}
    return value if isinstance(value, COUNTS) else None


def _tags(text):
    """Those of the configuration: a client's own could be anything."""
    try:
        tags = json.loads(text)
    except (TypeError, ValueError):
        return "[]"
    return json.dumps([one for one in tags if str(one).startswith("workload:")])


def _asked(kwargs):
    """Of what the client named as its model, the names that the configuration knows."""
    from litellm.proxy.proxy_server import llm_router

    request = (kwargs.get("litellm_params") or {}).get("proxy_server_request") or {}
    model = (request.get("body") or {}).get("model") if isinstance(request, dict) else None
    known = {one.casefold(): one for one in getattr(llm_router, "model_names", ())}
    names = model if isinstance(model, list) else str(model).split(",")
    names = [known.get(str(one).strip().casefold()) for one in names]
    return [one for one in names if one]


def row(payload, status, asked):
    """What of a row of the spend log is written."""
    kept = {}
    for name in COLUMNS:
        value = payload.get(name)
        kept[name] = value.isoformat() if isinstance(value, datetime) else value
    try:
        metadata = json.loads(payload.get("metadata") or "{}")
    except (TypeError, ValueError):
        metadata = {}
    kept["metadata"] = {name: _counts(metadata.get(name) or {}) for name in METADATA}
    kept["metadata"][ASKED] = asked
    kept["request_tags"] = _tags(payload.get("request_tags"))
    kept["status"] = status
    return kept


class SpendLines(CustomLogger):
    def __init__(self):
        super().__init__()
        self._lock = threading.Lock()

    def _write(self, kwargs, response, start, end, status):
        end = end or datetime.now()
        begun = {**kwargs, "completion_start_time": kwargs.get("completion_start_time") or end}
        payload = get_logging_payload(begun, response, start or end, end)
        line = json.dumps(row(payload, status, _asked(kwargs)), default=str) + "\\n"
        with self._lock:
            # Nobody else's business: whom a program asks, when, and how much.
            with open(os.open(FILE, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600), "a") as log:
                log.write(line)

    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        self._write(kwargs, response_obj, start_time, end_time, "success")

    async def async_log_failure_event(self, kwargs, response_obj, start_time, end_time):
        self._write(kwargs, {}, start_time, end_time, "failure")


writer = SpendLines()
'''


def file() -> NewFile:
    """As `core.routing.files.files` takes it, by the name `CALLBACK`."""
    return NewFile(name=FILE, text=_TEXT)
