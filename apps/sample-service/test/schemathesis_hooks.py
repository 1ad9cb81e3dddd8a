"""What schemathesis cannot know of the platform from its description. Named by SCHEMATHESIS_HOOKS."""

import re
import uuid

import schemathesis

KEY = "idempotency-key"


@schemathesis.hook
def before_call(context, case, kwargs):
    """A key belongs to one request. A good one that was made up may have been made up before."""
    headers = case.headers or {}
    if re.fullmatch(r"[\x21-\x7e]{1,100}", str(headers.get(KEY, ""))):
        case.headers[KEY] = str(uuid.uuid4())
