"""The addresses of accounts' calls, below /api/v1/."""

from django.urls import URLPattern, path

from accounts.api import auth_views, avatars, contact_views, people_views, recovery_views, second_factor_views

urlpatterns: list[URLPattern] = [
    path("auth/register", auth_views.RegisterView.as_view()),
    path("auth/login", auth_views.LoginView.as_view()),
    path("auth/refresh", auth_views.RefreshView.as_view()),
    path("auth/logout", auth_views.LogoutView.as_view()),
    path("auth/sessions", auth_views.SessionListView.as_view()),
    path("auth/sessions/<cuid:session_id>", auth_views.SessionView.as_view()),
    path("auth/passkey/begin", second_factor_views.PasskeyQuestionView.as_view()),
    path("auth/passkey", second_factor_views.PasskeySignInView.as_view()),
    path("auth/second-factor", second_factor_views.SecondFactorView.as_view()),
    path("auth/second-factor/status", second_factor_views.SecondFactorsView.as_view()),
    path("auth/second-factor/app", second_factor_views.AuthenticatorAppView.as_view()),
    path("auth/second-factor/app/confirm", second_factor_views.AuthenticatorAppCodeView.as_view()),
    path("auth/second-factor/recovery-codes", second_factor_views.RecoveryCodesView.as_view()),
    path("auth/second-factor/passkeys", second_factor_views.PasskeyListView.as_view()),
    path("auth/second-factor/passkeys/begin", second_factor_views.NewPasskeyView.as_view()),
    path("auth/second-factor/passkeys/<cuid:passkey_id>", second_factor_views.PasskeyView.as_view()),
    path("auth/email/verify", recovery_views.VerifyEmailView.as_view()),
    path("auth/email/resend", recovery_views.ResendView.as_view()),
    path("auth/email/change", recovery_views.ChangeEmailView.as_view()),
    path("auth/password/forgot", recovery_views.ForgotPasswordView.as_view()),
    path("auth/password/reset", recovery_views.ResetPasswordView.as_view()),
    path("auth/password/change", recovery_views.ChangePasswordView.as_view()),
    path("users/me", people_views.MeView.as_view()),
    path("users/me/privacy", people_views.PrivacyView.as_view()),
    path("users/search", people_views.PeopleSearchView.as_view()),
    path("users/<cuid:user_id>/avatar", avatars.UserAvatarView.as_view()),
    path("users/<str:reference>", people_views.PersonView.as_view()),
    path("contacts", contact_views.ContactListView.as_view()),
    path("contacts/requests", contact_views.ContactRequestListView.as_view()),
    path("contacts/requests/<cuid:request_id>", contact_views.ContactRequestView.as_view()),
    path("contacts/requests/<cuid:request_id>/accept", contact_views.AcceptContactRequestView.as_view()),
    path("contacts/requests/<cuid:request_id>/decline", contact_views.DeclineContactRequestView.as_view()),
    path("contacts/requests/<cuid:request_id>/block", contact_views.BlockContactRequestView.as_view()),
    path("contacts/<cuid:user_id>", contact_views.ContactView.as_view()),
    path("blocks", contact_views.BlockListView.as_view()),
    path("blocks/<cuid:user_id>", contact_views.BlockView.as_view()),
]
