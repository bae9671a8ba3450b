"""TensorBoard event files: the file that TensorBoard's own writer makes, and a reader for ours.

    python parity/events.py             # writes fixtures/events/scalars.tfevents
    python parity/events.py --read DIR  # prints the scalars that TensorBoard finds in a folder, as JSON lines

Needs `pip install tensorboard==2.21.0`. Quirk: float64 wall times, float32 values.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

PATH = Path(__file__).parent / "fixtures" / "events" / "scalars.tfevents"

# Step 300 needs two varint bytes; the last event is larger than 127 bytes.
STEPS = [
    (1, 1700000001.25, {"loss": 11.4876, "gradientNorm": 0.5}),
    (300, 1700000300.5, {"loss": -0.0, "sigmoid": 1e-30}),
    (1220703, 1700001000.0, {f"metric/{i}": i / 3 for i in range(12)}),
]


def write() -> None:
    PATH.parent.mkdir(parents=True, exist_ok=True)
    with open(PATH, "wb") as file:
        writer = RecordWriter(file)
        writer.write(Event(wall_time=1700000001.25, file_version="brain.Event:2").SerializeToString())
        for step, time, scalars in STEPS:
            values = [Summary.Value(tag=tag, simple_value=value) for tag, value in scalars.items()]
            event = Event(wall_time=time, step=step, summary=Summary(value=values))
            writer.write(event.SerializeToString())
    print(f"{PATH} ({PATH.stat().st_size} bytes)")


def read(folder: str) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    accumulator = EventAccumulator(folder, size_guidance={"scalars": 0}).Reload()
    for tag in accumulator.Tags()["scalars"]:
        events = accumulator.Scalars(tag)
        print(json.dumps({"tag": tag, "steps": [e.step for e in events], "values": [e.value for e in events]}))


if __name__ == "__main__":
    read(sys.argv[2]) if sys.argv[1:2] == ["--read"] else write()
