"""Teacher, student, critic; verifiers and judge. The only place that talks to a model."""
