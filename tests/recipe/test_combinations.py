"""Choices that make no sense together are refused, each in one line that says why."""

import pytest

from zspace.errors import RecipeError
from zspace.recipe import Recipe, load_recipe, shipped_recipes

PLAIN = {"latent": {"posterior": "deterministic"}}
MIXTURE = {"latent": {"prior": "mixture"}, "objective": {"kl": "monte_carlo"}}
IWAE = {"objective": {"kind": "iwae", "samples": 5}}


def schedule(kind, **settings):
    return {"objective": {"schedule": {"kind": kind, **settings}}}


def merged(*parts):
    found = {}
    for part in parts:
        for section, keys in part.items():
            found[section] = {**found.get(section, {}), **keys}
    return found


REFUSED = [
    ({"training": {"devices": 2, "precision": "auto"}}, "settled by each process for itself"),
    (merged(PLAIN, IWAE), "has no KL term; set latent.posterior = 'normal'"),
    (merged(PLAIN, {"objective": {"kind": "total_correlation"}}), "has no KL term"),
    (merged(PLAIN, {"objective": {"kl": "monte_carlo"}}), "has no KL term; leave it out"),
    (merged(PLAIN, {"objective": {"free_bits": 1}}), "objective.free_bits: a deterministic"),
    (merged(PLAIN, schedule("linear", length=3)), "whose weight could change"),
    (merged(PLAIN, {"objective": {"route": "layer"}}), "use 'loss' or 'step'"),
    (merged(PLAIN, {"latent": {"posterior": "deterministic", "prior": "normal"}}), "pull codes"),
    ({"latent": {"prior": "mixture"}}, "no closed form; set objective.kl = 'monte_carlo'"),
    ({"latent": {"prior": "vampprior"}}, "no closed form"),
    (
        merged(MIXTURE, {"latent": {"prior": "vampprior", "posterior": "full_normal"}}),
        "mixture of posteriors, which must be diagonal",
    ),
    ({"objective": {"samples": 4}}, "has no effect on an exact KL"),
    (
        {"objective": {"kl": "monte_carlo"}, "latent": {"epsilon_scale": 0.5}},
        "needs draws from the posterior itself",
    ),
    (merged(IWAE, {"latent": {"epsilon_scale": 0.5}}), "needs draws from the posterior itself"),
    (merged(IWAE, {"objective": {**IWAE["objective"], "beta": 2}}), "ratios of true densities"),
    (
        merged(IWAE, {"objective": {**IWAE["objective"], "reduction": "mean"}}),
        "ratios of true densities",
    ),
    (merged(IWAE, {"objective": {**IWAE["objective"], "free_bits": 1}}), "no KL term to floor"),
    (
        merged(
            IWAE, {"objective": {**IWAE["objective"], **schedule("linear", length=2)["objective"]}}
        ),
        "bound has no weight",
    ),
    (merged(IWAE, {"objective": {**IWAE["objective"], "route": "layer"}}), "does not split"),
    (
        merged(
            IWAE, {"objective": {**IWAE["objective"], "dreg": True}, "encoder": {"dropout": 0.2}}
        ),
        "decodes each z-point twice",
    ),
    ({"objective": {"dreg": True}}, "set kind = 'iwae'"),
    (
        {"objective": {"kind": "total_correlation"}, "latent": {"posterior": "full_normal"}},
        "wants independent axes",
    ),
    ({"objective": {"kind": "mmd"}, "training": {"batch_size": 1}}, "compares images"),
    ({"objective": {"free_bits": 1, "free_bits_group": 65}}, "is more than latent.size = 64"),
    (
        merged(MIXTURE, {"objective": {"kl": "monte_carlo", "free_bits": 1}}),
        "set objective.free_bits_group = 0",
    ),
    (
        merged(
            {
                "objective": {
                    "free_bits": 1,
                    **schedule("capacity", length=2, capacity=5)["objective"],
                }
            }
        ),
        "both set a floor",
    ),
    ({"objective": {"route": "outputs", "kind": "mmd"}}, "objective.kind is 'mmd'"),
    ({"objective": {"route": "outputs", "kl": "monte_carlo"}}, "objective.kl is 'monte_carlo'"),
    (
        {"objective": {"route": "outputs"}, "latent": {"posterior": "full_normal"}},
        "latent.posterior is 'full_normal'",
    ),
    ({"objective": {"route": "outputs", "free_bits": 1}}, "objective.free_bits is set"),
    (
        merged(
            {
                "objective": {
                    "route": "outputs",
                    **schedule("capacity", length=2, capacity=5)["objective"],
                }
            }
        ),
        "the schedule is 'capacity'",
    ),
    (schedule("linear"), "a linear schedule needs its length"),
    (schedule("capacity", length=3), "set objective.schedule.capacity"),
    (schedule("target_kl"), "set objective.schedule.target"),
    (schedule("linear", length=3, target=2), "target has no effect on a linear schedule"),
    (
        merged(schedule("linear", length=18, delay=4)),
        "get its full weight, which trains another model; set objective.schedule.length to 16",
    ),
    (
        {"encoder": {"batch_normalization": True, "group_normalization": 8}},
        "encoder.group_normalization = 8 would both normalize",
    ),
    (
        {"encoder": {"batch_normalization": True}, "decoder": {"group_normalization": 8}},
        "decoder.batch_normalization and decoder.group_normalization = 8 would both",
    ),
    (
        {"encoder": {"group_normalization": 6}},
        "encoder.group_normalization = 6 does not divide 32 of encoder.filters = [32, 64, 128, ",
    ),
    (
        {"encoder": {"group_normalization": 8, "bottleneck": 12}},
        "encoder.group_normalization = 8 does not divide 12 of encoder.bottleneck = [12]",
    ),
    (
        {"encoder": {"kind": "dense", "group_normalization": 5}},
        "does not divide 256 of encoder.units",
    ),
    (
        {
            "encoder": {"group_normalization": 8},
            "decoder": {"kind": "conv", "filters": [12], "kernels": [3, 3], "strides": [4, 4]},
        },
        "decoder.group_normalization = 8 does not divide 12 of decoder.filters = [256, 12]",
    ),
    (
        {"decoder": {"kind": "dense", "group_normalization": 5, "units": [64, 256]}},
        "decoder.group_normalization = 5 does not divide 64 of decoder.units",
    ),
    ({"encoder": {"kind": "resnet", "padding": "valid"}}, "must be of one size; set it to 'same'"),
    (
        {"encoder": {"padding": "valid"}, "decoder": {"kind": "resnet"}},
        "must be of one size; set it to 'same'",
    ),
    (
        {"encoder": {"padding": "valid"}, "decoder": {"upsample": "nearest"}},
        "decoder.upsample = 'nearest' needs 'same'",
    ),
    ({"encoder": {"blocks": 2}}, "encoder.blocks = 2 has no effect on a conv encoder"),
    ({"decoder": {"blocks": 2}}, "decoder.blocks = 2 has no effect on a conv decoder"),
    (
        {"encoder": {"kind": "dense"}, "decoder": {"upsample": "nearest"}},
        "a dense decoder has no feature maps to enlarge",
    ),
    ({"encoder": {"kind": "dense", "attention": 8}}, "a dense encoder has no feature maps"),
    ({"decoder": {"kind": "dense", "attention": 8}}, "a dense decoder has no feature maps"),
    ({"encoder": {"attention_heads": 4}}, "attention_heads = 4 has no effect without"),
    ({"decoder": {"attention_heads": 4}}, "attention_heads = 4 has no effect without"),
    (
        {"decoder": {"filters": [8], "kernels": [3, 3], "strides": [2, 2]}},
        "set decoder.kind = 'conv' (or 'resnet') or leave them out",
    ),
    ({"latent": {"log_variance_limits": [-1, 1]}}, "4 or more between them"),
    ({"latent": {"log_variance_limits": [2, 10]}}, "low < 0 < high"),
]


@pytest.mark.parametrize(("values", "expected"), REFUSED)
def test_refused_in_one_line(values, expected):
    with pytest.raises(RecipeError) as caught:
        Recipe.from_dict(values)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


ACCEPTED = [
    merged(PLAIN, {"objective": {"kind": "mmd", "beta": 0}}),
    merged(
        {"latent": {"posterior": "deterministic", "prior": "mixture"}},
        {"objective": {"kind": "mmd"}},
    ),
    MIXTURE,
    merged(MIXTURE, {"latent": {"prior": "mixture", "posterior": "full_normal"}}),
    merged(MIXTURE, {"objective": {"kl": "monte_carlo", "free_bits": 3, "free_bits_group": 0}}),
    {"latent": {"prior": "mixture"}, **IWAE},
    {"objective": {"route": "outputs"}, "latent": {"prior": "normal", "prior_scale": 2}},
    merged({"objective": {"route": "outputs", **schedule("cyclical", length=20)["objective"]}}),
    {"objective": {"free_bits": 0.1, "free_bits_group": 64}},
    schedule("linear", length=500, unit="steps"),
    {"encoder": {"kind": "resnet", "blocks": 2, "group_normalization": 8, "attention": 8}},
    {"encoder": {"attention": 8, "attention_heads": 4}, "decoder": {"upsample": "bilinear"}},
    {
        "encoder": {"batch_normalization": True},
        "decoder": {"batch_normalization": False, "group_normalization": 8},
    },
    {"encoder": {"attention": 8}, "decoder": {"kind": "dense"}},
    {"encoder": {"padding": "valid"}, "decoder": {"kind": "dense"}},
    {"decoder": {"kind": "resnet", "filters": [8], "kernels": [3, 3], "strides": [4, 4]}},
    schedule("cosine", length=20),
    schedule("target_kl", target=20, gain=0.1),
]


@pytest.mark.parametrize("values", ACCEPTED)
def test_what_makes_sense_is_accepted(values):
    Recipe.from_dict(values)


@pytest.mark.parametrize("name", sorted(shipped_recipes()))
def test_every_shipped_recipe_makes_sense(name):
    load_recipe(name)


def test_a_schedule_on_the_command_line():
    recipe = Recipe.from_dict({}).override(
        ["objective.schedule.kind=linear", "objective.schedule.length=5"]
    )
    assert (recipe.objective.schedule.kind, recipe.objective.schedule.length) == ("linear", 5)
    again = recipe.override(["objective.schedule={length=7, begin=0.5}"]).objective.schedule
    assert (again.kind, again.length, again.begin) == ("linear", 7, 0.5)
    with pytest.raises(RecipeError, match=r"unknown key 'objective.schedule.lenght'"):
        recipe.override(["objective.schedule.lenght=5"])
    with pytest.raises(RecipeError, match=r"objective.schedule.gain: .*got 2"):
        recipe.override(["objective.schedule.gain=2"])


def test_old_switches_are_understood():
    """Runs of the first version wrote learn_variance as true or false."""
    likelihood = Recipe.from_dict({"likelihood": {"learn_variance": True}}).likelihood
    assert likelihood.learn_variance == "shared"
