"""A careful loop in plain PyTorch: channels last, images as uint8 in memory, Adam in one kernel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional
from training_ways.images import as_bytes
from training_ways.shapes import BATCH, Shape
from training_ways.torch_parts import decoder, features, trunk


class VAE(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.trunk, self.decoder = trunk(shape), decoder(shape)
        self.heads = nn.Linear(features(shape), 2 * shape.latent)

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        mean, log_variance = self.heads(self.trunk(images)).float().chunk(2, dim=1)
        z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        return mean, log_variance, self.decoder(z).float()


def make(
    shape: Shape, data: Path, *, bfloat16: bool = False, compiled: bool = False
) -> Callable[[int], float]:
    """A function that trains on so many images.

    Args:
        shape: of the model.
        data: a prepared data set.
        bfloat16: whether the networks run under autocast.
        compiled: whether the model goes through torch.compile.
    """
    images = torch.from_numpy(as_bytes(data)).permute(0, 3, 1, 2)
    model = VAE(shape).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), lr=shape.learning_rate, fused=True)
    run = torch.compile(model) if compiled else model

    def step(rows: torch.Tensor) -> torch.Tensor:
        batch = images[rows].to(torch.float32, memory_format=torch.channels_last).div_(255)
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            mean, log_variance, logits = run(batch)
        entropy = functional.binary_cross_entropy_with_logits(logits, batch, reduction="sum")
        kl = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum()
        loss = (entropy + kl) / len(batch)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return loss.detach()

    def train(count: int) -> float:
        order = torch.randperm(min(count, len(images)))
        losses = [step(rows) for rows in order.split(BATCH)]
        return float(torch.stack(losses).mean())

    return train
