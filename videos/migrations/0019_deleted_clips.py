"""A deleted clip keeps its row for a while, so that deleting can be undone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("videos", "0018_glossary")]
    operations = [
        migrations.AddField(
            "clip",
            "deleted_at",
            models.DateTimeField(editable=False, null=True, verbose_name="deleted at"),
        ),
    ]
