"""The pictures and figures of docs/lesson.md, made by `python -m foretype.training.lesson`."""
