"""Repeatable measurements. The commands: `speed_table`, `framing_quality` and `x264_presets`."""
