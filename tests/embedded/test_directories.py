"""DATA_DIR: whose it is, who may look into it, and the key that it keeps."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import environ
import pytest

from chat_project.embedded import Layout, ServerError, secret_key
from chat_project.embedded.directories import claim


def test_a_directory_open_to_others_is_tightened(tmp_path):
    data_dir = tmp_path / "data"
    data_dir.mkdir(mode=0o755)
    claim(Layout.of(data_dir))
    assert data_dir.stat().st_mode & 0o066 == 0


def test_a_directory_with_other_things_is_refused_untouched(tmp_path):
    (tmp_path / "letters").mkdir()
    tmp_path.chmod(0o755)
    with pytest.raises(ServerError, match="holds other things"):
        claim(Layout.of(tmp_path))
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_a_file_in_its_place_is_one_clear_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ServerError, match=r"DATA_DIR .*/file/data can't be used: Not a directory"):
        claim(Layout.of(tmp_path / "file" / "data"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_without_the_right_to_write_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(ServerError, match="can't be written"):
        claim(Layout.of(tmp_path))
    tmp_path.chmod(0o700)


def test_racing_processes_agree_on_one_private_key(tmp_path):
    data_dir = tmp_path / "data"
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(secret_key, [data_dir] * 64))
    assert len(keys) == 1
    assert len(keys.pop()) >= 64
    assert (data_dir / "secret_key").stat().st_mode & 0o777 == 0o600
    assert os.listdir(data_dir) == ["secret_key"]


def test_the_urls_name_the_sockets_whatever_is_in_the_path():
    layout = Layout.of(Path("/tmp/A b%20+?#,/Ünï"))
    config = environ.Env.db_url_config(layout.database_url)
    assert (config["HOST"], config["NAME"], config["USER"]) == (str(layout.socket_dir), "chat", "chat_app")
