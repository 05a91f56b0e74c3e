"""The prose of the document: the conventions every operation follows, and what each tag is."""

CONVENTIONS = """\
The open backend of a customer-support portal. One set of paths serves customers and agents;
who calls decides what is answered.

## Conventions

JSON in `snake_case`, UTF-8. Times are RFC 3339 in UTC and end in `Z`; durations are whole seconds
(`*_seconds`); ids are UUIDv7; money and hours are decimal strings. A ticket also has a human
`number` such as `SK-1042`, and every `{ticket}` in a path takes either. Unknown fields and unknown
query parameters are refused (422). In a PATCH, what is absent stays as it is and `null` clears.

Answers grow by addition: clients must ignore fields they do not know and tolerate values of
enumerations they do not know. What will go away says so with `Deprecation` and `Sunset` (RFC 9745,
RFC 8594) for at least a year. Where an answer's schema gives no smaller limit, a text
has at most 4,194,304 characters, a list at most 10,000 entries, and an integer is one that a double
holds exactly.

HEAD answers as GET does, without the body: by the same rights, with the same `ETag`, `Link` and
length. Only the steps of a sign-in that send a browser on (302) take GET alone.

## Signing in

`POST /v1/portals/{portal}/sessions` with `delivery: tokens` answers an access token and a refresh
token; send the access token as `Authorization: Bearer …`. With `delivery: cookie` it sets a session
cookie that no script can read; requests that change something then also carry
`X-Skranke-Request` (any value) and come from an allowed origin.

Apps of others sign people in by OAuth 2: authorization code with PKCE, described for programs at
`/.well-known/oauth-authorization-server`.

A script sends an API key (`POST /v1/api-keys`) as `Authorization: Bearer skr_…`. It acts as its
owner, as far as its scopes and the owner's rights of that moment both go.

## Permissions

`GET /v1/me` lists what the caller may do. Some permissions end in how far they reach:
`tickets:read:own`, `:organization`, `:department` or `:tenant`. Where an operation needs
`tickets:read` for a ticket, each of these will do that reaches this ticket.

## Errors

Every refusal is `application/problem+json` (RFC 9457): `type` (a stable URI), `title` and `detail`
(in the caller's language), `status`, `instance` (the id of the request), `code` (a stable word to
branch on) and `errors[]`, each with a `pointer` into the body (RFC 6901) or the name of a
`parameter`, a `code` and a `detail`. Each operation lists the codes it can answer; a method that a
path does not know answers 405 with `Allow`. What you may not read answers 404 exactly as if it did
not exist; what you may read but not do answers 403.

## Lists

`{"items": […], "next_cursor": …}` and `Link: <…>; rel="next"`. `limit` is at most 100, 25 unless
told. Cursors are opaque and stay good while rows are added. `sort` takes one of the declared
values, `-` in front turns it round. A filter with several values is repeated:
`status=new&status=open`. `include=total` adds `total`.

## Concurrency

Every single resource has an `ETag`. Send it back in `If-None-Match` to be told 304 when nothing
changed, and in `If-Match` when changing a versioned resource: without it the answer is 428, with
a stale one 412.

## Repeating a request safely

`Idempotency-Key` on a POST that creates or decides is remembered for at least 48 hours. The same
request again gets the same answer with `Idempotent-Replayed: true`; the same key with another body
is refused (422); while the first is still running the answer is 409 with `Retry-After`.

## Limits

`RateLimit-Policy` and `RateLimit` tell what is left (IETF draft-ietf-httpapi-ratelimit-headers).
Beyond it the answer is 429 with `Retry-After`; a body that is too large answers 413.

## Languages

`Accept-Language` takes nb, sv, fi, da, it and en (`no` and `nn` are read as nb) and decides the
language of problems and labels; the language a person has chosen wins.

## Following a request

Every answer carries `X-Request-Id`; send your own and it is echoed. W3C `traceparent` is honoured.

## Marks in brackets

`(S3-13)` and the like say where a rule comes from: each names something that one of the five
portals does which Skranke was made to replace. Nothing depends on knowing them.
"""

TAGS: dict[str, str] = {
    "portals": "A tenant's door: its name, words, languages and ways to sign in.",
    "sign-in": "Signing in and out, refreshing, and setting a new password.",
    "invitations": "Somebody is asked to come in, and comes in by his own link.",
    "registrations": "People who ask to be let in themselves, and those who decide.",
    "me": "The caller: who he is, what he may do, his language and his password.",
    "api-keys": "Keys with which scripts act as somebody.",
    "programs": "Programs of a directory that act as service accounts.",
    "apps": "Apps that act for people who let them.",
    "authorization-server": "OAuth 2 for those apps, as its RFCs have it.",
    "access-report": "Who came in, when, how and from where; who was given which right.",
    "organizations": "Customer companies.",
    "entitlements": "Agreements that tickets are charged to.",
    "people": "People on either side of the counter, and what they belong to.",
    "roles": "Roles and the permissions each gives.",
    "catalogue": "What this caller may choose from, with labels in his language.",
    "forms": "Forms, and what a set of answers leads to.",
    "tickets": "Tickets: open, find, read, change, move on.",
    "comments": "The conversation on a ticket.",
    "attachments": "Files: uploaded first, then hung on a ticket or a comment.",
    "history": "What happened to a ticket, and when.",
    "approvals": "Questions to somebody about a ticket, and their decisions.",
    "dashboards": "Tickets in progress, counted.",
    "changes": "Everything that happened, in order, for machines.",
}
