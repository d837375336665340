"""Train a recipe, from Python or the command line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from zspace.api.encoding import as_dataset
from zspace.api.run import Run
from zspace.data import Dataset
from zspace.errors import DataError, RecipeError, RunError
from zspace.recipe import Recipe, load_recipe
from zspace.run import RunFolder

__all__ = ["train"]


def train(
    recipe: Recipe | Path | str | None = None,
    *,
    data: Dataset | Path | str | None = None,
    out: Path | str | None = None,
    changes: Iterable[str] = (),
    backend: str | None = None,
    resume: bool = False,
    overwrite: bool = False,
    show_progress: bool = True,
) -> Run:
    """Train a recipe on a prepared data set.

    Args:
        recipe: a shipped name, a TOML file or a `Recipe`; may be left out to resume.
        data: a prepared data set or its folder; may be left out to resume.
        out: the run folder; None takes runs/NAME.
        changes: ``"section.key=value"`` each, applied to the recipe.
        backend: ``"tensorflow"``, ``"jax"`` or ``"torch"``; see
            `zspace.training.devices.select_backend`.
        resume: whether to go on from the newest checkpoint of the run at `out`.
        overwrite: whether a run that is there already is replaced.
        show_progress: on standard error.

    Returns:
        The finished run.

    Raises:
        InputError: recipe, data set, backend or output cannot be used; nothing is written then.
        NonFiniteLossError: the loss became NaN or infinite; the last good checkpoint is kept.
    """
    from zspace.training.devices import select_backend, several_devices

    if recipe is None and not resume:
        raise RecipeError(
            "no recipe given: name one, as in zspace train faces-vae --data DIR; "
            "zspace recipes lists them"
        )
    folder = _run_folder(recipe, out)
    existing = RunFolder.open(folder) if resume else None
    if existing is not None and recipe is None:
        recipe = existing.recipe
    if recipe is None:
        raise RunError("no recipe given")
    chosen = (recipe if isinstance(recipe, Recipe) else load_recipe(recipe)).override(changes)
    if data is None:
        if existing is None:
            raise DataError(
                "no data set given: pass --data DIR, made with: zspace prepare SOURCE --out DIR"
            )
        data = Run(existing).dataset
    dataset = as_dataset(data)
    from zspace.training.start import backend_of, check_dataset, resume_run, start_run

    check_dataset(chosen, dataset)
    select_backend(backend or (backend_of(existing) if existing else None))
    from zspace.training.fit import fit, make_model
    from zspace.training.precision import settle_precision

    chosen, measured = settle_precision(chosen, run=existing)
    with several_devices(chosen.training.devices):
        model = make_model(chosen, dataset)
        if existing is None:
            existing = start_run(chosen, dataset, out=folder, overwrite=overwrite, record=measured)
        else:
            resume_run(existing, recipe=chosen, dataset=dataset)
        fit(model, chosen, dataset=dataset, run=existing, show_progress=show_progress)
    run = Run(existing, show_progress=show_progress)
    run.__dict__.update(recipe=chosen, dataset=dataset)
    if chosen.training.devices == 1:
        # Weights that several devices have keep them all busy; the run reads them from its file.
        run.__dict__.update(model=model)
    return run


def _run_folder(recipe: Recipe | Path | str | None, out: Path | str | None) -> Path:
    if out is not None:
        return Path(out)
    if recipe is None or isinstance(recipe, Recipe):
        raise RunError("where to? pass --out RUN")
    return Path("runs") / Path(recipe).stem
