"""Makes parity/fixtures/probe: ridge and softmax regression, few-shot probe, upsampling and mean IoU for test/evaluate.

    python parity/probe.py

NumPy (float64) and PyTorch compute them by other ways than the library: ridge regression by a general solver of the
primal equations in both cases, softmax regression by SciPy's L-BFGS, the few-shot probe by big_vision's own
eigendecomposition (fewshot_lsr, written out with NumPy in place of jax.numpy), upsampling by torch's interpolate, mean
IoU by boolean masks.
"""

from __future__ import annotations

import numpy as np
import torch
from scipy.optimize import minimize
from scipy.special import log_softmax

from fixture import FIXTURES, integers, normal, write_fixture


def ridge(x, y, l2):
    return np.linalg.solve(x.T @ x + l2 * np.eye(x.shape[1]), x.T @ y)


def softmax_regression(x, y, l2):
    def loss(flat):
        w = flat.reshape(x.shape[1], y.shape[1])
        log_p = log_softmax(x @ w, axis=1)
        gradient = x.T @ (np.exp(log_p) * y.sum(axis=1, keepdims=True) - y) + l2 * w
        return -(y * log_p).sum() + l2 / 2 * (w**2).sum(), gradient.ravel()

    options = {"maxiter": 10_000, "maxfun": 100_000, "ftol": 1e-16, "gtol": 1e-9, "maxcor": 50}
    found = minimize(loss, np.zeros(x.shape[1] * y.shape[1]), jac=True, method="L-BFGS-B", options=options)
    return found.x.reshape(x.shape[1], y.shape[1])


def fewshot_lsr(x, y, x_test, classes, l2):
    """big_vision/evaluators/common_fewshot: _precompute_cache and _eig_fewshot_acc_fn; returns the scores."""
    mean = x.mean(axis=0, keepdims=True)
    std = x.std(axis=0, keepdims=True) + 1e-5
    prepare = lambda one: np.pad((one - mean) / std, ((0, 0), (0, 1)), constant_values=100.0)
    x = prepare(x)
    y = 2.0 * np.eye(classes)[y] - 1.0
    points, dim = x.shape
    if points >= dim:
        eigs, q = np.linalg.eigh(x.T @ x)
        rhs, lhs = q.T @ (x.T @ y), q
    else:
        eigs, q = np.linalg.eigh(x @ x.T)
        rhs, lhs = q.T @ y, x.T @ q
    w = (lhs * (1.0 / (eigs + l2)).reshape(1, -1)) @ rhs
    return prepare(x_test) @ w


def mean_iou(truth, predicted, classes):
    valid = truth != 255
    scores = np.full(classes, -1.0)  # -1: the class never comes
    for c in range(classes):
        is_class, called = (truth == c) & valid, (predicted == c) & valid
        if (is_class | called).any():
            scores[c] = (is_class & called).sum() / (is_class | called).sum()
    return scores, scores[scores >= 0].mean(), (truth == predicted)[valid].mean()


def main() -> None:
    tensors = {}
    for name, rows, columns in (("tall", 30, 7), ("wide", 6, 11)):
        x = normal(f"ridge.{name}.x", (rows, columns)).astype(np.float64)
        y = normal(f"ridge.{name}.y", (rows, 3)).astype(np.float64)
        tensors |= {f"ridge.{name}.x": x, f"ridge.{name}.y": y, f"ridge.{name}.w": ridge(x, y, 0.7)}

    x = normal("softmax.x", (200, 6)).astype(np.float64) @ normal("softmax.mix", (6, 6)).astype(np.float64)
    # Shares of three classes, the first far more frequent; a tenth of the rows has no truth for half of its pixels.
    scores = np.exp(2 * normal("softmax.scores", (200, 3)) + x[:, :3] + [4, 0, 0])
    y = scores / scores.sum(axis=1, keepdims=True)
    y[::10] /= 2
    x, y = (one.astype(np.float32).astype(np.float64) for one in (x, y))
    tensors |= {"softmax.x": x, "softmax.y": y}
    tensors |= {f"softmax.w.{l2}": softmax_regression(x, y, l2) for l2 in (0.1, 10)}

    classes, shots, width = 4, 5, 9
    centres = normal("fewshot.centres", (classes, width)).astype(np.float64)
    for name, per_class, l2 in (("primal", shots, 4.0), ("dual", 2, 1024.0)):
        labels = np.repeat(np.arange(classes), per_class)
        noise = lambda part, count: normal(f"fewshot.{name}.{part}", (count, width)).astype(np.float64)
        x = (centres[labels] + noise("x", len(labels))).astype(np.float32).astype(np.float64)
        test_labels = np.tile(np.arange(classes), 8)
        test = (centres[test_labels] + noise("test", len(test_labels))).astype(np.float32).astype(np.float64)
        scores = fewshot_lsr(x, labels, test, classes, l2)
        tensors |= {
            f"fewshot.{name}.x": x,
            f"fewshot.{name}.labels": labels,
            f"fewshot.{name}.test": test,
            f"fewshot.{name}.test_labels": test_labels,
            f"fewshot.{name}.scores": scores,
            f"fewshot.{name}.accuracy": (scores.argmax(axis=1) == test_labels).mean(),
        }

    grid = normal("upsample", (3, 5, 2))
    planes = torch.from_numpy(grid).permute(2, 0, 1)[None].double()
    for height, width in ((12, 20), (7, 11)):
        up = torch.nn.functional.interpolate(planes, size=(height, width), mode="bilinear", align_corners=False)
        tensors[f"upsample.{height}.{width}"] = up[0].permute(1, 2, 0)
    tensors["upsample.grid"] = grid

    truth = integers("iou.truth", (400,), 0, 4)
    predicted = np.where(integers("iou.right", (400,), 0, 3) > 0, truth, integers("iou.predicted", (400,), 0, 5))
    truth[:20] = 255
    predicted[:20] = 0
    scores, mean, accuracy = mean_iou(truth, predicted, 6)
    tensors |= {"iou.truth": truth, "iou.predicted": predicted, "iou.per_class": scores}
    tensors |= {"iou.mean": mean, "iou.accuracy": accuracy}
    write_fixture(FIXTURES / "probe" / "probe.safetensors", tensors, "parity/probe.py")


if __name__ == "__main__":
    main()
