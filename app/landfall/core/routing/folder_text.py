"""The files beside the configuration: how it is started, which keys it wants, what it is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from landfall.core.percent import percent
from landfall.core.provenance import middle
from landfall.core.routing.plan import RoutedAlias, RoutingPlan
from landfall.core.routing.yaml_text import remark
from landfall.core.workload.privacy import host_name

MASTER = "LITELLM_MASTER_KEY"
GATEWAY_PORT, PRIVATE_PORT = 4000, 4001
_URL = "http://127.0.0.1"
_KEPT = (
    "PATH HOME LANG LC_ALL TMPDIR TZ VIRTUAL_ENV PWD LITELLM LANDFALL_SPEND_LOG SSL_CERT_FILE"
    " REQUESTS_CA_BUNDLE"
)
"""All that a proxy gets of the shell's environment. LiteLLM reads hundreds of variables (1.106.12):
addresses of providers (OLLAMA_API_BASE), keepers of logs, databases, a configuration elsewhere
(LITELLM_CONFIG_BUCKET_NAME), another proxy (USE_LITELLM_PROXY), text in its log (LITELLM_LOG)."""
_KEPT_BY_WINDOWS = (
    "USERPROFILE SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC TEMP TMP APPDATA LOCALAPPDATA PROGRAMDATA"
    " PATHEXT"
)
_WAYS_OUT = "HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY http_proxy https_proxy all_proxy no_proxy"
"""What a gateway gets besides: how a provider is reached from here."""


_FUNCTIONS = r"""# A value of .env goes to the end of its line; quotes around it are no part of it.
value() {
    tr -d '\r' < .env | sed -n "s/^$1=//p; s/^export $1=//p" | tail -n 1 |
        sed -e 's/^"\(.*\)"$/\1/' -e "s/^'\(.*\)'\$/\1/"
}
need() {
    eval "$1=\$(value "$1")"
    eval "[ -n \"\$$1\" ]" || { echo "start.sh: $1 is empty in .env" >&2; exit 2; }
    export "$1"
}
# Nothing of this shell's environment goes along but what is named: no key, no address, no log.
keep_only() {
    for name in $(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'); do
        case " $* " in *" $name "*) ;; *) command unset "$name" 2> /dev/null || : ;; esac
    done
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A file to write. executable: whether it is run by its name."""

    name: str
    text: str
    executable: bool = False


def keys_of(aliases: Sequence[RoutedAlias]) -> tuple[str, ...]:
    """Variables that hold keys, each once."""
    every = [d for one in aliases for d in (*one.deployments, *one.overflow)]
    return tuple(dict.fromkeys(d.key_variable for d in every if d.key_variable))


def addresses_of(aliases: Sequence[RoutedAlias]) -> tuple[str, ...]:
    """Variables that hold addresses which only the user knows, each once."""
    every = [d for one in aliases for d in (*one.deployments, *one.overflow)]
    return tuple(dict.fromkeys(d.api_base_variable for d in every if d.api_base_variable))


def env_example(plan: RoutingPlan) -> str:
    """Names of what the environment must hold, without a value."""
    lines = [
        "# Copy to .env, fill in, and let nobody else read it: chmod 600 .env",
        "# The key that clients show to the proxy: a long random text of your own",
        f"{MASTER}=",
    ]
    keys, addresses = keys_of(plan.aliases), addresses_of(plan.aliases)
    if keys:
        lines += ["# Keys of providers and tokens of hosts that the configuration names"]
        lines += [f"{name}=" for name in keys]
    if addresses:
        lines += ["# Addresses that only you know, with /v1 where the server wants it"]
        lines += [f"{name}=" for name in addresses]
    return "\n".join(lines) + "\n"


def start_sh(plan: RoutingPlan, switches: Mapping[str, str]) -> str:
    """Starts a proxy on loopback, without its own questions to the network."""
    exports = "\n".join(f"export {name}={value}" for name, value in switches.items())
    which = "gateway | private" if plan.sealed else "gateway"
    wanted = " ".join((MASTER, *keys_of(plan.aliases), *addresses_of(plan.aliases)))
    text = f"""#!/bin/sh
# Usage: ./start.sh {which}
# LITELLM=/path/to/litellm where it is not on the PATH
set -eu
unset CDPATH
cd -- "$(dirname -- "$0")"
LITELLM=${{LITELLM:-litellm}}

{_FUNCTIONS}
[ -r .env ] || {{ echo "start.sh: copy .env.example to .env and fill it in" >&2; exit 2; }}

case "${{1:-}}" in
gateway)
    keep_only {_KEPT} GATEWAY_HOST GATEWAY_PORT \\
        {_WAYS_OUT}
    for name in {wanted}; do need "$name"; done
{_direct(plan)}    CONFIG=gateway.yaml
    HOST=${{GATEWAY_HOST:-127.0.0.1}} PORT=${{GATEWAY_PORT:-{GATEWAY_PORT}}}
    ;;
"""
    if plan.sealed:
        wanted = " ".join((MASTER, *keys_of(plan.sealed)))
        text += f"""private)
    keep_only {_KEPT} PRIVATE_PORT
    for name in {wanted}; do need "$name"; done
    CONFIG=private.yaml HOST=127.0.0.1 PORT=${{PRIVATE_PORT:-{PRIVATE_PORT}}}
    ;;
"""
    return (
        text
        + f"""*)
    echo "Usage: ./start.sh {which}" >&2
    exit 2
    ;;
esac
# It asks the network for nothing of its own, reads no .env itself, and runs where it was checked.
{exports}
exec "$LITELLM" --config "$CONFIG" --host "$HOST" --port "$PORT"
"""
    )


def _direct(plan: RoutingPlan) -> str:
    """Own machines are asked directly: a proxy of the environment would read what goes to them. Of
    two spellings the small one counts."""
    own = ",".join(_own_names(plan))
    if not own:
        return ""
    return f"""    NO_PROXY="{own}${{NO_PROXY:+,$NO_PROXY}}${{no_proxy:+,$no_proxy}}" no_proxy=
    no_proxy=$NO_PROXY
    export NO_PROXY no_proxy
"""


def _own_names(plan: RoutingPlan) -> tuple[str, ...]:
    return tuple(dict.fromkeys(host_name(d.api_base) for d in plan.deployments if d.api_base))


def start_ps1(plan: RoutingPlan, switches: Mapping[str, str]) -> str:
    """The same for Windows."""

    def listed(names: Sequence[str]) -> str:
        return ", ".join(f"'{name}'" for name in names)

    sets = "\n".join(f"$env:{name} = '{value}'" for name, value in switches.items())
    both = "'gateway', 'private'" if plan.sealed else "'gateway'"
    gateway = listed((MASTER, *keys_of(plan.aliases), *addresses_of(plan.aliases)))
    sealed = listed((MASTER, *keys_of(plan.sealed)))
    kept = listed((*_KEPT.split(), *_KEPT_BY_WINDOWS.split()))
    ways = listed(_WAYS_OUT.split()[:4])
    own = listed(_own_names(plan))
    return f"""# Usage: .\\start.ps1 gateway{" | private" if plan.sealed else ""}
param([Parameter(Mandatory)][ValidateSet({both})][string]$Which)
$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot
if (-not (Test-Path .env)) {{ throw 'Copy .env.example to .env and fill it in.' }}
$values = @{{}}
foreach ($line in Get-Content .env) {{
    if ($line -match '^(?:export )?([A-Za-z_][A-Za-z0-9_]*)=(.+)$') {{
        # Quotes around a value are no part of it.
        $values[$Matches[1]] = $Matches[2] -replace '^(["''])(.*)\\1$', '$2'
    }}
}}
# Nothing of this shell's environment goes along but what is named: no key, no address, no log.
$kept = {kept}
if ($Which -eq 'private') {{
    $names = {sealed}
}} else {{
    $kept += {ways}
    $names = {gateway}
}}
Get-ChildItem Env: | Where-Object {{ $kept -notcontains $_.Name }} |
    ForEach-Object {{ Remove-Item "Env:$($_.Name)" -ErrorAction SilentlyContinue }}
if ($Which -eq 'gateway') {{
    $env:NO_PROXY = (@({own}) + @($env:NO_PROXY) | Where-Object {{ $_ }}) -join ','
    $env:no_proxy = $env:NO_PROXY
}}
foreach ($name in $names) {{
    if (-not $values[$name]) {{ throw "$name is empty in .env." }}
    Set-Item "Env:$name" $values[$name]
}}
{sets}
$port = if ($Which -eq 'private') {{ {PRIVATE_PORT} }} else {{ {GATEWAY_PORT} }}
litellm --config "$Which.yaml" --host 127.0.0.1 --port $port
exit $LASTEXITCODE
"""


def readme(plan: RoutingPlan) -> str:
    """What the folder is and how it is checked."""
    version = plan.engine_version
    rows = "\n".join(_row(one) for one in plan.aliases)
    left = "".join(
        f"- {_cell(one.workload)}{f', step {one.step}' if one.step else ''}: {_cell(one.reason)}\n"
        for one in plan.left_out
    )
    text = f"""# Routes for {plan.engine}, exported by Landfall on {plan.made_at[:10]}

Your programs ask for an alias where they named a model before. The proxy sends the call where the
verdict on that workload says.

| alias | workload | verdict | goes to | overflow | stays here |
|---|---|---|---|---|---|
{rows}

"""
    if left:
        text += f"Without an alias:\n\n{left}\n"
    return (
        text
        + _start_words(plan)
        + _private_words(plan)
        + f"""## What to know

- The form of these files was checked with {plan.engine} {version}. Other versions may ignore a key
  without a word: after an update run `landfall export litellm --check .` and try.
- Where an alias has an overflow, a call that finds all slots of your machines busy goes there at
  once (`max_parallel_requests`). Without an overflow it waits in your server's own queue.
- Budgets are soft caps of this process; tags are for the cost reports alone.
- `landfall-routing.json` says what was expected. Import the spend log with `landfall import` and
  the verdict says whether the split went as planned.
"""
    )


def _start_words(plan: RoutingPlan) -> str:
    """How the proxy is set up, started and asked for the first time."""
    strict = ""
    if plan.sealed:
        strict = f"    ./start.sh private                           # {_URL}:{PRIVATE_PORT}\n"
    body = {
        "model": plan.aliases[0].alias if plan.aliases else "ALIAS",
        "messages": [{"role": "user", "content": "Say yes."}],
    }
    return f"""## Start

    pip install 'litellm[proxy]=={plan.engine_version}'      # in an environment of its own
    cp .env.example .env && chmod 600 .env       # then fill it in
    ./start.sh gateway                           # {_URL}:{GATEWAY_PORT}
{strict}
    curl {_URL}:{GATEWAY_PORT}/v1/chat/completions -H 'Content-Type: application/json' \\
      -H "Authorization: Bearer $(sed -n 's/^{MASTER}=//p' .env)" \\
      -d '{json.dumps(body, ensure_ascii=False)}'

"""


def _private_words(plan: RoutingPlan) -> str:
    """What is true of this folder alone: without private work there is neither file."""
    if not plan.private:
        return ""
    bound = (
        "- Under a private alias no deployment stands outside your network, and its fallback is"
        " `[]`."
    )
    if any(one.allowed for one in plan.private):
        bound = (
            "- Under a private alias no deployment stands outside your network but those of the"
            " providers that its\n  rule allows; without such a provider its fallback is `[]`."
        )
    strict = ""
    if plan.sealed:
        strict = """- `private.yaml` is the strict form: a second proxy with private aliases alone,
  on loopback, whose environment holds no key of a provider. Point programs with private text at it.
"""
    return f"""## What keeps private work private

{bound}
- `guard.py` takes out what a client could say to get out (fallbacks in its request, addresses,
  keys, logs, settings of the router), refuses lists of models and pictures by their address, serves
  nothing but the ways to ask a model (no files, no passing through, no management of keys), and
  checks the address once more before a call is sent. Without it a client's `fallbacks` do reach the
  cloud.
{strict}- It is your own rule, applied to the letter, and no legal finding. A key of the proxy is
  no boundary: whoever holds it may ask any alias.

"""


def _row(one: RoutedAlias) -> str:
    goes = ", ".join(f"{d.target}{f' on {d.host}' if d.host else ''}" for d in one.deployments)
    over = ", ".join(d.target for d in one.overflow)
    share = middle(one.local_share)
    name = f"{one.workload}, step {one.step}" if one.step else one.workload
    private = " (private)" if one.private else ""
    cells = (
        f"`{one.alias}`",
        _cell(name) + private,
        one.option.value,
        _cell(goes),
        _cell(over) or ("none: no way out" if one.private else "none"),
        "not known" if share is None else percent(share),
    )
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """Text that ends no cell of a table and begins no markup."""
    return "".join(f"\\{one}" if one in "|\\`*_<>[]" else one for one in remark(text))
