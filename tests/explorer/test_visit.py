"""One visitor: what is asked changes the state or becomes a message, and the page is told."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from explored import LATENT, SHAPE, made_codes, made_side
from visited import Visited, pictures

SIDE, PLAIN = made_side(), made_side(plain=True, size=4, name="faces-ae")
NAN = float("nan")


@pytest.fixture
def one() -> Visited:
    visited = Visited(SIDE)
    visited.fine("begin")
    return visited


@pytest.fixture
def two() -> Visited:
    visited = Visited(SIDE, PLAIN)
    visited.fine("begin")
    return visited


def test_a_page_begins_with_what_there_is_and_the_mean_code() -> None:
    visited = Visited(SIDE, PLAIN)
    answers = visited.fine("begin")
    for kind, count in {
        "models": 1,
        "notes": 1,
        "gauges": 2,
        "map": 2,
        "image": 2,
        "told": 2,
    }.items():
        assert len([each for each in answers if each["kind"] == kind]) == count, kind
    first, second = visited.answer("models")["models"]
    assert first["name"] == "faces-vae"
    assert (first["random"], second["random"]) == (True, False), "noise is for the VAE alone"
    assert [each["name"] for each in first["maps"]] == ["pca", "axes"]
    assert len(first["sliders"]) == 2 * LATENT and len(second["sliders"]) == 8
    assert first["uploads"] and first["axes"] == np.argsort(-SIDE.codes.mean.std(0))[:2].tolist()
    assert visited.answer("models")["color"] == "label"
    image = visited.answer("image", 0)
    np.testing.assert_array_equal(pictures(image)[0], SIDE.image(SIDE.moments.mean))
    assert image["place"] == pytest.approx([0, 0])
    assert visited.answer("told", 0)["source"] == "The mean code."
    kinds = [each["kind"] for each in answers]
    assert kinds.index("image") < kinds.index("told"), "the image comes first"


def test_a_click_on_a_point_tells_its_image_its_neighbors_and_its_numbers(one) -> None:
    x, y = SIDE.pca_view().coordinates[7].tolist()
    one.fine("place", x=x, y=y, within=1e-4, phase="tap")
    np.testing.assert_array_equal(pictures(one.answer("image"))[0], SIDE.image(SIDE.code(7)))
    told, state = one.answer("told"), one.answer("state")
    assert told["source"] == f"Code 7 (image {SIDE.codes.index[7]:,} of the data set)."
    assert told["near"]["rows"][0] == 7 and len(told["near"]["rows"]) == 8
    near = pictures(told["near"])
    assert near.shape == (8, *SHAPE) and near[0, 0, 0, 0] == SIDE.codes.index[7] % 251
    assert told["near"]["texts"][0] == "code 7, at distance 0.00"
    assert state["row"] == 7 and (state["undo"], state["redo"]) == (True, False)
    assert state["values"]["axis 0"] == pytest.approx(SIDE.code(7)[0])
    assert state["radius"] == pytest.approx(np.linalg.norm(SIDE.code(7)))
    assert one.answer("marks")["radius"]["value"] == pytest.approx(state["radius"])


def test_hovering_shows_the_image_of_a_code(one) -> None:
    x, y = SIDE.pca_view().coordinates[7].tolist()
    before = one.histories
    one.fine("glance", x=x, y=y, within=1e-4, upward=1e-4)
    glance = one.answer("glance")
    assert glance["row"] == 7 and (pictures(glance) == SIDE.codes.index[7] % 251).all()
    one.fine("glance", x=900.0, y=0.0, within=1e-4)
    assert one.answer("glance")["row"] is None
    assert one.histories == before
    assert "finite number" in one.refused("glance", x=NAN, y=0, within=1)
    bare = Visited(dataclasses.replace(SIDE, images=None))
    bare.fine("glance", x=x, y=y, within=1e-4)
    bare.fine("begin")
    assert bare.answer("glance")["row"] is None
    assert bare.answer("told")["near"]["rows"] == []


def test_one_undo_goes_back_to_where_a_drag_began(one) -> None:
    one.fine("row", row=3)
    one.fine("place", x=0.0, y=0.0, within=1, phase="start")
    for step in range(1, 6):
        one.fine("place", x=step / 2, y=1.0, within=1, phase="move", along=True)
    np.testing.assert_allclose(SIDE.pca_view().from_z(one.z()), [2.5, 1.0])
    one.fine("undo")
    np.testing.assert_array_equal(one.z(), SIDE.code(3))
    assert one.answer("state")["redo"]
    one.fine("redo")
    np.testing.assert_allclose(SIDE.pca_view().from_z(one.z()), [2.5, 1.0])
    one.fine("undo")
    one.fine("undo")
    assert one.answer("told")["source"] == "The mean code."
    assert not one.answer("state")["undo"]
    one.fine("undo")
    one.fine("row", row=4)
    assert not one.answer("state")["redo"], "what was undone is gone"


def test_kept_images_come_and_go(one) -> None:
    for row in (3, 8):
        one.fine("row", row=row)
        one.fine("keep")
    strip = one.answer("strip")
    first, second = strip["kept"]
    assert strip["fresh"] == [second["id"]], "the first picture was sent before"
    np.testing.assert_array_equal(pictures(strip)[0], SIDE.image(SIDE.code(8)))
    assert first["text"].startswith("Code 3 ")
    count = len(one.told)
    one.fine("row", row=9)
    assert not [each for each in one.told[count:] if each["kind"] == "strip"], "it did not change"
    one.fine("back", at=0)
    assert one.visit.states[0].now.row == 3
    one.fine("drop", at=0)
    assert [kept["id"] for kept in one.answer("strip")["kept"]] == [second["id"]]
    one.fine("undo")
    assert len(one.answer("strip")["kept"]) == 2
    assert one.answer("strip")["fresh"] == []
    assert "the strip has 2 images" in one.refused("drop", at=2)
    one.fine("begin")
    assert len(one.answer("strip")["fresh"]) == 2, "a page that is drawn anew has no pictures"


def test_what_is_kept_looks_as_it_did(one) -> None:
    one.fine("row", row=3)
    one.fine("sharpen", value=4.0)
    one.fine("keep")
    expected = SIDE.image(SIDE.code(3), sharpen=4.0)
    assert (expected != SIDE.image(SIDE.code(3))).any()
    np.testing.assert_array_equal(pictures(one.answer("strip"))[0], expected)


def test_another_view_lays_all_out_anew(one) -> None:
    one.fine("row", row=3)
    one.fine("pin", pin="a")
    one.fine("view", name="axes", one=2, other=4)
    told, place = one.answer("map"), SIDE.code(3)[[2, 4]]
    assert (told["view"], told["look"], told["pair"]) == ("axes-2-4", "axes", [2, 4])
    assert one.answer("image")["place"] == pytest.approx(place)
    assert one.answer("strip")["pins"][0]["place"] == pytest.approx(place), "pins go along"
    data = one.visit.scatters[0].figure.select_one({"name": "all"}).data_source.data
    np.testing.assert_array_equal(data["x"], SIDE.codes.mean[:, 2])
    one.fine("place", x=0.0, y=0.0, within=1e-9, phase="tap")
    np.testing.assert_allclose(one.z()[[2, 4]], 0)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"name": "axes", "one": 0, "other": LATENT}, "two different axes"),
        ({"name": "pca", "one": 1, "other": 1}, "two different components"),
        ({"name": "pca", "one": 1e300, "other": 1}, "two different components"),
        ({"name": "pca", "one": NAN, "other": 1}, "one: a finite number"),
        ({"name": "pca", "one": 1}, "other: a finite number"),
        ({"name": 5, "one": 1, "other": 2}, "name: a text"),
    ],
)
def test_a_view_that_there_is_not_leaves_all_as_it_was(one, asked, said) -> None:
    one.fine("view", name="axes", one=2, other=4)
    view, look = one.visit.seats[0].view, one.visit.look
    assert said in one.refused("view", **asked)
    assert one.visit.seats[0].view is view and one.visit.look == look


def test_two_models_change_their_view_both_or_not_at_all(two) -> None:
    assert "two different axes from 0 to 3" in two.refused("view", name="axes", one=0, other=5)
    assert [seat.view.name for seat in two.visit.seats] == ["pca-1-2", "pca-1-2"]
    two.fine("view", name="axes", one=0, other=3)
    assert [seat.view.name for seat in two.visit.seats] == ["axes-0-3", "axes-0-3"]


def test_two_models_are_in_step_under_undo(two) -> None:
    seen = [[two.z(0), two.z(1)]]
    for side, kind, question in (
        (0, "row", {"row": 3}),
        (1, "row", {"row": 9}),
        (0, "slider", {"name": "component 1", "value": 1.0}),
        (1, "radius", {"value": 2.0}),
        (0, "random", {"method": "prior", "at": 0}),
        (1, "place", {"x": 1.0, "y": 1.0, "within": 0.1, "phase": "start", "follow": "image"}),
        (1, "random", {"method": "normal", "at": 3, "scale": 2.0, "follow": "image"}),
    ):
        two.fine(kind, side=side, **question)
        seen.append([two.z(0), two.z(1)])
        for before, after in zip(seen[-2], seen[-1], strict=True):
            assert (before != after).any(), (kind, "both moved")
    two.fine("keep", side=1)
    assert [len(state.strip) for state in two.visit.states] == [1, 1]
    two.fine("undo")
    for places in reversed(seen):
        assert [two.z(0).tolist(), two.z(1).tolist()] == [each.tolist() for each in places]
        two.fine("undo")
    assert not two.answer("state", 1)["undo"]
    assert "there are 2 models, number 2 came" in two.refused("row", row=1, side=2)


def test_what_one_model_refuses_changes_neither(two) -> None:
    two.fine("view", name="axes", one=0, other=1)
    two.fine("row", row=3)
    broken = dataclasses.replace(PLAIN.coding, encoder=None)
    two.visit.seats[1].side = dataclasses.replace(PLAIN, coding=broken)
    assert "no encoder" in two.refused("slider", name="component 6", value=1.0)


NESTED: list = []
for _ in range(50):
    NESTED = [{"x": NESTED}]


@pytest.mark.parametrize("number", [1, None, NAN, "points 1", [1], {"a": []}, b"1", 10**400])
def test_every_question_is_answered_and_its_number_given_back(one, number) -> None:
    before = len(one.told)
    one.visit.answer({"kind": "row", "row": 1, "number": number})
    assert one.told[-1]["number"] is number and one.told[-1]["kind"] == "done"
    assert len(one.told) > before + 3


@pytest.mark.parametrize(
    "question",
    [
        None, 5, "begin", [], [1, 2], b"begin", {}, {"kind": None}, {"kind": ["row"]}, NESTED,
        {"kind": "__class__"}, {"kind": "answer"}, {"kind": "x" * 500}, {"kind": NESTED},
        {"kind": "row"}, {"kind": "row", "row": NESTED}, {"kind": "row", "row": 1, "side": NESTED},
        {"kind": "row", "row": 1, "side": NAN}, {"kind": "row", "row": 1, "side": -1},
        {"kind": "place"}, {"kind": "place", "x": {}, "y": [], "phase": "tap"},
        {"kind": "slider", "name": "component 1", "value": NAN}, {"kind": "image"},
        {"kind": "glance"}, {"kind": "view"}, {"kind": "view", "name": NESTED},
        {"kind": "walk", "value": 0.5}, {"kind": "lasso"}, {"kind": "learn", "name": "a"},
        {"kind": "take", "what": NESTED}, {"kind": "upload"}, {"kind": "color", "name": None},
        {"kind": "random", "method": "prior", "at": NESTED}, {"kind": "figure"},
    ],
    ids=lambda question: repr(question)[:30],
)  # fmt: skip
def test_nonsense_gets_one_message_and_the_visit_goes_on(one, question) -> None:
    before, count = one.histories, len(one.told)
    one.visit.answer(question)
    kinds = [each["kind"] for each in one.told[count:] if each["kind"] not in ("busy", "idle")]
    assert kinds == ["problem", "done"], question
    assert one.histories == before
    one.fine("row", row=1)
    assert one.visit.states[0].now.row == 1


def test_a_decoder_that_gives_no_numbers_gets_a_message(one) -> None:
    """Far out it does so; what is on the screen stays, and undo is not spoiled."""
    coding = dataclasses.replace(SIDE.coding, decoder=lambda z: np.where(
        np.abs(z).max() > 50, np.nan, SIDE.coding.decoder(z)).astype(np.float32))  # fmt: skip
    visited = Visited(dataclasses.replace(SIDE, coding=coding))
    visited.fine("row", row=1)
    assert "not finite here" in visited.refused("slider", name="axis 1", value=60.0)
    assert "not finite here" in visited.refused(
        "place", x=500.0, y=0.0, within=1, phase="move", along=True
    )
    visited.fine("undo")
    assert visited.answer("told")["source"] == "The mean code."


def test_images_that_are_gone_are_said_to_be_and_all_else_goes_on() -> None:
    def gone(numbers):
        raise OSError("/a/place/on/the/disk is gone")

    visited = Visited(dataclasses.replace(SIDE, images=gone))
    answers = visited.ask("row", row=1)
    (problem,) = (each["text"] for each in answers if each["kind"] == "problem")
    assert problem == "The images of this run cannot be read; prepare the data set again."
    assert visited.answer("told")["source"].startswith("Code 1 ")
    assert visited.answer("marks")["kind"] == "marks"


def test_colors_are_one_byte_for_each_point(one) -> None:
    before = one.visit.scatters[0]._source.data["x"]
    one.fine("color", name="radius")
    source = one.visit.scatters[0]._source
    assert source.data["x"] is before, "places are not sent again"
    radius = np.linalg.norm(SIDE.codes.z(), axis=1)
    order = np.argsort(radius)
    assert (np.diff(source.data["color"][order].astype(int)) >= 0).all()
    legend = one.answer("map")["legend"]
    assert legend["title"] == "radius of z" and legend["low"] < legend["high"]
    one.fine("color", name="Right")
    assert len(set(source.data["color"].tolist())) == 2
    assert "no color 'nothing'" in one.refused("color", name="nothing")
    assert one.visit.color_name == "Right"


def test_a_color_that_one_model_lacks_is_its_radius(two) -> None:
    two.fine("color", name="kl")
    assert "KL" in two.answer("map", 0)["legend"]["title"]
    assert two.answer("map", 1)["legend"]["title"] == "radius of z"


def newer_side(**changes):
    """The same images with other codes, as after another epoch."""
    codes = made_codes(seed=5)
    return dataclasses.replace(SIDE, codes=dataclasses.replace(codes, **changes))


def test_a_newer_model_keeps_image_and_pins_and_forgets_the_past(one) -> None:
    one.fine("row", row=3)
    one.fine("pin", pin="a")
    one.fine("keep")
    one.fine("slider", name="axis 1", value=1.0)
    z = one.z()
    one.fine("pin", pin="b")
    one.fine("view", name="axes", one=1, other=2)
    one.fine("color", name="density")
    newer = newer_side()
    one.lives[0].replace(newer, "After epoch 2 of 3.")
    one.visit.renew()
    state = one.visit.states[0]
    np.testing.assert_array_equal(state.pins[0].z, newer.code(3))
    np.testing.assert_array_equal(state.strip[0].z, newer.code(3))
    np.testing.assert_array_equal(state.pins[1].z, z)
    np.testing.assert_array_equal(state.now.z, z)
    np.testing.assert_array_equal(pictures(one.answer("image"))[0], newer.image(z))
    assert (one.answer("state")["undo"], one.answer("state")["redo"]) == (False, False)
    assert one.answer("map")["view"] == "axes-1-2" and one.visit.color_name == "density"
    assert one.answer("notes")["notes"] == ["After epoch 2 of 3."]
    assert len(one.answer("strip")["fresh"]) == 3, "pictures of the newer model"
    data = one.visit.scatters[0]._source.data
    np.testing.assert_array_equal(data["x"], newer.codes.mean[:, 1])
    count = len(one.told)
    one.lives[0].replace(newer, "It has ended.")
    one.visit.renew()
    assert [each["kind"] for each in one.told[count:]] == ["notes"], "the same model, another note"
