"""YuNet's outputs are read as OpenCV reads them; the network is made up here."""

import numpy as np
import pytest

from mediakit.framing.analysis.finders import yunet
from mediakit.onnx_network import Network

COLUMNS, ROWS = 256, 96  # the sides of the padded picture, in px


class Outputs:
    """The twelve outputs for a picture of COLUMNS by ROWS px, in which nothing is found at first."""

    def __init__(self) -> None:
        counts = [COLUMNS // stride * (ROWS // stride) for stride in yunet.STRIDES_PX]
        self.shapes: list[tuple[int, ...]] = []
        self.arrays = [np.zeros((1, n, k), np.float32) for k in (1, 1, 4, 10) for n in counts]

    def put(self, stride: int, column: int, row: int, score: float, size: float = 0.0) -> None:
        """A face whose middle is that of its cell, exp(size) cells wide and high, with the nose at the corner."""
        cell = row * (COLUMNS // stride) + column
        classes, objects, boxes, marks = self.arrays[yunet.STRIDES_PX.index(stride) :: 3]
        classes[0, cell], objects[0, cell] = score, 1.5  # more than 1 counts as 1
        boxes[0, cell] = (0.5, 0.5, size, size)
        marks[0, cell] = (0.25, 0.25, 0.75, 0.25, 0, 0, 0.25, 0.75, 0.75, 0.75)

    def run_all(self, values: np.ndarray) -> list[np.ndarray]:
        self.shapes.append(values.shape)
        return self.arrays


@pytest.fixture
def outputs(monkeypatch):
    made = Outputs()
    network = Network(lambda values: made.run_all(values)[0], made.run_all, {})
    monkeypatch.setattr(yunet, "open_network", lambda _: network)
    return made


def rows(width: int = 250, height: int = 90) -> np.ndarray:
    find = yunet.make_yunet(b"", min_score=0.6, max_overlap=0.3)
    return find(np.zeros((height, width, 3), np.uint8))


def test_a_face_of_each_grid_is_where_its_cell_is(outputs):
    outputs.put(8, 3, 5, 0.64)
    outputs.put(16, 12, 1, 0.81)
    outputs.put(32, 7, 2, 1.0)
    found = rows()
    assert outputs.shapes == [(1, 3, ROWS, COLUMNS)]
    assert found[:, :4] == pytest.approx(
        np.array([(224, 64, 32, 32), (192, 16, 16, 16), (24, 40, 8, 8)])
    )
    assert found[:, 14] == pytest.approx([1, 0.9, 0.8])
    assert found[1, 4:14] == pytest.approx([196, 20, 204, 20, 192, 16, 196, 28, 204, 28])


def test_of_two_boxes_of_one_face_the_surer_one_is_kept(outputs):
    outputs.put(16, 4, 2, 0.7, size=2.0)
    outputs.put(16, 5, 2, 0.9, size=2.0)
    outputs.put(16, 13, 2, 0.5, size=2.0)  # another one
    (first, second) = rows()
    assert first[0] + first[2] / 2 == pytest.approx(5.5 * 16)
    assert second[0] + second[2] / 2 == pytest.approx(13.5 * 16)


def test_a_doubtful_face_is_none(outputs):
    outputs.put(8, 3, 5, 0.35)  # 0.59
    assert rows().shape == (0, 15)
