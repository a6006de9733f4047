from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_suggestion_learning")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="skeleton",
            field=models.CharField(db_default="", default="", editable=False, max_length=150),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(fields=["skeleton"], name="user_skeleton"),
        ),
    ]
