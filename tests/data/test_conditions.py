import numpy as np
import pytest
from sklearn.preprocessing import OneHotEncoder

from zspace.data import prepare
from zspace.data.conditions import condition_rows, condition_vector, require_conditions
from zspace.errors import DataError, InputError
from zspace.recipe import Condition

LABEL = Condition(kind="label", classes=3)
NAMED = Condition(kind="attributes", names=("Smiling", "Hat"))


@pytest.fixture(scope="module")
def labelled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("labelled")
    images = np.zeros((30, 8, 8, 1), np.uint8)
    np.savez(folder / "some.npz", images=images, labels=np.arange(30) % 3)
    return prepare("npz", folder / "prepared", from_path=folder / "some.npz")


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    return prepare("faces", tmp_path_factory.mktemp("faces") / "prepared", size=32, limit=40)


def test_labels_become_one_hot(labelled):
    rows = np.array([4, 0, 5, 29])
    found = condition_rows(labelled, rows, condition=LABEL)
    expected = OneHotEncoder(categories=[[0, 1, 2]], sparse_output=False)
    np.testing.assert_array_equal(
        found, expected.fit_transform(np.asarray(labelled.labels)[rows, None])
    )
    assert found.dtype == np.float32


def test_attributes_come_in_the_order_of_their_names(faces):
    names = faces.attribute_names[3], faces.attribute_names[0]
    condition = Condition(kind="attributes", names=names)
    found = condition_rows(faces, np.arange(10), condition=condition)
    np.testing.assert_array_equal(found[:, 0], faces.attributes[:10, 3])
    np.testing.assert_array_equal(found[:, 1], faces.attributes[:10, 0])


def test_no_condition_gives_nothing(faces):
    assert condition_rows(faces, np.arange(3), condition=Condition()) is None


def test_what_is_asked_for_by_name_and_number():
    assert condition_vector(LABEL, {"2": 1}) == {0: 0.0, 1: 0.0, 2: 1.0}
    named = ("cat", "dog", "frog")
    assert condition_vector(LABEL, {"dog": 1}, label_names=named) == {0: 0.0, 1: 1.0, 2: 0.0}
    assert condition_vector(NAMED, {"Hat": -1, "Smiling": 0.5}) == {1: -1.0, 0: 0.5}


@pytest.mark.parametrize(
    ("condition", "wanted", "reason"),
    [
        (Condition(), {"Hat": 1}, "not conditional"),
        (LABEL, {"7": 1}, "no class '7'"),
        (LABEL, {"1": 1, "2": 1}, "one class was expected"),
        (NAMED, {"Smilng": 1}, "Smiling"),
        (NAMED, {"Hat": float("nan")}, "a number was expected"),
    ],
)
def test_what_a_model_does_not_know(condition, wanted, reason):
    with pytest.raises(InputError, match=reason):
        condition_vector(condition, wanted)


def test_data_without_what_is_needed(labelled, faces):
    require_conditions(labelled, LABEL)
    require_conditions(faces, Condition())
    cases = [
        (faces, LABEL, "has no labels"),
        (labelled, NAMED, "has no attributes"),
        (labelled, Condition(kind="label", classes=5), "condition.classes = 3"),
        (faces, Condition(kind="attributes", names=("Smilng",)), "Smiling"),
    ]
    for dataset, condition, reason in cases:
        with pytest.raises(DataError, match=reason):
            require_conditions(dataset, condition)
