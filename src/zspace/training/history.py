"""The record of a run: one row an epoch."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from zspace.files import write_text

__all__ = [
    "epochs_without_improvement",
    "history_row",
    "readable",
    "what_is_kept",
    "write_rows",
]


def history_row(
    epoch: int,
    *,
    train: dict[str, float],
    validation: dict[str, float],
    weight: dict[str, float],
    learning_rate: float,
    bounds: dict[str, float],
) -> dict[str, float]:
    """One row of history.csv.

    Args:
        epoch: counted from 1.
        train: the terms, averaged over the epoch's images: loss = reconstruction + all weighted.
        validation: the same for the validation images.
        weight: `beta`, the weight of the KL term at the end of the epoch, and `capacity`.
        learning_rate: at the end of the epoch.
        bounds: shares of components that were at their bound in the epoch.
    """
    return {
        "epoch": epoch,
        **train,
        **weight,
        **{f"validation_{term}": value for term, value in validation.items()},
        "learning_rate": learning_rate,
        **bounds,
    }


def write_rows(path: Path, rows: Sequence[dict[str, float]]) -> None:
    """Write rows as CSV, every number in full, whole or not at all."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())


def readable(value: float) -> str:
    """A loss for a person: two decimals, or four significant digits of a small one.

    Example:
        >>> readable(4515.123), readable(0.69314718), readable(0.0178)
        ('4,515.12', '0.6931', '0.0178')
    """
    return f"{value:,.2f}" if abs(value) >= 10 else f"{value:.4g}"


def what_is_kept(epoch: int) -> str:
    """What is left of a run that stops in epoch `epoch`, counted from 1.

    Example:
        >>> what_is_kept(1), what_is_kept(3)
        ('there is no checkpoint yet', 'the checkpoint of epoch 2 is kept')
    """
    if epoch == 1:
        return "there is no checkpoint yet"
    return f"the checkpoint of epoch {epoch - 1} is kept"


def epochs_without_improvement(history: Sequence[dict[str, float]]) -> int:
    """How many epochs ago the validation loss was lowest.

    Example:
        >>> epochs_without_improvement([{"validation_loss": x} for x in (3.0, 2.0, 2.5)])
        1
    """
    losses = [row["validation_loss"] for row in history]
    return len(losses) - 1 - losses.index(min(losses))
