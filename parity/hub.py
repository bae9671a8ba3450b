"""What Python's huggingface_hub does with each variable, file and state of the cache that its documentation lists.

Runs `snapshot_download` once a case, in a process with that case's environment alone, against the hub of the tests
(hubControl.ts). Writes fixtures/hub/cases.json: the cases, and what came of each. test/checkpoint/hub/table.test.ts runs
the same cases here. Needs huggingface_hub 2.4.0 and Node; as root, cases of a read-only cache run as another user.

    .venv/bin/python parity/hub.py
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
NAME = "google/siglip2-tiny"
COMMIT = "a" * 40
OTHER = "b" * 40
NOBODY = 65534
FILES = {
    "config.json": "{}",
    "preprocessor_config.json": '{"a": 1}',
    "tokenizer.json": '{"b": 2}',
    "model.safetensors": "w" * 3000,
}
MODEL = {"commit": COMMIT, "files": FILES}
FOLDER = "models--google--siglip2-tiny"

WORKER = """
import json, sys, os
uid = json.loads(sys.argv[3])
from huggingface_hub import snapshot_download
import huggingface_hub.file_download, tqdm, concurrent.futures
"a".encode("idna")  # Loaded now: another user may not read Python's own files.
if uid: os.setegid(uid); os.seteuid(uid)
try:
    print(json.dumps({"path": snapshot_download(sys.argv[1], allow_patterns=json.loads(sys.argv[2]), **json.loads(sys.argv[4]))}))
except Exception as error:
    print(json.dumps({"error": type(error).__name__}))
"""

FETCHED = {"HF_HOME": "$ROOT/home"}
WHOLE = {"env": FETCHED, "fetched": True}
BUSY = {"at": "info", "status": 503, "times": 99}


def case(name, env=None, **more):
    return {"name": name, "env": env or {}, **more}


def token_file(text, path="home/token"):
    return {path: text}


CASES = [
    # Tokens.
    case("no token"),
    case("HF_TOKEN", {"HF_TOKEN": "hf_one"}),
    case("HF_TOKEN without hf_", {"HF_TOKEN": "secret"}),
    case("HF_TOKEN with a line end", {"HF_TOKEN": "hf_one\n"}),
    case("HF_TOKEN of spaces", {"HF_TOKEN": "  "}),
    case("HF_TOKEN empty, no file", {"HF_TOKEN": ""}),
    case("HF_TOKEN empty, a file", {"HF_TOKEN": "", **FETCHED}, write=token_file("hf_file")),
    case("HF_TOKEN of spaces, a file", {"HF_TOKEN": "  ", **FETCHED}, write=token_file("hf_file")),
    case("HUGGING_FACE_HUB_TOKEN", {"HUGGING_FACE_HUB_TOKEN": "hf_old"}),
    case("both names of the token", {"HUGGING_FACE_HUB_TOKEN": "hf_old", "HF_TOKEN": "hf_one"}),
    case("HF_TOKEN empty, the old name set", {"HUGGING_FACE_HUB_TOKEN": "hf_old", "HF_TOKEN": ""}),
    case("HF_TOKEN of spaces, the old name set", {"HUGGING_FACE_HUB_TOKEN": "hf_old", "HF_TOKEN": " "}),
    case("a token file", FETCHED, write=token_file("hf_file\n")),
    case("a token file with a second line", FETCHED, write=token_file("hf_file\nnote")),
    case("an empty token file", FETCHED, write=token_file("")),
    case("a token file and HF_TOKEN", {**FETCHED, "HF_TOKEN": "hf_one"}, write=token_file("hf_file")),
    case("HF_TOKEN_PATH", {"HF_TOKEN_PATH": "$ROOT/mine"}, write=token_file("hf_mine", "mine")),
    case("HF_TOKEN_PATH that is not there", {"HF_TOKEN_PATH": "$ROOT/mine"}),
    case("the token file of the home folder", write=token_file("hf_home", "user/.cache/huggingface/token")),
    case("a gated model without token", model={**MODEL, "gated": True}),
    case("a gated model with token", {"HF_TOKEN": "hf_secret"}, model={**MODEL, "gated": True}),
    case("a hidden model without token", model={**MODEL, "hidden": True}),
    case("a hidden model with token", {"HF_TOKEN": "hf_secret"}, model={**MODEL, "hidden": True}),
    case("a hidden model with a wrong token", {"HF_TOKEN": "hf_one"}, model={**MODEL, "hidden": True}),
    *[
        case(f"HF_HUB_DISABLE_IMPLICIT_TOKEN={value!r}", {"HF_TOKEN": "hf_one", "HF_HUB_DISABLE_IMPLICIT_TOKEN": value})
        for value in ("1", "on", "0", "")
    ],
    case("implicit tokens off, a token given", {"HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}, options={"token": "hf_given"}),
    case("a token given and HF_TOKEN", {"HF_TOKEN": "hf_one"}, options={"token": "hf_given"}),
    case("token: false and HF_TOKEN", {"HF_TOKEN": "hf_one"}, options={"token": False}),
    # Where the cache is.
    case("HF_HOME", {"HF_HOME": "$ROOT/home"}),
    case("HF_HOME with ~", {"HF_HOME": "~/hf"}),
    case("HF_HOME with a variable", {"HF_HOME": "$PLACE/hf", "PLACE": "$ROOT/place"}),
    case("HF_HUB_CACHE", {"HF_HUB_CACHE": "$ROOT/cache"}),
    case("HF_HUB_CACHE and HF_HOME", {"HF_HUB_CACHE": "$ROOT/cache", "HF_HOME": "$ROOT/home"}),
    case("HUGGINGFACE_HUB_CACHE", {"HUGGINGFACE_HUB_CACHE": "$ROOT/old"}),
    case("both names of the cache", {"HUGGINGFACE_HUB_CACHE": "$ROOT/old", "HF_HUB_CACHE": "$ROOT/cache"}),
    case("XDG_CACHE_HOME", {"XDG_CACHE_HOME": "$ROOT/xdg"}),
    case("XDG_CACHE_HOME and HF_HOME", {"XDG_CACHE_HOME": "$ROOT/xdg", "HF_HOME": "$ROOT/home"}),
    case("HF_HUB_DISABLE_SYMLINKS", {"HF_HUB_DISABLE_SYMLINKS": "1"}),
    # Offline.
    *[
        case(f"HF_HUB_OFFLINE={value!r}, cached", {**FETCHED, "HF_HUB_OFFLINE": value}, before=WHOLE)
        for value in ("1", "ON", "yes", "True", "0", "false", "2", "")
    ],
    case("HF_HUB_OFFLINE, nothing cached", {"HF_HUB_OFFLINE": "1"}),
    case("TRANSFORMERS_OFFLINE, cached", {**FETCHED, "TRANSFORMERS_OFFLINE": "1"}, before=WHOLE),
    case("HF_HUB_OFFLINE=0 and TRANSFORMERS_OFFLINE=1", {**FETCHED, "HF_HUB_OFFLINE": "0", "TRANSFORMERS_OFFLINE": "1"}, before=WHOLE),
    case("HF_HUB_OFFLINE='' and TRANSFORMERS_OFFLINE=1", {**FETCHED, "HF_HUB_OFFLINE": "", "TRANSFORMERS_OFFLINE": "1"}, before=WHOLE),
    case("offline, by commit", {**FETCHED, "HF_HUB_OFFLINE": "1"}, before=WHOLE, options={"revision": COMMIT}),
    case("offline, a revision that is not cached", {**FETCHED, "HF_HUB_OFFLINE": "1"}, before=WHOLE, options={"revision": "v2"}),
    # The endpoint.
    case("HF_ENDPOINT with a slash", {"HF_ENDPOINT": "$HUB/"}),
    case("HF_ENDPOINT that nobody answers", {"HF_ENDPOINT": "$NOBODY"}),
    case("HF_ENDPOINT that nobody answers, cached", {**FETCHED, "HF_ENDPOINT": "$NOBODY"}, before=WHOLE),
    case("HF_HUB_ETAG_TIMEOUT, silence, cached", {**FETCHED, "HF_HUB_ETAG_TIMEOUT": "1"}, before=WHOLE, faults=[{"at": "info", "silent": True, "times": 99}], ours={"path": f"home/hub/{FOLDER}/snapshots/{COMMIT}"}, why="Python waits for ever: its question about a model has no timeout"),
    case("HF_HUB_ETAG_TIMEOUT that is no number", {"HF_HUB_ETAG_TIMEOUT": "soon"}),
    case("HF_HUB_DOWNLOAD_TIMEOUT that is no number", {"HF_HUB_DOWNLOAD_TIMEOUT": "1.5"}),
    # Proxies.
    *[case(f"{name}", {name: "$PROXY"}) for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY")],
    case("http_proxy empty hides HTTP_PROXY", {"HTTP_PROXY": "$PROXY", "http_proxy": ""}),
    *[
        case(f"NO_PROXY={value!r}", {"HTTP_PROXY": "$PROXY", "NO_PROXY": value})
        for value in ("127.0.0.1", "*", "example.com", "localhost", "127.0.0.0/8", "", " 127.0.0.1 ")
    ],
    case("a proxy that nobody answers", {"HTTP_PROXY": "$NOBODY"}),
    case("a proxy that nobody answers, cached", {**FETCHED, "HTTP_PROXY": "$NOBODY"}, before=WHOLE),
    # Revisions.
    case("a tag", FETCHED, model={**MODEL, "aliases": ["v1"]}, options={"revision": "v1"}),
    case("refs/pr/1", FETCHED, model={**MODEL, "aliases": ["refs/pr/1"]}, options={"revision": "refs/pr/1"}),
    case("a commit", FETCHED, options={"revision": COMMIT}),
    case("a revision that is not there", options={"revision": "v9"}),
    case("a revision that is not there, main cached", FETCHED, before=WHOLE, options={"revision": "v9"}),
    case("main has moved on", FETCHED, before=WHOLE, model={**MODEL, "commit": OTHER}),
    case("a model that has another name now", FETCHED, moved="google/siglip2-small"),
    case("a model that is not there", model=None),
    # States of the cache.
    case("whole", FETCHED, before=WHOLE),
    case("whole, hub busy", FETCHED, before=WHOLE, faults=[BUSY]),
    case("whole, model gone from the hub", FETCHED, before=WHOLE, model=None),
    case("whole, model hidden since", FETCHED, before=WHOLE, model={**MODEL, "hidden": True}),
    case("a link without its content", FETCHED, before={**WHOLE, "remove": ["blobs"]}),
    case("a file missing in the snapshot", FETCHED, before={**WHOLE, "remove": [f"snapshots/{COMMIT}/config.json"]}),
    case("a content without link", FETCHED, before={**WHOLE, "remove": ["snapshots"]}),
    case("a ref without snapshot, offline", {**FETCHED, "HF_HUB_OFFLINE": "1"}, before={**WHOLE, "remove": ["snapshots"]}),
    case("no ref, offline", {**FETCHED, "HF_HUB_OFFLINE": "1"}, before={**WHOLE, "remove": ["refs"]}),
    case("no ref, offline, by commit", {**FETCHED, "HF_HUB_OFFLINE": "1"}, before={**WHOLE, "remove": ["refs"]}, options={"revision": COMMIT}),
    case("a read-only cache, whole", FETCHED, before=WHOLE, readonly=True),
    case("a read-only cache, whole, offline", {**FETCHED, "HF_HUB_OFFLINE": "1"}, before=WHOLE, readonly=True),
    case("a read-only cache, empty", FETCHED, before={"env": {}, "fetched": False}, readonly=True),
    case(
        "a file missing in the snapshot, offline",
        {**FETCHED, "HF_HUB_OFFLINE": "1"},
        before={**WHOLE, "remove": [f"snapshots/{COMMIT}/config.json"]},
    ),
]

KINDS = {
    "RepositoryNotFoundError": "repository",
    "GatedRepoError": "gated",
    "RevisionNotFoundError": "revision",
    "IncompleteSnapshotError": "incomplete",
    "LocalEntryNotFoundError": None,
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Hub:
    def __init__(self):
        command = ["node", "--import", "tsx", str(HERE / "hubControl.ts")]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HERE.parent)
        self.address = json.loads(self.process.stdout.readline())

    def ask(self, command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def fill(value, places):
    # In order: $ROOT before what a case's own variables are called.
    for name, place in places.items():
        value = value.replace(name, place)
    return value


def fetch(env, places, options, uid=0):
    given = {name: fill(value, places) for name, value in env.items()}
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": places["$ROOT"] + "/user",
        "HF_ENDPOINT": places["$HUB"],
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        **given,
    }
    arguments = [NAME, json.dumps(list(FILES)), json.dumps(uid), json.dumps(options)]
    command = [sys.executable, "-c", WORKER, *arguments]
    try:
        done = subprocess.run(command, env=environment, cwd=places["$ROOT"], capture_output=True, text=True, timeout=40)
    except subprocess.TimeoutExpired:
        return {"error": "silence"}
    answers = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not answers:  # The module itself does not load.
        return {"error": "import"}
    return json.loads(answers[-1])


def tree(root):
    """Every file of snapshots and refs, and whether it is a link."""
    found = []
    for path in Path(root).rglob("*"):
        relative = path.relative_to(root).as_posix()
        if FOLDER in relative and ("/snapshots/" in relative or "/refs/" in relative) and (path.is_symlink() or path.is_file()):
            found.append(relative + (" -> link" if path.is_symlink() else ""))
    return sorted(found)


def run(hub, one):
    with tempfile.TemporaryDirectory() as root:
        os.chmod(root, 0o755)
        (Path(root) / "user").mkdir()
        places = {"$ROOT": root, "$HUB": hub.address["hub"], "$PROXY": hub.address["proxy"], "$NOBODY": f"http://127.0.0.1:{free_port()}"}
        before = one.get("before")
        if before and before["fetched"]:
            hub.ask({"name": NAME, "model": MODEL})
            assert "path" in fetch(before["env"], places, {}), one["name"]
            for path in before.get("remove", []):
                target = Path(root) / "home/hub" / FOLDER / path
                shutil.rmtree(target) if target.is_dir() else target.unlink()
        for path, text in one.get("write", {}).items():
            (Path(root) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(root) / path).write_text(text)
        uid = NOBODY if one.get("readonly") and os.getuid() == 0 else 0
        if one.get("readonly"):
            (Path(root) / "home").mkdir(exist_ok=True)
            for path in [Path(root), *Path(root).rglob("*")]:
                if not path.is_symlink():
                    os.chmod(path, 0o555 if path.is_dir() else 0o444)
        hub.ask({"name": NAME, **({"model": one.get("model", MODEL)} if one.get("model", MODEL) else {}), **{key: one[key] for key in ("moved", "faults") if key in one}})
        result = fetch(one["env"], places, one.get("options", {}), uid)
        outcome = hub.ask({"requests": True})
        if "path" in result:
            outcome["path"] = os.path.relpath(os.path.realpath(result["path"]), os.path.realpath(root))
        else:
            outcome["error"] = KINDS.get(result["error"], result["error"])
            outcome["python"] = result["error"]
        outcome["tree"] = tree(root)
        if one.get("readonly"):
            for path in [Path(root), *Path(root).rglob("*")]:
                if not path.is_symlink():
                    os.chmod(path, 0o755)
        return outcome


if __name__ == "__main__":
    hub = Hub()
    results = []
    for one in CASES:
        results.append({**one, "outcome": run(hub, one)})
        print(one["name"], json.dumps({k: v for k, v in results[-1]["outcome"].items() if k != "tree"}), flush=True)
    hub.process.stdin.close()
    target = HERE / "fixtures/hub/cases.json"
    target.parent.mkdir(exist_ok=True)
    document = {"name": NAME, "commit": COMMIT, "folder": FOLDER, "model": MODEL, "cases": results}
    target.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
