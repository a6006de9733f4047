"""The video encoders of a Short: x264, and hardware encoders, best first.

The options come from ffmpeg's documentation (`ffmpeg -h encoder=NAME`, the sections "VAAPI encoders" and "QSV
Encoders" of ffmpeg-codecs). They ask every encoder for the same: High profile, 4:2:0, a closed GOP every half second,
at most two B-frames, BT.709, and constant quality below a maximum bit rate. An option is only a request:
`mediakit.encoder_selection` tests whether an encoder honours it. The hardware qualities that stand for
x264's CRF were not measured on hardware of ours.
"""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from mediakit.probing.frame_rate import keyframe_interval
from mediakit.sandbox import config
from mediakit.sandbox.confinement import Devices

HIGH_FRAME_RATE = 31  # fps above which a quality may use its higher maximum bit rate


@dataclass(frozen=True, slots=True)
class Quality:
    """Constant quality: x264's CRF, and the maximum video bit rate up to HIGH_FRAME_RATE and above it."""

    crf: int
    max_bits_per_s: int
    high_rate_max_bits_per_s: int

    def max_rate(self, rate: Fraction) -> int:
        """The maximum video bit rate at the frame rate, in bits per second."""
        return self.high_rate_max_bits_per_s if rate > HIGH_FRAME_RATE else self.max_bits_per_s


HIGH = "high"
MEDIUM = "medium"
QUALITY: Mapping[str, Quality] = {
    HIGH: Quality(crf=17, max_bits_per_s=12_000_000, high_rate_max_bits_per_s=18_000_000),
    MEDIUM: Quality(crf=22, max_bits_per_s=6_000_000, high_rate_max_bits_per_s=9_000_000),
}
QUALITIES = tuple(QUALITY)

_BT709_OPTIONS = (
    *("-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"),
    *("-color_range", "tv"),
)


@dataclass(frozen=True, slots=True)
class Encoder:
    """One encoder: our `name`, ffmpeg's `codec`, and what an ffmpeg run needs to use it.

    `options` returns the output options. `input_options` stand before the inputs. `upload_filter`
    hands pictures to the device. In `input_options` and `devices` "{device}" stands for the run's
    device file and "{number}" for its device number. `device_patterns` are the device files the
    encoder requires. `platform` is a prefix of `sys.platform`, "" for any.
    """

    name: str
    codec: str
    options: Callable[[Quality, Fraction], list[str]]
    input_options: tuple[str, ...] = ()
    upload_filter: str = ""
    device_patterns: tuple[str, ...] = ()
    devices: Devices | None = None
    platform: str = ""

    def __str__(self) -> str:
        files = self.devices.files if self.devices else ()
        one = len(files) == 1 and "{" not in files[0]
        return f"{self.name} on {files[0]}" if one else self.name


def _x264(quality: Quality, rate: Fraction) -> list[str]:
    """Preset, quality and adaptive quantisation as measured in docs/performance.md."""
    max_rate = str(quality.max_rate(rate))
    return [
        *("-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-pix_fmt", "yuv420p"),
        *("-crf", str(quality.crf), "-maxrate", max_rate, "-bufsize", max_rate),
        *("-keyint_min", str(keyframe_interval(rate)), "-sc_threshold", "0", *_gop_options(rate)),
        *("-aq-mode", "autovariance"),
        *(*_BT709_OPTIONS, "-a53cc", "0", "-threads:v", str(config.current().threads)),
    ]


def _nvenc(quality: Quality, rate: Fraction) -> list[str]:
    """`cq` is its constant quality, which honours `maxrate` but no buffer; the CRF plus 2 is others' advice."""
    return [
        *("-c:v", "h264_nvenc", "-preset", "p4", "-tune", "hq", "-profile:v", "high"),
        *("-pix_fmt", "yuv420p", "-rc", "vbr", "-cq", str(quality.crf + 2), "-b:v", "0"),
        *("-maxrate", str(quality.max_rate(rate)), *_gop_options(rate)),
        *("-b_ref_mode", "disabled", "-forced-idr", "1", *_BT709_OPTIONS, "-a53cc", "0"),
    ]


def _qsv(quality: Quality, rate: Fraction) -> list[str]:
    """A quality with a bit rate and a higher `maxrate` selects QVBR."""
    return [
        *("-c:v", "h264_qsv", "-preset", "medium", "-profile:v", "high", "-pix_fmt", "nv12"),
        *("-global_quality", str(quality.crf), *_rate_options(quality.max_rate(rate))),
        *("-idr_interval", "0", *_gop_options(rate), *_BT709_OPTIONS, "-a53cc", "0"),
    ]


def _vaapi(quality: Quality, rate: Fraction) -> list[str]:
    """QVBR, the only mode with both a quality and a maximum bit rate; not every driver has it."""
    return [
        *("-c:v", "h264_vaapi", "-profile:v", "high", "-rc_mode", "QVBR"),
        *("-global_quality", str(quality.crf), *_rate_options(quality.max_rate(rate))),
        *("-idr_interval", "0", "-b_depth", "1", *_gop_options(rate), *_BT709_OPTIONS),
    ]


def _videotoolbox(quality: Quality, rate: Fraction) -> list[str]:
    """`q:v` (1 to 100) needs Apple's own processors; about 75 equals x264's CRF 18, by others' advice.

    It has no B-frames, because their number cannot be limited.
    """
    max_rate, quality_value = quality.max_rate(rate), round(75 - 2.2 * (quality.crf - 18))
    return [
        *("-c:v", "h264_videotoolbox", "-allow_sw", "0", "-profile:v", "high"),
        *("-pix_fmt", "yuv420p", "-q:v", str(quality_value), "-maxrate", str(max_rate)),
        *("-g", str(keyframe_interval(rate)), "-bf", "0", *_BT709_OPTIONS, "-a53cc", "0"),
    ]


def _gop_options(rate: Fraction) -> tuple[str, ...]:
    """A keyframe every half second and two B-frames; every output is given the flag for closed GOPs."""
    return "-g", str(keyframe_interval(rate)), "-bf", "2"


def _rate_options(max_rate: int) -> tuple[str, ...]:
    """A target bit rate below the maximum; an equal one would select a constant bit rate."""
    return "-b:v", str(max_rate * 3 // 4), "-maxrate", str(max_rate), "-bufsize", str(max_rate)


# The files that libdrm reads about one card.
_DRM_FILES = (
    "drm",
    "uevent",
    "vendor",
    "device",
    "subsystem_vendor",
    "subsystem_device",
    "revision",
)
_DRI_DEVICES = Devices(
    files=("{device}",),
    info_paths=("/dev/dri", *(f"/sys/dev/char/{{number}}/device/{name}" for name in _DRM_FILES)),
)
# The files that snapd lets CUDA read (its interface "opengl").
_NVIDIA_DEVICES = Devices(
    files=("/dev/nvidia[0-9]*", "/dev/nvidiactl", "/dev/nvidia-uvm"),
    info_paths=(
        *("/proc/driver/nvidia/params", "/proc/devices", "/proc/modules", "/proc/cpuinfo"),
        *("/proc/meminfo", "/proc/sys/vm/mmap_min_addr"),
        "/sys/devices/system/memory/block_size_bytes",
    ),
    may_bind=True,
)

X264 = Encoder("x264", "libx264", _x264)
HARDWARE: tuple[Encoder, ...] = (
    Encoder(
        "h264_nvenc",
        "h264_nvenc",
        _nvenc,
        device_patterns=("/dev/nvidia[0-9]*", "/dev/nvidiactl"),
        devices=_NVIDIA_DEVICES,
        platform="linux",
    ),
    Encoder(
        "h264_qsv",
        "h264_qsv",
        _qsv,
        input_options=(
            "-init_hw_device",
            "qsv=gpu:hw_any,child_device={device}",
            "-filter_hw_device",
            "gpu",
        ),
        device_patterns=("/dev/dri/renderD[0-9]*",),
        devices=_DRI_DEVICES,
        platform="linux",
    ),
    Encoder(
        "h264_vaapi",
        "h264_vaapi",
        _vaapi,
        input_options=("-init_hw_device", "vaapi=gpu:{device}", "-filter_hw_device", "gpu"),
        upload_filter="format=nv12,hwupload",
        device_patterns=("/dev/dri/renderD[0-9]*",),
        devices=_DRI_DEVICES,
        platform="linux",
    ),
    Encoder("h264_videotoolbox", "h264_videotoolbox", _videotoolbox, platform="darwin"),
)


def bound_to_devices(encoder: Encoder) -> tuple[list[Encoder], str]:
    """The encoder bound to each usable device of this machine, and the reason when there is none.

    Only file names and permissions are checked, not whether a device works.
    """
    if encoder.platform and not sys.platform.startswith(encoder.platform):
        return [], f"only on {encoder.platform}"
    for pattern in encoder.device_patterns:
        if not _matching_files(pattern):
            return [], f"no device {pattern}"
    if encoder.devices is None:
        return [encoder], ""
    return _permitted(list(_bind(encoder, encoder.devices)))


def _bind(encoder: Encoder, devices: Devices) -> list[Encoder]:
    """The encoder once for each device file, or once with all its device files."""
    if "{device}" not in devices.files:
        files = tuple(name for pattern in devices.files for name in _matching_files(pattern))
        return [replace(encoder, devices=replace(devices, files=files))]
    found = []
    for device in _matching_files(encoder.device_patterns[0]):
        number = Path(device).stat().st_rdev
        fields = {"device": device, "number": f"{os.major(number)}:{os.minor(number)}"}
        info_paths = tuple(name.format(**fields) for name in devices.info_paths)
        input_options = tuple(option.format(**fields) for option in encoder.input_options)
        bound = replace(devices, files=(device,), info_paths=info_paths)
        found.append(replace(encoder, input_options=input_options, devices=bound))
    return found


def _matching_files(pattern: str) -> list[str]:
    """The files that match; only the last part of the path is a pattern."""
    path = Path(pattern)
    return sorted(str(name) for name in path.parent.glob(path.name))


def _permitted(bound: list[Encoder]) -> tuple[list[Encoder], str]:
    """The encoders whose device files this user may open, and the reason when there is none."""
    allowed, refused = [], ""
    for encoder in bound:
        files = encoder.devices.files if encoder.devices else ()
        closed = [name for name in files if not os.access(name, os.R_OK | os.W_OK)]
        if closed:
            refused = f"this user may not open {', '.join(closed)}"
        else:
            allowed.append(encoder)
    return allowed, "" if allowed else refused
