"""What held-out codes say of a direction: whether it tells apart, and what it takes along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from zspace.api.attribute_groups import Groups, known_attributes
from zspace.errors import DataError

if TYPE_CHECKING:
    from zspace.analysis.separability import Leakage
    from zspace.api.run import Run

__all__ = ["judged"]


def judged(
    run: Run, vector: np.ndarray, *, groups: Groups, attribute: str | None
) -> tuple[dict[str, Any], Leakage | None]:
    """Judge a direction by its own groups, and by all attributes of the validation codes.

    Args:
        run: whose direction it is.
        vector: the direction, (latent,).
        groups: with the codes that were held out.
        attribute: that it was made of, if it was.

    Returns:
        ``separation`` and ``leakage`` as what JSON knows, each None where it cannot be told; and
        the leakage itself.
    """
    from zspace.analysis.separability import separation

    found: dict[str, Any] = {"separation": None, "leakage": None}
    if groups.held_out is not None:
        points, has = groups.held_out
        found["separation"] = separation(points @ vector, has).to_dict()
    leaks = _leakage(run, vector, attribute)
    found["leakage"] = None if leaks is None else leaks.to_dict()
    return found, leaks


def _leakage(run: Run, vector: np.ndarray, attribute: str | None) -> Leakage | None:
    """Readers of all attributes are fitted to the training codes, and asked about others."""
    from zspace.analysis.readers import linear_readers
    from zspace.analysis.separability import leakage

    codes = run.codes()
    known = known_attributes(codes)
    try:
        judges = run.codes("validation")
    except DataError:  # no such images
        return None
    others = known_attributes(judges)
    columns = [known.names.index(name) for name in others.names if name in known.names]
    if not columns:
        return None
    names = [known.names[column] for column in columns]
    readers = linear_readers(codes.mean, known.has[:, columns], names=names)
    target = None if attribute is None else others.column(attribute)
    if not readers.names or (target is not None and target.all()):
        return None

    def recode(z: np.ndarray) -> np.ndarray:
        return run.encode_images(run.decode(z.astype(np.float32)))

    return leakage(
        vector,
        np.asarray(judges.mean),
        readers=readers,
        has=others.has[:, [others.names.index(name) for name in readers.names]],
        target=target,
        recode=recode,
    )
