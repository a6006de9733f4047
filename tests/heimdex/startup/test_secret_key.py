"""The signing key is made once and kept for its owner only."""

import stat

from heimdex.startup.secret_key import secret_key


def test_it_is_made_once_and_readable_by_its_owner_only(tmp_path, monkeypatch):
    monkeypatch.delenv("SECRET_KEY", raising=False)

    first = secret_key(tmp_path)

    assert len(first) >= 64
    assert secret_key(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_a_given_key_wins(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "given")

    assert secret_key(tmp_path) == "given"
    assert not (tmp_path / "secret-key").exists()
