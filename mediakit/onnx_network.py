"""Small networks in ONNX's format, run by one thread of ONNX Runtime: OpenCV takes up to twice as long for them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

# How ONNX writes that a side of a picture has so many pixels, and that it has as many as it is called "n".
_SIDES = {320: b"\x0a\x03\x08\xc0\x02", 640: b"\x0a\x03\x08\x80\x05"}
_ANY_SIDE = b"\x0a\x03\x12\x01n"
_ERRORS = 3  # warnings say that outputs have other sizes than the file names


@dataclass(frozen=True, slots=True)
class Network:
    """`run` takes the only input to the first output, `run_all` to every one, in the order of the file.

    `metadata` is what the file says besides. Several threads may run it at a time.
    """

    run: Callable[[Any], Any]
    run_all: Callable[[Any], Sequence[Any]]
    metadata: Mapping[str, str]


_open: dict[tuple[bytes, bool], Network] = {}


def open_network(model: bytes, *, keep_memory: bool = False) -> Network:
    """The network of a verified file, which stays open as long as the process lives.

    To open one takes as long as to run it two times. `keep_memory` between two inputs saves a quarter of the time where
    layers are large.
    """
    key = (sha256(model).digest(), keep_memory)
    return _open.get(key) or _open.setdefault(key, new_network(model, keep_memory=keep_memory))


def new_network(model: bytes, *, keep_memory: bool = False) -> Network:
    """The network of a verified file for one task, closed when nothing refers to it any more."""
    import onnxruntime as _ort  # noqa: PLC0415 -- takes a while, and few processes look at pictures

    ort: Any = _ort
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = keep_memory
    options.log_severity_level = _ERRORS
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    given, (found, *_) = session.get_inputs()[0].name, session.get_outputs()

    def run(values: Any) -> Any:
        return session.run([found.name], {given: values})[0]

    def run_all(values: Any) -> Sequence[Any]:
        outputs: Sequence[Any] = session.run(None, {given: values})
        return outputs

    return Network(run, run_all, session.get_modelmeta().custom_metadata_map)


def of_any_size(model: bytes, side_px: int = 320) -> bytes:
    """A model for squares of `side_px` (320 or 640) that takes pictures of other sizes too, as its layers do."""
    return model.replace(_SIDES[side_px], _ANY_SIDE)
