"""What balancers and operators are told, and who is told how much of it."""

import json
import logging
from types import SimpleNamespace

import pytest
from django.test import Client

from chat_project import health, worker
from chat_project.core.audit import Origin, origin
from chat_project.core.cache import redis_client, redis_key
from chat_project.core.logs import JsonFormatter, OriginNoted

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker_alive():
    key = redis_key(worker.WORKER_KEY)
    redis_client().set(key, "1", ex=60)
    yield key
    redis_client().delete(key)


def test_each_part_tells_how_it_is(client, worker_alive):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "ok"
    assert {name: part["status"] for name, part in body["parts"].items()} == {
        "database": "ok",
        "redis": "ok",
        "storage": "ok",
        "scanner": "off",
        "worker": "ok",
    }
    assert all(part["milliseconds"] >= 0 for part in body["parts"].values())


def test_without_a_worker_the_copy_is_degraded_and_serves(client):
    redis_client().delete(redis_key(worker.WORKER_KEY))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["parts"]["worker"]["detail"] == "no worker has said that it lives"


def test_a_role_that_owns_the_tables_is_remarked_upon(client):
    assert "MIGRATION_DATABASE_URL" in client.get("/readyz").json()["parts"]["database"]["detail"]


def test_a_full_disk_is_said(client, monkeypatch, worker_alive):
    monkeypatch.setattr(health, "_FREE_BYTES", 1 << 62)
    body = client.get("/readyz").json()
    assert body["status"] == "degraded"
    assert "MiB are free" in body["parts"]["storage"]["detail"]


def test_a_scanner_that_does_not_answer_is_down(client, settings, tmp_path, worker_alive):
    settings.CLAMD_URL = f"unix://{tmp_path}/clamd.ctl"
    body = client.get("/readyz").json()
    assert (body["status"], body["parts"]["scanner"]["status"]) == ("degraded", "down")


@pytest.mark.parametrize(
    "strange",
    [
        {"REMOTE_ADDR": "203.0.113.9"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_AUTHORIZATION": "Bearer wrong"},
    ],
)
def test_others_learn_the_status_alone_and_no_metrics(settings, strange, worker_alive):
    settings.METRICS_TOKEN = "right"
    client = Client(**strange)
    assert client.get("/readyz").json() == {"status": "ok"}
    assert client.get("/metrics").status_code == 403


def test_the_token_opens_both_from_anywhere(settings):
    settings.METRICS_TOKEN = "right"
    client = Client(REMOTE_ADDR="203.0.113.9", HTTP_AUTHORIZATION="Bearer right")
    assert "parts" in client.get("/readyz").json()
    assert client.get("/metrics").status_code == 200


def test_no_token_is_no_password(settings):
    settings.METRICS_TOKEN = ""
    client = Client(REMOTE_ADDR="203.0.113.9", HTTP_AUTHORIZATION="Bearer ")
    assert client.get("/metrics").status_code == 403


def test_metrics_count_requests_and_ask_for_sizes_and_queues(client):
    client.get("/healthz")
    text = client.get("/metrics").content.decode()
    assert 'chat_request_seconds_count{method="GET",route="healthz",status="2xx"}' in text
    assert 'chat_table_bytes{table="messages"}' in text
    assert 'chat_queue_length{queue="mail"}' in text
    assert 'chat_up{part="redis"} 1.0' in text


def test_routes_are_labels_and_addresses_are_not(client):
    client.get("/api/v1/users/@somebody-unheard-of")
    client.get("/no/such/address")
    text = client.get("/metrics").content.decode()
    assert "somebody-unheard-of" not in text
    assert "no/such/address" not in text


def test_a_log_line_is_json_with_the_id_of_its_request(client, settings):
    record = logging.LogRecord("x", logging.WARNING, "", 0, "it took %d ms", (5,), None)
    token = origin.set(Origin(request_id="abc"))
    OriginNoted().filter(record)
    origin.reset(token)
    line = json.loads(JsonFormatter().format(record))
    assert (line["level"], line["logger"], line["message"], line["request_id"]) == (
        "WARNING",
        "x",
        "it took 5 ms",
        "abc",
    )


def test_a_task_bears_the_id_of_the_request_that_asked_for_it():
    headers: dict[str, str] = {}
    token = origin.set(Origin(request_id="abc"))
    worker.carry_request_id(headers)
    origin.reset(token)
    worker.take_request_id("task-1", SimpleNamespace(request=SimpleNamespace(**headers)))
    assert origin.get().request_id == "abc"
    worker.drop_request_id("task-1")
    worker.take_request_id("task-2", SimpleNamespace(request=SimpleNamespace()))
    assert origin.get().request_id == "task-2"
    worker.drop_request_id("task-2")


def test_the_lengths_of_all_queues_are_told(client, settings):
    text = client.get("/metrics").content.decode()
    queues = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()} | {settings.CELERY_TASK_DEFAULT_QUEUE}
    assert {queue for queue in queues if f'chat_queue_length{{queue="{queue}"}}' in text} == queues
