"""The past of a demo portal: tickets as people opened, answered and closed them over months.

What happened stands in `app/portals/demo/history/<slug>.yaml`; it is played through the domain's
own verbs, by the demo people themselves, each behind his own wall, with the clock put back. So
numbers, history and rights come out as they would have, and no mail goes out for the past.
Verbs: `writing.unwritten`, `writing.write_history`. For `skranke run` and `skranke portal apply`.
"""
