"""The few lines of Python: train, open a run, use it, compare it with others."""

from zspace.api.comparing import compare
from zspace.api.pictures import Pictures
from zspace.api.run import Run, open_run
from zspace.api.training import train

__all__ = ["Pictures", "Run", "compare", "open_run", "train"]
