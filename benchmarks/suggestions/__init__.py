"""How good suggested clips are: the commands `quality`, `openings` and `blind_pairs`."""
