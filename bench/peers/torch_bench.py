"""PyTorch and Hugging Face transformers as an engine of the benchmark.

Reads one JSON request per line and answers with one line that starts with "@bench " (bench/engines/protocol.ts).
Eager mode, float32, scaled_dot_product_attention, one thread per core; the optimizer is the fused AdamW.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

# Reads a run's whole result: not part of the run, so that it is not timed.
Read = Callable[[], list[float]]
Run = Callable[[], Read]


def knuth(count: int) -> np.ndarray:
    """The hash of bench/inputs.ts."""
    return (np.arange(1, count + 1, dtype=np.uint64) * 2654435761) % 2**32


def pixels(batch: int, side: int) -> torch.Tensor:
    values = knuth(batch * 3 * side * side).astype(np.float64) / 2**31 - 1
    return torch.from_numpy(values.astype(np.float32).reshape(batch, 3, side, side))


def token_ids(batch: int, length: int, vocabulary: int) -> torch.Tensor:
    ids = 4 + knuth(batch * length) % (vocabulary - 4)
    return torch.from_numpy(ids.astype(np.int64).reshape(batch, length))


def whole(values: torch.Tensor | np.ndarray) -> Read:
    return lambda: values.reshape(-1).tolist()


def model_of(directory: str) -> torch.nn.Module:
    from transformers import SiglipModel

    return SiglipModel.from_pretrained(directory, dtype=torch.float32)


def unit(pooled: torch.Tensor) -> torch.Tensor:
    return pooled / pooled.norm(dim=-1, keepdim=True)


def image(settings: dict) -> Run:
    model = model_of(settings["directory"]).vision_model.eval()
    feeds = pixels(settings["batch"], settings["side"])

    @torch.inference_mode()
    def run() -> Read:
        return whole(unit(model(pixel_values=feeds).pooler_output))

    return run


def text(settings: dict) -> Run:
    model = model_of(settings["directory"]).text_model.eval()
    ids = token_ids(settings["batch"], settings["length"], settings["vocabSize"])

    @torch.inference_mode()
    def run() -> Read:
        return whole(unit(model(input_ids=ids).pooler_output))

    return run


def tokenizer_of(directory: str):
    from tokenizers import Tokenizer
    from tokenizers.normalizers import Lowercase, Sequence

    tokenizer = Tokenizer.from_file(str(Path(directory) / "tokenizer.json"))
    length = json.loads((Path(directory) / "config.json").read_text())["text_config"].get("max_position_embeddings", 64)
    # As Siglip2Tokenizer does. Python's lower() has a final sigma, and would make special tokens of "<EOS>".
    tokenizer.normalizer = Sequence([Lowercase(), tokenizer.normalizer])
    tokenizer.enable_truncation(length)
    tokenizer.enable_padding(length=length, pad_id=0, pad_token="<pad>")
    return tokenizer


def processor_of(directory: str):
    from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

    return SiglipImageProcessorPil.from_pretrained(directory)


def load(settings: dict) -> Run:
    from PIL import Image

    directory = settings["directory"]
    model = model_of(directory).eval()
    tokenizer, processor = tokenizer_of(directory), processor_of(directory)

    @torch.inference_mode()
    def run() -> Read:
        picture = processor(Image.open(settings["picture"]), return_tensors="pt")["pixel_values"]
        ids = torch.tensor([tokenizer.encode("a cat on a mat").ids])
        images = unit(model.vision_model(pixel_values=picture).pooler_output)
        texts = unit(model.text_model(input_ids=ids).pooler_output)
        return whole(torch.cat([images, texts]))

    return run


def preprocess(settings: dict) -> Run:
    import io

    from PIL import Image

    processor = processor_of(settings["directory"])
    data = Path(settings["picture"]).read_bytes()
    return lambda: whole(processor(Image.open(io.BytesIO(data)), return_tensors="np")["pixel_values"])


def tokenize(settings: dict) -> Run:
    tokenizer = tokenizer_of(settings["directory"])
    strings = json.loads(Path(settings["texts"]).read_text())

    def run() -> Read:
        encoded = tokenizer.encode_batch(strings)
        return whole(np.array([each.ids for each in encoded]))

    return run


def is_kernel(name: str) -> bool:
    """Weight decay acts on what big_vision calls kernels (src/train/step/optimizer/decay.ts)."""
    ends = ("_proj.weight", "fc1.weight", "fc2.weight", "head.weight", "patch_embedding.weight", "in_proj_weight")
    return name.endswith(ends)


def train(settings: dict) -> Run:
    model = model_of(settings["directory"]).train()
    batch = settings["batch"]
    alone = settings["towers"] == "vision"
    parameters = {name: p for name, p in model.named_parameters() if not (alone and name.startswith("text_model"))}
    kernels = [p for name, p in parameters.items() if is_kernel(name)]
    others = [p for name, p in parameters.items() if not is_kernel(name)]
    rate = settings["learningRate"]
    optimizer = torch.optim.AdamW(
        # AdamW multiplies the decay by the rate; ours does not.
        [{"params": kernels, "weight_decay": settings["weightDecay"] / rate}, {"params": others, "weight_decay": 0}],
        lr=rate,
        betas=(settings["beta1"], settings["beta2"]),
        eps=settings["epsilon"],
        fused=True,
    )
    vision, language = model.config.vision_config, model.config.text_config
    images = pixels(batch, vision.image_size)
    ids = token_ids(batch, language.max_position_embeddings, language.vocab_size)
    width = vision.hidden_size
    given = unit(torch.from_numpy((knuth(batch * width) / 2**31 - 1).astype(np.float32).reshape(batch, width)))
    signs = 2 * torch.eye(batch) - 1

    def run() -> Read:
        optimizer.zero_grad(set_to_none=True)
        x = unit(model.vision_model(pixel_values=images).pooler_output)
        y = given if alone else unit(model.text_model(input_ids=ids).pooler_output)
        logits = x @ y.T * model.logit_scale.exp() + model.logit_bias
        loss = -torch.nn.functional.logsigmoid(signs * logits).sum() / batch
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters.values(), settings["clipNorm"])
        optimizer.step()
        value = loss.item()
        return lambda: [value]

    return run


TASKS = {f.__name__: f for f in (image, text, load, preprocess, tokenize, train)}


def perform(request: dict, prepared: dict[str, Run]) -> Read:
    if request["op"] == "prepare":
        settings = request["settings"]
        torch.set_num_threads(settings.get("threads", os.cpu_count()))
        prepared[request["key"]] = TASKS[request["task"]](settings)
    elif request["op"] == "release":
        del prepared[request["key"]]
        return list
    return prepared[request["key"]]()


def costs(start: float) -> dict[str, object]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"ms": (time.perf_counter() - start) * 1000, "peakBytes": peak}


def main() -> None:
    prepared: dict[str, Run] = {}
    for line in sys.stdin:
        start = time.perf_counter()
        try:
            request = json.loads(line)
            read = perform(request, prepared)
            answer = costs(start)
            if request["op"] == "prepare":
                answer["result"] = read()
        except Exception as error:  # noqa: BLE001 - whatever fails is the answer
            answer = {**costs(start), "error": f"{type(error).__name__}: {error}"}
        print("@bench " + json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
