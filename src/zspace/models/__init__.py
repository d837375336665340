"""The model, and how it encodes a whole data set."""

from zspace.models.autoencoder import Autoencoder
from zspace.models.encoding import encode_dataset

__all__ = ["Autoencoder", "encode_dataset"]
