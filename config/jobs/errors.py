"""What bulk work refuses."""

from typing import TYPE_CHECKING

from config.problems import Conflict, NotFound, Problem

if TYPE_CHECKING:
    from config.jobs.models import Job


class ChangedMeanwhile(Exception):
    """Another process moved the job since it was read."""

    def __init__(self, job: "Job") -> None:
        self.job = job
        super().__init__(f"job {job.pk} was changed meanwhile")


class Lost(Exception):
    """The job is no longer this worker's: it was cancelled, or taken up by another."""


class JobNotFound(NotFound):
    message = "Job not found."
    message_ar = "المهمة غير موجودة."


class JobHasEnded(Conflict):
    code = "job_has_ended"
    message = "The job has ended; there is nothing left to cancel."
    message_ar = "انتهت المهمة؛ لم يبق ما يمكن إلغاؤه."


class NoFileYet(Conflict):
    code = "job_has_no_file"
    message = "The job has no file: it is not done, or it failed or was cancelled."
    message_ar = "لا يوجد ملف لهذه المهمة: لم تكتمل أو فشلت أو أُلغيت."


class FileExpired(Problem):
    status, code, type = 410, "job_file_expired", "not_found"
    message = "The file was kept for seven days and is gone. Start the job again."
    message_ar = "حُفظ الملف سبعة أيام ثم حُذف. ابدأ المهمة من جديد."


class TooManyJobs(Conflict):
    code = "too_many_jobs"
    message = "Too many jobs are waiting already. Wait for one to end, or cancel one."
    message_ar = "عدد المهام المنتظرة كبير. انتظر انتهاء إحداها أو ألغِ واحدة."


class Interrupted(Problem):
    """Never answered to a request: what a job is closed with that keeps ending its process."""

    status, code, type = 500, "job_interrupted", "internal_error"
    message = "The process that did this work ended again and again before it was done."
    message_ar = "توقفت العملية التي تنفذ هذه المهمة مرة بعد مرة قبل اكتمالها."


class Broken(Problem):
    """Never answered to a request: what a job is closed with where Daftar itself is at fault."""

    status, code, type = 500, "job_broken", "internal_error"
    message = "Something failed on our side; the fault is logged."
    message_ar = "حدث خلل لدينا؛ وقد سُجّل."
