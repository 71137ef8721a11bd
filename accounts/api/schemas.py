"""The shapes of accounts' answers, for the OpenAPI schema; `accounts.representations` makes them."""

from typing import Any

from rest_framework import serializers

from accounts.enums import ContactRequestStatus
from accounts.privacy import AUDIENCE_KEYS, AUDIENCES, SWITCH_KEYS
from chat_project.core.api.schema import Problem

LAST_SEEN_WORDS = ("exact", "recently", "within_week", "within_month", "long_ago")


class AuthorSchema(serializers.Serializer[Any]):
    id = serializers.CharField()
    username = serializers.CharField(allow_null=True)
    display_name = serializers.CharField()
    avatar_url = serializers.CharField(allow_null=True)


class UserSchema(AuthorSchema):
    bio = serializers.CharField(allow_null=True)
    phone = serializers.CharField(allow_null=True)
    email = serializers.CharField(allow_null=True)
    is_bot = serializers.BooleanField()
    is_verified = serializers.BooleanField()
    is_contact = serializers.BooleanField()
    is_blocked = serializers.BooleanField()
    online = serializers.BooleanField(allow_null=True)
    last_seen = serializers.ChoiceField(LAST_SEEN_WORDS)
    last_seen_at = serializers.DateTimeField(allow_null=True)


class ExceptionsSchema(serializers.Serializer[Any]):
    always = serializers.ListField(child=serializers.CharField(), required=False)
    never = serializers.ListField(child=serializers.CharField(), required=False)


def _privacy_fields(*, required: bool) -> dict[str, Any]:
    return {
        **{key: serializers.ChoiceField(AUDIENCES, required=required) for key in AUDIENCE_KEYS},
        **{key: serializers.BooleanField(required=required) for key in SWITCH_KEYS},
        "exceptions": serializers.DictField(child=ExceptionsSchema(), required=required),
    }


PrivacySchema = type("PrivacySchema", (serializers.Serializer,), _privacy_fields(required=True))
PrivacyChangesSchema = type("PrivacyChangesSchema", (serializers.Serializer,), _privacy_fields(required=False))


class MeSchema(UserSchema):
    is_active = serializers.BooleanField()
    privacy_settings = PrivacySchema()
    created_at = serializers.DateTimeField()


class SessionSchema(serializers.Serializer[Any]):
    id = serializers.CharField()
    device_name = serializers.CharField()
    platform = serializers.CharField()
    ip_address = serializers.IPAddressField(allow_null=True)
    user_agent = serializers.CharField()
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    current = serializers.BooleanField()


class TokensSchema(serializers.Serializer[Any]):
    access = serializers.CharField()
    refresh = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds for which `access` is good.")


class SignedInSchema(TokensSchema):
    session = SessionSchema()
    user = MeSchema()


class LoginRefusedSchema(Problem):
    """With `second_factor_required` come the last four: what goes with POST auth/second-factor."""

    token = serializers.CharField(required=False)
    expires_in = serializers.IntegerField(required=False, help_text="Seconds for which `token` is good.")
    methods = serializers.ListField(
        child=serializers.ChoiceField(choices=["code", "passkey", "recovery_code"]), required=False
    )
    passkey_options = serializers.DictField(
        required=False, allow_null=True, help_text="For `navigator.credentials.get`, in WebAuthn's JSON form."
    )


class QuestionSchema(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="Goes with the answer.")
    expires_in = serializers.IntegerField()
    options = serializers.DictField(help_text="For `navigator.credentials`, in WebAuthn's JSON form.")


class PasskeySchema(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    is_backed_up = serializers.BooleanField(help_text="Whether its owner's other devices have it too.")
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)


class SecondFactorsSchema(serializers.Serializer[Any]):
    is_on = serializers.BooleanField(help_text="Whether a sign-in by password asks for more.")
    app_since = serializers.DateTimeField(allow_null=True)
    passkeys = PasskeySchema(many=True)
    recovery_codes_left = serializers.IntegerField()


class NewAppSchema(serializers.Serializer[Any]):
    secret = serializers.CharField(help_text="In base 32, to be typed.")
    uri = serializers.CharField(help_text="`otpauth://…`, to be shown as a QR code.")


class RecoveryCodesSchema(serializers.Serializer[Any]):
    recovery_codes = serializers.ListField(
        child=serializers.CharField(), allow_null=True, help_text="Shown this once. Null where the account has some."
    )


class NewPasskeySchema(RecoveryCodesSchema):
    passkey = PasskeySchema()


class ContactRequestSchema(serializers.Serializer[Any]):
    id = serializers.CharField()
    from_user = UserSchema()
    to_user = UserSchema()
    status = serializers.ChoiceField(ContactRequestStatus.values)
    message = serializers.CharField()
    created_at = serializers.DateTimeField()
    responded_at = serializers.DateTimeField(allow_null=True)


class BlockSchema(serializers.Serializer[Any]):
    user = UserSchema()
    reason = serializers.CharField()
    created_at = serializers.DateTimeField()
