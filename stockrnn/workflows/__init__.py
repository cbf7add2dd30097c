"""One function a job; the only rooms that join the stages."""
