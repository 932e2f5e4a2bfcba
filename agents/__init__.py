"""The agents of the pipeline. They hold no state between steps: the blackboard does."""
