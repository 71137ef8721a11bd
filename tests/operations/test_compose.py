"""The files for containers, tried as far as they go without an engine."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.db import connection

from chat_project.serving.parts import PARTS
from tests.serving.copies import free_port

ROOT: Path = settings.BASE_DIR
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service.get("image") == "chat"}
START_SECONDS = 120


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions with their arguments, lines joined."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines]


def last(name: str) -> str:
    return [argument for instruction, argument in instructions() if instruction == name][-1]


def test_the_file_is_as_the_schema_wants_it():
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "check_jsonschema",
            "--builtin-schema",
            "vendor.compose-spec",
            str(ROOT / "compose.yaml"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_each_service_says_how_it_is_or_that_it_can_not():
    # The image brings one for the web.
    assert [name for name, service in SERVICES.items() if "healthcheck" not in service] == ["web"]
    assert all("restart" in service for service in SERVICES.values())


def test_nothing_of_ours_may_do_more_than_it_needs():
    for name, service in {**OURS, "nginx": SERVICES["nginx"]}.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
    user = re.search(r"useradd --uid (\d+) .* (\w+) &&", last("RUN"))
    assert last("USER") == user[2]
    assert SERVICES["nginx"]["user"].split(":")[0] == user[1]
    assert [name for name, service in SERVICES.items() if service.get("ports")] == ["nginx"]


def test_every_part_of_serve_runs_somewhere():
    commands = [service["command"] for service in OURS.values()]
    assert ["python", "manage.py", "prepare"] in commands
    assert sorted(command[-1] for command in commands if "--parts" in command) == sorted(PARTS)
    assert all(OURS[name]["depends_on"]["prepare"]["condition"] == "service_completed_successfully" for name in PARTS)


def test_what_it_sets_are_settings():
    page = (ROOT / "docs/settings.md").read_text()
    for service in OURS.values():
        for name in service["environment"]:
            assert f"| `{name}` |" in page, name


def test_configs_volumes_and_networks_that_are_named_are_there():
    for service in SERVICES.values():
        for config in service.get("configs", ()):
            assert config["source"] in COMPOSE["configs"]
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or source.startswith("${") or (ROOT / source).exists(), volume
        assert set(service["networks"]) <= set(COMPOSE["networks"])


def test_what_the_image_copies_is_there_and_the_build_makes_the_static_files(tmp_path):
    for instruction, argument in instructions():
        if instruction == "COPY" and "--from" not in argument:
            assert (ROOT / argument.split()[0]).exists(), argument
    [step] = [argument for instruction, argument in instructions() if "manage.py prepare" in argument]
    step = step.replace("/opt/venv/bin/python", sys.executable).replace("/opt/", f"{tmp_path}/")
    subprocess.run(step.replace("/tmp/build", f"{tmp_path}/build"), shell=True, cwd=ROOT, env=given(), check=True)
    assert (tmp_path / "static" / "staticfiles.json").exists()
    assert (tmp_path / "static.stamp").exists()
    assert not (tmp_path / "build" / "postgres").exists()


def given(**more: object) -> dict[str, str]:
    """Return an environment like that of a container: its own variables, and none of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "HOSTNAME": os.uname().nodename, **{name: str(value) for name, value in more.items()}}


@pytest.fixture
def environment(transactional_db, tmp_path) -> dict[str, str]:
    port = free_port()
    place = f"{str(settings.DATABASES['default']['HOST']).replace('/', '%2F')}/{connection.settings_dict['NAME']}"
    return given(
        DATABASE_URL=f"postgres://chat_app@/{place}",
        MIGRATION_DATABASE_URL=f"postgres://chat_owner@/{place}",
        REDIS_URL=settings.REDIS_URL,
        REDIS_DATABASE=settings.REDIS_DATABASE,
        REDIS_KEY_PREFIX="chat-test-compose",
        DATA_DIR=tmp_path / "data",
        SECRET_KEY="a secret of the tests, longer than fifty characters are",
        SITE_URL=f"http://localhost:{port}",
        PORT=port,
        SEED_DEMO="off",
        ADMIN_PASSWORD="of-a-container",
    )


def run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command of the image or of compose.yaml with this Python."""
    program = {"python": sys.executable, "celery": str(Path(sys.executable).with_name("celery"))}
    words = [program.get(word, word) for word in command]
    return subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def parts(environment) -> Iterator[subprocess.Popen[str]]:
    assert run(OURS["prepare"]["command"], environment).returncode == 0
    command = [sys.executable, "manage.py", "serve", "--parts", ",".join(PARTS)]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        yield process
        process.kill()


def test_the_parts_start_say_that_they_are_well_and_end(environment, parts):
    web = yaml.safe_load(last("HEALTHCHECK").partition("CMD ")[2])
    assert run(web, environment).returncode == 1
    said = []
    for line in parts.stdout:
        said.append(line)
        if "serve: ready" in line:
            break
    assert "ready" in said[-1], said
    assert run(web, environment).returncode == 0
    for name in ("worker", "media"):
        [_, ping] = OURS[name]["healthcheck"]["test"]
        answer = run(shlex.split(ping.replace("$$HOSTNAME", environment["HOSTNAME"])), environment)
        assert answer.returncode == 0, answer.stdout + answer.stderr
    parts.send_signal(signal.SIGTERM)
    assert parts.wait(START_SECONDS) == 0


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--parts", "cook"], "is none of web, worker, media, beat"),
        (["--parts", "web"], "needs DATABASE_URL and REDIS_URL"),
    ],
)
def test_parts_that_can_not_be_run_are_one_line(arguments, why, tmp_path):
    answer = run(["python", "manage.py", "serve", *arguments], given(DATA_DIR=tmp_path, PORT=free_port()))
    assert answer.returncode == 1
    assert why in answer.stdout
    assert answer.stdout.count("\n") == 1
