"""How well and how fast search finds: the commands `quality`, `korean_quality`, `screen_text` and `speed`."""
