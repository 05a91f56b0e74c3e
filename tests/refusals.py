"""What a refusal says, in short, for tests to compare."""

from httpx2 import Response


def refusal(answer: Response) -> tuple[int, str]:
    """The status and the code of a problem; an empty code where the answer is none."""
    return answer.status_code, answer.json().get("code", "")
