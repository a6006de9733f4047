"""Search in a user's videos by what was said, and by titles, file names and tags."""
