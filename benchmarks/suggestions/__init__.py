"""How good suggested clips are, measured on made transcripts with known answers."""
