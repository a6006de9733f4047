"""The encoders that can make the picture of a Short: x264, and those in hardware, best first.

Their options are from ffmpeg's own documentation (`ffmpeg -h encoder=NAME`, the sections "VAAPI encoders" and "QSV
Encoders" of ffmpeg-codecs) and ask each for the same: High, 4:2:0, a closed group of pictures every half second, two
B-frames at most, BT.709, and a constant quality under the ceiling. Whether one of them keeps that,
`mediakit.encoder_selection` finds out; an option here is only a request. The numbers
that stand for x264's CRF were measured on no hardware of ours.
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

SMOOTH_RATE = 31  # frames per second above which a quality may use its higher ceiling


@dataclass(frozen=True, slots=True)
class Quality:
    """Constant quality under a ceiling: x264's CRF, bits per second up to 30 fps and above."""

    crf: int
    ceiling: int
    smooth_ceiling: int

    def max_rate(self, rate: Fraction) -> int:
        """The most video bits per second at that frame rate."""
        return self.smooth_ceiling if rate > SMOOTH_RATE else self.ceiling


HIGH = "high"
MEDIUM = "medium"
QUALITY: Mapping[str, Quality] = {
    HIGH: Quality(crf=17, ceiling=12_000_000, smooth_ceiling=18_000_000),
    MEDIUM: Quality(crf=22, ceiling=6_000_000, smooth_ceiling=9_000_000),
}
QUALITIES = tuple(QUALITY)

_TAGS = (
    *("-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"),
    *("-color_range", "tv"),
)


@dataclass(frozen=True, slots=True)
class Encoder:
    """One encoder: our `name` for it, ffmpeg's `codec`, and what a run of ffmpeg needs for it.

    `options` are the output's; `opening` comes before the inputs; `upload` is the filter that hands
    pictures to the device. In `opening` and `devices` "{device}" stands for the one device file of
    a run, "{number}" for its number; `where` are patterns of the device files without which it is
    not here. `platform` is the system that has it, "" for any.
    """

    name: str
    codec: str
    options: Callable[[Quality, Fraction], list[str]]
    opening: tuple[str, ...] = ()
    upload: str = ""
    where: tuple[str, ...] = ()
    devices: Devices | None = None
    platform: str = ""

    def __str__(self) -> str:
        files = self.devices.files if self.devices else ()
        one = len(files) == 1 and "{" not in files[0]
        return f"{self.name} on {files[0]}" if one else self.name


def _x264(quality: Quality, rate: Fraction) -> list[str]:
    """Preset, quality and the way bits are shared out inside a picture as docs/performance.md found them best."""
    ceiling = str(quality.max_rate(rate))
    return [
        *("-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-pix_fmt", "yuv420p"),
        *("-crf", str(quality.crf), "-maxrate", ceiling, "-bufsize", ceiling),
        *("-keyint_min", str(keyframe_interval(rate)), "-sc_threshold", "0", *_group(rate)),
        *("-aq-mode", "autovariance"),
        *(*_TAGS, "-a53cc", "0", "-threads:v", str(config.current().threads)),
    ]


def _nvenc(quality: Quality, rate: Fraction) -> list[str]:
    """`cq` is its constant quality, which honours `maxrate` and no buffer; 2 more than the CRF, by others' word."""
    return [
        *("-c:v", "h264_nvenc", "-preset", "p4", "-tune", "hq", "-profile:v", "high"),
        *("-pix_fmt", "yuv420p", "-rc", "vbr", "-cq", str(quality.crf + 2), "-b:v", "0"),
        *("-maxrate", str(quality.max_rate(rate)), *_group(rate)),
        *("-b_ref_mode", "disabled", "-forced-idr", "1", *_TAGS, "-a53cc", "0"),
    ]


def _qsv(quality: Quality, rate: Fraction) -> list[str]:
    """A quality with a bit rate and a higher `maxrate` is its QVBR."""
    return [
        *("-c:v", "h264_qsv", "-preset", "medium", "-profile:v", "high", "-pix_fmt", "nv12"),
        *("-global_quality", str(quality.crf), *_under(quality.max_rate(rate))),
        *("-idr_interval", "0", *_group(rate), *_TAGS, "-a53cc", "0"),
    ]


def _vaapi(quality: Quality, rate: Fraction) -> list[str]:
    """QVBR, as only that knows both a quality and a ceiling; not every driver has it."""
    return [
        *("-c:v", "h264_vaapi", "-profile:v", "high", "-rc_mode", "QVBR"),
        *("-global_quality", str(quality.crf), *_under(quality.max_rate(rate))),
        *("-idr_interval", "0", "-b_depth", "1", *_group(rate), *_TAGS),
    ]


def _videotoolbox(quality: Quality, rate: Fraction) -> list[str]:
    """`q:v` goes from 1 to 100 and needs Apple's own processors; about 75 is x264's CRF 18, by others' word.

    Without B-frames, as it cannot be told how many.
    """
    ceiling, looks = quality.max_rate(rate), round(75 - 2.2 * (quality.crf - 18))
    return [
        *("-c:v", "h264_videotoolbox", "-allow_sw", "0", "-profile:v", "high"),
        *("-pix_fmt", "yuv420p", "-q:v", str(looks), "-maxrate", str(ceiling)),
        *("-g", str(keyframe_interval(rate)), "-bf", "0", *_TAGS, "-a53cc", "0"),
    ]


def _group(rate: Fraction) -> tuple[str, ...]:
    """A keyframe every half second, two B-frames; that the group is closed every output is told."""
    return "-g", str(keyframe_interval(rate)), "-bf", "2"


def _under(ceiling: int) -> tuple[str, ...]:
    """A bit rate to aim at below the ceiling: were both the same it would be constant."""
    return "-b:v", str(ceiling * 3 // 4), "-maxrate", str(ceiling), "-bufsize", str(ceiling)


# What libdrm asks about the one card that it is given.
_CARD = ("drm", "uevent", "vendor", "device", "subsystem_vendor", "subsystem_device", "revision")
_RENDERING = Devices(
    files=("{device}",),
    about=("/dev/dri", *(f"/sys/dev/char/{{number}}/device/{name}" for name in _CARD)),
)
# What snapd lets CUDA read (its interface "opengl"), and no more.
_NVIDIA = Devices(
    files=("/dev/nvidia[0-9]*", "/dev/nvidiactl", "/dev/nvidia-uvm"),
    about=(
        *("/proc/driver/nvidia/params", "/proc/devices", "/proc/modules", "/proc/cpuinfo"),
        *("/proc/meminfo", "/proc/sys/vm/mmap_min_addr"),
        "/sys/devices/system/memory/block_size_bytes",
    ),
    binds=True,
)

X264 = Encoder("x264", "libx264", _x264)
HARDWARE: tuple[Encoder, ...] = (
    Encoder(
        "h264_nvenc",
        "h264_nvenc",
        _nvenc,
        where=("/dev/nvidia[0-9]*", "/dev/nvidiactl"),
        devices=_NVIDIA,
        platform="linux",
    ),
    Encoder(
        "h264_qsv",
        "h264_qsv",
        _qsv,
        opening=(
            "-init_hw_device",
            "qsv=gpu:hw_any,child_device={device}",
            "-filter_hw_device",
            "gpu",
        ),
        where=("/dev/dri/renderD[0-9]*",),
        devices=_RENDERING,
        platform="linux",
    ),
    Encoder(
        "h264_vaapi",
        "h264_vaapi",
        _vaapi,
        opening=("-init_hw_device", "vaapi=gpu:{device}", "-filter_hw_device", "gpu"),
        upload="format=nv12,hwupload",
        where=("/dev/dri/renderD[0-9]*",),
        devices=_RENDERING,
        platform="linux",
    ),
    Encoder("h264_videotoolbox", "h264_videotoolbox", _videotoolbox, platform="darwin"),
)


def places(encoder: Encoder) -> tuple[list[Encoder], str]:
    """The encoder once for each device of this machine that it could use, best first, and why where there is none.

    Looks at names and rights only: that a device is there says nothing of whether it works.
    """
    if encoder.platform and not sys.platform.startswith(encoder.platform):
        return [], f"only on {encoder.platform}"
    for pattern in encoder.where:
        if not _matching(pattern):
            return [], f"no device {pattern}"
    if encoder.devices is None:
        return [encoder], ""
    return _with_rights(list(_placed(encoder, encoder.devices)))


def _placed(encoder: Encoder, devices: Devices) -> list[Encoder]:
    """For each device of its own a run of its own, or one with all its devices."""
    if "{device}" not in devices.files:
        files = tuple(name for pattern in devices.files for name in _matching(pattern))
        return [replace(encoder, devices=replace(devices, files=files))]
    found = []
    for device in _matching(encoder.where[0]):
        of = Path(device).stat().st_rdev
        words = {"device": device, "number": f"{os.major(of)}:{os.minor(of)}"}
        about = tuple(name.format(**words) for name in devices.about)
        opening = tuple(option.format(**words) for option in encoder.opening)
        placed = replace(devices, files=(device,), about=about)
        found.append(replace(encoder, opening=opening, devices=placed))
    return found


def _matching(pattern: str) -> list[str]:
    """The files of a folder whose names match; only the last part is a pattern."""
    path = Path(pattern)
    return sorted(str(name) for name in path.parent.glob(path.name))


def _with_rights(placed: list[Encoder]) -> tuple[list[Encoder], str]:
    """Those whose device files this user may open."""
    allowed, refused = [], ""
    for encoder in placed:
        files = encoder.devices.files if encoder.devices else ()
        closed = [name for name in files if not os.access(name, os.R_OK | os.W_OK)]
        if closed:
            refused = f"this user may not open {', '.join(closed)}"
        else:
            allowed.append(encoder)
    return allowed, "" if allowed else refused
