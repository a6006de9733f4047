"""What finishes Shorts: cards before and after them and music, from their owner's own files."""
