"""What the first proof of an account's address undoes."""

from accounts.services import second_factors
from accounts.services.sessions import end_all_sessions


def end_what_came_before(*, user_id: str, kept_session_id: str | None = None) -> None:
    """End the sessions and second factors of an account whose address is proven for the first time.

    Until then anybody may have made them, with an address that is not theirs. Called in the proof's transaction.
    """
    end_all_sessions(user_id=user_id, reason="email_proven", except_id=kept_session_id)
    second_factors.remove_all(user_id=user_id)
