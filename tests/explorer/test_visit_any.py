"""Whatever is asked, and in whichever order: two models stay in step, and undo leads back."""

from __future__ import annotations

import numpy as np
from explored import made_side
from hypothesis import given, settings
from hypothesis import strategies as st
from visited import Visited

SIDES = made_side(), made_side(plain=True, size=4, name="faces-ae")
BOXES = [[[x, -9], [x + 9, -9], [x + 9, 9], [x, 9]] for x in (-9, 1)]
ODD = st.sampled_from(
    [None, float("nan"), float("inf"), -1, 3, 0.5, 1e300, 10**400, "a", "", [], {}, [[0, 0]], b"x"]
)
PARTS = {
    "x": [0.0, -2.0, 4.0], "y": [0.0, 3.0], "within": [0.1, 1.0], "phase": ["tap", "start"],
    "row": [1, 499], "text": ["12", "14"], "value": [0, 0.5, 1, 2.5], "draw": [1, 2],
    "to": ["now", "mean"], "pin": ["a", "b"], "at": [0, 1], "scale": [1, 2],
    "walk": ["line", "sphere"], "which": [0, 1], "outline": BOXES, "scope": ["now", "kept", "walk"],
    "what": ["png", "gif", "json", "npz", "python"], "one": [0, 1, 2], "other": [1, 3],
}  # fmt: skip
KINDS = {
    "place": "x y within phase", "row": "row", "image": "text", "slider": "name value",
    "radius": "value", "direction": "name value", "epsilon": "value draw", "sharpen": "value",
    "anchor": "to", "pin": "pin", "keep": "", "drop": "at", "back": "at", "walk": "value",
    "random": "method at scale", "route": "walk", "upload": "data", "color": "name",
    "lasso": "which outline", "learn": "name method", "take": "what scope name", "figure": "name",
    "glance": "x y within", "view": "name one other", "clear": "", "undo": "", "redo": "",
    "begin": "",
}  # fmt: skip
NAMES = {
    "slider": ["component 1", "component 6", "axis 0"], "view": ["pca", "axes"],
    "color": ["radius", "kl", "label"], "direction": ["new"], "learn": ["new"],
    "random": ["prior", "normal", "uniform"],
}  # fmt: skip


@st.composite
def questions(draw) -> dict:
    kind = draw(st.sampled_from(sorted(KINDS)))
    asked = {"kind": kind, "side": draw(st.sampled_from([0, 1]))}
    for name in (*KINDS[kind].split(), "follow", "along"):
        named = {"name": NAMES.get(kind, []), "method": NAMES.get(kind, [])}
        usual = {**PARTS, **named, "follow": ["action", "image"], "along": [True, False]}.get(name)
        if kind == "learn" and name == "method":
            usual = ["mean"]
        asked[name] = draw(st.sampled_from(usual) | ODD if usual else ODD)
    return asked


@given(st.lists(questions(), min_size=5, max_size=25))
@settings(max_examples=25)
def test_two_models_stay_in_step_whatever_is_asked(asked) -> None:
    visited = Visited(*SIDES)
    visited.fine("begin")
    for question in asked:
        visited.ask(**question)
        one, other = visited.visit.histories
        assert (len(one.past), len(one.future)) == (len(other.past), len(other.future))
        assert len(one.now.strip) == len(other.now.strip)
        assert [pin is None for pin in one.now.pins] == [pin is None for pin in other.now.pins]
        assert all(np.isfinite(each.now.now.z).all() for each in (one, other))
    unknown = "The page asked for what is not known; reload it."
    assert unknown not in [each.get("text") for each in visited.told], "all faults are foreseen"
    for _ in one.past:
        visited.fine("undo")
    assert not visited.answer("state")["undo"]
