"""Convolutions of mirrored maps on PyTorch, beside Keras' own of the maps as they are."""

import itertools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from zspace.training.devices import select_backend

DRAW = np.random.default_rng(1)


def gradients(call: Callable[..., Any], *given: np.ndarray) -> list[np.ndarray]:
    """What `call` gives, and the gradients of Σ (1 + y)² with respect to all that it was given."""
    import torch

    leaves = [torch.tensor(array, requires_grad=True) for array in given]
    y = call(*leaves)
    found = torch.autograd.grad(((1 + y) ** 2).sum(), leaves)
    return [each.detach().numpy() for each in (y, *found)]


def drawn(*shape: int) -> np.ndarray:
    return DRAW.normal(size=shape).astype(np.float32)


def compare(size: int, stride: int, height: int) -> None:
    import torch
    from keras import ops

    from zspace.networks import mirrored_torch

    width = height + 1
    what = f"kernel {size}, stride {stride}, {height}×{width}"
    options = {"strides": stride, "padding": "same", "data_format": "channels_last"}

    def plain(x: Any, kernel: Any, bias: Any) -> Any:
        return ops.conv(x, kernel, **options) + bias

    def mirrored(x: Any, kernel: Any, bias: Any) -> Any:
        y = mirrored_torch.conv(torch.flip(x, (1, 2)), kernel, bias=bias, stride=stride)
        return torch.flip(y, (1, 2))

    def plain_transposed(x: Any, kernel: Any, bias: Any) -> Any:
        return (ops.conv_transpose(x, kernel, **options) + bias)[:, :height, :width]

    def mirrored_transposed(x: Any, kernel: Any, bias: Any) -> Any:
        y = mirrored_torch.conv_transpose(
            torch.flip(x, (1, 2)),
            kernel,
            bias=bias,
            stride=stride,
            output_size=(height, width),
        )
        return torch.flip(y, (1, 2))

    small = (-(-height // stride), -(-width // stride))
    for one, other, shape in (
        (plain, mirrored, (height, width)),
        (plain_transposed, mirrored_transposed, small),
    ):
        kernel = (size, size, 3, 4) if one is plain else (size, size, 4, 3)
        given = drawn(2, *shape, 3), drawn(*kernel), drawn(4)
        for expected, found in zip(gradients(one, *given), gradients(other, *given), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3, err_msg=what)


def compare_without_bias() -> None:
    from zspace.networks.layers import Conv2D

    layer = Conv2D(2, 3, strides=2, padding="same", use_bias=False)
    x = drawn(2, 8, 6, 3)
    mirrored = layer(x[:, ::-1, ::-1].copy(), mirrored=True)
    np.testing.assert_allclose(
        mirrored.detach().numpy()[:, ::-1, ::-1], layer(x).detach().numpy(), atol=1e-5
    )


if __name__ == "__main__":
    # Keras asks its own variables for np.array(…, copy=False) the way NumPy 1 did.
    warnings.filterwarnings("ignore", message="__array__")
    select_backend("torch")
    for case in itertools.product((1, 2, 3, 4, 5), (1, 2, 3), (5, 6, 7, 8)):
        compare(*case)
    compare_without_bias()
