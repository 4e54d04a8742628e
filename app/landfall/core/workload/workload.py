"""One kind of work that a model does for the user: what it is, how much, under which rules.

Every part is optional except the name and the task. What is None is not stated: it is taken from
the machine, the catalogue or history where they know it, and stays unknown otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from landfall.core.demand.forecast import Predictability
from landfall.core.quality.paired_tests import GateResult, Pairs


class Task(StrEnum):
    """What the model is asked to do."""

    CHAT = "chat"
    CODE = "code"
    CLASSIFICATION = "classification"
    EXTRACTION = "extraction"
    SUMMARY = "summary"
    EMBEDDING = "embedding"
    VISION = "vision"
    TRANSLATION = "translation"
    COMPLEX_REASONING = "complex_reasoning"
    NOVEL = "novel"
    CREATIVE = "creative"
    LONG_AGENTIC = "long_agentic"
    USER_FACING_ANALYTIC = "user_facing_analytic"


DEFAULT_MARGIN = {
    Task.SUMMARY: 0.05,
    Task.CHAT: 0.05,
    Task.CREATIVE: 0.05,
    Task.EMBEDDING: 0.02,
    Task.COMPLEX_REASONING: 0.02,
    Task.LONG_AGENTIC: 0.02,
    Task.USER_FACING_ANALYTIC: 0.02,
    Task.NOVEL: 0.02,
}
"""The largest acceptable loss where the user states none; 0.03 for every other task. Our choice, by
what a wrong answer costs. It decides whether a gate passes, so that verdicts name it, and say that
it was assumed."""


class Motive(StrEnum):
    """Why self-hosting is wanted, where that is the reason."""

    NONE = ""
    OWN_AI = "own_ai"
    COMMODITISE = "commoditise"


class PrivacyClass(StrEnum):
    """What may leave, by the user's own rule; none of it is a legal finding."""

    NONE = "none"
    PHI = "phi"
    ATTORNEY_CLIENT = "attorney_client"
    CLASSIFIED = "classified"
    CONTRACT_NO_THIRD_PARTY = "contract_no_third_party"
    NDA = "nda"
    LOCAL_ONLY = "local_only"
    REGION = "region"


class Where(StrEnum):
    """Where a step of the pipeline runs. VERDICT: wherever the verdict puts the workload."""

    LOCAL = "local"
    NETWORK = "network"
    CLOUD = "cloud"
    VERDICT = "verdict"


class StepName(StrEnum):
    """The steps that a pipeline may have."""

    SOURCE = "source"
    OCR = "ocr"
    TRANSCRIBE = "transcribe"
    CHUNK = "chunk"
    EMBED = "embed"
    VECTOR_DB = "vector_db"
    RERANK = "rerank"
    GENERATE = "generate"
    TOOLS = "tools"
    JUDGE = "judge"
    CACHE = "cache"
    TRACE = "trace"
    BACKUP = "backup"


class Organisation(StrEnum):
    """Who decides: startups default to the cloud (S48), established firms have people for it."""

    INDIVIDUAL = "individual"
    OFFICE = "office"
    STARTUP = "startup"
    ESTABLISHED = "established"


class Need(StrEnum):
    """What the model must be able to do beyond text."""

    TOOLS = "tools"
    JSON = "json"
    VISION = "vision"
    THINKING = "thinking"


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """How often it runs.

    Attributes:
        calls_per_day: Mean over the period.
        history_days: Days really observed; 0 is a guess about the future.
        predictability: Class of the volume; None where not stated.
        series: A CSV with one row a day, relative to the workload's file, or "".
        hourly_calls: Mean calls in each hour of a working day, local time; 24 values or none.
        growth_per_month: 0.05 is five per cent a month.
        batch_window_hours: Only for work that may wait.
    """

    calls_per_day: float | None = None
    history_days: int | None = None
    predictability: Predictability | None = None
    series: str = ""
    hourly_calls: tuple[float, ...] = ()
    growth_per_month: float = 0.0
    batch_window_hours: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageDay:
    """One day of a usage series. A day without a log is absent, which is not zero.

    Attributes:
        date: ISO date.
        calls: Calls of the day; the token totals are of the whole day, None where not logged.
    """

    date: str
    calls: float
    input_tokens: float | None = None
    cached_input_tokens: float | None = None
    output_tokens: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Means per call; `context_p99` holds prompt and answer together.

    Attributes:
        input: Not read from a provider's cache.
        cache_write: Of `input`, those written to such a cache, for however long: some providers
            charge more for them.
        cache_write_1h: Of `cache_write`, those written for an hour.
    """

    input: float | None = None
    cached_input: float | None = None
    cache_write: float | None = None
    cache_write_1h: float | None = None
    output: float | None = None
    context_p99: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """What the user's rules say about where the text may go."""

    privacy_class: PrivacyClass = PrivacyClass.NONE
    approved_vendors: tuple[str, ...] = ()
    region: str = ""
    in_region: tuple[str, ...] = ()
    offline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the pipeline and its destination; `host` is its address, or ""."""

    name: StepName
    where: Where = Where.VERDICT
    host: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What the work runs on now. Shares are of the calls.

    Attributes:
        token_ratio: Tokens that the provider counts for one token of the workload; None where
            the tokens are as it counts them.
    """

    provider: str = ""
    model: str = ""
    batch_share: float = 0.0
    retry_share: float = 0.0
    token_ratio: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedCandidate:
    """An open-weight model at a provider; `token_ratio` as that of `Today`."""

    provider: str
    model: str
    token_ratio: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Models that might take over, and what they must be able to do."""

    local: tuple[str, ...] = ()
    hosted: tuple[HostedCandidate, ...] = ()
    needs: frozenset[Need] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What was measured on the user's own prompts, against today's model.

    Attributes:
        metric: Its name, or "".
        margin: The largest acceptable loss, a share; None for the task's default.
        gate: The local candidate's result; None where not stated.
        gate_hosted: The hosted candidate's; the local one's where None.
        pairs: Counts instead of `gate`.
        pairs_hosted: Counts instead of `gate_hosted`.
    """

    metric: str = ""
    margin: float | None = None
    gate: GateResult | None = None
    gate_hosted: GateResult | None = None
    pairs: Pairs | None = None
    pairs_hosted: Pairs | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationFacts:
    """Who runs it. Hours are None where they are assumed, the rate where the settings' counts.

    Attributes:
        pue: What the room draws over what the machines draw; None where only the machines count.
    """

    kind: Organisation | None = None
    total_ai_bill_usd_month: float | None = None
    ops_hours_per_month: float | None = None
    hourly_rate_usd: float | None = None
    hosted_allowed: bool = True
    local_infrastructure: bool | None = None
    pue: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine that is owned: the detected one, or one of the catalogue by name.

    Attributes:
        host: The server on which it runs, by the name of a kept host or its address; "" is the one
            of this machine. hosts: several of them that share the calls.
        on_anyway: It is on for other reasons, so that this work does not cause its idle draw.
        resale_usd: What it would fetch today; None unless selling it is a real alternative.
        resale_later_usd: What it would fetch in a year.
    """

    name: str = ""
    host: str = ""
    hosts: tuple[str, ...] = ()
    available: bool = True
    on_anyway: bool = True
    resale_usd: float | None = None
    resale_later_usd: float | None = None

    @property
    def named_hosts(self) -> tuple[str, ...]:
        """Every host on which it runs, as it was named, each once."""
        named = (self.host.strip(), *(one.strip() for one in self.hosts))
        return tuple(dict.fromkeys(one for one in named if one))


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """Hardware that might be bought; `consider` is None where the file does not speak of it.

    Attributes:
        price_as_of: ISO date of `price_usd`; "" where it is not stated.
        yearly_rate: Interest on the price; None is straight-line depreciation.
        price_decline: Share by which the prices of hosted models fall in a year.
    """

    consider: bool | None = None
    machine: str = ""
    price_usd: float | None = None
    price_as_of: str = ""
    residual_share: float | None = None
    months: int | None = None
    setup_hours: float | None = None
    yearly_rate: float | None = None
    price_decline: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostQuotes:
    """What the user knows of one machine better than any estimate.

    Attributes:
        fits: The weights and the cache of the p99 context fit its memory.
        peak_utilisation: Share of the slots that is busy in the busiest hour; above 1 it cannot
            keep up.
        absorbed_share: Of the calls, when the rest overflows.
        marginal_usd_month: Of the owned machine: electricity above idle and extra operations.
        tco_usd_month: Of a purchase: depreciation, energy, operations.
        opex_usd_month: Of a purchase, without depreciation.
        price_usd: Of a purchase.
    """

    fits: bool | None = None
    context_ok: bool | None = None
    licence_ok: bool | None = None
    capability_ok: bool | None = None
    peak_utilisation: float | None = None
    absorbed_share: float | None = None
    marginal_usd_month: float | None = None
    tco_usd_month: float | None = None
    opex_usd_month: float | None = None
    price_usd: float | None = None

    @property
    def says_all_of_owned(self) -> bool:
        """Whether it holds all that the decision asks of an owned machine: none is looked at."""
        can = (self.fits, self.context_ok, self.licence_ok, self.capability_ok)
        return None not in (*can, self.marginal_usd_month, self.peak_utilisation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotes:
    """Values that replace computed ones; None where nothing was quoted."""

    cloud_frontier_usd_month: float | None = None
    hosted_open_usd_month: float | None = None
    rent_gpu_usd_month: float | None = None
    machine: HostQuotes = field(default_factory=HostQuotes)
    buy: HostQuotes = field(default_factory=HostQuotes)


NO_QUOTES = HostQuotes()
_NO_PURCHASE = Purchase()


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Everything that is stated of one workload."""

    name: str
    task: Task
    motive: Motive = Motive.NONE
    critical: bool = False
    volume: Volume = field(default_factory=Volume)
    tokens: Tokens = field(default_factory=Tokens)
    p95_seconds: float | None = None
    privacy: Privacy = field(default_factory=Privacy)
    steps: tuple[Step, ...] = ()
    today: Today = field(default_factory=Today)
    candidates: Candidates = field(default_factory=Candidates)
    quality: Quality = field(default_factory=Quality)
    organisation: OrganisationFacts = field(default_factory=OrganisationFacts)
    machine: Machine = field(default_factory=Machine)
    buy: Purchase = field(default_factory=Purchase)
    quotes: Quotes = field(default_factory=Quotes)

    @property
    def margin(self) -> float:
        """The largest acceptable loss: stated, or the task's default."""
        if self.quality.margin is not None:
            return self.quality.margin
        return DEFAULT_MARGIN.get(self.task, 0.03)

    @property
    def considers_purchase(self) -> bool:
        """Whether hardware to buy is an option: said so, or a machine or a quote is given."""
        if self.buy.consider is not None:
            return self.buy.consider
        return self.buy != _NO_PURCHASE or self.quotes.buy != NO_QUOTES

    @property
    def says_what_is_bought(self) -> bool:
        """Whether a machine to buy is named, or something is said of one; else the listed ones are
        looked through."""
        named = self.buy.machine or self.buy.price_usd is not None
        return bool(named) or self.quotes.buy != NO_QUOTES
