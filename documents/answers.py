from django.http import HttpResponse

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def send(content: bytes, name: str) -> HttpResponse:
    """Answer with a Word file to keep."""
    answer = HttpResponse(content, content_type=DOCX)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
