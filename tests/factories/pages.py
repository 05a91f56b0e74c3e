"""Pages as a browser uses them: forms that are sent, cookies, what stands in fields and titles."""

import re
from html import unescape

import httpx2

OWN = {"Origin": "http://testserver"}


async def send(
    client: httpx2.AsyncClient, path: str, *, cookie: str = "", **fields: str
) -> httpx2.Response:
    """What a form of ours gets."""
    headers = OWN | ({"Cookie": cookie} if cookie else {})
    return await client.post(path, data=fields, headers=headers)


def cookie_of(answer: httpx2.Response) -> str:
    """The session cookie that was set, as a browser would send it."""
    set_cookies = answer.headers.get_list("set-cookie")
    ours = [one for one in set_cookies if one.startswith("__Host-skranke=")]
    return ours[0].partition(";")[0]


def hidden(answer: httpx2.Response, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.text)
    assert found, answer.text
    return unescape(found[1])


def title(answer: httpx2.Response) -> str:
    """What a page is called."""
    found = re.search(r"<h1>(.*?)</h1>", answer.text)
    assert found, answer.text
    return unescape(found[1])


def picture(answer: httpx2.Response) -> tuple[str, str]:
    """The picture that an authenticator app scans, and the secret that is written below it."""
    found = re.search(
        r"(<svg.*?</svg>)<figcaption><code>([A-Z2-7 ]+)</code>", answer.text, re.DOTALL
    )
    assert found, answer.text
    return found[1], found[2].replace(" ", "")
