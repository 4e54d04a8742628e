"""The table of every trick: `python -m tests.litellm_proxy FOLDER` writes table.txt there, and what
each proxy wrote into its spend log."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.litellm_proxy import engine, exported, upstreams
from tests.litellm_proxy.tricks import table, tricks, tried

RUNS = (
    ("gateway.yaml with guard", "gateway.yaml", True),
    ("private.yaml", "private.yaml", True),
    ("gateway.yaml without guard", "gateway.yaml", False),
)


def main(folder: Path) -> None:
    """Run every trick on the exported files, with the guard and without."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = []
    for title, config, guarded in RUNS:
        with upstreams.serving() as world:
            out = exported.write(exported.plan_of(world), folder / title.replace(" ", "-"))
            exported.without_cooldowns(out, config)
            if not guarded:
                exported.without_guard(out)
            keys = engine.cloud_environment(world.cloud.url) if config == "gateway.yaml" else {}
            with engine.serving(
                out / config, way_out=world.cloud.url, environment=keys, home=out / "home"
            ) as running:
                names = exported.names_of(world)
                tables.append(table(title, tried(running, world, list(tricks(names)))))
        print(tables[-1].rpartition("\n")[2])
    (folder / "table.txt").write_text("\n\n".join(tables) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
