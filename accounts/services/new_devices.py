"""Sign-ins from devices on which an account was not seen before: its owner gets a mail.

A device is known by one of two things that an earlier session of the account kept: the cookie that a browser holds on
to when it signs out, or the same program and system in the same network (the first 24 bits of an IPv4 address, 56 of
an IPv6 one). Sessions are remembered until cleanup deletes them. A new account's first device is nobody's news.
"""

from datetime import timedelta
from ipaddress import ip_address, ip_network

from django.utils import timezone
from django.utils.formats import date_format

from accounts.devices import Device
from accounts.mails import send_mail_later
from accounts.models import User, UserSession
from chat_project.core import audit

NEW_ACCOUNT = timedelta(hours=1)
REMEMBERED_SESSIONS = 200

_NETWORK_BITS = {4: 24, 6: 56}


def is_new_device(*, user: User, device: Device) -> bool:
    """Tell whether this is news: asked before the session begins, of the sessions that there were."""
    sessions = UserSession.objects.filter(user_id=user.pk).order_by("-id")
    seen = list(sessions.values_list("device_key", "user_agent", "ip_address")[:REMEMBERED_SESSIONS])
    if not seen:
        return timezone.now() - user.created_at > NEW_ACCOUNT
    if device.key and any(key == device.key for key, _, _ in seen):
        return False
    origin = audit.origin.get()
    here = (Device.of(user_agent=origin.user_agent).name, _network(origin.ip_address))
    return all((Device.of(user_agent=agent).name, _network(address)) != here for _, agent, address in seen)


def tell_of_new_device(session: UserSession) -> None:
    """Write the audit row of a sign-in from a new device, and a mail, in the transaction that begins the session."""
    audit.record(actor_id=session.user_id, action="session.new_device", target=session)
    # By the words of this program: the name is whatever somebody chose who may not be the owner.
    context = {
        "device": Device.of(user_agent=session.user_agent).name,
        "address": session.ip_address or "",
        "time": f"{date_format(session.created_at, 'j F Y, H:i')} UTC",
    }
    send_mail_later(kind="new_device", user_id=session.user_id, context=context)


def _network(address: str | None) -> str:
    if not address:
        return ""
    bits = _NETWORK_BITS[ip_address(address).version]
    return str(ip_network(f"{address}/{bits}", strict=False))
