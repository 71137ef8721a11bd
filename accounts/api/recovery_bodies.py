"""What the calls take by which people prove an address, and get back in by it."""

from rest_framework import serializers

from accounts.api.serializers import TEXT_MAX_LENGTH, PasswordField
from chat_project.core.api.serializers import StrictSerializer


class VerifyEmailBody(StrictSerializer):
    token = serializers.CharField(max_length=TEXT_MAX_LENGTH)


class ResendBody(StrictSerializer):
    email = serializers.CharField(max_length=TEXT_MAX_LENGTH, required=False)


class ChangeEmailBody(StrictSerializer):
    password = PasswordField()
    email = serializers.CharField(max_length=TEXT_MAX_LENGTH)


class ForgotBody(StrictSerializer):
    email = serializers.CharField(max_length=TEXT_MAX_LENGTH)


class ResetPasswordBody(StrictSerializer):
    token = serializers.CharField(max_length=TEXT_MAX_LENGTH)
    password = PasswordField()


class ChangePasswordBody(StrictSerializer):
    current = PasswordField()
    password = PasswordField()
