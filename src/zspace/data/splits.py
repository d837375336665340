"""Which image belongs to training, which to validation, and which to test."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int64, UInt8

from zspace.errors import DataError

__all__ = ["SPLITS", "choose", "hold_out"]

SPLITS = ("train", "validation", "test")
"""The names of the splits; splits.npy holds indexes into this."""

_TENTH = 10


def choose(
    split: UInt8[np.ndarray, " count"] | None, count: int, *, limit: int
) -> Int64[np.ndarray, " chosen"]:
    """Choose `limit` images, each official split in proportion and evenly spaced over it.

    Evenly spaced, because sources are often sorted by class: the first images would be all of one.

    Args:
        split: official split of each image, or None.
        count: how many images there are.
        limit: how many to choose; 0 chooses all.

    Returns:
        Ascending indexes.

    Example:
        >>> choose(None, 10, limit=5).tolist()
        [0, 2, 4, 6, 8]
        >>> choose(np.array([0, 0, 0, 0, 1, 1], np.uint8), 6, limit=3).tolist()
        [0, 2, 4]
    """
    if limit <= 0 or limit >= count:
        return np.arange(count, dtype=np.int64)
    if split is None:
        split = np.zeros(count, np.uint8)
    groups = [np.flatnonzero(split == code) for code in np.unique(split)]
    sizes = np.array([len(group) for group in groups])
    exact = limit * sizes / count
    quotas = np.maximum(np.floor(exact).astype(int), 1 if limit >= len(groups) else 0)
    for group in np.argsort(quotas - exact, kind="stable")[: max(0, limit - quotas.sum())]:
        quotas[group] += 1
    while quotas.sum() > limit:
        quotas[np.argmax(quotas)] -= 1
    chosen = [
        group[np.arange(quota) * len(group) // max(quota, 1)]
        for group, quota in zip(groups, quotas, strict=True)
    ]
    return np.sort(np.concatenate(chosen)).astype(np.int64)


def hold_out(
    split: UInt8[np.ndarray, " count"] | None, count: int, *, seed: int
) -> tuple[UInt8[np.ndarray, " count"], bool]:
    """Make sure that there is something to train on and something to validate with.

    An official split stays as it is. Without one, or where it has no validation images, a random
    tenth (at least one image) of what could be trained on becomes the validation split.

    Returns:
        The split of each image, and whether it was drawn at random.

    Raises:
        DataError: if one image alone would have to be both.

    Example:
        >>> split, drawn = hold_out(None, 20, seed=1)
        >>> np.bincount(split).tolist(), drawn
        ([18, 2], True)
    """
    train, validation = SPLITS.index("train"), SPLITS.index("validation")
    if split is not None and (split == train).any():
        if (split == validation).any():
            return split, False
        split = split.copy()
    else:
        split = np.full(count, train, np.uint8)
    candidates = np.flatnonzero(split == train)
    if len(candidates) < 2:
        raise DataError(
            f"at least two images are needed, one to train on and one to validate with; "
            f"there is {len(candidates)}"
        )
    order = np.random.default_rng(seed).permutation(candidates)
    split[order[: max(1, round(len(candidates) / _TENTH))]] = validation
    return split, True
