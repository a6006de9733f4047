from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_user_link_epoch"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="delete_requested_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
