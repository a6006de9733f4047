"""Repeatable measurements. The commands: `speed_table`, `scale`, `speech` and `x264_presets`; more in the folders."""
