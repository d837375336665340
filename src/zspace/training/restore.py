"""From a run folder back to its model."""

from __future__ import annotations

import warnings
import zipfile

import keras

from zspace.assemble import assemble
from zspace.errors import RunError
from zspace.models import Autoencoder
from zspace.recipe import Recipe
from zspace.run import RunFolder
from zspace.training.checkpoints import load_newest
from zspace.training.devices import quiet_native_libraries

__all__ = ["restore_model"]


def restore_model(run: RunFolder, recipe: Recipe) -> Autoencoder:
    """The trained model, on whatever backend is in use.

    Args:
        run: a run, finished or not.
        recipe: the run's.

    Returns:
        The model of model.keras; of a run that has not ended, or that goes on, the one of the
        newest checkpoint.

    Raises:
        RunError: if there is neither, or model.keras is broken.
    """
    if run.model_is_current():
        try:
            with warnings.catch_warnings(), quiet_native_libraries():
                warnings.simplefilter("ignore")
                model = keras.saving.load_model(run.model, compile=False)
        except (ValueError, TypeError, KeyError, OSError, zipfile.BadZipFile) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise RunError(f"{run.model} cannot be read ({reason}); train the run again") from error
        if not isinstance(model, Autoencoder):
            raise RunError(f"{run.model} holds a {type(model).__name__}, expected an Autoencoder")
        return model
    model = assemble(recipe)
    if load_newest(run, model) is None:
        raise RunError(
            f"{run.path} holds no model and no checkpoint yet; finish it with: "
            f"zspace train --resume --out {run.path}"
        )
    return model
