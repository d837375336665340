"""The shapes in the types are checked while the tests run; without this, they would be prose."""

from __future__ import annotations

import numpy as np
import pytest
from jaxtyping import TypeCheckError

from zspace.codes import Codes


def test_arrays_that_do_not_fit_are_found() -> None:
    with pytest.raises(TypeCheckError, match="index"):
        Codes(mean=np.zeros((3, 2), np.float32), index=np.arange(4))


def test_arrays_of_the_wrong_kind_are_found() -> None:
    with pytest.raises(TypeCheckError, match="mean"):
        Codes(mean=np.zeros((3, 2), np.float64), index=np.arange(3))
