"""`.env`: what cannot be read of it is told before anything is done, for the database would be another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.cli.init import init
from adapters.env_file import faults_of
from adapters.key_source import SettingsError
from adapters.settings import load_settings


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'CHORUS_DATABASE_URL="sqlite:////elsewhere.db\n', "line 1: no setting can be read here"),
        (b"# a remark\n\nCHORUS_ORGANISATION='Koivu\n", "line 3: no setting can be read here"),
        ("CHORUS_ORGANISATION=Müller\n".encode("latin-1"), "is no text in UTF-8"),
        (bytes(range(128, 256)), "is no text in UTF-8"),
        (b"CHORUS_SECRETS_DIR=/nowhere\n", "CHORUS_SECRETS_DIR is read from the environment alone"),
    ],
)
def test_what_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, told: str
) -> None:
    (tmp_path / ".env").write_bytes(content)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match=told):
        load_settings()


def test_a_folder_in_its_place_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        load_settings()


@pytest.mark.parametrize(
    "content",
    ["", "# a remark\n", "export CHORUS_ORGANISATION='Koivu'\n", 'CHORUS_ORGANISATION="two\nlines"\n', "A=\n"],
)
def test_what_can_be_read_is_no_fault(tmp_path: Path, content: str) -> None:
    path = tmp_path / ".env"
    path.write_text(content)
    assert list(faults_of(path)) == []
    assert list(faults_of(tmp_path / "none")) == []


def test_nor_is_anything_asked_where_it_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".env").write_bytes("CHORUS_ORGANISATION=Müller\n".encode("latin-1"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        init()
    assert ".env is no text in UTF-8." in capsys.readouterr().err
    assert (tmp_path / ".env").read_bytes() == "CHORUS_ORGANISATION=Müller\n".encode("latin-1")
