import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zspace.errors import RecipeError
from zspace.recipe import (
    Decoder,
    Encoder,
    Latent,
    Likelihood,
    Objective,
    Recipe,
    Training,
    load_recipe,
    save_recipe,
    shipped_recipes,
)

SHIPPED = (
    "celeba-ae",
    "celeba-ae-sharp",
    "celeba-vae",
    "celeba-vae-tiny-kl",
    "faces-ae",
    "faces-vae",
    "fashion-ae",
    "fashion-vae",
    "keras-io-mnist",
    "mnist-ae",
    "mnist-vae",
)


def test_shipped_recipes_are_there():
    assert set(SHIPPED) <= set(shipped_recipes())


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_recipes_survive_a_round_trip(name, tmp_path):
    recipe = load_recipe(name)
    save_recipe(recipe, tmp_path / "recipe.toml")
    assert load_recipe(tmp_path / "recipe.toml") == recipe


def test_reference_set_ups():
    """The numbers of E1, E3, E5, E6 and E12."""
    mnist = load_recipe("mnist-vae")
    assert (mnist.encoder.filters, mnist.encoder.strides) == ((32, 64, 128), (1, 2, 2))
    celeba = load_recipe("celeba-vae")
    assert (celeba.data.size, celeba.data.train, celeba.latent.size) == (96, 170000, 256)
    assert (celeba.objective.beta, celeba.objective.reduction) == (5.0, "channel_mean")
    assert (celeba.training.learning_rate, celeba.training.batch_size) == (5e-4, 128)
    assert load_recipe("celeba-vae-tiny-kl").objective.beta == 1e-5
    sharp = load_recipe("celeba-ae-sharp")
    assert (sharp.encoder.filters, sharp.encoder.kernels) == ((64, 64, 128, 128), (5, 5, 3, 3))
    assert (sharp.latent.size, sharp.data.train) == (1600, 80000)
    keras_io = load_recipe("keras-io-mnist")
    assert (keras_io.encoder.bottleneck, keras_io.latent.size) == (16, 2)


BAD = [
    ({"latnt": {}}, "unknown section 'latnt'; did you mean 'latent'?"),
    ({"latent": {"sise": 3}}, "unknown key 'latent.sise'; did you mean 'size'?"),
    ({"latent": {"size": 0}}, "latent.size: expected greater than or equal to 1, got 0"),
    (
        {"latent": {"posterior": "normla"}},
        "expected 'deterministic', 'normal' or 'full_normal', got",
    ),
    ({"training": {"learning_rate": "fast"}}, "training.learning_rate: expected a valid number"),
    ({"objective": {"beta": float("nan")}}, "objective.beta: expected a finite number"),
    ({"objective": {"beta": -1}}, "objective.beta: expected greater than or equal to 0, got -1"),
    ({"encoder": {"filters": [8, 8]}}, "filters has 2, kernels has 4, strides has 4"),
    ({"encoder": {"filters": [], "kernels": [], "strides": []}}, "at least one"),
    ({"encoder": {"kind": "dense", "units": []}}, "needs at least one layer"),
    ({"encoder": {"strides": [2, 2, 0, 2]}}, "encoder.strides: expected greater than or equal"),
    ({"decoder": {"kernels": [3], "strides": [2]}}, "set decoder.kind = 'conv'"),
    (
        {"decoder": {"kind": "conv", "filters": [8], "kernels": [3], "strides": [2]}},
        "one longer than filters",
    ),
    ({"latent": 5}, "latent: "),
]


@pytest.mark.parametrize(("values", "message"), BAD)
def test_wrong_values_are_named(values, message):
    with pytest.raises(RecipeError) as caught:
        Recipe.from_dict(values)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_override_reads_toml_and_bare_words():
    recipe = Recipe().override(
        ["latent.size=16", "latent.posterior=deterministic", "data.size=[28, 20]"]
    )
    assert recipe.latent == Latent(size=16, posterior="deterministic")
    assert recipe.data.shape == (28, 20, 3)
    assert recipe.override([]) == recipe


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("latent", "expected section.key=value"),
        ("size=3", "expected section.key=value"),
        ("latnt.size=3", "did you mean 'latent'?"),
        ("latent.siz=3", "did you mean 'size'?"),
        ("latent.size=many", "latent.size: expected a valid integer"),
    ],
)
def test_override_names_what_is_wrong(assignment, message):
    with pytest.raises(RecipeError, match="--set") as caught:
        Recipe().override([assignment])
    assert message in str(caught.value)


def test_no_such_recipe_gives_the_nearest_names():
    with pytest.raises(RecipeError, match="did you mean 'faces-vae'"):
        load_recipe("face-vae")
    with pytest.raises(RecipeError, match=r"no recipe file mine\.toml"):
        load_recipe("mine.toml")


def test_broken_toml_is_refused(tmp_path):
    (tmp_path / "broken.toml").write_text("[latent\nsize=3")
    with pytest.raises(RecipeError, match="no readable TOML"):
        load_recipe(tmp_path / "broken.toml")


@given(
    size=st.integers(1, 4096),
    beta=st.floats(0, 1e6),
    rate=st.floats(1e-8, 1.0),
    filters=st.lists(st.integers(1, 512), min_size=1, max_size=5),
)
def test_any_recipe_survives_toml(size, beta, rate, filters):
    count = len(filters)
    recipe = Recipe.from_dict(
        {
            "encoder": {"filters": filters, "kernels": [3] * count, "strides": [2] * count},
            "latent": {"size": size},
            "objective": {"beta": beta},
            "training": {"learning_rate": rate},
        }
    )
    import tomllib

    assert Recipe.from_dict(tomllib.loads(recipe.to_toml())) == recipe


def test_choices_are_the_ones_that_are_implemented():
    from zspace.distributions import LIKELIHOODS, POSTERIORS, PRIORS
    from zspace.networks import DECODERS, ENCODERS
    from zspace.objectives.terms import REDUCTIONS
    from zspace.training.optimizers import OPTIMIZERS

    def choices(section, key):
        return set(typing.get_args(section.model_fields[key].annotation))

    assert choices(Encoder, "kind") == set(ENCODERS)
    assert choices(Decoder, "kind") - {"mirror"} == set(DECODERS)
    assert choices(Latent, "posterior") == set(POSTERIORS)
    assert choices(Latent, "prior") == set(PRIORS)
    assert choices(Likelihood, "kind") == set(LIKELIHOODS)
    assert choices(Objective, "reduction") == set(REDUCTIONS)
    assert choices(Training, "optimizer") == set(OPTIMIZERS)
