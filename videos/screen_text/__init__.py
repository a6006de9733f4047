"""The text on screen of videos: the job of reading it, and its rows."""
