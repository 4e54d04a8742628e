"""A plan between the stand-ins, written by the program into a folder as an export writes it."""

from __future__ import annotations

from pathlib import Path

from landfall.core.provenance import Estimated, Measured, Stated
from landfall.core.routing.files import files
from landfall.core.routing.plan import Deployment, Place, RoutedAlias, RoutingPlan
from landfall.core.routing.subjects import Engine
from landfall.core.workload.privacy import Option
from landfall.services.routing.callbacks import callbacks
from tests.litellm_proxy.asking import Names
from tests.litellm_proxy.upstreams import World

FRONTIER, STEADY, CAPPED = "frontier", "steady-classify", "capped"
PRIVATE, PRIVATE_EMBED = "private-notes", "private-notes-embed"
SLOTS = 2
VARIABLES = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_TELEMETRY": "False",
}


def plan_of(world: World, *, share: float = 0.7) -> RoutingPlan:
    """Work for the cloud, steady work on two hosts with an overflow, and private work."""
    measured = Measured(2e-8, at="2026-11-26T10:00:00+00:00", where="a stand-in")
    steady = tuple(
        _own(f"{STEADY}-{number}", host.url, slots=SLOTS, usd=measured)
        for number, host in enumerate(world.hosts, 1)
    )
    private = world.hosts[0].url
    return RoutingPlan(
        made_at="2026-11-26T10:00:00+00:00",
        engine_version="1.106.12",
        aliases=(
            RoutedAlias(
                alias=FRONTIER,
                workload="Frontier",
                option=Option.CLOUD_FRONTIER,
                deployments=(_cloud("frontier-1", "anthropic", "claude-opus-4-7", "ANTHROPIC"),),
            ),
            RoutedAlias(
                alias=STEADY,
                workload="Steady classify",
                option=Option.HYBRID,
                deployments=steady,
                overflow=(
                    _cloud(f"{STEADY}-overflow-1", "together_ai", "Qwen/Qwen3-8B", "TOGETHERAI"),
                ),
                local_share=Estimated(share - 0.05, share, share + 0.05, "Erlang B"),
            ),
            RoutedAlias(
                alias=CAPPED,
                workload="Capped",
                option=Option.CLOUD_FRONTIER,
                deployments=(
                    _cloud(
                        "capped-1",
                        "anthropic",
                        "claude-opus-4-7",
                        "ANTHROPIC",
                        budget_usd=1.0,
                        usd=Stated(0.1, "set by the test: one call crosses the budget"),
                    ),
                ),
            ),
            RoutedAlias(
                alias=PRIVATE,
                workload="Private notes",
                option=Option.LOCAL_THIS_MACHINE,
                private=True,
                lock="contract forbids third parties",
                deployments=(_own("private-1", private),),
            ),
            RoutedAlias(
                alias=PRIVATE_EMBED,
                workload="Private notes",
                step="embed",
                option=Option.LOCAL_THIS_MACHINE,
                private=True,
                embedding=True,
                lock="contract forbids third parties",
                deployments=(
                    Deployment(
                        id="private-embed-1",
                        place=Place.OWN,
                        route="ollama",
                        model="nomic-embed-text",
                        host="here",
                        api_base=private,
                    ),
                ),
            ),
        ),
    )


def _own(
    name: str, url: str, *, slots: int | None = None, usd: Measured | None = None
) -> Deployment:
    priced = {} if usd is None else {"input_usd_per_token": usd, "output_usd_per_token": usd}
    return Deployment(
        id=name,
        place=Place.OWN,
        route="ollama_chat",
        model="qwen3:8b",
        host="here",
        api_base=url,
        slots=slots,
        **priced,
    )


def _cloud(
    name: str,
    route: str,
    model: str,
    key: str,
    *,
    budget_usd: float | None = None,
    usd: Stated | None = None,
) -> Deployment:
    priced = {} if usd is None else {"input_usd_per_token": usd, "output_usd_per_token": usd}
    return Deployment(
        id=name,
        place=Place.CLOUD,
        route=route,
        model=model,
        provider=route.removesuffix("_ai"),
        key_variable=f"{key}_API_KEY",
        budget_usd=budget_usd,
        budget_says="set by the test",
        **priced,
    )


def names_of(world: World) -> Names:
    """What a client may call things."""
    return Names(
        private=PRIVATE,
        embedding=PRIVATE_EMBED,
        frontier=FRONTIER,
        deployment="private-1",
        cloud_url=world.cloud.url,
    )


def write(plan: RoutingPlan, folder: Path) -> Path:
    """The files of an export."""
    folder.mkdir(parents=True)
    engine = Engine(name="LiteLLM", version=plan.engine_version, routes={}, variables=VARIABLES)
    for one in files(plan, engine, callbacks=callbacks()):
        (folder / one.name).write_text(one.text, encoding="utf-8")
    return folder


def without_cooldowns(folder: Path, config: str) -> None:
    """Let every request meet its host: else one that fails twice is not asked for half a minute,
    and the next tricks would prove nothing."""
    _changed(folder / config, "  cooldown_time: ", "  disable_cooldowns: true\n  cooldown_time: ")


def without_guard(folder: Path) -> None:
    """Take the guard out of a configuration: what a trick does then shows that it is one."""
    _changed(folder / "gateway.yaml", "guard.local_only, ", "")


def _changed(config: Path, before: str, after: str) -> None:
    text = config.read_text(encoding="utf-8")
    assert before in text, text
    config.write_text(text.replace(before, after), encoding="utf-8")
