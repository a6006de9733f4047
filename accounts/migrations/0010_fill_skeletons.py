from typing import Any

from django.db import migrations

from accounts.usernames import skeleton

BATCH_ROWS = 1_000


def fill(apps: Any, schema_editor: Any) -> None:
    """Compute what each name looks like, in batches: no transaction holds more than one."""
    users = apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias)
    last = 0
    while rows := list(users.filter(pk__gt=last).order_by("pk").only("username")[:BATCH_ROWS]):
        for user in rows:
            user.skeleton = skeleton(user.username)
        users.bulk_update(rows, ["skeleton"])
        last = rows[-1].pk


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0009_user_skeleton")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
