"""The option for how people are framed."""

from argparse import ArgumentTypeError

from django.core.management.base import CommandParser

from core.errors import HeimdexError
from exports.framing.options import NO_FRAMING, FramingOptions, parse_options

_EXAMPLE = (
    '{"two_people": "stack", "punch_ins": ["joins"], "shots": [{"at_s": 12.5, "layout": "fit"}]}'
)


def add_argument(parser: CommandParser) -> None:
    """What the API takes as `framing`."""
    parser.add_argument(
        "--framing",
        type=framing_options,
        default=NO_FRAMING,
        metavar="JSON",
        help=f"how smart_crop frames people, as `framing` in the API: '{_EXAMPLE}'",
    )


def framing_options(text: str) -> FramingOptions:
    """The options in JSON; ArgumentTypeError with a sentence for anything else."""
    try:
        return parse_options(text)
    except HeimdexError as error:
        raise ArgumentTypeError(error.message) from None
