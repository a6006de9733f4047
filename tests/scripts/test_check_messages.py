"""What `make lint` says about texts without a translation and catalogues out of step."""

import shutil
from pathlib import Path

from scripts import check_messages


def test_what_was_broken_is_found_and_nothing_else_is_wrong(tmp_path: Path):
    root = tmp_path / "root"
    shutil.copytree(
        check_messages.ROOT, root, ignore=shutil.ignore_patterns(*check_messages.EXCLUDED)
    )
    page, script = root / "templates/404.html", root / "static/js/common/messages.js"
    page.write_text(page.read_text() + '{% translate "A brand new sentence." %}')
    script.write_text(script.read_text() + '_("New in a script.");')
    alias = "from django.utils.translation import ngettext_lazy as _many"
    (root / "core/more.py").write_text(f'{alias}\n_many("A row", "Rows")\n')
    catalogue = root / check_messages.FOLDER / "django.po"
    entries = catalogue.read_text().split("\n\n")
    first, second, third = (
        next(n for n, entry in enumerate(entries) if f'msgid "{text}"\nmsgstr "' in entry)
        for text in ("Revoke", "People", "Not required.")
    )
    entries[first] = 'msgid "Revoke"\nmsgstr ""'
    entries[second] = f"#, fuzzy\n{entries[second]}"
    entries[third] = entries[third].replace("Not required.", "Gone from the pages.")
    catalogue.write_text("\n\n".join(entries))

    assert check_messages.problems(root) == [
        "core/more.py: makemessages finds no texts of `ngettext_lazy as _many`",
        'django.po: missing, run `make messages`: msgid "A brand new sentence."',
        'django.po: missing, run `make messages`: msgid "Not required."',
        'django.po: no longer used, run `make messages`: msgid "Gone from the pages."',
        'django.po: not translated: msgid "Revoke"',
        'django.po: fuzzy: msgid "People"',
        "django.mo: not compiled from django.po, run `make messages`",
        'djangojs.po: missing, run `make messages`: msgid "New in a script."',
    ]
