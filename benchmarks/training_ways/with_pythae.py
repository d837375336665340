"""pythae's VAE with the same networks, by the loop of its trainer."""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
from pythae.data.datasets import BaseDataset
from pythae.models import VAE, VAEConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from pythae.trainers import BaseTrainer, BaseTrainerConfig
from torch import nn
from training_ways.images import as_unit
from training_ways.shapes import BATCH, Shape
from training_ways.torch_parts import decoder, features, trunk


class Encoder(BaseEncoder):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.trunk = trunk(shape)
        self.mean = nn.Linear(features(shape), shape.latent)
        self.log_variance = nn.Linear(features(shape), shape.latent)

    def forward(self, x: torch.Tensor) -> ModelOutput:
        x = self.trunk(x)
        return ModelOutput(embedding=self.mean(x), log_covariance=self.log_variance(x))


class Decoder(BaseDecoder):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.layers = decoder(shape)

    def forward(self, z: torch.Tensor) -> ModelOutput:
        return ModelOutput(reconstruction=torch.sigmoid(self.layers(z)))


def make(shape: Shape, data: Path) -> Callable[[int], float]:
    """A function that trains on so many images."""
    logging.disable(logging.INFO)
    images = torch.from_numpy(as_unit(data)).permute(0, 3, 1, 2).contiguous()
    height, width, channels = shape.image
    settings = VAEConfig(
        input_dim=(channels, height, width), latent_dim=shape.latent, reconstruction_loss="bce"
    )
    model = VAE(settings, encoder=Encoder(shape), decoder=Decoder(shape))
    trainers: dict[int, BaseTrainer] = {}

    def trainer(count: int) -> BaseTrainer:
        if count not in trainers:
            trainers[count] = _trainer(model, images[:count], shape)
        return trainers[count]

    def train(count: int) -> float:
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
            return float(trainer(count).train_step(epoch=1))

    return train


def _trainer(model: VAE, images: torch.Tensor, shape: Shape) -> BaseTrainer:
    settings = BaseTrainerConfig(
        # It makes its folder whether something is saved or not.
        output_dir=tempfile.mkdtemp(prefix="pythae-"),
        per_device_train_batch_size=BATCH,
        optimizer_cls="Adam",
        learning_rate=shape.learning_rate,
        no_cuda=True,
    )
    rows = BaseDataset(images, torch.zeros(len(images)))
    trainer = BaseTrainer(model, rows, None, settings)
    trainer.prepare_training()
    return trainer
