"""What a validation says: findings make it fail, remarks do not."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be, in words that end a line."""

    kind: str
    name: str
    problem: str
    fails: bool = True

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.problem}"


@dataclass
class Report:
    """Every finding and every remark about one database."""

    findings: list[Finding] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)

    def add(self, found: Finding) -> None:
        """Put a finding where it belongs."""
        (self.findings if found.fails else self.remarks).append(found)
