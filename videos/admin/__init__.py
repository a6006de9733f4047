"""What staff see of videos in the admin."""

from videos.admin import background_jobs, library, video

__all__ = ["background_jobs", "library", "video"]
