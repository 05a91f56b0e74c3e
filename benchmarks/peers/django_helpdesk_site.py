"""A site of django-helpdesk as its documentation sets one up, run in an environment of its own.

`python -m django_helpdesk_site` migrates the database and fills it; `application` serves it. Needs
nothing of Skranke; what it is told stands in `PEER_…`.
"""

import os
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path

settings.configure(
    DEBUG=False,
    SECRET_KEY="only-for-benchmarks-" * 3,
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        "django.contrib.humanize",
        "django.contrib.sites",
        "rest_framework",
        "helpdesk",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["PEER_DATABASE"],
            "USER": os.environ["PEER_USER"],
            "PASSWORD": os.environ["PEER_PASSWORD"],
            "HOST": os.environ["PEER_HOST"],
            "PORT": os.environ["PEER_PORT"],
            "CONN_MAX_AGE": None,  # connections are kept, as ours are
        }
    },
    # Sessions are looked for in the database first of all, as Django does by default.
    EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
    LOGGING_CONFIG=None,
    LOGIN_URL="/login/",
    MEDIA_ROOT=os.environ["PEER_FOLDER"],
    SITE_ID=1,
    STATIC_URL="/static/",
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    HELPDESK_TEAMS_MODE_ENABLED=False,
)
django.setup()

urlpatterns = [path("", include("helpdesk.urls", namespace="helpdesk"))]
application = get_wsgi_application()


def _fill(tickets: int, words: str) -> None:
    """Tickets with three comments each, the third for colleagues alone; the newest in progress."""
    from datetime import timedelta  # noqa: PLC0415

    from django.contrib.auth.models import User  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415
    from helpdesk.models import FollowUp, Queue, Ticket  # noqa: PLC0415

    now, open_, closed = timezone.now(), Ticket.OPEN_STATUS, Ticket.CLOSED_STATUS
    agent = User.objects.create_superuser("agent", "agent@peer.example", "only-for-benchmarks")
    queue = Queue.objects.create(title="Support", slug="support")
    made = [
        Ticket(
            title=f"{words[:40]} {n}",
            queue=queue,
            created=now - timedelta(minutes=10 * (tickets - n)),
            modified=now - timedelta(minutes=10 * (tickets - n)),
            submitter_email=f"member{n % 100}@customer.example",
            assigned_to=agent,
            status=open_ if n > tickets - 4000 and n % 2 else closed,
            description=words,
            priority=3,
            secret_key=f"{n:036d}",
        )
        for n in range(1, tickets + 1)
    ]
    held: list[Any] = Ticket.objects.bulk_create(made, batch_size=1000)
    FollowUp.objects.bulk_create(
        (
            FollowUp(
                ticket=ticket,
                date=ticket.created + timedelta(minutes=place),
                title="Comment",
                comment=words,
                public=place < 3,
                user=agent,
            )
            for ticket in held
            for place in (1, 2, 3)
        ),
        batch_size=1000,
    )


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    _fill(int(os.environ["PEER_TICKETS"]), os.environ["PEER_WORDS"])
