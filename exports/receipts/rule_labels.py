"""The text of each rule of a receipt. `mediakit` names the rule, this module gives its text.

They are read on pages, in the admin, in the API and in the reason of an export that failed its check.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mediakit.conformance.platforms import PLATFORMS

RULE_WORDS: dict[str, str | Promise] = {
    "container": _("An MP4 file"),
    "tracks": _("One picture and one sound track"),
    "duration": _("Exactly the range that was asked for"),
    "at_most_180_s": _("At most 180 seconds long"),
    "content_id": _("Short enough that a Content ID claim does not block it on YouTube"),
    "index_first": _("Starts playing before it is loaded"),
    "no_edit_lists": _("No edit lists"),
    "no_source_metadata": _("No data about you or the source inside"),
    "decodes": _("Decodes without errors"),
    "bit_rate": _("Inside the platforms' bit rate"),
    "video_codec": _("H.264 High"),
    "upright": _("Square or taller"),
    "picture_size": _("The size of its aspect ratio"),
    "square_pixels": _("Square pixels"),
    "pixel_format": _("8 bit, 4:2:0"),
    "progressive": _("Progressive pictures"),
    "frame_rate": _("Steady frame rate"),
    "keyframes": _("A keyframe every half second"),
    "closed_groups": _("Closed groups of pictures"),
    "b_frames": _("At most two B-frames in a row"),
    "colour": _("BT.709 colours"),
    "video_bit_rate": _("Inside the bit rate of its quality"),
    "every_frame_decodes": _("Every frame decodes"),
    "picture_length": _("The pictures last as long as the file says"),
    "audio_codec": _("AAC-LC sound"),
    "audio_format": _("Stereo at 48 kHz"),
    "sound_length": _("The sound lasts as long as the file says"),
    "audio_bit_rate": _("Enough bits for the sound"),
    "loudness": _("Loudness as platforms play it"),
    "true_peak": _("Peaks that do not distort"),
    "no_clipping": _("No clipped sound"),
    "no_clicks": _("No click where parts were removed"),
    "no_silence": _("No silence of two seconds or more"),
    "no_black": _("No black picture"),
    "no_freeze": _("No picture that stands still for two seconds or more"),
    "sync": _("Picture and sound in step"),
    "right_moment": _("Exactly the moment that was asked for"),
    "cards_shown": _("The intro and outro, as in their files"),
    "captions_shown": _("Captions wherever somebody speaks"),
    "title_shown": _("Every letter of the title"),
    "subject_in_frame": _("The subject stays in the frame"),
}

# Values that are words; all others are numbers with their units.
VALUE_WORDS: dict[str, str | Promise] = {
    "none": _("none"),
    "present": _("present"),
    "silence": _("silence"),
    "as in the video": _("as in the video"),
    "as requested": _("as requested"),
}


_PLATFORM_LABELS = {f"fits_{platform.name}": platform.label for platform in PLATFORMS}


def rule_word(name: str) -> str:
    """Return a rule's text in the active language; a rule without a text shows its name."""
    if name in _PLATFORM_LABELS:
        return str(_("Inside the limits of %(platform)s")) % {"platform": _PLATFORM_LABELS[name]}
    return str(RULE_WORDS.get(name, name.replace("_", " ")))


def value_word(value: object) -> str:
    """An expected or measured value, translated when it is a word."""
    return str(VALUE_WORDS.get(str(value), value))
