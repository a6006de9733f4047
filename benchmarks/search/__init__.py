"""How well and how fast search finds: the commands `quality`, `korean_quality` and `speed`."""
