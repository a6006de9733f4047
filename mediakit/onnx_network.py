"""Small networks in ONNX's format, run by one thread of ONNX Runtime: OpenCV takes up to twice as long for them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

# How ONNX writes that a side of a picture has 320 pixels, and that it has as many as it is called "n".
_SIDE_OF_320, _ANY_SIDE = b"\x0a\x03\x08\xc0\x02", b"\x0a\x03\x12\x01n"
_ERRORS = 3  # warnings say that outputs have other sizes than the file names


@dataclass(frozen=True, slots=True)
class Network:
    """`run` takes the only input to the first output; `metadata` is what the file says besides."""

    run: Callable[[Any], Any]
    metadata: Mapping[str, str]


def open_network(model: bytes, *, keep_memory: bool = False) -> Network:
    """The network of a verified file.

    `keep_memory` between two inputs saves a quarter of the time where layers are large.
    """
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

    return Network(run, session.get_modelmeta().custom_metadata_map)


def of_any_size(model: bytes) -> bytes:
    """A model for pictures of 320 by 320 that takes pictures of other sizes too, as its layers do."""
    return model.replace(_SIDE_OF_320, _ANY_SIDE)
