"""The few lines of Python: train, open a run, and use it."""

from zspace.api.run import Pictures, Run, open_run
from zspace.api.training import train

__all__ = ["Pictures", "Run", "open_run", "train"]
