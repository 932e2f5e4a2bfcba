"""What leaves this process as figures: /metrics for Prometheus, spans for OpenTelemetry. Off unless asked for."""
