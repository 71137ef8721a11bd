"""What makes the site an app that can be installed: its manifest, its service worker, its page without a network."""

import json
from functools import cache

import minify
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

# As tokens.css and logo.svg have them.
_GROUND = "#0b7285"
# What the page without a network is drawn with.
_FILES = ("css/tokens.css", "css/base.css", "css/components.css", "css/forms.css", "img/logo.svg", "img/favicon.svg")


@require_safe
@cache_control(max_age=3600)
def manifest(request: HttpRequest) -> HttpResponse:
    """What browsers install."""
    icons = [
        {"src": static(f"img/icon-{name}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for name, size, purpose in (("192", 192, "any"), ("512", 512, "any"), ("maskable-512", 512, "maskable"))
    ]
    content = {
        "id": "/",
        "name": settings.SITE_NAME,
        "short_name": settings.SITE_NAME[:12],
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": _GROUND,
        "icons": icons,
    }
    return JsonResponse(content, content_type="application/manifest+json")


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The service worker, for all of the site: its scope is where it lies."""
    return HttpResponse(_script(), content_type="text/javascript; charset=utf-8")


@require_safe
@cache_control(no_cache=True)
def offline(request: HttpRequest) -> HttpResponse:
    """The page that the service worker keeps."""
    return render(request, "offline.html")


@cache
def _script() -> str:
    shell = [reverse("offline"), *(static(name) for name in _FILES)]
    names = {"SHELL": shell, "ICON": static("img/icon-192.png"), "BADGE": static("img/badge-96.png")}
    given = "".join(f"const {name}={json.dumps(value)};" for name, value in names.items())
    return given + str(minify.string("text/javascript", (settings.BASE_DIR / "static" / "sw.js").read_text()))
