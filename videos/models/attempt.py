"""The attempts at processing a video, and at making its proxy."""

from django.db import models

from jobs.models import JobAttempt
from videos.models.proxy import Proxy
from videos.models.video import Video


class VideoAttempt(JobAttempt):
    """One attempt at processing a video."""

    job = models.ForeignKey(Video, models.CASCADE, related_name="attempt_history")


class ProxyAttempt(JobAttempt):
    """One attempt at making a playback proxy."""

    job = models.ForeignKey(Proxy, models.CASCADE, related_name="attempt_history")
