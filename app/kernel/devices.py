"""A client's browser and system as a code: enough to tell one's own from another's, without its own
text."""

_CLIENTS = (
    ("edg", "edge"),
    ("opr", "opera"),
    ("firefox", "firefox"),
    ("fxios", "firefox"),
    ("chrome", "chrome"),
    ("crios", "chrome"),
    ("safari", "safari"),
)
_SYSTEMS = (
    ("android", "android"),
    ("iphone", "ios"),
    ("ipad", "ios"),
    ("windows", "windows"),
    ("mac os", "macos"),
    ("linux", "linux"),
)


def device_of(user_agent: str | None) -> str | None:
    """A code such as `firefox/linux`, `other/ios` or `other`; `None` where nothing was said."""
    if not user_agent:
        return None
    said = user_agent.lower()
    client = next((code for word, code in _CLIENTS if word in said), "other")
    system = next((code for word, code in _SYSTEMS if word in said), None)
    return f"{client}/{system}" if system else client
