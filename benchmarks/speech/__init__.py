"""How well recognised speech agrees with captions, and what it costs: the command `quality`."""
