"""A video, a proxy or the times of words are deleted while a worker begins an attempt at them."""

from django.db import migrations

from jobs.database_cascade import cascade_attempts


class Migration(migrations.Migration):
    dependencies = [("videos", "0034_search_statistics")]

    operations = [cascade_attempts("videos", "VideoAttempt", "ProxyAttempt", "WordTimesAttempt")]
