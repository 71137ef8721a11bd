"""The addresses of accounts' pages."""

from django.urls import URLPattern, path

from accounts.web import people, recovery, settings_privacy, settings_profile, sign_in, views

urlpatterns: list[URLPattern] = [
    path("login/", sign_in.login, name="login"),
    path("login/second-step/", sign_in.second_step, name="second-step"),
    path("login/passkey/", sign_in.passkey, name="passkey"),
    path("login/again/", sign_in.again, name="again"),
    path("register/", views.register, name="register"),
    path("logout/", views.logout, name="logout"),
    path("verify/", recovery.resend, name="verify-resend"),
    path("verify/<str:token>/", recovery.verify, name="verify-email"),
    path("forgot/", recovery.forgot, name="forgot-password"),
    path("reset/<str:token>/", recovery.reset, name="reset-password"),
    path("settings/", settings_profile.index, name="settings"),
    path("settings/profile", settings_profile.profile, name="settings-profile"),
    path("settings/profile/avatar", settings_profile.avatar, name="settings-avatar"),
    path("settings/privacy", settings_privacy.privacy, name="settings-privacy"),
    path("settings/privacy/blocked", settings_privacy.blocked, name="settings-blocked"),
    path("settings/privacy/<str:name>", settings_privacy.privacy_key, name="settings-privacy-key"),
    path("contacts/", people.contacts, name="contacts"),
    path("people/<cuid:user_id>/<str:action>", people.act, name="person-act"),
    path("people/<str:reference>", people.card, name="person"),
]
