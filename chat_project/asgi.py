"""The ASGI application: HTTP to Django, `/ws/v1/` to the socket, and this process' hub."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chat_project.settings")

import django

django.setup()

from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import path, re_path

from chat_project.core.api.body_limit import BodyLimit
from chat_project.core.realtime.hub import Hub
from chat_project.core.realtime.publish import install_hub
from chat_project.handler import ThreadHandler
from chat_project.uploads import UPLOADS, admitted
from messaging.consumers import ChatConsumer, UnknownSocketConsumer
from messaging.fragments import fragment
from messaging.services.notifying import Notifier, install_notifier
from messaging.sockets.directory import DatabaseDirectory

install_hub(Hub(directory=DatabaseDirectory(), fragment=fragment, shards=settings.REALTIME_SHARDS))

notifier = Notifier()
notifier.start()
install_notifier(notifier)

application = ProtocolTypeRouter(
    {
        "http": BodyLimit(ThreadHandler(), uploads=UPLOADS, admitted=admitted),
        "websocket": URLRouter([path("ws/v1/", ChatConsumer.as_asgi()), re_path("", UnknownSocketConsumer.as_asgi())]),
    }
)
