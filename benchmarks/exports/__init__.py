"""Exports beside bare ffmpeg: the commands `batch` and `x264_presets`."""
