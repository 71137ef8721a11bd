"""The addresses of accounts' pages."""

from django.urls import URLPattern, path

from accounts.web import (
    people,
    recovery,
    settings_devices,
    settings_privacy,
    settings_profile,
    settings_security,
    sign_in,
    views,
)

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
    path("settings/devices", settings_devices.devices, name="settings-devices"),
    path("settings/devices/end-others", settings_devices.end_others, name="settings-devices-end-others"),
    path("settings/devices/<cuid:session_id>/end", settings_devices.end, name="settings-devices-end"),
    path("settings/security", settings_security.security, name="settings-security"),
    path("settings/security/password", settings_security.password, name="settings-security-password"),
    path("settings/security/app", settings_security.app, name="settings-security-app"),
    path("settings/security/app/confirm", settings_security.app_confirm, name="settings-security-app-confirm"),
    path("settings/security/app/remove", settings_security.app_remove, name="settings-security-app-remove"),
    path("settings/security/recovery-codes", settings_security.codes, name="settings-security-codes"),
    path("settings/security/passkeys", settings_security.passkeys, name="settings-security-passkeys"),
    path("settings/security/passkeys/add", settings_security.passkey_add, name="settings-security-passkey-add"),
    path(
        "settings/security/passkeys/<cuid:passkey_id>/rename",
        settings_security.passkey_rename,
        name="settings-security-passkey-rename",
    ),
    path(
        "settings/security/passkeys/<cuid:passkey_id>/remove",
        settings_security.passkey_remove,
        name="settings-security-passkey-remove",
    ),
    path("settings/privacy", settings_privacy.privacy, name="settings-privacy"),
    path("settings/privacy/blocked", settings_privacy.blocked, name="settings-blocked"),
    path("settings/privacy/<str:name>", settings_privacy.privacy_key, name="settings-privacy-key"),
    path("contacts/", people.contacts, name="contacts"),
    path("people/<cuid:user_id>/<str:action>", people.act, name="person-act"),
    path("people/<str:reference>", people.card, name="person"),
]
