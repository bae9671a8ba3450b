"""What a vision tower's parameters become at another resolution, patch size or kind: fixtures/adapt/vision.safetensors.

    python parity/adapt.py

Positions: scipy.ndimage.zoom of order 1, as big_vision's resample_posemb calls it. Kernels: pinv(M^T) of the resize matrix
that torch's bilinear interpolation (half-pixel, no antialiasing) applies to a basis of patches (FlexiViT). Their moments:
that resize itself. NaFlex: a permutation.
"""

from __future__ import annotations

import numpy as np
import scipy.ndimage
import torch
from fixture import FIXTURES, normal, write_fixture

D, OLD_PATCH, OLD_GRID = 6, 4, 4


def resize_positions(positions: np.ndarray, side: int) -> np.ndarray:
    grid = positions.reshape(OLD_GRID, OLD_GRID, D)
    factor = side / OLD_GRID
    return scipy.ndimage.zoom(grid.astype(np.float64), (factor, factor, 1), order=1).reshape(-1, D)


def bilinear(images: np.ndarray, side: int) -> np.ndarray:
    return torch.nn.functional.interpolate(
        torch.from_numpy(images.astype(np.float64)), (side, side), mode="bilinear", align_corners=False, antialias=False
    ).numpy()


def resize_kernel(kernel: np.ndarray, side: int) -> np.ndarray:
    basis = np.eye(OLD_PATCH**2).reshape(OLD_PATCH**2, 1, OLD_PATCH, OLD_PATCH)
    matrix = bilinear(basis, side).reshape(OLD_PATCH**2, side**2).T  # [new, old]
    flat = kernel.reshape(-1, OLD_PATCH**2).astype(np.float64)
    return (flat @ np.linalg.pinv(matrix.T).T).reshape(*kernel.shape[:2], side, side)


def main() -> None:
    positions = normal("positions", (OLD_GRID**2, D))
    kernel = normal("kernel", (D, 3, OLD_PATCH, OLD_PATCH))
    tensors: dict[str, object] = {"positions": positions, "kernel": kernel}
    for side in (2, 6):
        tensors[f"positions.{side}"] = resize_positions(positions, side)
    for side in (3, 6):
        tensors[f"kernel.{side}"] = resize_kernel(kernel, side)
        tensors[f"kernel.{side}.moment"] = bilinear(kernel, side)
    tensors["kernel.naflex"] = kernel.transpose(0, 2, 3, 1).reshape(D, -1)
    write_fixture(FIXTURES / "adapt" / "vision.safetensors", tensors, "parity/adapt.py")


if __name__ == "__main__":
    main()
