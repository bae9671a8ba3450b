"""OpenAI's own Python client, and Cohere's, against `siglip2 serve` with the embedded model.

Starts the server on a free port with a key, asks it as programs do, and compares with what its other addresses and its command
line give. Prints one line a check; ends with 1 at the first that fails. Needs Node, `pip install openai==3.57.0 cohere==7.3.1`.

    .venv/bin/python parity/openaiClient.py
"""

import asyncio
import base64
import json
import math
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import cohere
import openai

ROOT = Path(__file__).parent.parent
KEY = "a-key-of-this-script-0123"
MODEL = "siglip2-emoji"
TAXI = ROOT / "docs" / "taxi.png"
TEXTS = ["a taxi", "고양이", "un chien", "a taxi"]


def start(keys: Path):
    """The server's process and its address, without the slash at its end."""
    command = ["node", str(ROOT / "bin" / "siglip2.js"), "serve", "--port", "0", "--api-keys-file", str(keys)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        found = re.search(r"(http://127\.0\.0\.1:\d+)/", line)
        if found:
            return process, found[1]
    raise RuntimeError("the server did not start")


def post(url: str, body: dict, key: str = KEY):
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def data_uri(path: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()


def close(a, b, tolerance=1e-6) -> bool:
    return len(a) == len(b) and all(math.isclose(x, y, abs_tol=tolerance) for x, y in zip(a, b))


def check(what: str, ok: bool) -> None:
    print(("ok      " if ok else "FAILED  ") + what)
    if not ok:
        sys.exit(1)


def fails(what: str, kind, call, words: str = "") -> None:
    try:
        call()
    except kind as error:
        check(f"{what}: {kind.__name__}: {error}", words in str(error))
    else:
        check(f"{what}: {kind.__name__}", False)


def embeddings(client: openai.OpenAI, address: str) -> None:
    expected = post(f"{address}/api/embed", {"texts": TEXTS})["embeddings"]
    answer = client.embeddings.create(model=MODEL, input=TEXTS)
    check(
        f"embeddings of a list, as base64 (the client's default): {len(answer.data)} of width {len(expected[0])}",
        all(close(one.embedding, row) for one, row in zip(answer.data, expected)) and answer.model == MODEL,
    )
    check(f"usage {answer.usage.prompt_tokens}", answer.usage.total_tokens == answer.usage.prompt_tokens > 8)
    one = client.embeddings.create(model=MODEL, input=TEXTS[1], encoding_format="float", dimensions=len(expected[0]))
    check("embedding of a string, as numbers", close(one.data[0].embedding, expected[1]))
    mixed = client.embeddings.create(model=MODEL, input=["a taxi", {"image": data_uri(TAXI)}, {"text": "고양이"}])
    cosine = sum(a * b for a, b in zip(mixed.data[0].embedding, mixed.data[1].embedding))
    other = sum(a * b for a, b in zip(mixed.data[2].embedding, mixed.data[1].embedding))
    check(f"texts and an image in one request, in order: cosine {cosine:.3f} with its name, {other:.3f} with another", cosine > other)
    long = client.embeddings.create(model=MODEL, input=["a taxi", "very " * 200 + "long"])
    check(f"texts that are not read whole: {long.truncated}", long.truncated == [1])


def errors(client: openai.OpenAI) -> None:
    create = client.embeddings.create
    fails("tokens", openai.BadRequestError, lambda: create(model=MODEL, input=[[1, 2, 3]]), "token ids")
    fails("too many items", openai.BadRequestError, lambda: create(model=MODEL, input=["a"] * 257), "256")
    fails("fewer dimensions", openai.BadRequestError, lambda: create(model=MODEL, input="a", dimensions=5), "not trained")
    fails("another model", openai.NotFoundError, lambda: create(model="text-embedding-3-small", input="a"), MODEL)
    fails("another model's name", openai.NotFoundError, lambda: client.models.retrieve("gpt/five"), MODEL)
    fails("another address", openai.NotFoundError, lambda: client.responses.create(model=MODEL, input="a"))
    stranger = client.with_options(api_key="wrong")
    fails("another key", openai.AuthenticationError, lambda: stranger.models.list())
    impatient = client.with_options(timeout=0.0001)
    fails("no patience", openai.APITimeoutError, lambda: impatient.embeddings.create(model=MODEL, input="a"))


async def giving_up(address: str) -> None:
    client = openai.AsyncOpenAI(base_url=f"{address}/v1", api_key=KEY)
    task = asyncio.create_task(client.embeddings.create(model=MODEL, input=["a dog"] * 256))
    await asyncio.sleep(0.05)
    task.cancel()
    results = await asyncio.gather(task, return_exceptions=True)
    check("a request is given up", isinstance(results[0], asyncio.CancelledError))
    many = await asyncio.gather(*(client.embeddings.create(model=MODEL, input=text) for text in TEXTS * 8))
    rows = [one.data[0].embedding for one in many]
    check("32 requests at once, each with its own answer", all(close(row, rows[i % 4], 1e-5) for i, row in enumerate(rows)))


def rerank(address: str) -> None:
    documents = ["a fire engine", "a taxi", "a dog"]
    answer = post(f"{address}/v1/rerank", {"model": MODEL, "query": "taxi", "documents": documents, "top_n": 2, "return_documents": True})
    check(f"rerank as Jina's, by plain HTTP: {json.dumps(answer['results'])}", answer["results"][0]["document"] == {"text": "a taxi"})
    image = {"image": data_uri(TAXI)}
    answer = post(f"{address}/v1/rerank", {"query": image, "documents": ["fire engine", "taxi", "dog"]})
    scores = [round(one["relevance_score"], 4) for one in answer["results"]]
    check(f"rerank of texts by an image: {scores}", answer["results"][0]["index"] == 1 and len(scores) == 3)
    client = cohere.Client(api_key=KEY, base_url=address)
    found = client.rerank(model=MODEL, query="taxi", documents=documents, top_n=1)
    check(f"rerank by Cohere's client: {found.results[0]}", found.results[0].index == 1)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        keys = Path(folder) / "keys.txt"
        keys.write_text(KEY + "\n")
        process, address = start(keys)
        try:
            client = openai.OpenAI(base_url=f"{address}/v1", api_key=KEY, max_retries=0)
            print(f"openai {openai.__version__}, cohere {cohere.__version__}")
            models = [one.id for one in client.models.list()]
            check(f"models: {models}", models == [MODEL])
            check(f"model: {client.models.retrieve(MODEL)}", client.models.retrieve(MODEL).object == "model")
            embeddings(client, address)
            errors(client)
            asyncio.run(giving_up(address))
            classes = post(f"{address}/v1/classify", {"input": {"image": data_uri(TAXI)}, "labels": ["a dog", "taxi"]})
            check(f"classify: {classes['data'][0]['scores']}", classes["data"][0]["scores"][0]["label"] == "taxi")
            rerank(address)
        finally:
            process.terminate()
            check(f"the server ends with {process.wait(40)}", process.returncode == 0)


main()
