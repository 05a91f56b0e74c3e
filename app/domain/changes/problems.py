"""What can be refused about the feed of changes."""

from app.kernel.problems import Problem


class PlaceUnknown(Problem):
    """The event that the cursor stands behind is not there: an older backup was put back."""

    code = "change-cursor-unknown"
    status = 410
    title = "This place in the changes is not there any more"
    detail = "An older backup was put back. Compare everything once, then go on with begin=newest."
