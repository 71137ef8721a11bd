from attachments.models.attachments import Attachment

__all__ = ["Attachment"]
