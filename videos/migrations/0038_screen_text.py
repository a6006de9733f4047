"""Text on screen: the rows, the job of reading it, and its entries in the search index.

No table is written anew, so the triggers of the search index stay.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models

from jobs.database_cascade import cascade_attempts


class Migration(migrations.Migration):
    dependencies = [
        ("videos", "0037_analysis_finds_text"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ScreenReading",
            fields=[
                (
                    "stage",
                    models.CharField(
                        blank=True, editable=False, max_length=24, verbose_name="stage"
                    ),
                ),
                (
                    "progress",
                    models.PositiveSmallIntegerField(
                        default=0, editable=False, verbose_name="progress (percent)"
                    ),
                ),
                (
                    "attempts",
                    models.PositiveSmallIntegerField(
                        default=0, editable=False, verbose_name="attempts"
                    ),
                ),
                ("claim_token", models.UUIDField(editable=False, null=True)),
                (
                    "heartbeat_at",
                    models.DateTimeField(
                        editable=False, null=True, verbose_name="last sign of life"
                    ),
                ),
                (
                    "queued_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="queued at"),
                ),
                (
                    "started_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="started at"),
                ),
                (
                    "error_code",
                    models.CharField(
                        blank=True, editable=False, max_length=48, verbose_name="error code"
                    ),
                ),
                (
                    "error_params",
                    models.JSONField(
                        blank=True, default=dict, editable=False, verbose_name="error details"
                    ),
                ),
                (
                    "tool_output",
                    models.TextField(
                        blank=True, editable=False, verbose_name="the tool's last lines"
                    ),
                ),
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting"),
                            ("processing", "Processing"),
                            ("completed", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="pending",
                        editable=False,
                        max_length=16,
                        verbose_name="status",
                    ),
                ),
                (
                    "reader",
                    models.CharField(
                        blank=True, editable=False, max_length=40, verbose_name="read by"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
            ],
            options={
                "verbose_name": "reading of text on screen",
                "verbose_name_plural": "readings of text on screen",
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="ScreenReadingAttempt",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveSmallIntegerField(verbose_name="attempt")),
                ("worker", models.CharField(max_length=100, verbose_name="worker")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("completed", "Completed"),
                            ("retried", "Failed, tried again"),
                            ("failed", "Failed"),
                            ("handed_back", "Handed back, the worker stopped"),
                            ("lost", "Worker lost"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="running",
                        max_length=16,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "started_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="started at",
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                ("stage", models.CharField(blank=True, max_length=24, verbose_name="stage")),
                (
                    "error_code",
                    models.CharField(blank=True, max_length=48, verbose_name="error code"),
                ),
                (
                    "error_params",
                    models.JSONField(blank=True, default=dict, verbose_name="error details"),
                ),
                ("tool_output", models.TextField(blank=True, verbose_name="the tool's last lines")),
            ],
            options={
                "verbose_name": "attempt",
                "verbose_name_plural": "attempts",
                "ordering": ["-started_at"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ScreenText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("index", models.PositiveIntegerField(verbose_name="number")),
                ("start_ms", models.PositiveIntegerField(verbose_name="start (ms)")),
                ("end_ms", models.PositiveIntegerField(verbose_name="end (ms)")),
                ("text", models.TextField(verbose_name="text")),
                ("confidence", models.FloatField(verbose_name="confidence")),
            ],
            options={
                "verbose_name": "text on screen",
                "verbose_name_plural": "texts on screen",
                "ordering": ["video", "index"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="searchentry",
            name="search_entry_video_once",
        ),
        migrations.AddField(
            model_name="video",
            name="screen_read_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="screenreading",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="owner",
            ),
        ),
        migrations.AddField(
            model_name="screenreading",
            name="video",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="screen_reading",
                to="videos.video",
                verbose_name="video",
            ),
        ),
        migrations.AddField(
            model_name="screenreadingattempt",
            name="job",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="attempt_history",
                to="videos.screenreading",
            ),
        ),
        migrations.AddField(
            model_name="screentext",
            name="video",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="screen_texts",
                to="videos.video",
                verbose_name="video",
            ),
        ),
        migrations.AddField(
            model_name="searchentry",
            name="screen_text",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="videos.screentext",
            ),
        ),
        migrations.AddConstraint(
            model_name="searchentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("scene", None), ("screen_text", None)),
                fields=("video",),
                name="search_entry_video_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="searchentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("screen_text__isnull", False)),
                fields=("screen_text",),
                name="search_entry_screen_once",
            ),
        ),
        migrations.AddIndex(
            model_name="screenreading",
            index=models.Index(fields=["status", "heartbeat_at"], name="screen_reading_status"),
        ),
        migrations.AddConstraint(
            model_name="screenreading",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["pending", "processing", "completed", "failed"])
                ),
                name="screen_reading_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="screenreading",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("claim_token__isnull", False), ("status", "processing")),
                    models.Q(
                        models.Q(("status", "processing"), _negated=True),
                        ("claim_token__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="screen_reading_claimed_iff",
            ),
        ),
        migrations.AddIndex(
            model_name="screenreadingattempt",
            index=models.Index(
                condition=models.Q(("outcome", "failed")),
                fields=["-ended_at"],
                name="screenreadingattempt_failed",
            ),
        ),
        migrations.AddConstraint(
            model_name="screentext",
            constraint=models.UniqueConstraint(
                fields=("video", "index"), name="screen_text_index_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="screentext",
            constraint=models.CheckConstraint(
                condition=models.Q(("end_ms__gt", models.F("start_ms"))),
                name="screen_text_span_ordered",
            ),
        ),
        cascade_attempts("videos", "ScreenReadingAttempt"),
    ]
