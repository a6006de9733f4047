"""Encoders in hardware: the arguments of each, what its run may touch, and that only a real trial lets one in.

No machine of the tests need have such hardware: x264 with other options stands for it.
"""

import logging
import os
import socket
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from mediakit import encoder_selection
from mediakit.audio.loudness import LoudnessPlan
from mediakit.errors import SandboxError, StoppedError, ToolLimitError
from mediakit.render.encoders import HARDWARE, QUALITY, X264, Encoder, bound_to_devices
from mediakit.render.short import ShortSpec, build_args
from mediakit.sandbox import confinement, process, seccomp
from mediakit.sandbox.config import Limits
from mediakit.sandbox.confinement import Devices
from mediakit.sandbox.process import run
from tests.mediakit.conftest import python_argv
from tests.mediakit.render.test_short import INFO

NVENC, QSV, VAAPI, VIDEOTOOLBOX = HARDWARE
# A device that every Linux has and no run is given.
FULL = Devices(files=("/dev/full",))


def stand_in(name: str, *changes: str, **more: object) -> Encoder:
    """x264 in the place of an encoder in hardware, with some of its options replaced or added."""

    def options(quality, rate):
        found = X264.options(quality, rate)
        for option, value in zip(changes[::2], changes[1::2], strict=True):
            found += [option, value]  # the last one counts
        return found

    return Encoder(name, "libx264", options, **more)  # type: ignore[arg-type]


def option(argv: list[str], name: str) -> str:
    return argv[argv.index(name) + 1]


@pytest.mark.parametrize("encoder", HARDWARE, ids=str)
@pytest.mark.parametrize(
    ("rate", "interval", "ceiling"), [(25, "12", "12000000"), (60, "30", "18000000")]
)
def test_each_is_asked_for_what_a_short_has_to_be(encoder, rate, interval, ceiling):
    arguments = encoder.options(QUALITY["high"], Fraction(rate))

    assert option(arguments, "-c:v") == encoder.codec
    assert option(arguments, "-profile:v") == "high"
    assert (option(arguments, "-g"), option(arguments, "-maxrate")) == (interval, ceiling)
    assert int(option(arguments, "-bf")) <= 2
    assert {option(arguments, f"-color{of}") for of in ("_primaries", "_trc", "space")} == {"bt709"}
    assert arguments != encoder.options(QUALITY["medium"], Fraction(rate))


def test_pictures_are_handed_to_the_device_after_everything_is_drawn():
    def argv(encoder: Encoder) -> list[str]:
        return build_args(
            "/v.mp4", INFO, ShortSpec(0, 1_000), LoudnessPlan(), Path("/o.mp4"), encoder=encoder
        )

    sent = argv(VAAPI)
    assert "[out]format=nv12,hwupload[sent];" in option(sent, "-filter_complex")
    assert option(sent, "-map") == "[sent]"
    assert sent.index("-init_hw_device") < sent.index("-i")
    assert "-init_hw_device" not in argv(X264)


def test_only_cards_and_what_libdrm_and_cuda_ask_about_them_are_named():
    for encoder in HARDWARE:
        assert all(
            name.startswith(("/dev/dri/renderD", "/dev/nvidia")) for name in encoder.device_patterns
        )
        if encoder.devices is not None:
            files, info_paths = encoder.devices.files, encoder.devices.info_paths
            assert all(name == "{device}" or name.startswith("/dev/nvidia") for name in files)
            assert not any(name.startswith("/dev/") for name in info_paths if name != "/dev/dri")


def test_each_device_is_a_run_of_its_own_that_may_use_no_other(tmp_path):
    """Plain files stand for devices here: nothing opens them."""
    for name in ("renderD128", "renderD129", "card0"):
        (tmp_path / name).touch()
    of = (tmp_path / "renderD128").stat().st_rdev

    found, reason = bound_to_devices(
        replace(VAAPI, device_patterns=(f"{tmp_path}/renderD[0-9]*",), platform="")
    )

    assert reason == ""
    assert [str(one) for one in found] == [
        f"h264_vaapi on {tmp_path}/renderD{n}" for n in (128, 129)
    ]
    assert found[0].input_options[1] == f"vaapi=gpu:{tmp_path}/renderD128"
    assert found[0].devices is not None
    assert (
        f"/sys/dev/char/{os.major(of)}:{os.minor(of)}/device/vendor" in found[0].devices.info_paths
    )


# What a run may touch

TRY = """
import fcntl, os, socket
def tried(what):
    try:
        what()
    except OSError as error:
        return type(error).__name__ if error.errno in (1, 13) else error.strerror
    return "yes"
"""
ABSTRACT = "'\\0heimdex-test-%d' % os.getpid()"


def child(expression: str, **access: object) -> str:
    code = f"{TRY}\nprint({expression})"
    return run(python_argv(code), timeout_s=60, **access).stdout.strip()  # type: ignore[arg-type]


@pytest.mark.usefixtures("python_is_a_tool")
def test_a_run_opens_its_own_device_and_others_none_at_all():
    def opening(name: str, devices: Devices | None) -> str:
        return child(f"tried(lambda: os.open({name!r}, os.O_RDWR))", devices=devices)

    assert opening("/dev/full", FULL) == "yes"
    assert opening("/dev/random", FULL) == "PermissionError"
    assert opening("/dev/full", None) == "PermissionError"
    expression = "tried(lambda: fcntl.ioctl(os.open('/dev/full', os.O_RDWR), 0x5401, bytes(64)))"
    assert child(expression, devices=FULL) == "Inappropriate ioctl for device"


@pytest.mark.usefixtures("python_is_a_tool")
def test_what_may_be_asked_about_a_device_is_read_or_listed_and_nothing_beneath(tmp_path):
    (tmp_path / "listed").mkdir()
    (tmp_path / "listed" / "other").write_text("theirs")
    (tmp_path / "vendor").write_text("0x8086")
    about = replace(FULL, info_paths=(str(tmp_path / "listed"), str(tmp_path / "vendor")))

    assert child(f"open({str(tmp_path / 'vendor')!r}).read()", devices=about) == "0x8086"
    assert child(f"os.listdir({str(tmp_path / 'listed')!r})", devices=about) == "['other']"
    beneath = f"tried(lambda: open({str(tmp_path / 'listed/other')!r}))"
    assert child(beneath, devices=about) == "PermissionError"


def test_what_is_no_device_is_not_opened_as_one(tmp_path):
    (tmp_path / "link").symlink_to("/dev/full")
    (tmp_path / "file").touch()
    for name in ("link", "file"):
        with pytest.raises(SandboxError, match="is no device"):
            run(["true"], timeout_s=10, devices=Devices(files=(str(tmp_path / name),)))


@pytest.mark.usefixtures("python_is_a_tool")
def test_cuda_may_name_a_socket_that_no_process_can_call():
    def doing(kind: str, then: str, *, may_bind: bool) -> str:
        made = f"s := socket.socket(socket.AF_UNIX, socket.SOCK_{kind})"
        return child(f"tried(lambda: [{made}, {then}])", devices=replace(FULL, may_bind=may_bind))

    naming = f"s.bind({ABSTRACT}), s.listen()"
    assert doing("SEQPACKET", naming, may_bind=True) == "yes"
    assert doing("SEQPACKET", f"{naming}, s.accept()", may_bind=True) == "PermissionError"
    assert doing("SEQPACKET", "s.connect('/run/some.socket')", may_bind=True) == "PermissionError"
    assert doing("SEQPACKET", "s.bind('named')", may_bind=True) != "yes"
    assert doing("STREAM", "None", may_bind=True) == "PermissionError"
    assert doing("SEQPACKET", "None", may_bind=False) == "PermissionError"
    network = "tried(lambda: socket.socket())"
    assert child(network, devices=replace(FULL, may_bind=True)) == "PermissionError"


@pytest.mark.usefixtures("python_is_a_tool")
def test_cuda_beside_a_reader_still_connects_to_the_reader_only():
    bound = replace(FULL, may_bind=True)
    with socket.create_server(("127.0.0.1", 0)) as reader:
        port = reader.getsockname()[1]
        for other, said in ((port, "yes"), (1, "PermissionError")):
            connecting = f"tried(lambda: socket.create_connection(('127.0.0.1', {other}), 5))"
            got = child(connecting, devices=bound, reads=[f"http://127.0.0.1:{port}/token"])
            assert got == said


@pytest.mark.usefixtures("python_is_a_tool")
def test_a_run_with_a_device_has_address_space_and_no_more_memory():
    limits = "*(__import__('resource').getrlimit(n)[0] for n in (9, 2))"

    assert child(limits, devices=FULL) == f"{1 << 40} {Limits().address_space}"
    with pytest.raises(ToolLimitError, match="memory"):
        run(python_argv("bytearray(3 << 30)"), timeout_s=60, devices=FULL)


def test_runs_of_x264_are_fenced_in_as_they_were():
    start = process._Command(["true"], (), None, {}, Limits(), 10, X264.devices)

    assert X264.devices is None
    assert X264.input_options == ()
    assert process._limits_spec(start).keys() == {
        "parent",
        "nice",
        "cpu",
        "file",
        "files",
        "memory",
    }
    assert process._limits_spec(start)["memory"] == Limits().address_space
    with confinement.confine("/bin/true", reads=[], folder=None) as confined:
        assert confined.spec["filter"] == seccomp.program(tcp=False).hex()


# The trial


def test_where_no_device_is_nothing_is_run(monkeypatch, caplog):
    def refuse(*_args: object, **_options: object) -> None:
        raise AssertionError("something was run")

    for module in (encoder_selection, process):
        monkeypatch.setattr(module, "run", refuse)
    table = [replace(one, device_patterns=("/dev/heimdex-has-none*",)) for one in HARDWARE[:3]]
    table.append(replace(VIDEOTOOLBOX, platform="plan9"))

    with caplog.at_level(logging.INFO):
        assert encoder_selection.EncoderSelection("auto", table).select() is X264

    assert [record.levelname for record in caplog.records] == ["INFO"]
    assert "h264_qsv: no device /dev/heimdex-has-none*" in caplog.text
    assert "h264_videotoolbox: only on plan9" in caplog.text
    assert encoder_selection.EncoderSelection("x264").select() is X264


def test_what_does_not_run_or_breaks_a_rule_is_not_used_and_the_log_says_why(caplog):
    """Drivers fail for real, without a device and inside the confinement; what runs is found out on its file.

    One that works is used by a real export in `tests/exports/rendering/test_render_encoders.py`.
    """
    quick = ("-preset", "superfast")
    table = (
        replace(NVENC, device_patterns=(), devices=FULL, platform=""),
        replace(VAAPI, device_patterns=(), devices=None, platform="", input_options=()),
        stand_in("many_b_frames", *quick, "-bf", "5"),
        stand_in("open_groups", *quick, "-x264-params", "open-gop=1:keyint=15:min-keyint=1"),
    )
    selection = encoder_selection.EncoderSelection("auto", table, budget_s=200)

    with caplog.at_level(logging.INFO):
        assert selection.select() is X264
        assert selection.select() is X264

    why = selection._rejected
    assert "h264_nvenc" in why["h264_nvenc on /dev/full"]
    assert "h264_vaapi" in why["h264_vaapi"]
    assert "b_frames" in why["many_b_frames"]
    assert "closed_groups" in why["open_groups"]
    (line,) = caplog.messages
    assert line.startswith("Shorts are encoded by x264 (h264_nvenc on /dev/full: the trial failed")
    assert "rule “b_frames”: expected ≤ 2, measured 5" in line


def test_being_much_less_like_the_original_or_much_larger_is_not_good_enough():
    usual = encoder_selection.TrialShort(size_bytes=1_000_000, ssim=0.998, took_s=1)

    assert (
        encoder_selection._rejection_reason(
            replace(usual, size_bytes=1_900_000, ssim=0.9955), usual
        )
        == ""
    )
    assert "less like" in encoder_selection._rejection_reason(replace(usual, ssim=0.9945), usual)
    assert "times as large" in encoder_selection._rejection_reason(
        replace(usual, size_bytes=2_100_000), usual
    )


def test_what_no_time_was_left_for_is_not_used(caplog):
    selection = encoder_selection.EncoderSelection("auto", (stand_in("works"),), budget_s=0)

    assert selection.select() is X264
    assert "works: no time was left to try it" in caplog.text


def test_a_named_encoder_is_the_only_one_tried():
    selection = encoder_selection.EncoderSelection(
        "h264_vaapi", (stand_in("works"), replace(VAAPI, device_patterns=("/dev/none*",)))
    )

    assert selection.absence_reason().startswith("h264_vaapi: ")
    assert selection.select() is X264


def test_a_trial_that_is_stopped_decides_nothing():
    selection = encoder_selection.EncoderSelection("auto", (stand_in("works"),))

    with pytest.raises(StoppedError):
        selection.select(should_stop=lambda: True)

    assert selection._selected is None
