"""The addresses of accounts' pages."""

from django.urls import URLPattern, path

from accounts.web import views

urlpatterns: list[URLPattern] = [
    path("login/", views.login, name="login"),
    path("register/", views.register, name="register"),
    path("logout/", views.logout, name="logout"),
]
