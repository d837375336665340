import pytest

from zspace.errors import RecipeError
from zspace.recipe import Recipe


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        ({"kind": "denoise"}, "needs its amount"),
        ({"kind": "drop_pixels", "amount": 1.5}, "a share below 1"),
        ({"kind": "denoise", "noise": "salt_and_pepper", "amount": 1.0}, "a share below 1"),
        ({"kind": "recolor", "amount": 0.5}, "no effect on recolor"),
        ({"amount": 0.5}, "no effect on reconstruct"),
        ({"kind": "mask", "amount": 0.5, "noise": "salt_and_pepper"}, "noise has no effect"),
        ({"kind": "denoise", "amount": 0.5, "boxes": 3}, "boxes has no effect"),
        ({"kind": "mask", "amount": -0.5}, "task.amount"),
        ({"kind": "deblur"}, "task.kind"),
    ],
)
def test_tasks_that_make_no_sense(task, reason):
    with pytest.raises(RecipeError, match=reason):
        Recipe.from_dict({"task": task})


def test_gray_images_cannot_learn_colors():
    with pytest.raises(RecipeError, match=r"data\.channels is 1"):
        Recipe.from_dict({"data": {"channels": 1}, "task": {"kind": "recolor"}})


def test_strong_normal_noise_is_allowed():
    recipe = Recipe.from_dict({"task": {"kind": "denoise", "amount": 1.5}})
    assert recipe.task.corrupts and not Recipe().task.corrupts
    assert Recipe.from_dict({}).condition.size == 0
