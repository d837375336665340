"""``zspace convert-beta``: the KL factor of another program as a beta of ours, and back."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["convert_beta"]


def convert_beta(
    convention: Annotated[
        str,
        typer.Argument(
            help="train-step, averaged-kl, chollet, foster, geron, atienza, tfp, tfp-exact or "
            "tfp-regularizer."
        ),
    ],
    factor: Annotated[float, typer.Argument(help="The factor there; with --back the beta here.")],
    size: Annotated[int, typer.Option("--size", min=1, help="Height and width in pixels.")] = 28,
    channels: Annotated[int, typer.Option("--channels", min=1, help="1 or 3.")] = 1,
    latent: Annotated[int, typer.Option("--latent", min=1, help="Latent size.")] = 16,
    batch: Annotated[int, typer.Option("--batch", min=1, help="Batch size.")] = 128,
    reduction: Annotated[
        str, typer.Option("--reduction", help="sum, channel_mean or mean (all if not given).")
    ] = "",
    back: Annotated[
        bool, typer.Option("--back", help="From beta (beside --reduction) to the factor there.")
    ] = False,
) -> None:
    """Convert the KL factor of another convention to objective.beta, or back."""
    from zspace.errors import InputError, did_you_mean
    from zspace.objectives.conventions import CONVENTIONS, Setting, factor_of_beta
    from zspace.objectives.conventions import convert_beta as convert
    from zspace.objectives.terms import REDUCTIONS

    if reduction and reduction not in REDUCTIONS:
        raise InputError(f"no reduction {reduction!r}; {did_you_mean(reduction, REDUCTIONS)}")
    setting = Setting((size, size, channels), latent, batch)
    if back:
        beside = reduction or "sum"
        found = factor_of_beta(convention, factor, setting=setting, reduction=beside)
        typer.echo(f"objective.reduction = {beside!r}, objective.beta = {factor:g} is, as")
        typer.echo(f"  {CONVENTIONS[convention].loss}   factor = {found:.6g}")
        return
    lines = [
        f"  objective.reduction = {each!r:16} objective.beta = "
        f"{convert(convention, factor, setting=setting, reduction=each):.6g}"
        for each in ([reduction] if reduction else REDUCTIONS)
    ]
    typer.echo(f"{CONVENTIONS[convention].loss}   with factor = {factor:g} is, in a recipe,")
    typer.echo("\n".join(lines))
