"""What the network is told to care about, one family of terms per file."""

from models.training.losses.pixels import part_weight
from models.training.losses.structure import ssim
from models.training.losses.total import Losses, Seen, all_terms
from models.training.losses.weights import LossWeights

__all__ = ["LossWeights", "Losses", "Seen", "all_terms", "part_weight", "ssim"]
