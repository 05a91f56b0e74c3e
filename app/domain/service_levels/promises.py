"""Which promise applies to a ticket. Pure.

In this order: the policy that its entitlement names (S0-24), then the policies of the definition in
their order. The first whose own conditions all hold applies, as a whole: a metric without a target
in it is not promised, whatever the next policy says."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from app.domain.calendars.hours import hours_of
from app.domain.entitlements.lifecycle import template_of
from app.domain.service_levels.lifecycle import METRICS, Metric, Terms
from app.domain.tenants.definition.document import Definition
from app.domain.tenants.definition.policies import SlaPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a promise depends on. `template` is that of the ticket's entitlement."""

    type: str | None
    severity: str | None
    priority: str | None
    service: str | None
    template: str | None


@dataclass(frozen=True, slots=True)
class Promise:
    """A policy in a version of the definition."""

    definition: Definition
    version: int
    policy: SlaPolicy

    def terms(self, metric: Metric) -> Terms | None:
        """The terms for a metric; `None` where it is not promised."""
        minutes = getattr(self.policy.targets, f"{metric}_minutes")
        if minutes is None:
            return None
        return Terms(
            policy=self.policy.key,
            version=self.version,
            target=timedelta(minutes=int(minutes)),
            hours=hours_of(self.definition.calendar_of[self.policy.calendar]),
            warn_percent=self.policy.warn_percent,
            pauses_in=frozenset(self.policy.pauses_in),
        )

    @property
    def targets(self) -> dict[Metric, Terms]:
        """The terms of every metric that is promised, in the order they fall due."""
        found = ((metric, self.terms(metric)) for metric in METRICS)
        return {metric: terms for metric, terms in found if terms is not None}


def promise_for(definition: Definition, version: int, asked: Asked) -> Promise | None:
    """The promise that applies; `None` where none does."""
    for policy in _in_order(definition, asked.template):
        if not policy.retired and _holds(policy, asked):
            return Promise(definition, version, policy)
    return None


def policy_of(definition: Definition, key: str) -> SlaPolicy | None:
    """A policy of the definition, retired ones too."""
    return next((policy for policy in definition.sla_policies if policy.key == key), None)


def pausing(definition: Definition) -> frozenset[str]:
    """The status categories in which some clock is paused."""
    return frozenset(category for each in definition.sla_policies for category in each.pauses_in)


def _in_order(definition: Definition, template: str | None) -> Iterator[SlaPolicy]:
    agreed = template_of(definition, template) if template else None
    if agreed and agreed.sla_policy and (named := policy_of(definition, agreed.sla_policy)):
        yield named
    yield from definition.sla_policies


def _holds(policy: SlaPolicy, asked: Asked) -> bool:
    return all(
        not allowed or value in allowed
        for allowed, value in (
            (policy.types, asked.type),
            (policy.severities, asked.severity),
            (policy.priorities, asked.priority),
            (policy.services, asked.service),
            (policy.entitlements, asked.template),
        )
    )
