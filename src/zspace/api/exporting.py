"""Codes of a run for other tools, with the maps and images that go along."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zspace.errors import InputError, did_you_mean
from zspace.files import read_json

if TYPE_CHECKING:
    from zspace.api.run import Run
    from zspace.exports.columns import Places
    from zspace.exports.written import Written

__all__ = ["KINDS", "exported"]

KINDS = {"npz": ".npz", "parquet": ".parquet", "projector": ""}
"""The formats, with the ends of their files' names."""


def exported(
    run: Run,
    kind: str,
    *,
    out: Path | str | None,
    split: str,
    limit: int,
    images: bool,
    overwrite: bool,
) -> Written:
    """Write codes: see `zspace.api.Run.export`."""
    if kind not in KINDS:
        raise InputError(f"no format {kind!r}; {did_you_mean(kind, KINDS)}")
    codes = run.codes(split)
    name = f"{split}-projector" if kind == "projector" else split + KINDS[kind]
    path = run.folder.exports / name if out is None else Path(out)
    common: dict[str, Any] = {"limit": limit, "overwrite": overwrite}
    if kind == "npz":
        from zspace.exports.npz import write_npz

        return write_npz(codes, path, places=_places(run, split), **common)
    common["images"] = run.dataset.rows if images else None
    if kind == "parquet":
        from zspace.exports.parquet import write_parquet

        return write_parquet(codes, path, places=_places(run, split), **common)
    from zspace.exports.projector import write_projector

    return write_projector(codes, path, **common)


def _places(run: Run, split: str) -> Places | None:
    """Where codes are on the maps of this split, if `analyze` has made any."""
    arrays, numbers = run.folder.analysis / "maps.npz", run.folder.analysis / "maps.json"
    if not arrays.is_file() or not numbers.is_file() or read_json(numbers).get("split") != split:
        return None
    with np.load(arrays, allow_pickle=False) as found:
        return {name: found[name] for name in found.files}
