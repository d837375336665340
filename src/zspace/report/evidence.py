"""All that a run folder and its codes say about the KL term, gathered for the doctor."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from zspace.analysis.cloud import Cloud, cloud
from zspace.analysis.deviations import Deviations, deviations
from zspace.analysis.elbo_surgery import Surgery, elbo_surgery
from zspace.analysis.mixture import NormalMixture
from zspace.analysis.posteriors import Posteriors
from zspace.analysis.radius import Radius, radius
from zspace.analysis.rate import Rate, rate
from zspace.codes import Codes
from zspace.errors import InputError, RecipeError
from zspace.recipe import Recipe, load_recipe
from zspace.report.facts import Facts, read_facts
from zspace.run import RunFolder

__all__ = ["Evidence", "gather"]

_CLOUD_VALUES = 1 << 23
_FEWEST = 8


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known about a run.

    Attributes:
        run: its folder.
        facts: recipe, environment, history.
        recipe: the recipe, its defaults filled in.
        split: of the codes that were measured.
        count: how many codes.
        prior: the prior, as it was stored with the codes.
        z: radii of z-points; of the codes, for a plain autoencoder.
        mean: radii of posterior means.
        cloud: where random points lie among the codes.
        rate: KL of the posteriors; None for a plain autoencoder, as the next two.
        surgery: what of it is information.
        deviations: z beside the means, and the log-variances.
    """

    run: RunFolder
    facts: Facts
    recipe: Recipe
    split: str
    count: int
    prior: NormalMixture
    z: Radius
    mean: Radius
    cloud: Cloud
    rate: Rate | None = None
    surgery: Surgery | None = None
    deviations: Deviations | None = None

    @property
    def images(self) -> str:
        """What the images of the split are called."""
        return {"train": "training"}.get(self.split, self.split) + " images"

    @functools.cached_property
    def prior_radius(self) -> tuple[float, float]:
        """Mean and standard deviation of the radius of the prior's points."""
        return self.prior.radius()

    @property
    def prior_name(self) -> str:
        """What to call the prior in a sentence."""
        if self.prior.is_standard:
            return "N(0,\u00a0I)"
        if self.prior.scale is not None:
            return f"N(0,\u00a0{self.prior.scale:.3g}²·I)"
        return "the prior"

    @property
    def weight(self) -> float:
        """Weight of KL against nats per image, as it was at the end."""
        return self.facts.nats * float(self.facts.history["beta"][-1])

    @property
    def true_beta(self) -> float:
        """The beta that would mean the evidence lower bound, beside this reduction."""
        return 1.0 / self.facts.nats

    @property
    def noise_share(self) -> float:
        """The posteriors' variance as a share of the prior's, averaged over axes; NaN for an AE."""
        return float(np.mean(self.rate.mean_of_variance)) if self.rate else math.nan

    @property
    def width(self) -> float:
        """Standard deviation of posteriors as a share of the prior's, averaged over logarithms."""
        if self.deviations is None:
            return math.nan
        of_prior = float(np.log(self.prior.moments[1]).mean())
        return math.exp(0.5 * (self.deviations.log_variance_mean - of_prior))

    @property
    def reached(self) -> float:
        """Share of random points of the prior that land where codes are."""
        if self.surgery is None:
            return self.cloud.inside
        # An ellipsoid sees that the shape differs, a density the holes in it.
        inside = self.cloud.inside if self.cloud.is_full else 1.0
        return min(inside, self.surgery.prior_where_dense)

    def advise(self, words: str, *assignments: str) -> str:
        """Keys to set, as a piece of advice; empty where the recipe would refuse them.

        Args:
            words: what they do.
            assignments: ``"section.key=value"`` each.
        """
        try:
            self.recipe.override(assignments)
        except RecipeError:
            return ""
        return f"{words}: " + " ".join(f"--set {each}" for each in assignments)

    def measures(self) -> dict[str, Any]:
        """All numbers that were measured on the codes, as what JSON knows."""
        parts: dict[str, Any] = {
            "rate": self.rate,
            "surgery": self.surgery,
            "deviations": self.deviations,
            "cloud": self.cloud,
        }
        found: dict[str, Any] = {
            name: None if part is None else part.to_dict() for name, part in parts.items()
        }
        found["radius"] = {
            "z": {"mean": self.z.mean, "deviation": self.z.deviation},
            "mean": {"mean": self.mean.mean, "deviation": self.mean.deviation},
            "prior": dict(zip(("mean", "deviation"), self.prior_radius, strict=True)),
        }
        found["weight"] = self.weight
        found["reached"] = self.reached
        return found


def gather(run: RunFolder, codes: Codes, *, split: str, seed: int = 1) -> Evidence:
    """Read a run and measure its codes.

    Args:
        run: an opened run.
        codes: of the images to look at.
        split: which images they are.
        seed: of all draws.

    Raises:
        RunError: if the run lacks recipe, environment or history.
        InputError: if codes are not finite, or fewer than eight.
    """
    if codes.count < _FEWEST:
        raise InputError(
            f"at least {_FEWEST} codes are needed to say anything about them, {codes.count} of the "
            f"{split} split came; name a larger one: zspace doctor {run.path} --split train"
        )
    prior = NormalMixture.of_codes(codes)
    common: dict[str, Any] = {
        "run": run,
        "facts": read_facts(run),
        "recipe": load_recipe(run.recipe),
        "split": split,
        "count": codes.count,
        "prior": prior,
        "z": radius(codes.z_blocks()),
        "mean": radius(codes.mean),
    }
    most = max(_FEWEST, _CLOUD_VALUES // codes.latent_size)
    if codes.log_variance is None:
        chosen = np.sort(np.random.default_rng(seed).permutation(codes.count)[:most])
        points = np.asarray(codes.mean[chosen], np.float64)
        return Evidence(**common, cloud=cloud(points, prior, seed=seed))
    posteriors = Posteriors.of_codes(codes)
    points = posteriors.subset(most, seed=seed).draw(np.random.default_rng(seed))
    measured = rate(posteriors, prior, seed=seed)
    wide = 2.0 + float(prior.log_variance.max())
    return Evidence(
        **common,
        cloud=cloud(points, prior, seed=seed),
        rate=measured,
        surgery=elbo_surgery(posteriors, prior, rate_of_all=measured.mean, seed=seed),
        deviations=deviations(codes.mean, codes.log_variance, z=codes.z_blocks(), wide=wide),
    )
