"""Recipe to model."""

from __future__ import annotations

from typing import Any

from zspace.distributions import LIKELIHOODS, POSTERIORS, PRIORS, Epsilon
from zspace.models import Autoencoder
from zspace.networks import DECODERS, ENCODERS
from zspace.objectives.elbo import ELBO
from zspace.recipe import Recipe

__all__ = ["assemble"]


def assemble(recipe: Recipe) -> Autoencoder:
    """The untrained model that a recipe describes, with its weights.

    The weights are drawn from Keras' global random state; training settles it by the recipe's seed.

    Raises:
        ShapeError: if the layer lists do not fit the image size.

    Example:
        >>> model = assemble(Recipe.from_dict({"latent": {"size": 8}}))
        >>> model.decode([[0.0] * 8]).shape
        (1, 64, 64, 3)
    """
    policy = recipe.training.precision
    likelihood = _likelihood(recipe)
    output_channels = recipe.data.channels * likelihood.parameters_per_channel
    latent = recipe.latent
    parts = {
        "encoder": _encoder(recipe, policy),
        "posterior": POSTERIORS[latent.posterior](latent.size, dtype=policy, name="posterior"),
        "epsilon": Epsilon(
            latent.epsilon_limit, scale=latent.epsilon_scale, seed=recipe.training.seed
        ),
        "prior": PRIORS[latent.prior](latent.size),
        "decoder": _decoder(recipe, output_channels, policy),
        "likelihood": likelihood,
        "objective": ELBO(
            recipe.data.shape, beta=recipe.objective.beta, reduction=recipe.objective.reduction
        ),
    }
    model = Autoencoder(recipe.data.shape, latent.size, parts=parts, dtype=policy)
    model.build()
    return model


def _likelihood(recipe: Recipe) -> Any:
    chosen = recipe.likelihood
    if chosen.kind == "normal":
        return LIKELIHOODS["normal"](chosen.variance, learn_variance=chosen.learn_variance)
    return LIKELIHOODS[chosen.kind]()


def _encoder(recipe: Recipe, policy: str) -> Any:
    encoder = recipe.encoder
    behind = {
        "activation": encoder.activation,
        "batch_normalization": encoder.batch_normalization,
        "dropout": encoder.dropout,
        "dtype": policy,
        "name": "encoder",
    }
    if encoder.kind == "dense":
        units = [*encoder.units, encoder.bottleneck] if encoder.bottleneck else encoder.units
        return ENCODERS["dense"](units, **behind)
    return ENCODERS["conv"](
        encoder.filters,
        encoder.kernels,
        strides=encoder.strides,
        padding=encoder.padding,
        bottleneck=encoder.bottleneck,
        **behind,
    )


def _decoder(recipe: Recipe, channels: int, policy: str) -> Any:
    encoder, decoder = recipe.encoder, recipe.decoder
    behind = {
        "activation": decoder.activation or encoder.activation,
        "batch_normalization": _first_given(
            decoder.batch_normalization, encoder.batch_normalization
        ),
        "dropout": _first_given(decoder.dropout, encoder.dropout),
        "dtype": policy,
        "name": "decoder",
    }
    height, width, _ = recipe.data.shape
    kind = encoder.kind if decoder.kind == "mirror" else decoder.kind
    if kind == "dense":
        units = decoder.units or encoder.units[::-1]
        return DECODERS["dense"]((height, width, channels), units, **behind)
    if decoder.kernels:
        kernels, strides = decoder.kernels, decoder.strides
        first = encoder.filters[-1] if encoder.kind == "conv" else decoder.filters[0]
        filters = (first, *decoder.filters, channels)
    else:
        kernels, strides = encoder.kernels[::-1], encoder.strides[::-1]
        filters = (*encoder.filters[::-1], channels)
    return DECODERS["conv"](
        (height, width),
        filters,
        kernels=kernels,
        strides=strides,
        padding=encoder.padding,
        **behind,
    )


def _first_given(value: Any, otherwise: Any) -> Any:
    return otherwise if value is None else value
