"""The dashboard and the alerts ask for metrics that there are."""

import json
import re

import pytest
import yaml
from django.conf import settings

DOCS = settings.BASE_DIR / "docs"


def expressions():
    dashboard = json.loads((DOCS / "grafana-dashboard.json").read_text())
    for panel in dashboard["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    alerts = yaml.safe_load((DOCS / "prometheus-alerts.yml").read_text())
    for group in alerts["groups"]:
        yield from (rule["expr"] for rule in group["rules"])


@pytest.mark.parametrize("expression", list(expressions()))
def test_each_expression_names_metrics_that_the_docs_and_the_code_have(expression):
    page = (DOCS / "monitoring.md").read_text()
    code = "".join(
        (settings.BASE_DIR / "chat_project" / name).read_text() for name in ("core/metrics.py", "metrics.py")
    )
    for name in re.findall(r"chat_[a-z_]+", expression):
        metric = re.sub(r"_(bucket|count|sum)$", "", name)
        assert f"`{metric}`" in page
        assert f'"{metric}"' in code
