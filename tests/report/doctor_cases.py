"""Hand-made run folders for the doctor: a healthy one, and what can be wrong with it."""

from __future__ import annotations

import csv
import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from zspace.codes import Codes
from zspace.report.doctor import Diagnosis, diagnose, examine
from zspace.report.evidence import gather
from zspace.report.finding import Finding
from zspace.run import RunFolder

COUNT, SIZE, EPOCHS = 500, 4, 10


def spread(
    deviation: Any,
    *,
    log_variance: float | None = None,
    center: float = 0.0,
    heaps: float = 0.0,
    shift: float = 0.0,
    outlier: float | None = None,
    plain: bool = False,
) -> dict[str, np.ndarray]:
    """Codes that follow N(0, I): means of this spread, noise of what is left of the variance.

    `center` moves all of them, `heaps` moves half of them one way and half the other on all axes,
    `shift` on the first axis alone.
    """
    generator = np.random.default_rng(5)
    spreads = np.broadcast_to(np.asarray(deviation, float), (SIZE,))
    mean = center + spreads * generator.standard_normal((COUNT, SIZE))
    sides = np.where(np.arange(COUNT) % 4 < 2, 1.0, -1.0)
    mean += heaps * sides[:, None]
    mean[:, 0] += shift * sides
    if plain:
        return {"mean": mean.astype(np.float32)}
    left = np.log(np.maximum(1 - spreads**2 - heaps**2 * 0.99, 1e-4))
    widths = np.full(mean.shape, left if log_variance is None else log_variance)
    if outlier is not None:
        widths[17, 2] = outlier
    return {"mean": mean.astype(np.float32), "log_variance": widths.astype(np.float32)}


def course(
    *,
    beta: Any = 1.0,
    kl: Any = None,
    distortion: float = 120.0,
    rise: float = 0.0,
    apart: float = 0.5,
    broken: int | None = None,
    by: float = 0.01,
    validation: bool = True,
    **columns: np.ndarray,
) -> dict[str, np.ndarray]:
    """The columns of a history of ten epochs.

    `rise` is what the validation term gains after the fifth epoch, `apart` how far it ends above
    the training term, `broken` an epoch whose loss is off `by`.
    """
    epochs = np.arange(1, EPOCHS + 1)
    weights = np.broadcast_to(np.asarray(beta, float), (EPOCHS,))
    rate = np.broadcast_to(np.asarray(np.nan if kl is None else kl, float), (EPOCHS,))
    found: dict[str, np.ndarray] = {"epoch": epochs}
    late = rise * np.maximum(epochs - 5, 0) / 5
    for prefix, more in (("", 0.0), ("validation_", apart + late)):
        reconstruction = distortion + 40 * np.exp(-1.0 * epochs) + more
        found |= {
            prefix + "reconstruction": reconstruction,
            prefix + "kl": rate,
            prefix + "weighted_kl": weights * rate,
        }
    found |= {"beta": weights, **columns}
    if not validation:
        for name in ("reconstruction", "kl", "weighted_kl"):
            del found[f"validation_{name}"]
    if broken is not None:
        found["broken"] = np.where(epochs == broken, by, 0.0)
    return found


@dataclass(frozen=True)
class Case:
    """A run folder to be made.

    `latent`, `objective` and `likelihood` are lines of the recipe's sections, `recipe` all of it.
    """

    codes: dict[str, np.ndarray] = field(default_factory=lambda: spread(0.9))
    history: dict[str, np.ndarray] = field(default_factory=course)
    channels: int = 1
    latent: str = ""
    objective: str = ""
    likelihood: str = ""
    epochs: int = EPOCHS
    recipe: str = ""

    def but(self, **changes: Any) -> Case:
        return dataclasses.replace(self, **changes)

    def make(self, path: Path) -> tuple[RunFolder, Codes]:
        path.mkdir(exist_ok=True)
        run = RunFolder(path)
        run.recipe.write_text(self.recipe or self._recipe())
        dataset = {"name": "drawn", "path": "data", "shape": [16, 16, self.channels]}
        dataset |= {"train": 9000, "validation": COUNT}
        run.environment.write_text(json.dumps({"dataset": dataset}))
        codes = Codes(
            index=np.arange(COUNT), information={"seed": 1, "epsilon_limit": 5.0}, **self.codes
        )
        self._write_history(run.history, codes)
        return run, codes

    def _recipe(self) -> str:
        return (
            f"[data]\nsize = 16\nchannels = {self.channels}\n"
            f"[latent]\nsize = {SIZE}\n{self.latent}\n"
            f"[likelihood]\n{self.likelihood}\n"
            f"[objective]\n{self.objective}\n"
            f"[training]\nepochs = {self.epochs}\n"
        )

    def _write_history(self, path: Path, codes: Codes) -> None:
        """Fill in the KL of the codes where none is given, and the losses."""
        columns = {name: np.array(values, float) for name, values in self.history.items()}
        off = columns.pop("broken", 0.0)
        for prefix in ("", "validation_"):
            if prefix + "kl" not in columns:
                continue
            kl = columns[prefix + "kl"]
            columns[prefix + "kl"] = np.where(np.isnan(kl), self._kl(codes), kl)
            columns[prefix + "weighted_kl"] = self._weighted(columns, prefix)
            loss = columns[prefix + "reconstruction"] + columns[prefix + "weighted_kl"]
            columns[prefix + "loss"] = loss * (1 + off) if not prefix else loss
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(zip(*(values.tolist() for values in columns.values()), strict=True))

    @staticmethod
    def _weighted(columns: dict[str, np.ndarray], prefix: str) -> np.ndarray:
        away = columns[prefix + "kl"] - columns.get("capacity", 0.0)
        return columns["beta"] * (np.abs(away) if "capacity" in columns else away)

    @staticmethod
    def _kl(codes: Codes) -> float:
        if codes.log_variance is None:
            return 0.0
        from zspace.analysis.mixture import NormalMixture
        from zspace.analysis.posteriors import Posteriors
        from zspace.analysis.rate import rate

        return rate(Posteriors.of_codes(codes), NormalMixture.of_codes(codes)).mean

    def findings(self, path: Path) -> list[Finding]:
        run, codes = self.make(path)
        return diagnose(gather(run, codes, split="validation"))

    def examine(self, path: Path) -> Diagnosis:
        run, codes = self.make(path)
        return examine(run, codes, split="validation")


HEALTHY = Case()
