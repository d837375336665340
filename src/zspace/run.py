"""A run is a folder; this file alone knows what lies where in it."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from zspace.errors import OutputExistsError, RunError, storage_errors

__all__ = ["RunFolder"]


_CHECKPOINT = re.compile(r"epoch-(\d+)\.npz")


@dataclass(frozen=True)
class RunFolder:
    """The paths of one run.

    recipe.toml  environment.json  history.csv  timings.csv
    checkpoints/  model.keras  codes/{train,validation}/  analysis/  samples/  directions/
    report.html

    Attributes:
        path: the folder itself.
    """

    path: Path

    @classmethod
    def open(cls, path: Path | str) -> RunFolder:
        """An existing run.

        Raises:
            RunError: if `path` is no folder, or holds no recipe.toml.
        """
        folder = cls(Path(path))
        if not folder.path.is_dir():
            raise RunError(
                f"no run at {path}: there is no such folder; make one with: zspace train"
            )
        if not folder.recipe.is_file():
            raise RunError(
                f"{path} is no run folder: it holds no recipe.toml; make a run with: zspace train"
            )
        return folder

    @classmethod
    def create(cls, path: Path | str, *, overwrite: bool = False) -> RunFolder:
        """An empty folder for a new run.

        Raises:
            OutputExistsError: if something is there already and `overwrite` is false, or what is
                there is no run (it is then never removed).
            StorageError: if the folder cannot be made.
        """
        folder = cls(Path(path))
        occupied = folder.path.exists() and (not folder.path.is_dir() or any(folder.path.iterdir()))
        if occupied and not overwrite:
            raise OutputExistsError(
                f"{path} exists already; continue it with --resume, replace it with --overwrite, "
                "or choose another --out"
            )
        with storage_errors(path):
            if occupied:
                if not folder.recipe.is_file():
                    raise OutputExistsError(
                        f"{path} is not empty and is no run folder, so it is not overwritten; "
                        "choose another --out"
                    )
                shutil.rmtree(folder.path)
            folder.path.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def name(self) -> str:
        """The folder's own name."""
        return self.path.resolve().name

    @property
    def recipe(self) -> Path:
        """The recipe as it was run, every key written out."""
        return self.path / "recipe.toml"

    @property
    def environment(self) -> Path:
        """Data set, image shape, versions and hardware, JSON."""
        return self.path / "environment.json"

    @property
    def history(self) -> Path:
        """One row an epoch: every term of the loss. The same for a resumed run, bit for bit."""
        return self.path / "history.csv"

    @property
    def timings(self) -> Path:
        """One row an epoch: seconds and images per second (which no two runs share)."""
        return self.path / "timings.csv"

    @property
    def checkpoints(self) -> Path:
        """Folder of the newest whole checkpoints."""
        return self.path / "checkpoints"

    def checkpoint(self, epoch: int) -> Path:
        """The checkpoint behind so many epochs."""
        return self.checkpoints / f"epoch-{epoch:05d}.npz"

    def saved_epochs(self) -> list[int]:
        """Numbers of epochs behind the checkpoints that are there, the newest first."""
        names = (_CHECKPOINT.fullmatch(path.name) for path in self.checkpoints.glob("epoch-*.npz"))
        return sorted((int(name[1]) for name in names if name), reverse=True)

    @property
    def model(self) -> Path:
        """The trained model, loadable on any backend."""
        return self.path / "model.keras"

    def model_is_current(self) -> bool:
        """Whether model.keras is there and no checkpoint is newer, as in a run that goes on."""
        if not self.model.is_file():
            return False
        saved = [self.checkpoint(epoch).stat().st_mtime_ns for epoch in self.saved_epochs()]
        return self.model.stat().st_mtime_ns >= max(saved, default=0)

    def is_fresh(self, path: Path) -> bool:
        """Whether a file is there and not older than the model that it came from."""
        if not path.is_file():
            return False
        saved = [self.checkpoint(epoch) for epoch in self.saved_epochs()]
        times = [each.stat().st_mtime_ns for each in (self.model, *saved) if each.is_file()]
        return path.stat().st_mtime_ns >= max(times, default=0)

    def codes(self, split: str) -> Path:
        """Folder of the codes of a split."""
        return self.path / "codes" / split

    @property
    def analysis(self) -> Path:
        """Folder of measurements: a .json and a .png of the same stem each."""
        return self.path / "analysis"

    @property
    def samples(self) -> Path:
        """Folder of generated and reconstructed images."""
        return self.path / "samples"

    @property
    def directions(self) -> Path:
        """Folder of directions: a .json each, and a .png of what it changes."""
        return self.path / "directions"

    @property
    def exports(self) -> Path:
        """Folder of codes in the formats of other tools."""
        return self.path / "exports"

    @property
    def tensorboard(self) -> Path:
        """Folder of TensorBoard's event files, where they were asked for."""
        return self.path / "tensorboard"

    @property
    def report(self) -> Path:
        """The self-contained report."""
        return self.path / "report.html"
