"""Hold the live database against the models: exit 1 and a list where it differs."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from chat_project.schema.findings import Report
from chat_project.schema.validation import validate


class Command(BaseCommand):
    help = "Validate the database's schema against the models. Exits with 1 where it differs."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="write findings and remarks as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        report = validate(connection, connection.settings_dict["USER"] or _current_user())
        if options["json"]:
            self.stdout.write(_as_json(report))
        else:
            self._write(report)
        if report.findings:
            raise SystemExit(1)

    def _write(self, report: Report) -> None:
        for remark in report.remarks:
            self.stderr.write(f"remark: {remark}", self.style.NOTICE)
        for finding in report.findings:
            self.stdout.write(self.style.ERROR(str(finding)))
        if report.findings:
            self.stdout.write(f"The schema differs from the models: {len(report.findings)} findings.")
        else:
            self.stdout.write("The schema is what the models say.")


def _as_json(report: Report) -> str:
    findings, remarks = (
        [{key: value for key, value in asdict(found).items() if key != "fails"} for found in listed]
        for listed in (report.findings, report.remarks)
    )
    return json.dumps({"valid": not findings, "findings": findings, "remarks": remarks}, indent=2)


def _current_user() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])
