"""The sections of a recipe that say what the z-space is and what is minimized."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from zspace.recipe.sections import PositiveInt, Section

__all__ = ["Latent", "Likelihood", "Objective", "Schedule"]

NotNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]


class Latent(Section):
    """The z-space."""

    size: Annotated[int, Field(ge=1, le=65536)] = 64
    """Number of latent axes."""
    posterior: Literal["deterministic", "normal", "full_normal"] = "normal"
    """deterministic: a plain autoencoder. normal: a VAE with a diagonal normal posterior.
    full_normal: one with a full covariance matrix for each image."""
    prior: Literal["standard_normal", "normal", "mixture", "vampprior"] = "standard_normal"
    """Distribution that the KL term pulls the posterior to."""
    prior_scale: Positive = 1.0
    """normal: standard deviation of each axis. mixture: that of the centers at the start."""
    prior_components: PositiveInt = 10
    """mixture, vampprior: number of components."""
    prior_trainable: bool = True
    """mixture: whether weights, centers and variances are trained along."""
    epsilon_limit: Positive = 5.0
    """Each component of the noise ε is clipped to ± this."""
    epsilon_scale: Annotated[float, Field(ge=0, le=10)] = 1.0
    """z = mean + epsilon_scale·σ·ε in training; can be changed on the trained model."""
    log_variance_limits: tuple[float, float] = (-30.0, 10.0)
    """Soft bounds of the posterior's log-variances."""

    @model_validator(mode="after")
    def _limits_leave_room(self) -> Self:
        low, high = self.log_variance_limits
        if not low + 4 <= high or not (low < 0 < high) or low < -60 or high > 60:
            raise ValueError(
                "log_variance_limits must be [low, high] with -60 ≤ low < 0 < high ≤ 60 and 4 or "
                f"more between them, got {[low, high]}"
            )
        return self


class Likelihood(Section):
    """How the decoder's output scores an image."""

    kind: Literal[
        "bernoulli",
        "continuous_bernoulli",
        "beta",
        "normal",
        "laplace",
        "discretized_logistic",
        "categorical",
    ] = "bernoulli"
    """bernoulli: binary cross entropy. continuous_bernoulli: the same as a true density. beta: a
    beta density of each pixel. normal: squared error, as a true density. laplace: absolute error,
    as a true density. discretized_logistic, categorical: probabilities of the 256 gray values."""
    variance: Positive = 1.0
    """normal, laplace, discretized_logistic: variance of a pixel (pixels are in 0…1); where it is
    learned, its first value."""
    learn_variance: Literal["no", "shared", "per_pixel"] = "no"
    """normal, laplace, discretized_logistic: shared: one variance is trained along (the σ-VAE).
    per_pixel: the decoder gives one for each pixel."""

    @field_validator("learn_variance", mode="before")
    @classmethod
    def _once_a_switch(cls, value: Any) -> Any:
        """Runs of the first version wrote true for shared, false for no."""
        return {False: "no", True: "shared"}[value] if isinstance(value, bool) else value


class Schedule(Section):
    """How the weight of the KL term changes in training."""

    kind: Literal["constant", "linear", "cosine", "cyclical", "capacity", "target_kl"] = "constant"
    """constant: beta from the first step. linear, cosine: up to beta. cyclical: up to beta several
    times. capacity: beta·abs(KL − C), C growing to `capacity`. target_kl: the weight moves, from
    beta on, until KL is at `target`."""
    unit: Literal["epochs", "steps"] = "epochs"
    """What delay and length are counted in."""
    delay: NotNegative = 0.0
    """linear, cosine, cyclical, capacity: how long the start is held."""
    length: NotNegative = 0.0
    """linear, cosine, cyclical, capacity: how long it takes from there to the end."""
    begin: Annotated[float, Field(ge=0, le=1)] = 0.0
    """linear, cosine, cyclical: share of beta at the start."""
    cycles: PositiveInt = 4
    """cyclical: how many times it rises within `length`."""
    ramp: Annotated[float, Field(gt=0, le=1)] = 0.5
    """cyclical: share of a cycle in which it rises; in the rest it is beta."""
    capacity: NotNegative = 0.0
    """capacity: KL in nats per image that is allowed at the end."""
    target: NotNegative = 0.0
    """target_kl: KL in nats per image to arrive at."""
    gain: Annotated[float, Field(gt=0, le=1)] = 0.01
    """target_kl: by how much the weight's logarithm moves in a step at most."""

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        grows = self.kind in ("linear", "cosine", "cyclical", "capacity")
        if grows and not self.length:
            raise ValueError(
                f"a {self.kind} schedule needs its length; set "
                f"objective.schedule.length, in {self.unit}"
            )
        for kind in ("capacity", "target_kl"):
            key = kind.removesuffix("_kl")
            if self.kind == kind and not getattr(self, key):
                raise ValueError(
                    f"schedule {kind} needs the KL to reach; set objective.schedule.{key}, in "
                    "nats per image"
                )
        for key in self.model_fields_set - {"kind", "unit", *_USED[self.kind]}:
            if getattr(self, key) != type(self).model_fields[key].default:
                raise ValueError(f"{key} has no effect on a {self.kind} schedule; leave it out")
        return self

    @property
    def end(self) -> float:
        """When it has arrived, in `unit`; 0 for those that go nowhere."""
        return self.delay + self.length


_USED = {
    "constant": (),
    "linear": ("delay", "length", "begin"),
    "cosine": ("delay", "length", "begin"),
    "cyclical": ("delay", "length", "begin", "cycles", "ramp"),
    "capacity": ("delay", "length", "capacity"),
    "target_kl": ("target", "gain"),
}


class Objective(Section):
    """What is minimized: reduced reconstruction term + beta·KL, with `kind` "elbo"."""

    kind: Literal["elbo", "iwae", "mmd", "total_correlation"] = "elbo"
    """elbo: the evidence lower bound. iwae: the importance-weighted one. mmd: the ELBO and the
    maximum mean discrepancy of codes and prior (WAE, InfoVAE). total_correlation: the ELBO and the
    total correlation of the codes (β-TCVAE)."""
    beta: NotNegative = 1.0
    """Weight of the KL term (nats per image) against the reduced reconstruction term."""
    reduction: Literal["sum", "channel_mean", "mean"] = "sum"
    """sum: nats per image, the true ELBO. channel_mean: summed over height and width, averaged
    over channels. mean: averaged over all pixels and channels."""
    kl: Literal["exact", "monte_carlo"] = "exact"
    """exact: the closed form. monte_carlo: averaged over draws from the posterior."""
    samples: PositiveInt = 1
    """monte_carlo: draws for each image. iwae: importance samples for each image."""
    route: Literal["loss", "layer", "outputs", "step"] = "loss"
    """How the KL term enters training: in the model's loss, by a layer's add_loss, by losses of the
    outputs mean and log_variance, or in an explicit gradient step."""
    free_bits: NotNegative = 0.0
    """Nats of KL that a group of latent axes has for free; 0 is off."""
    free_bits_group: Annotated[int, Field(ge=0)] = 1
    """Latent axes in a group; 0 takes all axes together."""
    dreg: bool = False
    """iwae: the doubly reparameterized gradient, whose noise does not grow with the samples."""
    penalty: Positive = 1.0
    """mmd, total_correlation: weight of that term."""
    kernel: Literal["imq", "rbf"] = "imq"
    """mmd: inverse multiquadratic or Gaussian kernel."""
    schedule: Schedule = Schedule()
