"""A mail to send, and mails as whoever receives them reads them."""

import email
import email.policy
from email.message import EmailMessage

from app.gateways.mail import Mail

MAIL = Mail(
    message_id="<01890a5d-ac96-774b-bcce-b302099a8057@skranke.example>",
    from_name="CRM-service",
    from_address="support@crm.example",
    to_name="Customer",
    to_address="customer@acme.example",
    subject="[CRM-1042] Raportti ei aukea",
    text="Hei!\n\n.piste rivin alussa\nä ö å\n" + "x" * 2000,
    html="<p>Hei! ä ö å</p>",
    language="fi",
    reply_to="reply+abc@skranke.example",
    in_reply_to="<root@skranke.example>",
    references=("<root@skranke.example>", "<other@skranke.example>"),
)


def parsed(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=email.policy.default)


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content.replace("\r\n", "\n").rstrip("\n")
