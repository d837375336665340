"""Recipe to model."""

from __future__ import annotations

from typing import Any

from zspace.distributions import LIKELIHOODS, POSTERIORS, PRIORS, SPREAD_LIKELIHOODS, Epsilon
from zspace.errors import RecipeError
from zspace.models import Autoencoder
from zspace.networks import DECODERS, ENCODERS
from zspace.objectives.elbo import ELBO
from zspace.objectives.iwae import ImportanceWeighted
from zspace.objectives.objective import AbstractObjective
from zspace.objectives.penalties import MMD, AbstractPenalty, TotalCorrelation
from zspace.objectives.schedules import KLSchedule
from zspace.recipe import Recipe
from zspace.recipe.mirrored import BEHIND, whole_decoder

__all__ = ["assemble"]


def assemble(recipe: Recipe, *, images: int = 0) -> Autoencoder:
    """The untrained model that a recipe describes, with its weights.

    The weights are drawn from Keras' global random state; training settles it by the recipe's seed.

    Args:
        recipe: what to build.
        images: in the training set, for what is counted in epochs or stands for all of them; 0
            where the model is not going to be trained.

    Raises:
        RecipeError: if a schedule in steps is longer than the training.
        ShapeError: if the layer lists do not fit the image size.

    Example:
        >>> model = assemble(Recipe.from_dict({"latent": {"size": 8}}))
        >>> model.decode([[0.0] * 8]).shape
        (1, 64, 64, 3)
    """
    # Where something is trained, training has settled what "auto" stands for.
    policy = recipe.training.precision.replace("auto", "float32")
    likelihood = _likelihood(recipe)
    output_channels = recipe.data.channels * likelihood.parameters_per_channel
    latent = recipe.latent
    parts = {
        "encoder": _encoder(recipe, policy),
        "posterior": _posterior(recipe),
        "epsilon": Epsilon(
            latent.epsilon_limit, scale=latent.epsilon_scale, seed=recipe.training.seed
        ),
        "prior": _prior(recipe),
        "decoder": _decoder(recipe, output_channels, policy),
        "likelihood": likelihood,
        "objective": _objective(recipe, images),
        "kl_schedule": _kl_schedule(recipe, images),
    }
    model = Autoencoder(
        recipe.data.shape,
        latent.size,
        parts=parts,
        condition_size=recipe.condition.size,
        route=recipe.objective.route,
        dtype=policy,
    )
    model.build()
    return model


def _likelihood(recipe: Recipe) -> Any:
    chosen = recipe.likelihood
    kind = LIKELIHOODS[chosen.kind]
    if chosen.kind in SPREAD_LIKELIHOODS:
        return kind(chosen.variance, learn_variance=chosen.learn_variance)
    return kind()


def _posterior(recipe: Recipe) -> Any:
    latent = recipe.latent
    # Whatever the precision of the networks: eight bits of a code would show in what reads it, and
    # variances grow with e to the log-variance, and with its rounding.
    named = {"dtype": "float32", "name": "posterior"}
    if latent.posterior == "deterministic":
        return POSTERIORS["deterministic"](latent.size, **named)
    return POSTERIORS[latent.posterior](
        latent.size, log_variance_limits=latent.log_variance_limits, **named
    )


def _prior(recipe: Recipe) -> Any:
    latent = recipe.latent
    options: dict[str, Any] = {}
    if latent.prior in ("normal", "mixture"):
        options["scale"] = latent.prior_scale
    if latent.prior in ("mixture", "vampprior"):
        options["components"] = latent.prior_components
        options["seed"] = recipe.training.seed
    if latent.prior == "mixture":
        options["trainable"] = latent.prior_trainable
    if latent.prior == "vampprior":
        options["image_shape"] = recipe.data.shape
    return PRIORS[latent.prior](latent.size, **options)


def _objective(recipe: Recipe, images: int) -> AbstractObjective:
    chosen = recipe.objective
    if chosen.kind == "iwae":
        return ImportanceWeighted(recipe.data.shape, samples=chosen.samples, dreg=chosen.dreg)
    penalty: AbstractPenalty | None = None
    if chosen.kind == "mmd":
        penalty = MMD(chosen.penalty, kernel=chosen.kernel)
    elif chosen.kind == "total_correlation":
        penalty = TotalCorrelation(chosen.penalty, images=images)
    return ELBO(
        recipe.data.shape,
        beta=chosen.beta,
        reduction=chosen.reduction,
        kl=chosen.kl,
        samples=chosen.samples,
        free_bits=(chosen.free_bits, chosen.free_bits_group),
        penalty=penalty,
    )


def _kl_schedule(recipe: Recipe, images: int) -> KLSchedule:
    """The schedule, in steps."""
    schedule, training = recipe.objective.schedule, recipe.training
    per_epoch = -(-images // training.batch_size)
    unit = 1 if schedule.unit == "steps" else per_epoch
    steps = per_epoch * training.epochs
    if images and schedule.end * unit > steps:
        raise RecipeError(
            f"objective.schedule ends after {schedule.end:g} steps, but training has {steps:,} "
            f"({training.epochs} epochs of {per_epoch:,}): the KL term would never get its full "
            "weight, which trains another model; shorten objective.schedule.length, or train longer"
        )
    settings = {
        key: getattr(schedule, key)
        for key in ("begin", "cycles", "ramp", "capacity", "target", "gain")
    }
    # Where nothing is trained there are no steps, and any length will do.
    settings["length"] = schedule.length * unit or 1.0
    settings["delay"] = schedule.delay * unit
    return KLSchedule(schedule.kind, settings=settings)


def _encoder(recipe: Recipe, policy: str) -> Any:
    encoder = recipe.encoder
    behind = {name: getattr(encoder, name) for name in BEHIND}
    behind |= {"dtype": policy, "name": "encoder"}
    if encoder.kind == "dense":
        units = [*encoder.units, encoder.bottleneck] if encoder.bottleneck else encoder.units
        return ENCODERS["dense"](units, **behind)
    own: dict[str, Any] = (
        {"padding": encoder.padding} if encoder.kind == "conv" else {"blocks": encoder.blocks}
    )
    return ENCODERS[encoder.kind](
        encoder.filters,
        encoder.kernels,
        strides=encoder.strides,
        bottleneck=encoder.bottleneck,
        **own,
        **behind,
    )


def _decoder(recipe: Recipe, channels: int, policy: str) -> Any:
    decoder = whole_decoder(recipe.encoder, recipe.decoder)
    behind = decoder.behind | {"dtype": policy, "name": "decoder"}
    height, width, _ = recipe.data.shape
    if decoder.kind == "dense":
        return DECODERS["dense"]((height, width, channels), decoder.units, **behind)
    own: dict[str, Any] = (
        {"padding": recipe.encoder.padding}
        if decoder.kind == "conv"
        else {"blocks": decoder.blocks}
    )
    return DECODERS[decoder.kind](
        (height, width),
        (*decoder.filters, channels),
        kernels=decoder.kernels,
        strides=decoder.strides,
        upsample=decoder.upsample,
        **own,
        **behind,
    )
