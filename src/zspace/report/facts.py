"""The numbers of a run, read from its folder and brought to one scale: nats per image."""

from __future__ import annotations

import json
import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64

from zspace.analysis.radius import Radius
from zspace.errors import InputError, RunError
from zspace.figures.curves import History, read_history
from zspace.files import read_json
from zspace.run import RunFolder

__all__ = ["Facts", "read_facts"]


@dataclass(frozen=True, eq=False)
class Facts:
    """What the run folder says about a run.

    Attributes:
        name: of the run.
        recipe: the recipe, by section.
        environment: data set, backend, versions, hardware.
        history: the columns of history.csv.
        timings: the columns of timings.csv, or nothing.
        shape: height, width, channels of an image.
        radii: radii of the z-points and of the posterior means ("z", "mean"), or nothing.
        radius_split: the split they were measured on.
    """

    name: str
    recipe: dict[str, Any]
    environment: dict[str, Any]
    history: History
    timings: dict[str, Float64[np.ndarray, " timed"]]  # a resumed run may have timed more
    shape: tuple[int, int, int]
    radii: dict[str, Radius]
    radius_split: str

    def knob(self, section: str, key: str, *, default: Any) -> Any:
        """A value of the recipe."""
        return self.recipe.get(section, {}).get(key, default)

    @property
    def is_vae(self) -> bool:
        """Whether the posterior is a distribution: a plain autoencoder's is a point."""
        return bool(self.knob("latent", "posterior", default="normal") != "deterministic")

    @property
    def prior(self) -> str:
        """The prior's name."""
        return str(self.knob("latent", "prior", default="standard_normal"))

    @property
    def sampling(self) -> str:
        """How random z-points are drawn for the page: N(0, I), unless the prior is another one."""
        return "normal" if self.prior == "standard_normal" else "prior"

    @property
    def latent_size(self) -> int:
        """Number of latent axes."""
        size = self.knob("latent", "size", default=None)
        if not isinstance(size, int) or size < 1:
            raise RunError(
                f"latent.size must be a whole number of at least 1, {size!r} came; correct it in "
                "the run's recipe.toml"
            )
        return size

    @property
    def dimensions(self) -> int:
        """Numbers in an image: H·W·C."""
        return math.prod(self.shape)

    @property
    def nats(self) -> float:
        """What the logged reconstruction term is to be multiplied with to be nats per image."""
        reduction = str(self.knob("objective", "reduction", default="sum"))
        factors = {"sum": 1, "channel_mean": self.shape[2], "mean": self.dimensions}
        if reduction not in factors:
            raise RunError(
                f"objective.reduction must be one of {', '.join(factors)}, {reduction!r} came; "
                "correct it in the run's recipe.toml"
            )
        return float(factors[reduction])

    @property
    def epochs(self) -> int:
        """Number of epochs that were finished."""
        return int(self.history["epoch"][-1])

    @property
    def has_validation(self) -> bool:
        """Whether the last epoch was measured on validation images."""
        terms = ("reconstruction", "loss", "kl")
        return all(math.isfinite(self.last(term, "validation")) for term in terms)

    @property
    def split(self) -> str:
        """Where the closing numbers are from: validation, else training."""
        return "validation" if self.has_validation else "training"

    def last(self, term: str, split: str = "training") -> float:
        """A term as history.csv has it in the last row; NaN where it is missing."""
        prefix = "validation_" if split == "validation" else ""
        return float(self.history[prefix + term][-1]) if prefix + term in self.history else math.nan

    def term(self, term: str, split: str | None = None) -> float:
        """A term after the last epoch in nats per image; of the closing split unless given."""
        factor = 1.0 if term == "kl" else self.nats
        return factor * self.last(term, split or self.split)

    def negative_elbo(self, split: str | None = None) -> float:
        """Reconstruction + KL, unweighted, nats per image: for a plain AE the first alone."""
        kl = self.term("kl", split) if self.is_vae else 0.0
        return self.term("reconstruction", split) + kl

    def bits(self, nats: float) -> float:
        """Nats per image as bits per dimension: / (H·W·C·ln 2)."""
        return nats / (self.dimensions * math.log(2))

    @property
    def kl_share(self) -> float:
        """Weighted KL as a share of the loss; NaN where the two have not one sign."""
        loss, weighted = self.last("loss", self.split), self.last("weighted_kl", self.split)
        return weighted / loss if loss > 0 and 0 <= weighted <= loss else math.nan

    @property
    def seconds(self) -> float:
        """Seconds an epoch took on average; NaN where that was not noted."""
        noted = self.timings.get("seconds")
        return math.nan if noted is None else float(noted.mean())


def read_facts(run: RunFolder) -> Facts:
    """Read all numbers that a run folder holds.

    Args:
        run: an opened run.

    Raises:
        RunError: if recipe, environment or history is missing, or a file cannot be read.
    """
    environment = _read(run.environment, "train the run again, or restore the file")
    measured = run.analysis / "radius.json"
    again = f"delete it, or measure again with: zspace encode {run.path} --overwrite"
    radii = _read(measured, again) if measured.is_file() else {}
    try:
        parts: dict[str, Radius] = {
            name: Radius.from_dict(radii[name]) for name in ("z", "mean") if name in radii
        }
    except InputError as error:
        raise RunError(f"{measured} cannot be used ({error})") from error
    return Facts(
        name=run.name,
        recipe=_read_recipe(run.recipe),
        environment=environment,
        history=read_history(run.history),
        timings=read_history(run.timings) if run.timings.is_file() else {},
        shape=_shape(environment, run.environment),
        radii=parts,
        radius_split=str(radii.get("split", "train")),
    )


def _read(path: Path, advice: str) -> dict[str, Any]:
    try:
        found = read_json(path)
    except FileNotFoundError as error:
        raise RunError(f"{path} was expected, but there is none; {advice}") from error
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise RunError(f"{path} is no readable JSON ({error}); {advice}") from error
    if not isinstance(found, dict):
        raise RunError(f"{path} must hold a JSON object, a {type(found).__name__} came; {advice}")
    return found


def _read_recipe(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RunError(f"{path} is no readable TOML ({error}); restore the run's recipe") from error


def _shape(environment: dict[str, Any], path: Path) -> tuple[int, int, int]:
    try:
        height, width, channels = (int(size) for size in environment["dataset"]["shape"])
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(
            f"{path} must give dataset.shape as [height, width, channels], it does not; train "
            "the run again, or restore the file"
        ) from error
    return height, width, channels
