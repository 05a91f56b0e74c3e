"""Checks of statuses and transitions: where tickets begin and end, and that all can be reached."""

from collections.abc import Iterator

from app.domain.tenants.definition import Definition, Flaw, Path, Transition

_WAITING = {"waiting_customer", "waiting_third_party", "resolved"}


def workflow_flaws(definition: Definition) -> Iterator[Flaw]:
    """What would leave a ticket nowhere to begin, to end, or to go."""
    yield from _beginnings(definition)
    yield from _categories(definition)
    for place, transition in enumerate(definition.transitions):
        if not transition.retired:
            yield from _transition(definition, transition, place)
    yield from _unreachable(definition)


def _beginnings(definition: Definition) -> Iterator[Flaw]:
    workflow = definition.workflow
    wanted: list[tuple[Path, str, str]] = [
        (("workflow", "initial_status"), workflow.initial_status, "new"),
        (("workflow", "taken_status"), workflow.taken_status, "open"),
    ]
    wanted.extend(
        (("types", place, "initial_status"), kind.initial_status, "new")
        for place, kind in enumerate(definition.types)
        if kind.initial_status and not kind.retired
    )
    wanted.extend(
        (("workflow", "customer_comments", place, "to"), rule.to, "open")
        for place, rule in enumerate(workflow.customer_comments)
    )
    if workflow.reopening:
        wanted.append((("workflow", "reopening", "to"), workflow.reopening.to, "open"))
    for path, key, category in wanted:
        if definition.status_of[key].category != category:
            yield Flaw(path, f"this must be a status of category {category}")
    for place, rule in enumerate(workflow.customer_comments):
        for inner, key in enumerate(rule.statuses):
            if definition.status_of[key].category not in _WAITING:
                at = ("workflow", "customer_comments", place, "statuses", inner)
                yield Flaw(at, "the rule is for tickets that wait or are resolved")


def _categories(definition: Definition) -> Iterator[Flaw]:
    active = [status for status in definition.statuses if not status.retired]
    if not any(status.category == "closed" for status in active):
        yield Flaw(("statuses",), "there must be a status of category closed")
    used = {definition.workflow.initial_status} | {
        kind.initial_status for kind in definition.types if kind.initial_status and not kind.retired
    }
    for place, status in enumerate(definition.statuses):
        if status.category == "new" and not status.retired and status.key not in used:
            at = ("statuses", place, "category")
            yield Flaw(at, "a status of category new must be the initial status of something")


def _transition(definition: Definition, transition: Transition, place: int) -> Iterator[Flaw]:
    at = ("transitions", place)
    if definition.status_of[transition.to].category == "new":
        yield Flaw((*at, "to"), "no ticket becomes new again")
    if transition.to in transition.statuses:
        yield Flaw((*at, "to"), "a transition leads to another status")
    if transition.by == "people" and not transition.who:
        yield Flaw((*at, "who"), "name the roles that may make this transition")
    if transition.by == "approval" and transition.who:
        yield Flaw((*at, "who"), "a transition made by an approval is made by no role")
    if transition.needs_comment and not transition.on_comment:
        yield Flaw((*at, "on_comment"), "a transition that needs a comment is offered with one")


def _ways(definition: Definition) -> dict[str, set[str]]:
    """For each status, where a ticket can go from it."""
    workflow = definition.workflow
    ways: dict[str, set[str]] = {status.key: set() for status in definition.statuses}
    active = [transition for transition in definition.transitions if not transition.retired]
    moves = [(move.statuses, move.to) for move in active]
    moves.extend((rule.statuses, rule.to) for rule in workflow.customer_comments)
    for begin, end in moves:
        for key in begin:
            ways[key].add(end)
    for status in definition.statuses:
        if status.category == "new":
            ways[status.key].add(workflow.taken_status)
        if status.category == "closed" and workflow.reopening:
            ways[status.key].add(workflow.reopening.to)
    return ways


def _unreachable(definition: Definition) -> Iterator[Flaw]:
    ways = _ways(definition)
    waiting = [definition.initial_status(kind.key) for kind in definition.types if not kind.retired]
    reached: set[str] = set()
    while waiting:
        status = waiting.pop()
        if status not in reached:
            reached.add(status)
            waiting.extend(ways[status])
    for place, each in enumerate(definition.statuses):
        if each.retired:
            continue
        at = ("statuses", place, "key")
        if each.key not in reached:
            yield Flaw(at, f"no transition ever leads to {each.key!r}")
        elif not ways[each.key] and each.category != "closed":
            yield Flaw(at, f"a ticket in {each.key!r} can never leave it; add a transition")
