from moderation.services.partitions import make_audit_partitions

__all__ = ["make_audit_partitions"]
