"""Words for many tickets at once: what `wall.write_words` would have kept of a ticket and of three
comments on each, put together from some thousand texts whose words are made once.

A text has thirty words of three thousand, frequent ones and seldom ones as in any language, and
those that are looked for: one in every text, one in a fifth, one in a hundredth, one in each
comment that agents alone read, and one that no other text has.
"""

import random
from uuid import UUID

import psycopg

EVERYWHERE, OFTEN, SOMETIMES, NOTED = "asiakas", "lasku", "palvelin", "huomio"
_LETTERS = ("ka", "lo", "mi", "ten", "ra", "su", "vi", "nor", "pe", "ty")
_TEXTS = 20_000
_VOCABULARY = 3000
_WORDS = 30


def rare_word(number: int) -> str:
    """The word that stands in the texts of this number alone: in one of 20,000."""
    return f"zq{number % _TEXTS}xar"


def fill_words(connection: psycopg.Connection, tenant: UUID) -> None:
    """Write the words of every ticket of `tenant`, and of three comments on each; the third is
    the agents' own."""
    connection.execute("CREATE TEMPORARY TABLE texts (n integer PRIMARY KEY, body text)")
    with connection.cursor() as cursor, cursor.copy("COPY texts (n, body) FROM STDIN") as copy:
        for row in enumerate(_texts()):
            copy.write_row(row)
    connection.execute(
        """
        CREATE TEMPORARY TABLE worded AS
        SELECT x.n, wall.words(wall.configuration(t.language), x.body) AS words,
               wall.words(wall.configuration(t.language), %(noted)s) AS noted
          FROM texts x JOIN tenants t ON t.id = %(tenant)s
        """,
        {"tenant": tenant, "noted": NOTED},
    )
    connection.execute("ANALYZE worded")
    (indexed,) = connection.execute(
        "SELECT pg_get_indexdef('ix_ticket_search_words'::regclass)"
    ).fetchone() or ("",)
    connection.execute("DROP INDEX ix_ticket_search_words")
    connection.execute(
        """
        INSERT INTO ticket_search (tenant_id, id, ticket_id, organization_id, department,
            requester_id, visibility, author_id, era, words)
        SELECT t.tenant_id, CASE WHEN place = 0 THEN t.id ELSE gen_random_uuid() END, t.id,
               t.organization_id, t.department, t.requester_id,
               CASE WHEN place = 3 THEN 'internal' ELSE 'public' END, t.requester_id,
               wall.era(t.number),
               wall.keyed(wall.key_of_words(t.tenant_id, wall.era(t.number)),
                   w.words || array_to_tsvector(ARRAY[t.number::text])
                   || CASE WHEN place = 3 THEN w.noted ELSE '' END)
               || wall.place_words(t.organization_id, t.requester_id)
          FROM generate_series(0, 3) place
          CROSS JOIN tickets t
          JOIN worded w ON w.n = (t.number + 7919 * place) %% %(texts)s
         WHERE t.tenant_id = %(tenant)s
        """,
        {"tenant": tenant, "texts": _TEXTS},
    )
    connection.execute("SET maintenance_work_mem = '512MB'")
    connection.execute(indexed)
    connection.execute("DROP TABLE texts, worded")


def _texts() -> list[str]:
    chance = random.Random(1)
    words = ["".join(chance.choices(_LETTERS, k=chance.randint(2, 4))) for _ in range(_VOCABULARY)]
    return [
        " ".join(
            [
                EVERYWHERE,
                *([OFTEN] if n % 5 == 0 else []),
                *([SOMETIMES] if n % 100 == 0 else []),
                rare_word(n),
                *(words[int(_VOCABULARY * chance.random() ** 3)] for _ in range(_WORDS)),
            ]
        )
        for n in range(_TEXTS)
    ]
