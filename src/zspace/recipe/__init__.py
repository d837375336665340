"""Every knob of an experiment: nested frozen models that are read from, and written to, TOML.

A recipe holds all that decides the result of a run except the images.

    sections        data, encoder, decoder, training
    task            task, condition
    latent          latent, likelihood, objective and its schedule
    combinations    which choices go together
    recipe          the whole, read and written
"""

from zspace.recipe.latent import Latent, Likelihood, Objective, Schedule
from zspace.recipe.recipe import Recipe, load_recipe, save_recipe, shipped_recipes
from zspace.recipe.sections import Data, Decoder, Encoder, Training
from zspace.recipe.task import Condition, Task

__all__ = [
    "Condition",
    "Data",
    "Decoder",
    "Encoder",
    "Latent",
    "Likelihood",
    "Objective",
    "Recipe",
    "Schedule",
    "Task",
    "Training",
    "load_recipe",
    "save_recipe",
    "shipped_recipes",
]
