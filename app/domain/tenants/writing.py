"""A definition as YAML, the way `export` writes it and `loading` reads it back."""

from typing import Any

import yaml

from app.domain.tenants.definition import Definition


class _Dumper(yaml.SafeDumper):
    """Writes everything out: what it wrote may be read without anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        _ = data
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _text)


def as_yaml(definition: Definition) -> str:
    """The document as YAML; reading it gives an equal definition."""
    return yaml.dump(
        definition.as_document(),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=100,
    )
