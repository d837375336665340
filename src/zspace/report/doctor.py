"""The KL doctor: what the KL term did in a run, with a verdict and the next thing to try."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zspace.codes import Codes
from zspace.figures.cloud import cloud_panels
from zspace.figures.rate import rate_panels
from zspace.figures.save import save_figure
from zspace.files import write_json
from zspace.report.analyze import finite
from zspace.report.evidence import Evidence, gather
from zspace.report.finding import Finding
from zspace.report.latent_findings import (
    about_cloud,
    about_dead_axes,
    about_log_variances,
    about_noise,
    about_radius,
)
from zspace.report.rate_findings import (
    about_active_axes,
    about_aggregate_posterior,
    about_information,
    about_kl_per_axis,
    about_rate,
)
from zspace.report.training_findings import about_numbers, about_overfitting
from zspace.report.weight_findings import about_beta, about_likelihood, about_schedule
from zspace.run import RunFolder

__all__ = ["Diagnosis", "diagnose", "examine"]

_TOPICS: tuple[Callable[[Evidence], Finding | None], ...] = (
    about_rate,
    about_kl_per_axis,
    about_active_axes,
    about_information,
    about_aggregate_posterior,
    about_cloud,
    about_radius,
    about_dead_axes,
    about_log_variances,
    about_noise,
    about_beta,
    about_likelihood,
    about_schedule,
    about_overfitting,
    about_numbers,
)
_COLUMNS = 96


@dataclass(frozen=True)
class Diagnosis:
    """What the doctor found.

    Attributes:
        run: path of the run folder.
        split: of the codes that were looked at.
        count: how many codes.
        latent_size: number of latent axes.
        findings: one for each topic that applies.
        measures: the numbers behind them: rate, surgery, deviations, cloud, radius.
        picture: the picture that was written.
    """

    run: str
    split: str
    count: int
    latent_size: int
    findings: tuple[Finding, ...]
    measures: dict[str, Any] = field(default_factory=dict)
    picture: Path | None = None

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each verdict."""
        verdicts = [finding.verdict for finding in self.findings]
        return {name: verdicts.count(name) for name in ("bad", "look", "good")}

    def to_dict(self) -> dict[str, Any]:
        """As strict JSON: what is not finite becomes null."""
        found = {
            "run": self.run,
            "split": self.split,
            "count": self.count,
            "latent_size": self.latent_size,
            "verdicts": self.counts,
            "findings": [finding.to_dict() for finding in self.findings],
            **self.measures,
        }
        return {key: finite(value) for key, value in found.items()}

    def _summary(self) -> list[str]:
        """How many of each verdict, and which; the good ones are not named."""
        lines = []
        for verdict, count in self.counts.items():
            topics = [each.topic for each in self.findings if each.verdict == verdict]
            named = ": " + ", ".join(topics) if count and verdict != "good" else ""
            lines.append(f"{count} {_NAMES[verdict]}{named}")
        return lines

    def text(self) -> str:
        """For a person: verdict, numbers and advice of each topic, in lines of 96 characters."""
        axes = "1 axis" if self.latent_size == 1 else f"{self.latent_size:,} axes"
        lines = [
            f"{self.run}: {self.count:,} {self.split} codes of {axes}",
            *(_wrapped(line, "") for line in self._summary()),
        ]
        said: set[str] = set()
        for finding in self.findings:
            lines += ["", f"{finding.verdict:4}  {finding.topic}", _wrapped(finding.text)]
            if finding.advice:
                advice = "as above" if finding.advice in said else finding.advice
                lines.append(_wrapped(advice, "try   "))
                said.add(finding.advice)
        return "\n".join(lines)


_NAMES = {"bad": "bad", "look": "to look at", "good": "good"}


def _wrapped(text: str, first: str = " " * 6) -> str:
    return textwrap.fill(
        text, _COLUMNS, initial_indent=first, subsequent_indent=" " * 6,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def diagnose(evidence: Evidence) -> list[Finding]:
    """All findings about a run, in the order in which they are best read.

    Args:
        evidence: from `zspace.report.evidence.gather`.
    """
    found = (about(evidence) for about in _TOPICS)
    return [finding for finding in found if finding is not None]


def examine(run: RunFolder, codes: Codes, *, split: str, seed: int = 1) -> Diagnosis:
    """Look at a run: findings and numbers to analysis/doctor.json, a picture beside it.

    Args:
        run: an opened run.
        codes: of the images to look at.
        split: which images they are.
        seed: of all draws.

    Raises:
        RunError: if the run lacks recipe, environment or history.
    """
    evidence = gather(run, codes, split=split, seed=seed)
    picture = run.analysis / "doctor.png"
    diagnosis = Diagnosis(
        run=str(run.path),
        split=split,
        count=codes.count,
        latent_size=codes.latent_size,
        findings=tuple(diagnose(evidence)),
        measures={"seed": seed, **evidence.measures()},
        picture=picture,
    )
    write_json(run.analysis / "doctor.json", diagnosis.to_dict())
    save_figure(_picture(evidence), picture)
    return diagnosis


def _picture(evidence: Evidence) -> Any:
    common: dict[str, Any] = {
        "prior": evidence.prior_radius,
        "prior_name": evidence.prior_name,
        "history": evidence.facts.history,
        "nats": evidence.facts.nats,
    }
    if evidence.rate is not None:
        return rate_panels(evidence.rate, z=evidence.z, mean=evidence.mean, **common)
    return cloud_panels(evidence.cloud, codes=evidence.z, **common)
