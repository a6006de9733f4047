"""The texts of scripts: in the language of their address, kept by browsers for as long as they are the same."""

import re

from django.test import Client

from heimdex.web.script_texts import script_texts


def test_a_page_names_their_version_and_a_browser_keeps_them(client: Client):
    page = client.get("/account/login", headers={"Accept-Language": "ko"}).content.decode()
    address = re.search(r'src="(/i18n/catalog\.js[^"]+)"', page)
    assert address
    # The reader's language changed meanwhile: the address decides.
    answer = client.get(address[1].replace("&amp;", "&"), headers={"Accept-Language": "en"})

    assert answer.content == script_texts("ko").script != script_texts("en").script
    assert "immutable" in answer.headers["Cache-Control"]


def test_another_version_is_not_kept(client: Client):
    answer = client.get("/i18n/catalog.js?language=ko&v=0")

    assert answer.content == script_texts("ko").script
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/i18n/catalog.js?language=xx").status_code == 200
