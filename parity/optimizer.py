"""Reference for big_vision's update chain (its optax.py and utils.py) on three small tensors.

    python parity/optimizer.py        # rewrites parity/fixtures/optimizer/adam.safetensors

Chain: clip by global norm -> Adam scaling (optax.scale_by_adam: bias-corrected, epsilon outside the
root) -> x lr -> + wd * w on kernels -> x schedule(step) -> x -1. So the weights move by
-schedule(step) * (lr * adam(g) + wd * w): decay follows the schedule and not the learning rate.

The schedule is read before the step is counted, as optax.scale_by_schedule does: the first update has
schedule(0) = 0 and moves nothing while both moments fill. Clipping multiplies by max / norm where the
norm reaches max and adds no epsilon.

Where jax and optax are installed (versions in requirements.txt) the same chain is also built from
optax's own parts in float64 and must agree; the printed last line and the file's metadata say whether
that check ran. The committed file was written with it.
"""

from __future__ import annotations

import math

import numpy as np
from fixture import FIXTURES, normal, write_fixture

Tree = dict[str, np.ndarray]

SHAPES = {"kernel": (4, 6), "bias": (6,), "embedding": (5, 3)}
DECAYED = ("kernel",)  # big_vision's `.*/kernel$`: no bias, LayerNorm, embedding, probe, t or b
STEPS, WARMUP, TOTAL = 5, 2, 7
LR, DECAY, B1, B2, EPSILON, CLIP = 0.05, 0.02, 0.9, 0.95, 1e-8, 1.0
# Steps 0, 2 and 4 exceed the clipping norm, 1 and 3 stay below it.
GRADIENT_SCALES = [2.0, 0.05, 0.7, 0.1, 0.4]


def schedule(step: int) -> float:
    """0.5 (1 + cos(pi clip((step - W) / (T - W), 0, 1))) * min(1, step / W)."""
    progress = min(max((step - WARMUP) / (TOTAL - WARMUP), 0), 1)
    return 0.5 * (1 + math.cos(math.pi * progress)) * min(1, step / WARMUP)


def inputs() -> tuple[Tree, list[Tree]]:
    parameters = {name: normal(f"optimizer.{name}", shape) for name, shape in SHAPES.items()}
    gradients = [
        {name: np.float32(scale) * normal(f"gradient.{step}.{name}", shape) for name, shape in SHAPES.items()}
        for step, scale in enumerate(GRADIENT_SCALES)
    ]
    for gradient in gradients:  # a piece that no text uses: 0 / (0 + epsilon) must stay 0
        gradient["embedding"][3] = 0
    gradients[3]["embedding"][1] = 0  # and one that is missing from one batch only
    return parameters, gradients


def run(dtype: type[np.floating]) -> list[dict[str, object]]:
    """Every step's state, with all arithmetic in `dtype`."""
    parameters, all_gradients = inputs()
    parameters = {name: value.astype(dtype) for name, value in parameters.items()}
    first = {name: np.zeros_like(value) for name, value in parameters.items()}
    second = {name: np.zeros_like(value) for name, value in parameters.items()}
    lr, decay, b1, b2, one = dtype(LR), dtype(DECAY), dtype(B1), dtype(B2), dtype(1)
    records = []
    for step, given in enumerate(all_gradients):
        gradients = {name: value.astype(dtype) for name, value in given.items()}
        norm = np.sqrt(sum((value**2).sum() for value in gradients.values()), dtype=dtype)
        if norm >= CLIP:
            gradients = {name: value / norm * dtype(CLIP) for name, value in gradients.items()}
        multiplier = dtype(schedule(step))
        updates: Tree = {}
        for name, gradient in gradients.items():
            first[name] = b1 * first[name] + (one - b1) * gradient
            second[name] = b2 * second[name] + (one - b2) * gradient**2
            first_unbiased = first[name] / (one - b1 ** dtype(step + 1))
            second_unbiased = second[name] / (one - b2 ** dtype(step + 1))
            update = lr * first_unbiased / (np.sqrt(second_unbiased) + dtype(EPSILON))
            if name in DECAYED:
                update = update + decay * parameters[name]
            updates[name] = -multiplier * update
        parameters = {name: value + updates[name] for name, value in parameters.items()}
        assert all(value.dtype == dtype for tree in (parameters, first, second) for value in tree.values())
        records.append(
            {"norm": norm, "schedule": multiplier, "first": dict(first), "second": dict(second), "w": parameters}
        )
    return records


def check_against_optax(records: list[dict[str, object]]) -> str:
    """Hold the float64 records to optax; returns the versions used, or why the check did not run."""
    try:
        import jax
        import optax
    except ImportError:
        return "skipped: jax and optax are not installed"
    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp

    def in_jax(step: jax.Array) -> jax.Array:
        """big_vision's create_learning_rate_schedule for decay_type="cosine", base 1."""
        step = jnp.asarray(step, jnp.float64)  # an int32 count would make the cosine float32
        progress = jnp.clip((step - WARMUP) / float(TOTAL - WARMUP), 0.0, 1.0)
        return 0.5 * (1.0 + jnp.cos(jnp.pi * progress)) * jnp.minimum(1.0, step / WARMUP)

    chain = optax.chain(
        optax.clip_by_global_norm(CLIP),
        optax.scale_by_adam(b1=B1, b2=B2, eps=EPSILON),
        optax.scale(LR),
        optax.add_decayed_weights(DECAY, mask={name: name in DECAYED for name in SHAPES}),
        optax.scale_by_schedule(in_jax),
        optax.scale(-1.0),
    )
    start, all_gradients = inputs()
    parameters = {name: jnp.asarray(value, jnp.float64) for name, value in start.items()}
    state = chain.init(parameters)
    for record, given in zip(records, all_gradients, strict=True):
        gradients = {name: jnp.asarray(value, jnp.float64) for name, value in given.items()}
        np.testing.assert_allclose(optax.tree.norm(gradients), record["norm"], rtol=1e-12)
        updates, state = chain.update(gradients, state, parameters)
        parameters = optax.apply_updates(parameters, updates)
        for name in SHAPES:
            np.testing.assert_allclose(parameters[name], record["w"][name], rtol=1e-12, atol=1e-14)
            np.testing.assert_allclose(state[1].mu[name], record["first"][name], rtol=1e-12, atol=1e-14)
            np.testing.assert_allclose(state[1].nu[name], record["second"][name], rtol=1e-12, atol=1e-14)
    return f"agrees with optax {optax.__version__}, jax {jax.__version__}, float64, rtol 1e-12"


def main() -> None:
    parameters, gradients = inputs()
    exact, single = run(np.float64), run(np.float32)
    clipped = [bool(record["norm"] >= CLIP) for record in exact]
    assert clipped == [True, False, True, False, True], clipped
    verdict = check_against_optax(exact)
    tensors: dict[str, object] = {
        "warmup_steps": np.int32(WARMUP),
        "total_steps": np.int32(TOTAL),
        **{"learning_rate": LR, "weight_decay": DECAY, "b1": B1, "b2": B2, "epsilon": EPSILON, "clip_norm": CLIP},
        **{f"initial.{name}": value for name, value in parameters.items()},
    }
    for step, gradient in enumerate(gradients):
        tensors |= {f"step.{step}.gradient.{name}": value for name, value in gradient.items()}
        tensors |= {f"step.{step}.global_norm": exact[step]["norm"], f"step.{step}.schedule": exact[step]["schedule"]}
        for kind, records in (("float64", exact), ("float32", single)):
            prefix = f"step.{step}.{kind}"
            tensors |= {f"{prefix}.parameter.{name}": value for name, value in records[step]["w"].items()}
            tensors |= {f"{prefix}.first_moment.{name}": value for name, value in records[step]["first"].items()}
            tensors |= {f"{prefix}.second_moment.{name}": value for name, value in records[step]["second"].items()}
    write_fixture(FIXTURES / "optimizer" / "adam.safetensors", tensors, source=f"parity/optimizer.py; optax: {verdict}")
    gap = max(
        np.abs(a[tree][name] - b[tree][name]).max()
        for a, b in zip(exact, single, strict=True)
        for tree in ("w", "first", "second")
        for name in SHAPES
    )
    print(f"largest float32 error {gap:.1e}; optax: {verdict}")


if __name__ == "__main__":
    main()
