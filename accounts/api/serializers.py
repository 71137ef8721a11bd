"""What accounts' calls take. Shapes only: the rules of names and passwords are the services'."""

from typing import Any

from rest_framework import serializers

from accounts.devices import NAME_MAX_LENGTH
from chat_project.core.api.serializers import StrictSerializer

# Far above what any of the services lets through: it only keeps absurd texts away from them.
TEXT_MAX_LENGTH = 1024
CODE_MAX_LENGTH = 64


class PasswordField(serializers.CharField):
    """A password as it was typed, white space and all."""

    def __init__(self) -> None:
        super().__init__(max_length=TEXT_MAX_LENGTH, trim_whitespace=False)


class DeviceBody(StrictSerializer):
    """A body that may name the device which signs in."""

    device_name = serializers.CharField(max_length=NAME_MAX_LENGTH, required=False, allow_blank=True)


class RegisterBody(DeviceBody):
    username = serializers.CharField(max_length=TEXT_MAX_LENGTH)
    email = serializers.CharField(max_length=TEXT_MAX_LENGTH)
    password = PasswordField()
    display_name = serializers.CharField(max_length=TEXT_MAX_LENGTH, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=TEXT_MAX_LENGTH, required=False, allow_blank=True, allow_null=True)


class LoginBody(DeviceBody):
    login = serializers.CharField(max_length=TEXT_MAX_LENGTH)
    password = PasswordField()


class SecondFactorBody(DeviceBody):
    """What a sign-in's second step takes: its token, and one proof."""

    token = serializers.CharField(max_length=TEXT_MAX_LENGTH)
    code = serializers.CharField(max_length=CODE_MAX_LENGTH, required=False)
    recovery_code = serializers.CharField(max_length=CODE_MAX_LENGTH, required=False)
    credential = serializers.DictField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(proof in attrs for proof in ("code", "recovery_code", "credential")) != 1:
            raise serializers.ValidationError("Give one of code, recovery_code and credential.")
        return attrs


class PasskeySignInBody(DeviceBody):
    token = serializers.CharField(max_length=TEXT_MAX_LENGTH)
    credential = serializers.DictField()


class PasswordBody(StrictSerializer):
    """What changes of one's own factors take: the password, once more."""

    password = PasswordField()


class CodeBody(StrictSerializer):
    code = serializers.CharField(max_length=CODE_MAX_LENGTH)


class PasskeyNameBody(StrictSerializer):
    name = serializers.CharField(max_length=TEXT_MAX_LENGTH)


class NewPasskeyBody(PasskeyNameBody):
    token = serializers.CharField(max_length=TEXT_MAX_LENGTH)
    credential = serializers.DictField()


class RefreshBody(StrictSerializer):
    refresh = serializers.CharField(max_length=TEXT_MAX_LENGTH)


class UpdateMeBody(StrictSerializer):
    username = serializers.CharField(max_length=TEXT_MAX_LENGTH, required=False)
    display_name = serializers.CharField(max_length=TEXT_MAX_LENGTH, required=False)
    bio = serializers.CharField(max_length=4096, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=TEXT_MAX_LENGTH, required=False, allow_blank=True, allow_null=True)


class ContactRequestBody(StrictSerializer):
    username = serializers.CharField(max_length=TEXT_MAX_LENGTH)
    message = serializers.CharField(max_length=TEXT_MAX_LENGTH, required=False, allow_blank=True)


class BlockBody(StrictSerializer):
    user_id = serializers.CharField(max_length=TEXT_MAX_LENGTH)
    reason = serializers.CharField(max_length=TEXT_MAX_LENGTH, required=False, allow_blank=True)


class AvatarBody(StrictSerializer):
    file = serializers.FileField()
