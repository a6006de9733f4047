"""Small networks in ONNX's format, run by one thread of ONNX Runtime: OpenCV takes up to twice as long for them."""

from collections.abc import Callable
from typing import Any

# How ONNX writes that a side of a picture has 320 pixels, and that it has as many as it is called "n".
_SIDE_OF_320, _ANY_SIDE = b"\x0a\x03\x08\xc0\x02", b"\x0a\x03\x12\x01n"

Network = Callable[[Any], Any]


def open_network(model: bytes, *, keep_memory: bool = False) -> Network:
    """The network of a verified file: from its only input to its first output.

    `keep_memory` between two pictures saves a quarter of the time where layers are large.
    """
    import onnxruntime as _ort  # noqa: PLC0415 -- takes a while, and few processes look at pictures

    ort: Any = _ort
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = keep_memory
    options.log_severity_level = (
        3  # errors: warnings say that outputs have other sizes than the file names
    )
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    given, (found, *_) = session.get_inputs()[0].name, session.get_outputs()

    def run(values: Any) -> Any:
        return session.run([found.name], {given: values})[0]

    return run


def of_any_size(model: bytes) -> bytes:
    """A model for pictures of 320 by 320 that takes pictures of other sizes too, as its layers do."""
    return model.replace(_SIDE_OF_320, _ANY_SIDE)
