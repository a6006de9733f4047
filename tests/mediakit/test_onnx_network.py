"""Small networks are run as their files say, but for the size of the pictures."""

import numpy as np
import pytest

from mediakit.onnx_network import new_network, of_any_size, open_network


def field(number: int, *parts: bytes) -> bytes:
    """A field of a protocol buffer that holds bytes, such as a message."""
    content = b"".join(parts)
    return bytes([number << 3 | 2, len(content)]) + content


def number(number: int, value: int) -> bytes:
    """A field with a whole number below 16,384."""
    low, high = value & 127, value >> 7
    return bytes([number << 3]) + (bytes([low | 128, high]) if high else bytes([low]))


def picture(name: bytes, channels: int, side: int) -> bytes:
    """A `ValueInfoProto` of one picture in 32-bit numbers."""
    sides = [field(1, number(1, each)) for each in (1, channels, side, side)]
    return field(1, name) + field(2, field(1, number(1, 1), field(2, *sides)))


def model(side: int) -> bytes:
    """A `ModelProto` that takes the amount of each value of a picture, and says that the picture is a square."""
    node = field(1, b"in") + field(2, b"out") + field(4, b"Abs")
    io = field(11, picture(b"in", 3, side)) + field(12, picture(b"out", 3, side))
    return number(1, 8) + field(8, number(2, 17)) + field(7, field(1, node), field(2, b"g"), io)


@pytest.mark.parametrize("side", [320, 640])
def test_a_network_for_squares_takes_pictures_of_any_size(side):
    values = np.arange(-18, 18, dtype=np.float32).reshape(1, 3, 3, 4)
    network = open_network(of_any_size(model(side), side))
    assert np.array_equal(network.run(values), np.abs(values))
    (found,) = network.run_all(values)
    assert np.array_equal(found, np.abs(values))
    with pytest.raises(Exception, match="invalid dimensions"):
        open_network(model(side)).run(values)


def test_a_network_stays_open_for_the_same_bytes():
    assert open_network(model(64)) is open_network(model(64))
    assert open_network(model(64), keep_memory=True) is not open_network(model(64))
    assert open_network(model(320)) is not open_network(model(64))
    assert new_network(model(64)) is not open_network(model(64))


def test_a_network_of_any_size_is_as_it_was():
    assert of_any_size(model(64)) == model(64)
    assert of_any_size(model(320), 640) == model(320)
