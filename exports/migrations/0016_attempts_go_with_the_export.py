"""An export is deleted while a worker begins an attempt at it."""

from django.db import migrations

from jobs.database_cascade import cascade_attempts


class Migration(migrations.Migration):
    dependencies = [("exports", "0015_finish")]

    operations = [cascade_attempts("exports", "ExportAttempt")]
