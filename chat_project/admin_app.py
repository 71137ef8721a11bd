"""Django's admin app, with our own site for its default."""

from django.contrib.admin.apps import AdminConfig


class GatedAdminConfig(AdminConfig):
    default_site = "chat_project.admin_site.GatedAdminSite"
