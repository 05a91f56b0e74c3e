"""The SQL of signing in, built once: when five hundred people sign in at nine o'clock, they wait
for round trips, and for statements being built, more than for PostgreSQL.

One statement for each step: to start a session with its tokens, to take one from a rate limit, to
lock counters, to count, to forget."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    DateTime,
    Integer,
    Interval,
    LargeBinary,
    Table,
    Text,
    Uuid,
    bindparam,
    case,
    column,
    delete,
    exists,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.models.sign_in import GuessCounter, SessionToken, SignedInSession

_MOMENT = DateTime(timezone=True)
_PLACE = ["tenant_id", "bucket"]
_sessions: Table = SignedInSession.__table__  # type: ignore[assignment]
_tokens: Table = SessionToken.__table__  # type: ignore[assignment]
_counters: Table = GuessCounter.__table__  # type: ignore[assignment]
_others = _counters.alias("others")
_tenant = bindparam("tenant", type_=Uuid())
_now = bindparam("now", type_=_MOMENT)


def _texts(name: str) -> Any:
    return bindparam(name, type_=ARRAY(Text()))


_given = (
    func.unnest(
        bindparam("fingerprints", type_=ARRAY(LargeBinary())),
        _texts("kinds"),
        bindparam("ends", type_=ARRAY(_MOMENT)),
    )
    .table_valued(
        column("fingerprint", LargeBinary()), column("kind", Text()), column("ends", _MOMENT)
    )
    .render_derived(name="given")
)
#: A session, with its tokens; `start_values` is what it is executed with.
START = (
    insert(_tokens)
    .from_select(
        ["tenant_id", "session_id", "fingerprint", "kind", "expires_at"],
        select(
            bindparam("session_tenant_id", type_=Uuid()),
            bindparam("session_id", type_=Uuid()),
            _given.c.fingerprint,
            _given.c.kind,
            _given.c.ends,
        ),
    )
    .add_cte(
        insert(_sessions)
        .values({each.name: bindparam(f"session_{each.name}") for each in _sessions.columns})
        .cte("started")
    )
)


def start_values(of: SignedInSession, tokens: list[SessionToken]) -> dict[str, Any]:
    """What `START` is executed with."""
    return {f"session_{each.name}": getattr(of, each.name) for each in _sessions.columns} | {
        "fingerprints": [token.fingerprint for token in tokens],
        "kinds": [token.kind for token in tokens],
        "ends": [token.expires_at for token in tokens],
    }


#: One from a bucket (GCRA): nothing comes back from one that is empty. An arrival beyond a full
#: bucket was written by a clock that has been put back since.
_full = bindparam("full", type_=_MOMENT)
_impossible = _counters.c.arrives_at > _full
_taken = insert(_counters).values(
    tenant_id=_tenant, bucket=bindparam("taken"), failures=0, arrives_at=bindparam("first")
)
_taken = _taken.on_conflict_do_update(
    index_elements=_PLACE,
    set_={
        "arrives_at": func.greatest(case((_impossible, _now), else_=_counters.c.arrives_at), _now)
        + bindparam("step", type_=Interval())
    },
    where=_impossible | (_counters.c.arrives_at <= bindparam("room", type_=_MOMENT)),
)
TAKE = _taken.returning(_counters.c.arrives_at)
#: The same, and whether a mark that has not run out stands beside it.
TAKE_AND_LOOK = _taken.returning(
    _counters.c.arrives_at,
    exists()
    .where(
        _others.c.tenant_id == _tenant,
        _others.c.bucket == bindparam("mark"),
        _others.c.arrives_at > _now,
    )
    .label("marked"),
)

_named = func.unnest(_texts("buckets")).table_valued(column("name", Text())).render_derived()
_rows = insert(_counters).from_select(
    ["tenant_id", "bucket", "failures", "arrives_at"],
    select(_tenant, _named.c.name, literal_column("0"), _now),
)
#: Counters, locked in the order in which they are named, so that two callers never hold what the
#: other one waits for. Written first, as a row that is not there cannot be locked.
LOCK = _rows.on_conflict_do_update(
    index_elements=_PLACE, set_={"failures": _counters.c.failures}
).returning(_counters.c.bucket, _counters.c.failures, _counters.c.arrives_at)

_after = (
    func.unnest(
        _texts("buckets"),
        bindparam("counts", type_=ARRAY(Integer())),
        bindparam("untils", type_=ARRAY(_MOMENT)),
    )
    .table_valued(column("name", Text()), column("count", Integer()), column("until", _MOMENT))
    .render_derived(name="after")
)
#: What locked counters hold from now on.
COUNT = (
    update(_counters)
    .where(_counters.c.tenant_id == _tenant, _counters.c.bucket == _after.c.name)
    .values(failures=_after.c.count, arrives_at=_after.c.until)
)

_mine = (_counters.c.tenant_id == _tenant, _counters.c.bucket == func.any(_texts("buckets")))
_locked = select(_counters.c.bucket).where(*_mine).order_by(_counters.c.bucket).with_for_update()
#: Counters are forgotten, locked in the order in which they are counted, and a mark is set.
FORGET = (
    insert(_counters)
    .values(
        tenant_id=_tenant,
        bucket=bindparam("mark"),
        failures=0,
        arrives_at=bindparam("until", type_=_MOMENT),
    )
    .on_conflict_do_update(
        index_elements=_PLACE, set_={"arrives_at": bindparam("until", type_=_MOMENT)}
    )
    .add_cte(
        delete(_counters)
        .where(_counters.c.tenant_id == _tenant, _counters.c.bucket.in_(_locked))
        .cte("gone")
    )
)
