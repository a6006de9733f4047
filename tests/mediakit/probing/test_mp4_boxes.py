"""Boxes read from bytes, whole and damaged."""

from mediakit.probing.container_sniff import SourceReader
from mediakit.probing.mp4_boxes import has_edit_list, top_boxes
from mediakit.probing.truncation import is_cut_off


def box(kind: bytes, content: bytes = b"") -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def reader(tmp_path, data: bytes) -> SourceReader:
    path = tmp_path / "file"
    path.write_bytes(data)
    return SourceReader(str(path))


def edits(count: int) -> bytes:
    entries = box(b"elst", bytes(4) + count.to_bytes(4, "big") + bytes(12 * count))
    return box(b"moov", box(b"mvhd", bytes(8)) + box(b"trak", box(b"edts", entries)))


def test_boxes_in_order(tmp_path):
    large = (1).to_bytes(4, "big") + b"mdat" + (24).to_bytes(8, "big") + bytes(8)
    data = box(b"ftyp", b"isom") + large + (0).to_bytes(4, "big") + b"free" + bytes(30)

    found = top_boxes(reader(tmp_path, data))

    assert [(b.kind, b.size) for b in found] == [("ftyp", 12), ("mdat", 24), ("free", 38)]


def test_nonsense_ends_the_list(tmp_path):
    assert top_boxes(reader(tmp_path, box(b"ftyp") + (3).to_bytes(4, "big") + b"evil")) != []
    assert top_boxes(reader(tmp_path, b"abc")) == []


def test_edit_lists(tmp_path):
    assert has_edit_list(reader(tmp_path, box(b"ftyp") + edits(1)))
    assert not has_edit_list(reader(tmp_path, box(b"ftyp") + edits(0)))
    assert not has_edit_list(reader(tmp_path, box(b"moov", box(b"trak", b"\0\0\0"))))
    assert not has_edit_list(reader(tmp_path, box(b"ftyp")))


def test_a_file_shorter_than_its_boxes_say(tmp_path):
    whole = box(b"ftyp", b"isom") + box(b"mdat", bytes(1000))

    assert not is_cut_off(reader(tmp_path, whole))
    assert not is_cut_off(reader(tmp_path, whole[:-20]))
    assert is_cut_off(reader(tmp_path, whole[:500]))


def test_a_segment_shorter_than_it_says(tmp_path):
    head = b"\x1aE\xdf\xa3\x84webm\x18\x53\x80\x67"
    sized, live = head + b"\x44\x00" + bytes(900), head + b"\x01" + b"\xff" * 7 + bytes(900)

    assert is_cut_off(reader(tmp_path, sized[:500]))
    assert not is_cut_off(reader(tmp_path, sized + bytes(200)))
    assert not is_cut_off(reader(tmp_path, live))
    assert not is_cut_off(reader(tmp_path, head))
    assert not is_cut_off(reader(tmp_path, b"\x1aE\xdf\xa3 and then nothing known"))
    # Letters where a box has its name, in a container of another family.
    assert not is_cut_off(reader(tmp_path, b"nut/multimedia container\0" + bytes(300)))


def test_other_containers_tell_nothing(tmp_path):
    assert is_cut_off(
        reader(tmp_path, b"RIFF" + (5000).to_bytes(4, "little") + b"AVI " + bytes(90))
    )
    assert not is_cut_off(reader(tmp_path, b"G" + bytes(187) + b"G"))
