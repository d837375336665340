"""Which choices of a recipe go together; those that do not are refused, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from zspace.recipe.network_combinations import of_the_networks

if TYPE_CHECKING:
    from zspace.recipe.recipe import Recipe

__all__ = ["conflicts", "not_resident"]


def conflicts(recipe: Recipe) -> Iterator[str]:
    """One line for each pair of choices that makes no sense together: what, why, what to do."""
    if recipe.latent.posterior == "deterministic":
        yield from _of_a_plain_autoencoder(recipe)
    else:
        yield from _of_the_kl_term(recipe)
    yield from _of_the_kind(recipe)
    yield from _of_the_route(recipe)
    yield from _of_the_schedule(recipe)
    yield from _of_what_is_given(recipe)
    yield from _of_the_devices(recipe)
    yield from of_the_networks(recipe.encoder, recipe.decoder)


def _of_a_plain_autoencoder(recipe: Recipe) -> Iterator[str]:
    latent, objective = recipe.latent, recipe.objective
    plain = "a deterministic posterior (a plain autoencoder) has no KL term"
    if objective.kind in ("iwae", "total_correlation"):
        yield f"objective.kind = {objective.kind!r}: {plain}; set latent.posterior = 'normal'"
    if objective.kl == "monte_carlo":
        yield f"objective.kl = 'monte_carlo': {plain}; leave it out"
    if objective.free_bits:
        yield f"objective.free_bits: {plain}; leave it out"
    if objective.schedule.kind != "constant":
        yield f"objective.schedule: {plain} whose weight could change; leave it out"
    if objective.route in ("layer", "outputs"):
        yield f"objective.route = {objective.route!r}: {plain} to be routed; use 'loss' or 'step'"
    if latent.prior == "vampprior" or (latent.prior != "standard_normal" and not _is_mmd(recipe)):
        yield (
            f"latent.prior = {latent.prior!r}: {plain} that could pull codes to a prior; "
            "leave it out"
        )


def _is_mmd(recipe: Recipe) -> bool:
    return recipe.objective.kind == "mmd"


def _factorizes(recipe: Recipe) -> bool:
    """Whether posterior and prior are independent normals on each axis."""
    latent = recipe.latent
    return latent.posterior == "normal" and latent.prior in ("standard_normal", "normal")


def _of_the_kl_term(recipe: Recipe) -> Iterator[str]:
    latent, objective = recipe.latent, recipe.objective
    if latent.prior == "vampprior" and latent.posterior != "normal":
        yield (
            f"latent.prior = 'vampprior' is a mixture of posteriors, which must be diagonal; "
            f"latent.posterior is {latent.posterior!r}: set it to 'normal'"
        )
    estimated = objective.kl == "monte_carlo" or objective.kind == "iwae"
    if not estimated and latent.prior in ("mixture", "vampprior"):
        yield (
            f"objective.kl = 'exact': KL to a {latent.prior} prior has no closed form; "
            "set objective.kl = 'monte_carlo'"
        )
    if estimated and latent.epsilon_scale != 1:
        yield (
            f"latent.epsilon_scale = {latent.epsilon_scale:g}: a Monte Carlo estimate needs draws "
            "from the posterior itself; leave it at 1, or set objective.kl = 'exact'"
        )
    if objective.samples > 1 and not estimated:
        yield (
            f"objective.samples = {objective.samples} has no effect on an exact KL; leave it out, "
            "or set objective.kl = 'monte_carlo'"
        )
    if objective.free_bits:
        yield from _of_free_bits(recipe)


def _of_free_bits(recipe: Recipe) -> Iterator[str]:
    objective = recipe.objective
    if objective.kind == "iwae":
        yield "objective.free_bits: the importance-weighted bound has no KL term to floor; use elbo"
    if objective.schedule.kind == "capacity":
        yield "objective.free_bits and a capacity schedule both set a floor for KL; choose one"
    if objective.free_bits_group > recipe.latent.size:
        yield (
            f"objective.free_bits_group = {objective.free_bits_group} is more than latent.size = "
            f"{recipe.latent.size}; 0 takes all axes together"
        )
    elif objective.free_bits_group and not (_factorizes(recipe) and objective.kl == "exact"):
        yield (
            "objective.free_bits by axis needs an exact KL of a normal posterior and a normal "
            "prior, which is a sum over axes; set objective.free_bits_group = 0 (all together)"
        )


def _of_the_kind(recipe: Recipe) -> Iterator[str]:
    objective = recipe.objective
    if objective.dreg and objective.kind != "iwae":
        yield "objective.dreg is a gradient of the importance-weighted bound; set kind = 'iwae'"
    if objective.kind == "iwae":
        if objective.beta != 1 or objective.reduction != "sum":
            yield (
                "objective.kind = 'iwae': importance weights are ratios of true densities, so "
                "beta must be 1 and reduction 'sum', got "
                f"{objective.beta:g} and {objective.reduction!r}"
            )
        if objective.schedule.kind != "constant":
            yield "objective.schedule: the importance-weighted bound has no weight; leave it out"
        dropout = recipe.decoder.dropout
        dropout = recipe.encoder.dropout if dropout is None else dropout
        if objective.dreg and dropout:
            yield (
                "objective.dreg decodes each z-point twice, which must give the same image; set "
                f"decoder.dropout = 0, got {dropout:g}"
            )
    if objective.kind == "total_correlation" and recipe.latent.posterior == "full_normal":
        yield (
            "objective.kind = 'total_correlation' wants independent axes, a full_normal posterior "
            "correlates them; set latent.posterior = 'normal'"
        )
    if objective.kind in ("mmd", "total_correlation") and recipe.training.batch_size < 2:
        yield f"objective.kind = {objective.kind!r} compares images; set training.batch_size >= 2"


def _of_the_route(recipe: Recipe) -> Iterator[str]:
    objective = recipe.objective
    if objective.kind == "iwae" and objective.route in ("layer", "outputs"):
        yield (
            f"objective.route = {objective.route!r}: the importance-weighted bound does not split "
            "into reconstruction and KL term; use 'loss' or 'step'"
        )
    elif objective.route == "outputs" and recipe.latent.posterior != "deterministic":
        reasons = {
            f"objective.kind is {objective.kind!r}": objective.kind != "elbo",
            "objective.kl is 'monte_carlo'": objective.kl != "exact",
            f"latent.posterior is {recipe.latent.posterior!r}": recipe.latent.posterior != "normal",
            f"latent.prior is {recipe.latent.prior!r}": not _factorizes(recipe),
            "objective.free_bits is set": objective.free_bits > 0,
            "the schedule is 'capacity'": objective.schedule.kind == "capacity",
        }
        for reason, applies in reasons.items():
            if applies:
                yield (
                    "objective.route = 'outputs' gives mean and log_variance a loss each, but here "
                    f"the KL term is no sum of two such losses: {reason}; use 'loss', 'layer' or "
                    "'step'"
                )
                return


def _of_the_schedule(recipe: Recipe) -> Iterator[str]:
    schedule = recipe.objective.schedule
    if schedule.unit == "epochs" and schedule.end > recipe.training.epochs:
        yield (
            f"objective.schedule ends after {schedule.end:g} epochs, but training.epochs = "
            f"{recipe.training.epochs}: the KL term would never get its full weight, which trains "
            f"another model; set objective.schedule.length to {_room(recipe)} or less, or train "
            "longer"
        )


def _room(recipe: Recipe) -> str:
    return f"{max(recipe.training.epochs - recipe.objective.schedule.delay, 0):g}"


def _of_what_is_given(recipe: Recipe) -> Iterator[str]:
    if recipe.task.kind == "recolor" and recipe.data.channels != 3:
        yield (
            "task.kind = 'recolor' gives colors back to gray images, so there must be colors to "
            f"learn; data.channels is {recipe.data.channels}: set it to 3"
        )
    if recipe.condition.size and recipe.latent.prior == "vampprior":
        yield (
            "latent.prior = 'vampprior' is made of images without labels or attributes, but "
            f"condition.kind is {recipe.condition.kind!r}; choose another prior"
        )


def _of_the_devices(recipe: Recipe) -> Iterator[str]:
    training = recipe.training
    if training.resident is True:
        for reason in not_resident(recipe):
            yield f"training.resident = true: {reason}; set it to 'auto' or false"
    if training.devices > 1 and training.precision == "auto":
        yield (
            f"training.devices = {training.devices} take one precision, and 'auto' would be "
            "settled by each process for itself; set training.precision to one of the others"
        )
    if training.batch_size % training.devices:
        yield (
            f"training.devices = {training.devices} share each batch evenly, but "
            f"training.batch_size is {training.batch_size}; make it a multiple of "
            f"{training.devices}"
        )


def not_resident(recipe: Recipe) -> Iterator[str]:
    """Why the images of a recipe cannot stay on the device, one line for each reason."""
    if recipe.task.kind not in ("reconstruct", "recolor"):
        yield (
            f"task.kind = {recipe.task.kind!r} does something else to each image in every epoch, "
            "which is drawn off the device"
        )
    if recipe.data.binarize:
        yield "data.binarize draws the pixels of every batch anew, off the device"
    if recipe.objective.route == "outputs":
        yield "objective.route = 'outputs' needs ordinary batches, to make its losses from"
    if recipe.training.devices > 1:
        devices = recipe.training.devices
        yield f"the images can stay on one device only, and training.devices is {devices}"
