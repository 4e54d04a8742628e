"""All commands: the module of each, and in a line what it is for.

It stands apart from the modules, so that an overview of the commands imports none of them.
"""

from __future__ import annotations

COMMANDS: dict[str, tuple[str, str]] = {
    "detect": ("detect", "what this machine has and can give a model"),
    "doctor": ("detect", "every probe, what it answered, and what to do"),
    "recommend": ("recommend", "ranked models that fit"),
    "fit": ("fit", "will a model fit, and how fast"),
    "machines": ("machines", "machines that can be asked about"),
    "list": ("models", "the models on the server's disk"),
    "ps": ("models", "the models in the server's memory"),
    "pull": ("models", "download a model from its registry"),
    "rm": ("models", "delete a model"),
    "update": ("models", "pull what has changed at its registry"),
    "run": ("run", "one answer of a local model, measured"),
    "compare": ("compare", "the same prompts at several models, side by side"),
    "bench": ("bench", "measure speed, people served and energy"),
    "people": ("people", "how many people machines serve with a model"),
    "calibrate": ("calibrate", "measure this machine in place of estimates"),
    "hosts": ("hosts", "other servers of models: keep them, and ask how they are"),
    "key": ("key", "store, check or remove the key of a provider"),
    "price": ("price", "what a call costs at a provider, and which price says so"),
    "probe": ("probe", "first token and speed of a provider's model, by some small paid calls"),
    "usage": (
        "usage",
        "what was used at providers: asked of them, kept, and held against this machine",
    ),
    "verdict": ("verdict", "where each workload should run, why, and what would change it"),
    "gate": ("gate", "your own prompts at a candidate and at today's model: is it as good?"),
    "export": (
        "export",
        "what is kept, as files: the history, verdicts as a report or as routes of LiteLLM",
    ),
    "about": ("about", "this version, the age of its data, licences; is a newer one out?"),
    "import": ("import_files", "usage files into workloads, or an exported history"),
    "forget": ("forget", "what is kept for you, with sizes, and how all of it is deleted"),
}
