"""What can be refused about files."""

from app.kernel.problems import Forbidden, Invalid, NotFound, Problem


class AttachmentNotFound(NotFound):
    """Unknown, or not for this caller: both answer alike."""

    code = "attachment-not-found"
    title = "There is no such file"


class ThumbnailNotFound(NotFound):
    """The file is there; a thumbnail of it is not, or not yet."""

    code = "thumbnail-not-found"
    title = "There is no small picture of this file"
    detail = "Either it is no picture, or it is too large for one, or it is not made yet."


class AttachmentTooLarge(Problem):
    """More bytes than the tenant takes; said as soon as they are counted."""

    code = "attachment-too-large"
    status = 413
    title = "The file is too large"
    detail = "A file may have at most {limit} bytes. Nothing of it was kept."


class AttachmentTypeRefused(Problem):
    """The content is of a kind that is not on the tenant's list."""

    code = "attachment-type-refused"
    status = 415
    title = "Files of this kind are not taken"
    detail = (
        "By its content this file is {media_type}. Send it as another kind of file,"
        " for instance as PDF, or packed as ZIP."
    )


class AttachmentEmpty(Invalid):
    """No bytes came."""

    code = "attachment-empty"
    title = "The file is empty"
    detail = "Not one byte arrived. Choose the file again."


class AttachmentsUnusable(Invalid):
    """Some of the ids given to `attach` cannot be attached; the faults say which and why."""

    code = "attachments-unusable"
    title = "Some of the files cannot be attached"
    detail = "See errors for each. Nothing was changed."


class TooManyUploads(Problem):
    """The caller leaves uploads lying about."""

    code = "too-many-uploads"
    status = 409
    title = "Too many of your files hang on nothing yet"
    detail = "At most {limit} may. Attach them to a ticket or delete some; after a day they vanish."


class UploadForbidden(Forbidden):
    """The caller may write nowhere."""

    code = "upload-forbidden"
    title = "You may not upload files"
    detail = "Your role, or the key or app you act through, may neither open nor answer tickets."


class AttachmentInfected(Forbidden):
    """Nobody fetches it, not even an agent."""

    code = "attachment-infected"
    title = "This file holds a virus"
    detail = "The scanner found it. The file can be neither fetched nor attached."


class AttachmentNotScannedYet(Forbidden):
    """For customers, while the file is `pending`."""

    code = "attachment-not-scanned-yet"
    title = "This file is still being looked at"
    detail = "It can be fetched once the scanner has found it clean. Try again in a moment."


class AttachmentUnscanned(Forbidden):
    """For customers, where only clean files are let through."""

    code = "attachment-unscanned"
    title = "No scanner has looked at this file"
    detail = "This portal lets customers fetch only files that were found clean."


class DownloadAddressEnded(NotFound):
    """A signed address that is forged, cut or older than its sixty seconds."""

    code = "download-address-ended"
    title = "This download address does not lead anywhere any more"
    detail = "Such addresses live for a minute. Fetch the file's entry again for a new one."
