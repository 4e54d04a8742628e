"""A plan as an office might have it: cloud, split, private work, and an approved vendor."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

import yaml

from landfall.core.hosts.hosts import Standing
from landfall.core.provenance import Estimated, Measured, Published
from landfall.core.routing import config_text, guard_text, plan_document
from landfall.core.routing.files import files
from landfall.core.routing.findings import Document, Documents
from landfall.core.routing.plan import Deployment, LeftOut, Place, RoutedAlias, RoutingPlan
from landfall.core.routing.subjects import Engine, ProviderRoute
from landfall.core.workload.privacy import Option

HERE, BOX = "http://127.0.0.1:11434", "http://192.168.1.20:11434"

ENGINE = Engine(
    name="LiteLLM",
    version="1.0",
    routes={
        "openai": ProviderRoute(provider="openai", route="openai", key_variable="OPENAI_API_KEY"),
        "together": ProviderRoute(
            provider="together", route="together_ai", key_variable="TOGETHERAI_API_KEY"
        ),
        "custom": ProviderRoute(
            provider="custom",
            route="openai",
            key_variable="CUSTOM_API_KEY",
            base_variable="CUSTOM_BASE_URL",
        ),
    },
    own_routes=frozenset({"ollama", "ollama_chat", "openai"}),
    router_keys=frozenset(
        (
            "routing_strategy",
            "num_retries",
            "allowed_fails",
            "allowed_fails_policy",
            "cooldown_time",
            "enable_tag_filtering",
            "fallbacks",
            "default_fallbacks",
            "context_window_fallbacks",
            "content_policy_fallbacks",
            "model_group_alias",
            "default_litellm_params",
            "set_verbose",
            "router_general_settings",
            "redis_url",
        )
    ),
    top_keys=frozenset(
        (
            "model_list",
            "router_settings",
            "litellm_settings",
            "general_settings",
            "environment_variables",
            "include",
            "guardrails",
        )
    ),
    quiet_callbacks=frozenset({"prometheus"}),
    variables={"LITELLM_MODE": "PRODUCTION"},
    model_names=frozenset({"gpt-5.5"}),
)


def own(alias: str, number: int = 1, *, base: str = HERE, route: str = "ollama_chat") -> Deployment:
    """A server of the user's own."""
    return Deployment(
        id=f"{alias}-own-{number}",
        place=Place.OWN,
        route=route,
        model="qwen3:8b" if route == "ollama_chat" else "nomic-embed-text",
        host="desk" if base == HERE else "box",
        api_base=base,
        slots=2,
        slots_says="as the server's process told",
        input_usd_per_token=Measured(2e-8, "2026-11-20T10:00:00+00:00", "joules"),
    )


def cloud(name: str, provider: str, model: str, *, budget_usd: float | None = None) -> Deployment:
    """A provider."""
    route = ENGINE.routes[provider]
    return Deployment(
        id=name,
        place=Place.CLOUD,
        route=route.route,
        model=model,
        provider=provider,
        key_variable=route.key_variable,
        input_usd_per_token=Published(5e-6, "a table", "2026-11-01"),
        budget_usd=budget_usd,
        budget_says="twice what is expected",
    )


def plan() -> RoutingPlan:
    """Five aliases, and one workload without any."""
    return RoutingPlan(
        made_at="2026-11-26T10:00:00+00:00",
        engine_version="1.0",
        aliases=(
            RoutedAlias(
                alias="frontier",
                workload="Frontier",
                option=Option.CLOUD_FRONTIER,
                deployments=(cloud("frontier-openai", "openai", "gpt-5.5", budget_usd=500.0),),
            ),
            RoutedAlias(
                alias="steady",
                workload="Steady",
                option=Option.HYBRID,
                deployments=(own("steady"), own("steady", 2, base=BOX)),
                overflow=(cloud("steady-overflow-together", "together", "Qwen/Qwen3-8B"),),
                local_share=Estimated(0.6, 0.7, 0.8, "Erlang's loss formula"),
            ),
            RoutedAlias(
                alias="private-notes",
                workload="Private notes",
                option=Option.LOCAL_THIS_MACHINE,
                private=True,
                lock="your rule lets nothing leave",
                deployments=(own("private-notes"),),
            ),
            RoutedAlias(
                alias="private-notes-embed",
                workload="Private notes",
                step="embed",
                option=Option.LOCAL_THIS_MACHINE,
                private=True,
                embedding=True,
                deployments=(own("private-notes-embed", route="ollama"),),
            ),
            RoutedAlias(
                alias="patients",
                workload="Patients",
                option=Option.HYBRID,
                private=True,
                allowed=("openai",),
                lock="your rule allows only openai",
                deployments=(own("patients"),),
                overflow=(cloud("patients-overflow-openai", "openai", "gpt-5.5"),),
            ),
        ),
        left_out=(LeftOut(workload="Nowhere", reason="nothing here can run it"),),
    )


def texts(made: RoutingPlan | None = None) -> dict[str, str]:
    """The files of a plan."""
    return {one.name: one.text for one in files(made or plan(), ENGINE, callbacks={})}


@cache
def _read(text: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text)
    return found


class Folder:
    """An exported folder that a test changes before it is checked."""

    def __init__(self, made: RoutingPlan | None = None) -> None:
        self.plan = made or plan()
        self.texts = texts(self.plan)
        self.gateway: dict[str, Any] = deepcopy(_read(self.texts[config_text.GATEWAY]))
        self.sealed: dict[str, Any] = deepcopy(_read(self.texts[config_text.PRIVATE]))
        self.guard: str | None = self.texts[guard_text.FILE]
        self.document: dict[str, Any] | None = plan_document.to_json(self.plan)
        self.stands: dict[str, Standing] = {}
        self.remote: frozenset[tuple[str, str]] = frozenset()
        self.made: dict[str, str] = {}

    def params(self, alias: str) -> dict[str, Any]:
        """The parameters of the first deployment of an alias in gateway.yaml."""
        row = next(one for one in self.gateway["model_list"] if one["model_name"] == alias)
        found: dict[str, Any] = row["litellm_params"]
        return found

    def add(self, alias: str, **params: Any) -> None:
        """One more deployment in gateway.yaml."""
        self.gateway["model_list"].append(
            {"model_name": alias, "litellm_params": params, "model_info": {"id": f"new-{alias}"}}
        )

    def fallbacks(self) -> list[dict[str, Any]]:
        """Those of gateway.yaml."""
        found: list[dict[str, Any]] = self.gateway["router_settings"]["fallbacks"]
        return found

    def documents(self) -> Documents:
        """As the linter gets it."""
        return Documents(
            engine=ENGINE,
            gateway=Document(file=config_text.GATEWAY, value=deepcopy(self.gateway)),
            sealed=Document(file=config_text.PRIVATE, value=deepcopy(self.sealed)),
            guard=self.guard,
            plan=self.document,
            texts=self.texts,
            stands=self.stands,
            remote=self.remote,
            made=self.made,
        )
