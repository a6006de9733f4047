"""The arguments by which ffmpeg is given a source."""

from mediakit.ffmpeg.source_args import format_seconds, input_args, source_url
from mediakit.sandbox.source_file import is_remote


def test_only_our_reader_is_an_address():
    assert is_remote("http://127.0.0.1:8000/x")
    assert not is_remote("http://example.com/x")
    assert source_url("http://example.com/x").startswith("file:/")
    assert not is_remote("http://127.0.0.1:80@example.com/x")
    assert "-protocol_whitelist file " in " ".join(input_args("/a.mp4"))
    assert "-protocol_whitelist http,tcp " in " ".join(input_args("http://127.0.0.1:1/x"))
    args = input_args("/a.mp4")
    demuxers = set(args[args.index("-format_whitelist") + 1].split(","))
    assert not {"hls", "dash", "concat", "sdp", "image2"} & demuxers


def test_times_are_written_exactly():
    assert [format_seconds(ms) for ms in (0, 1, 12_345, -1_007)] == [
        "0.000",
        "0.001",
        "12.345",
        "-1.007",
    ]
