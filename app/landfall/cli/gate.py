"""`landfall gate`: the user's own prompts at a candidate and at today's model, and what that says."""

from __future__ import annotations

import argparse
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, replace
from pathlib import Path

from landfall.cli import gate_judge
from landfall.cli.asked_here import Here, access_of, runs_of, server_here, target_of
from landfall.cli.consent import add_consent, consent
from landfall.cli.gate_answer import document, exit_code, show
from landfall.cli.gate_plan import add_plan, columns_typed, read_prompts, write_plan
from landfall.cli.history import opened
from landfall.cli.session import Command, Session
from landfall.core.errors import BadInput
from landfall.core.side_by_side import PlanCeiling, Target
from landfall.services.asking import Access
from landfall.services.cloud.budget import Consent
from landfall.services.history import History
from landfall.services.quality_run.events import (
    QualityBegun,
    QualityEvent,
    QualityFailed,
    QualityLook,
    QualityOver,
    QualityProgress,
)
from landfall.services.quality_run.export import export_set, export_run
from landfall.services.quality_run.plan import QualityPlan
from landfall.services.quality_run.records import QualityRun
from landfall.services.quality_run.report import QualityReport, report_of
from landfall.services.quality_run.running import (
    most_it_costs,
    recovered,
    resume_quality,
    run_quality,
)
from landfall.services.quality_run.use import use_for_workload
from landfall.services.runs import Runs
