"""What maps are colored by: what was asked, or what tells most."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import distributions as td

from zspace.codes import Codes
from zspace.errors import InputError
from zspace.report.coloring import colorings
from zspace.report.material import Material

COUNT = 400
ROWS = np.arange(0, COUNT, 3)


def material(
    *, plain: bool = False, labels: bool = False, attributes: bool = True, **more: object
) -> Material:
    generator = np.random.default_rng(2)
    mean = generator.standard_normal((COUNT, 4)).astype(np.float32)
    has = generator.random((COUNT, 4)) < [0.5, 0.5, 0.5, 0.01]
    mean[:, 2] += 5 * has[:, 1]
    mean[:, 0] += 1 * has[:, 2]
    mean[:, 1] += 90 * has[:, 3]  # far away, and of four images only
    log_variance = generator.uniform(-3, 0, (COUNT, 4)).astype(np.float32)
    codes = Codes(
        mean=mean,
        log_variance=None if plain else log_variance,
        index=np.arange(COUNT),
        labels=np.arange(COUNT) % 3 * 2 if labels else None,
        attributes=np.where(has, 1, -1).astype(np.int8) if attributes else None,
        information={
            "seed": 1,
            "label_names": ["zero", "one", "two"],
            "attribute_names": ["Nothing", "Smiling_Much", "Young", "Rare"] if attributes else [],
        },
    )
    return Material(codes, "train", **more)


def test_labels_come_first() -> None:
    found = colorings(material(labels=True), ROWS)
    assert list(found) == ["label", "radius", "kl"]
    label = found["label"]
    assert label.names == ("zero", "two", "4"), "a class without a name is its number"
    np.testing.assert_array_equal(label.values, ROWS % 3)
    assert label.is_class


def test_the_attribute_that_is_told_apart_best_comes_first() -> None:
    found = colorings(material(), ROWS)
    assert list(found) == ["Smiling_Much", "radius", "kl"]
    smiling = found["Smiling_Much"]
    assert smiling.title == "Smiling Much"
    assert smiling.names == ("without", "with Smiling Much")
    given = material().codes
    np.testing.assert_array_equal(smiling.values, given.attributes[ROWS, 1] > 0)
    assert list(colorings(material(plain=True), ROWS)) == ["Smiling_Much", "radius"]


def test_neither_labels_nor_attributes() -> None:
    assert list(colorings(material(attributes=False), ROWS)) == ["radius", "kl"]


def test_the_radius_is_that_of_the_points() -> None:
    given = material(plain=True, colors=("radius",))
    (radius,) = colorings(given, ROWS).values()
    expected = np.linalg.norm(given.codes.mean[ROWS], axis=1)
    np.testing.assert_allclose(radius.values, expected, rtol=1e-5)
    assert radius.names == ()
    assert not radius.is_class
    drawn = material(colors=("radius",))
    z = drawn.codes.z()[ROWS]
    (radius,) = colorings(drawn, ROWS).values()
    np.testing.assert_allclose(radius.values, np.linalg.norm(z, axis=1), rtol=1e-5)


def test_kl_is_torchs() -> None:
    given = material(colors=("kl",))
    (kl,) = colorings(given, ROWS).values()
    q = td.Normal(
        torch.tensor(given.codes.mean[ROWS]).double(),
        torch.exp(torch.tensor(given.codes.log_variance[ROWS]).double() / 2),
    )
    expected = td.kl_divergence(q, td.Normal(0.0, 1.0)).sum(dim=1).numpy()
    np.testing.assert_allclose(kl.values, expected, rtol=1e-6)
    assert kl.unit == "nats"


def test_what_was_asked_for_in_its_order() -> None:
    found = colorings(material(colors=("Young", "kl", "Nothing")), ROWS)
    assert list(found) == ["Young", "kl", "Nothing"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (material(colors=("Smilling_Much",)), "Smiling_Much"),
        (material(colors=("label",)), "'label'"),
        (material(plain=True, colors=("kl",)), "'kl'"),
    ],
)
def test_what_is_not_there_is_one_line(given: Material, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        colorings(given, ROWS)
    assert "\n" not in str(caught.value)


def test_one_point_for_all_images_has_some_attribute() -> None:
    given = material(plain=True)
    given.codes.mean[:] = 1
    assert next(iter(colorings(given, ROWS))) == "Nothing"
