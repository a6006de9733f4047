"""Cut lists: what is kept of a video, in files that video editors open. They name the source and hold no media."""
